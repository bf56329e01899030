/** A recorded Binance USD-M session: the rules against the flag of the venue, and VPIN over every print. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { createClnv, createEmo, createLeeReady, createTickRule } from './classify.ts';
import type { Classification } from './classify.ts';
import { addExact } from './exact.ts';
import { createGrid } from './grid.ts';
import type { TickQuote, TickTrade } from './market.ts';
import { createVpin } from './vpin.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
type Event = TickTrade | { readonly timeMs: number; readonly quote: TickQuote };

/** Quotes and prints by the venue's transaction time, at one time in order of arrival. */
function session(): Event[] {
  const file = recordedPath('trades_books/binance_usdm_ethusdt_20240808.gz');
  return gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .flatMap((line): Event[] => {
      if (!line.includes('@trade"') && !line.includes('@bookTicker"')) return [];
      const { data } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as {
        data: Record<string, string> & { T: number };
      };
      const { T: timeMs } = data;
      if (data['e'] === 'trade') {
        if (data['X'] !== 'MARKET') return [];
        const side = (data['m'] as unknown) === true ? 'sell' : 'buy';
        return [{ timeMs, priceTicks: grid.toTicks(data['p']!), sizeLots: grid.toLots(data['q']!), side }];
      }
      const [bidTicks, askTicks] = [grid.toTicks(data['b']!), grid.toTicks(data['a']!)];
      return [
        { timeMs, quote: { bidTicks, askTicks, bidLots: grid.toLots(data['B']!), askLots: grid.toLots(data['A']!) } },
      ];
    })
    .sort((a, b) => a.timeMs - b.timeMs);
}

describe.skipIf(!hasRecordedData)('a recorded session', () => {
  const tape = hasRecordedData ? session() : [];
  const prints = tape.filter((event) => 'side' in event);

  /** Share of prints that a rule gives the side of the flag. */
  const right = (rule: { push(trade: TickTrade): Classification; pushQuote?(at: number, quote: TickQuote): void }) => {
    let count = 0;
    for (const event of tape) {
      if ('quote' in event) rule.pushQuote?.(event.timeMs, event.quote);
      else if (rule.push(event).side === event.side) count += 1;
    }
    return count / prints.length;
  };

  test('by the clock of the venue, quotes of at least 1 ms before the print find nearly every side', () => {
    for (const create of [createLeeReady, createEmo, createClnv]) {
      expect(right(create({ quoteLagMs: 1 }))).toBeGreaterThan(0.999);
    }
  });

  test('with no lag the quote that a print left behind misleads Lee-Ready more than any other rule', () => {
    const leeReady = right(createLeeReady());
    expect(leeReady).toBeGreaterThan(0.8);
    expect(leeReady).toBeLessThan(0.9);
    expect(right(createTickRule())).toBeGreaterThan(leeReady);
    expect(right(createEmo())).toBeGreaterThan(leeReady);
  });

  test('VPIN buckets hold every lot of the session', () => {
    const { trades } = expectedAnswers<{ trades: { buy_qty: string; sell_qty: string } }>('binance_usdm_ETHUSDT');
    const vpin = createVpin({ bucketLots: 100_000, buckets: 50 });
    const buckets = prints.flatMap((print) => vpin.push(print));
    const all = [...buckets, vpin.flush()!];
    expect(grid.formatSize(all.reduce((sum, { buyLots }) => addExact(sum, buyLots) as number, 0))).toBe(trades.buy_qty);
    expect(grid.formatSize(all.reduce((sum, { sellLots }) => addExact(sum, sellLots) as number, 0))).toBe(
      trades.sell_qty,
    );
    const values = buckets.flatMap((bucket) => bucket.vpin ?? []);
    expect(values.length).toBe(buckets.length - 49);
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });
});
