import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertValues, BarFields } from '../alerts.ts';
import {
  alertFieldNames,
  alertFields,
  brokerFields,
  createAlerts,
  createBarFields,
  defaultAlertRules,
  restoreBarFields,
  wyckoffFields,
} from '../alerts.ts';
import { idxBrokerClasses } from '../broker-classes.ts';
import type { BrokerDay } from '../broker-flow.ts';
import { brokerFlow } from '../broker-flow.ts';
import { composeScore } from '../composite.ts';
import type { VolumeBar } from '../indicators.ts';
import { bollinger, ema, lastValue, macd, rsi, rvol, supportResistance, toBarColumns } from '../indicators.ts';
import { createSymbolScorer, scoreSymbol } from '../score-symbol.ts';
import type { NumericBar } from '../tape.ts';
import { scoreTape } from '../tape.ts';
import { createWyckoff } from '../wyckoff.ts';

const day = 24 * 3_600_000;

/** A day one unit high on either side of its close. */
const dayBar = (i: number, close: number, volume = 10): NumericBar => ({
  ...{ startMs: i * day, endMs: (i + 1) * day, open: close, high: close + 1, low: close - 1, close, volume },
});

/** That many dates of July and August 2026, weekends or not. */
const tradingDays = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(Date.UTC(2026, 6, 1 + i)).toISOString().slice(0, 10));

/** Three foreign brokers buy 2 billion more each than they sell, twelve local ones sell it to them; −1 turns it round. */
const brokerRows = (date: string, sign: 1 | -1): BrokerDay[] => {
  const row = (broker: string, net: number): BrokerDay => {
    const [buyValue, sellValue] = net > 0 ? [net + 1e9, 1e9] : [1e9, 1e9 - net];
    return {
      symbol: 'BBRI',
      date,
      broker,
      buyValue,
      sellValue,
      buyShares: buyValue / 1_000,
      sellShares: sellValue / 1_000,
    };
  };
  const sellers = ['XL', 'XC', 'PD', 'YP'];
  return [
    ...['AK', 'BK', 'ZP'].map((broker) => row(broker, sign * 2e9)),
    ...sellers.map((broker) => row(broker, (-sign * 6e9) / sellers.length)),
  ];
};

/** A fall, a rise, a fall below both, a rise above both, then a market that hardly moves, and a burst of volume. */
const risingAndFalling = (): NumericBar[] => {
  const closes: number[] = [];
  const go = (bars: number, step: number): void => {
    for (let i = 0; i < bars; i++) closes.push((closes.at(-1) ?? 1_000) + step + (i % 6 === 5 ? -2 * step : 0));
  };
  go(60, -4);
  go(70, 5);
  go(100, -5);
  go(130, 5);
  go(30, 0.02);
  return closes.map((close, i) => dayBar(i, close, i === closes.length - 1 ? 100 : 10));
};

/** Decline, climax, automatic rally, test, a cause, and a spring on day 45. */
const accumulation = (): NumericBar[] => {
  const closes = Array.from({ length: 25 }, (_, i) => 250 - 2 * i);
  const bars = closes.map((close, i) => dayBar(i, close, 100));
  const add = (high: number, low: number, close: number, volume: number): void => {
    bars.push({ ...dayBar(bars.length, close, volume), high, low });
  };
  add(202, 190, 198, 400);
  for (const close of [203, 208, 205, 200, 196]) add(close + 1, close - 1, close, 150);
  add(196, 191, 194, 90);
  for (let i = 0; i < 12; i++) add(200 + (i % 3), 196 + (i % 3), 198 + (i % 3), 80);
  add(195, 186, 193, 120);
  for (const close of [196, 199]) add(close + 1, close - 1, close, 90);
  return bars;
};

