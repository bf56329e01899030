import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { vwapOf } from '@tapekit/orderflow/vwap';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import type { FootprintBar } from './footprint-bar.ts';
import { mergeBars, mergeProfiles } from './merge-bars.ts';
import { createSessionProfiles } from './session-profiles.ts';
import { idxRegularHours, sessionsOfDates } from './sessions.ts';
import { createTimeBars } from './time-bars.ts';
import { createTpoProfile } from './tpo-profile.ts';

function linesOf(file: string): string[] {
  const bytes = readFileSync(recordedPath(file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n').filter(Boolean);
}

describe.skipIf(!hasRecordedData)('59 hours of XRPETH aggregate trades', () => {
  interface Answers {
    readonly rows: number;
    readonly buy: string;
    readonly sell: string;
    readonly delta: string;
    readonly vwap: string;
    readonly levels: number;
    readonly hours: readonly {
      readonly t: number;
      readonly h: string;
      readonly l: string;
      readonly o: string;
      readonly c: string;
    }[];
  }
  const grid = createGrid({ tickSize: '0.00000001', lotSize: '1' });
  const answers = hasRecordedData ? expectedAnswers<Answers>('xrpeth_2019-10-11') : undefined;
  const trades = !hasRecordedData
    ? []
    : linesOf('trades_books/binance_spot_XRPETH-aggTrades-2019-10-11.csv.gz').map((line): TickTrade => {
        const [id, price = '', size = '', , , time, isBuyerMaker] = line.split(',');
        const side = isBuyerMaker === 'True' ? 'sell' : 'buy';
        return {
          timeMs: Number(time),
          priceTicks: grid.toTicks(price),
          sizeLots: grid.toLots(size),
          side,
          id: Number(id),
        };
      });
  const minutesOf = (): FootprintBar[] => {
    const bars = createTimeBars({ grid, intervalMs: 60_000 });
    return [...trades.flatMap((trade) => [...bars.pushTicks(trade)]), ...bars.flush()];
  };

  test('are the merger of their minutes', () => {
    const merged = mergeBars(minutesOf())!;
    expect({
      rows: merged.trades,
      buy: grid.formatSize(merged.buyLots),
      sell: grid.formatSize(merged.sellLots),
      delta: grid.formatSize(merged.deltaLots),
      levels: merged.rows.length,
    }).toEqual({
      rows: answers!.rows,
      buy: answers!.buy,
      sell: answers!.sell,
      delta: answers!.delta,
      levels: answers!.levels,
    });
    expect(Number(vwapOf(grid, merged.valueTickLots, merged.volumeLots)).toFixed(15)).toBe(answers!.vwap);
    const whole = createTimeBars({ grid, intervalMs: 1e9, offsetMs: merged.startMs });
    const [bar] = [...trades.flatMap((trade) => [...whole.pushTicks(trade)]), ...whole.flush()];
    expect({ ...merged, endMs: bar!.endMs }).toEqual(bar);
  });

  test('are the merger of the profiles of their days', () => {
    const hours = [{ name: 'day', from: '00:00', to: '24:00' }];
    const days = [...new Set(trades.map((trade) => new Date(trade.timeMs).toISOString().slice(0, 10)))];
    const sessions = sessionsOfDates({ dates: days, utcOffsetMinutes: 0, hours });
    const [byTrade, byBar] = [createSessionProfiles({ sessions }), createSessionProfiles({ sessions })];
    const profiles = [...trades.flatMap((trade) => [...byTrade.pushTicks(trade)]), ...byTrade.flush()];
    expect([...minutesOf().flatMap((bar) => [...byBar.pushBar(bar)]), ...byBar.flush()]).toEqual(profiles);
    expect(profiles.map(({ session }) => session)).toEqual(days);
    const merged = mergeProfiles(profiles.map(({ profile }) => profile))!;
    const bar = mergeBars(minutesOf())!;
    expect([merged.rows, merged.totalLots, merged.valueTickLots]).toEqual([
      bar.rows,
      bar.volumeLots,
      bar.valueTickLots,
    ]);
    expect([merged.pocTicks, merged.vahTicks, merged.valTicks]).toEqual([bar.pocTicks, bar.vahTicks, bar.valTicks]);
  });

  test('have the hours that were computed independently as periods of a time profile', () => {
    const startMs = answers!.hours[0]!.t;
    const tpo = createTpoProfile({ startMs, periodMs: 3_600_000, initialBalancePeriods: 1 });
    for (const trade of trades) tpo.pushTicks(trade);
    const profile = tpo.flush()!;
    expect(
      profile.periods.map(({ period, highTicks, lowTicks }) => {
        return { t: startMs + period * 3_600_000, h: grid.formatPrice(highTicks), l: grid.formatPrice(lowTicks) };
      }),
    ).toEqual(answers!.hours.map(({ t, h, l }) => ({ t, h, l })));
    expect(grid.formatPrice(profile.openTicks)).toBe(answers!.hours[0]!.o);
    expect(grid.formatPrice(profile.closeTicks)).toBe(answers!.hours.at(-1)!.c);
    expect(profile.initialBalance).toEqual(profile.openRange);
    expect(profile.rows.length).toBe(answers!.levels);
  });
});

describe.skipIf(!hasRecordedData)('a synthetic day of the Jakarta running trade, with faults', () => {
  interface Answers {
    readonly valid_unique_rows: number;
    readonly faults: { readonly gap: { readonly after_seq: number; readonly missing: number } };
  }

  test('shows its gap as data, and lies in session 1', () => {
    const { valid_unique_rows: rows, faults } = expectedAnswers<Answers>('synthetic_lt_2026-02-19');
    const bars = createTimeBars({ grid: createGrid({ tickSize: '1', lotSize: '1' }), intervalMs: 60_000 });
    const sessions = sessionsOfDates({
      ...{ dates: ['2026-02-19'], utcOffsetMinutes: 420 },
      ...{ hours: idxRegularHours, breaks: 'separate' },
    });
    const profiles = createSessionProfiles({ sessions });
    const out: FootprintBar[] = [];
    for (const line of linesOf('idx/synthetic_lt_2026-02-19.jsonl')) {
      const match = /"raw":"B\|(\d\d)(\d\d)(\d\d)\|0\|[^|]+\|[^|]+\|(\d+)\|(\d+)\|(\d+)\|(?:[^|"]*\|){11}[^|"]*"/.exec(
        line,
      );
      if (!match) continue;
      const [hour, minute, second, id, priceTicks, sizeLots] = match.slice(1).map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const timeMs = Date.UTC(2026, 1, 19, hour - 7, minute, second);
      out.push(...bars.pushTicks({ timeMs, priceTicks, sizeLots, side: 'unknown', id }));
    }
    out.push(...bars.flush());
    const { after_seq: after, missing } = faults.gap;
    expect(bars.gaps()).toContainEqual({ from: after + 1, to: after + missing });
    const emitted = [...out.flatMap((bar) => [...profiles.pushBar(bar)]), ...profiles.flush()];
    expect(emitted.map(({ session, profile }) => [session, profile.trades])).toEqual([['2026-02-19 session-1', rows]]);
  });
});