describe('alertFields', () => {
  test('gives the score, its signal, and of each component its score and its inputs under its name', () => {
    const score = scoreTape({ symbol: 'X', bars: [], orderFlow: { obi: 0.5, quality: 'measured' } });
    expect(alertFields(score)).toEqual({
      ...{ 'order-flow': 75, 'order-flow.obi': 0.5 },
      ...{ score: 75, signal: 'strong-buy', coverage: 0.32 },
    });
  });

  test('inputs of one name do not overwrite each other: an RSI of 100 is not the 1 of its divergence', () => {
    const component = (name: string, rsi: number) => ({
      ...{ name, score: 60, quality: 'measured' as const, reasons: [], inputs: { rsi } },
    });
    const score = composeScore({
      symbol: 'X',
      components: [component('momentum', 100), component('divergence', 1)],
      weights: { momentum: 1, divergence: 1 },
    });
    expect(alertFields(score)).toMatchObject({ 'momentum.rsi': 100, 'divergence.rsi': 1 });
    expect(alertFields(score)).not.toHaveProperty('rsi');
    expect(
      createAlerts()
        .push({ symbol: 'X', timeMs: 0, values: alertFields(score) })
        .map((one) => one.rule),
    ).toEqual(['score-buy']);
  });

  test('gives the parts of a component under their own names', () => {
    const bars = Array.from({ length: 60 }, (_, i) => dayBar(i, 100 + i));
    const fields = alertFields(scoreSymbol({ symbol: 'X', bars }));
    expect(fields).toMatchObject({
      'momentum.rsi': 100,
      trend: 100,
      'technical-rating.oscillators': expect.any(Number),
    });
  });
});

describe('wyckoffFields', () => {
  const at = { at: 9, events: [], accumulation: undefined, distribution: undefined };
  const range = { phase: 'C' as const, since: 2, climaxLevel: 1, rallyLevel: 2 };

  test('says in a word where the schematics stand', () => {
    expect(wyckoffFields(at)['wyckoff.phase']).toBe('none');
    expect(wyckoffFields({ ...at, accumulation: range })['wyckoff.phase']).toBe('accumulation C');
    expect(wyckoffFields({ ...at, accumulation: range, distribution: range })['wyckoff.phase']).toBe(
      'accumulation C, distribution C',
    );
  });

  test('has a field for each event by the name that Wyckoff gives it, so that two of one bar are two', () => {
    const event = { eventAt: 8, confirmedAt: 9, price: 1, volume: 1, phase: 'C' as const };
    const events = [
      { ...event, side: 'accumulation' as const, kind: 'Spring' as const },
      { ...event, side: 'distribution' as const, kind: 'UTAD' as const },
    ];
    const fields = wyckoffFields({ ...at, events });
    expect(fields).toMatchObject({ 'wyckoff.Spring': 1, 'wyckoff.UTAD': 1, 'wyckoff.SOS': 0 });
    const raised = createAlerts().push({ symbol: 'X', timeMs: 0, values: fields });
    expect(raised.map(({ rule, priority }) => `${rule} ${priority}`)).toEqual(['spring critical', 'upthrust critical']);
  });
});

describe('brokerFields', () => {
  test('gives nothing of what the summaries do not cover', () => {
    expect(brokerFields(brokerFlow([], { classes: idxBrokerClasses }))).toEqual({});
  });

  test('gives the flow of the windows in fields that a rule can read', () => {
    const days = tradingDays(20).flatMap((date) => brokerRows(date, 1));
    const flow = brokerFlow(days, { classes: idxBrokerClasses });
    // Each of three foreign brokers buys 2 billion a day more than it sells; five days are the short window.
    expect(brokerFields(flow)).toEqual({
      broker: flow.component.score,
      'broker.foreignNetValue': 30e9,
      'broker.daysAccumulating': 20,
      'broker.coordinatedBuyers': 3,
      'broker.buyerConcentration': expect.closeTo(1 / 3, 12),
    });
  });
});

describe('createBarFields', () => {
  const bars = Array.from({ length: 120 }, (_, i) => dayBar(i, 1_000 + ((i * 37) % 53), 5 + (i % 7)));

  test('gives what the indicators say on their own', () => {
    const fields = createBarFields();
    const last = bars.map((bar) => fields.push(bar)).at(-1)!;
    const columns = toBarColumns(bars);
    const bands = bollinger(columns.close);
    const width = (lastValue(bands.upper)! - lastValue(bands.lower)!) / lastValue(bands.middle)!;
    expect(last).toEqual({
      ...{ close: bars.at(-1)!.close, rsi: lastValue(rsi(columns.close)) },
      macdHistogram: lastValue(macd(columns.close).histogram),
      ema20: lastValue(ema(columns.close, { period: 20 })),
      ema50: lastValue(ema(columns.close, { period: 50 })),
      relativeVolume: lastValue(rvol(columns)),
      resistance: lastValue(supportResistance(columns).resistance),
      support: lastValue(supportResistance(columns).support),
      bollingerBandwidth: expect.closeTo(width, 12),
    });
  });

  test('leaves out what is not known yet', () => {
    expect(createBarFields().push(bars[0]!)).toEqual({ close: 1_000 });
  });

  test('a bar that is none is refused, and nothing has taken it', () => {
    const fields = createBarFields();
    fields.push(bars[0]!);
    const before = JSON.stringify(fields.snapshot());
    expect(() => fields.push({ ...bars[1]!, volume: -1 })).toThrow('volume "-1"');
    expect(() => createBarFields().replaceLast(bars[0]!)).toThrow('before the first push');
    expect(JSON.stringify(fields.snapshot())).toBe(before);
    expect(() => restoreBarFields({ ...fields.snapshot(), rsi: null } as never)).toThrow('not one of "rsi"');
    expect(() => restoreBarFields(null as never)).toThrow('not one of "barFields"');
    const other = { ...fields.snapshot(), count: 7 };
    expect(() => restoreBarFields(other)).toThrow('Pass the snapshot as it was taken.');
  });
});

describeReducerContract<VolumeBar, AlertValues, BarFields>({
  name: 'createBarFields',
  create: () => createBarFields(),
  restore: (snapshot) => restoreBarFields(snapshot),
  inputs: fc
    .array(fc.tuple(fc.integer({ min: 90, max: 110 }), fc.nat(3), fc.nat(9)), { maxLength: 80 })
    .map((list) => list.map(([close, reach, volume]) => ({ high: close + reach, low: close - reach, close, volume }))),
  refused: [{ high: 1, low: 2, close: 1, volume: 1 }],
  runs: 15,
});

describe('the ready rules', () => {
  // Nothing below is made up by hand: every field comes out of a component that was fed bars or broker summaries.
  const raised = new Map<string, string>();
  const feedAll = (bars: readonly NumericBar[], days: readonly BrokerDay[]): void => {
    const alerts = createAlerts({ cooldownMs: 0 });
    const fields = createBarFields();
    const patterns = createWyckoff({ leastCauseBars: 3 });
    const scorer = createSymbolScorer({ symbol: 'BBRI' });
    bars.forEach((bar, i) => {
      const known = days.filter(({ date }) => Date.parse(date) <= bar.startMs);
      const broker = known.length > 0 ? brokerFields(brokerFlow(known, { classes: idxBrokerClasses })) : {};
      const values = {
        ...alertFields(scorer.push(bar)),
        ...fields.push(bar),
        ...wyckoffFields(patterns.push(bar)),
        ...broker,
      };
      for (const { rule, id } of alerts.push({ symbol: 'BBRI', timeMs: bar.endMs, values })) {
        if (!raised.has(rule)) raised.set(rule, `${id} at bar ${i}`);
      }
    });
  };
  const dates = tradingDays(24);
  const brokerBars = dates.map((date, i) => ({
    ...dayBar(i, 1_000),
    ...{ startMs: Date.parse(date), endMs: Date.parse(date) + 1 },
  }));
  feedAll(
    brokerBars,
    dates.flatMap((date) => brokerRows(date, 1)),
  );
  feedAll(
    brokerBars,
    dates.flatMap((date) => brokerRows(date, -1)),
  );
  feedAll(risingAndFalling(), []);
  feedAll(accumulation(), []);
  feedAll(
    accumulation().map((bar) => ({
      ...bar,
      high: 400 - bar.low,
      low: 400 - bar.high,
      close: 400 - bar.close,
      open: 400 - bar.open,
    })),
    [],
  );

  test.each(defaultAlertRules.map(({ id }) => id))('"%s" alerts on what a component gives', (id) => {
    expect(raised.get(id) ?? 'never').toContain(`${id}/BBRI/`);
  });

  test('read only fields that the components give', () => {
    const given = new Set<string>(alertFieldNames);
    const read = defaultAlertRules.flatMap(({ all }) => all.flatMap(({ field, other }) => [field, other ?? field]));
    expect(read.filter((field) => !given.has(field))).toEqual([]);
  });
});
