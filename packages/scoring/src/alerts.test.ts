import { describeReducerContract } from '@tapekit/tooling/contract';
import { damaged } from '@tapekit/tooling/hostile';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert, AlertObservation, AlertOptions, AlertRule, Alerts } from './alerts.ts';
import { alertDefaults, createAlerts, defaultAlertRules, restoreAlerts } from './alerts.ts';
import { isScoringError } from './errors.ts';

const hour = 3_600_000;
const rules = (...list: readonly AlertRule[]): AlertOptions => ({ rules: list, cooldownMs: 0 });
const ruleOf = (id: string): AlertRule => defaultAlertRules.find((rule) => rule.id === id)!;

/** Feeds values of one symbol, one an hour, and gives the ids of the alerts of each. */
function feed(alerts: Alerts, values: readonly AlertObservation['values'][]): string[][] {
  return values.map((one, i) => alerts.push({ symbol: 'BBCA', timeMs: i * hour, values: one }).map(({ rule }) => rule));
}

describe('createAlerts', () => {
  test('a level alerts once when it is reached, and again only after it was left', () => {
    const alerts = createAlerts(rules(ruleOf('rsi-overbought')));
    expect(feed(alerts, [{ rsi: 69 }, { rsi: 70 }, { rsi: 80 }, { rsi: 60 }, { rsi: 71 }])).toEqual([
      [],
      ['rsi-overbought'],
      [],
      [],
      ['rsi-overbought'],
    ]);
  });

  test('an alert says what was seen, and its id is made of rule, symbol and moment', () => {
    const [alert] = createAlerts().push({ symbol: 'GOTO', timeMs: 5, values: { rsi: 25, ema20: 4 } });
    expect(alert).toEqual({
      v: 1,
      id: 'rsi-oversold/GOTO/5',
      rule: 'rsi-oversold',
      title: 'RSI at 30 or less',
      priority: 'medium',
      symbol: 'GOTO',
      timeMs: 5,
      values: { rsi: 25 },
    });
  });

  test('a rule of two conditions needs both: 75 with 2 days is none, with 3 it is', () => {
    const alerts = createAlerts(rules(ruleOf('accumulation')));
    const seen = [
      { broker: 80, 'broker.daysAccumulating': 2 },
      { broker: 80, 'broker.daysAccumulating': 3 },
      { broker: 74, 'broker.daysAccumulating': 4 },
    ];
    expect(feed(alerts, seen)).toEqual([[], ['accumulation'], []]);
  });

  test('a cross needs both sides of it: from at or below to above, and both values before', () => {
    const alerts = createAlerts(rules(ruleOf('golden-cross'), ruleOf('death-cross')));
    const seen = [
      { ema20: 11, ema50: 10 },
      { ema20: 9, ema50: 10 },
      { ema20: 10, ema50: 10 },
      { ema20: 11, ema50: 10 },
    ];
    expect(feed(alerts, seen)).toEqual([[], ['death-cross'], [], ['golden-cross']]);
  });

  test('two crosses the same way, one after the other, are two alerts', () => {
    const alerts = createAlerts(rules(ruleOf('macd-up')));
    expect(
      feed(
        alerts,
        [-1, 1, -1, 1].map((macdHistogram) => ({ macdHistogram })),
      ),
    ).toEqual([[], ['macd-up'], [], ['macd-up']]);
  });

  test('a level that moves away when it is broken is broken where it was', () => {
    const alerts = createAlerts(rules(ruleOf('resistance-broken')));
    const seen = [
      { close: 98, resistance: 100 },
      { close: 101, resistance: 110 },
    ];
    expect(feed(alerts, seen)).toEqual([[], ['resistance-broken']]);
  });

  test('a word alerts when it changes, not when it is first heard or heard again', () => {
    const alerts = createAlerts(rules(ruleOf('signal-changed')));
    expect(
      feed(
        alerts,
        ['buy', 'buy', 'neutral', 'buy'].map((signal) => ({ signal })),
      ),
    ).toEqual([[], [], ['signal-changed'], ['signal-changed']]);
  });

  test('what is unknown neither alerts nor ends: 71, unknown, 72 is one alert', () => {
    const alerts = createAlerts(rules(ruleOf('rsi-overbought')));
    expect(feed(alerts, [{ rsi: 71 }, { rsi: null }, { rsi: 72 }, {}])).toEqual([['rsi-overbought'], [], [], []]);
  });

  test('a cool-down holds alerts back and counts them; after it they come again', () => {
    const alerts = createAlerts({ rules: [ruleOf('rsi-overbought')], cooldownMs: 3 * hour });
    const seen = [71, 60, 71, 60, 71].map((rsi) => ({ rsi }));
    expect(feed(alerts, seen).flat()).toEqual(['rsi-overbought', 'rsi-overbought']);
    expect(alerts.counts()).toEqual({ observations: 5, alerts: 2, late: 0, cooledDown: 1, repeated: 0 });
  });

  test('symbols do not know of each other', () => {
    const alerts = createAlerts(rules(ruleOf('rsi-overbought')));
    const ids = ['A', 'B', 'A'].flatMap((symbol, i) => alerts.push({ symbol, timeMs: i, values: { rsi: 71 } }));
    expect(ids.map(({ id }) => id)).toEqual(['rsi-overbought/A/0', 'rsi-overbought/B/1']);
  });

  test('the same moment again corrects it: what was given is not given twice, what is new is', () => {
    const alerts = createAlerts(rules(ruleOf('rsi-overbought'), ruleOf('volume-spike')));
    const at = (timeMs: number, values: AlertObservation['values']): string[] =>
      alerts.push({ symbol: 'A', timeMs, values }).map(({ rule }) => rule);
    expect(at(0, { rsi: 50, relativeVolume: 1 })).toEqual([]);
    expect(at(1, { rsi: 71, relativeVolume: 1 })).toEqual(['rsi-overbought']);
    expect(at(1, { rsi: 72, relativeVolume: 3 })).toEqual(['volume-spike']);
    expect(alerts.counts()).toMatchObject({ alerts: 2, repeated: 1 });
  });

  test('a moment before the last one is left out and counted', () => {
    const alerts = createAlerts(rules(ruleOf('rsi-overbought')));
    alerts.push({ symbol: 'A', timeMs: 10, values: { rsi: 50 } });
    expect(alerts.push({ symbol: 'A', timeMs: 9, values: { rsi: 99 } })).toEqual([]);
    expect(alerts.counts()).toMatchObject({ observations: 1, late: 1 });
  });

  test('ready rules cover scores, brokers, prices and patterns, each id once', () => {
    const ids = defaultAlertRules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(22);
    expect(alertDefaults.rules).toBe(defaultAlertRules);
  });

  test('what cannot be is refused by name', () => {
    const twice = [ruleOf('spring'), ruleOf('spring')];
    expect(() => createAlerts({ rules: twice })).toThrow('alert rule "spring" is there twice, expected once.');
    expect(() => createAlerts({ rules: [{ ...ruleOf('spring'), all: [] }] })).toThrow('has no conditions');
    expect(() => createAlerts({ cooldownMs: -1 })).toThrow('has a cool-down of "-1", expected at least 0 ms.');
    const alerts = createAlerts();
    expect(() => alerts.push({ symbol: 'A', timeMs: Number.NaN, values: {} })).toThrow('timeMs "NaN"');
    expect(() => alerts.push({ symbol: 'A', timeMs: 0, values: { rsi: Infinity } })).toThrow(
      'rsi "Infinity" of "A" is not a finite number or a word. Leave it out when it is unknown.',
    );
    expect(() => restoreAlerts(alerts.snapshot(), { rules: twice.slice(1) })).toThrow('Restore with the rules');
  });

  test('a condition that could never be met is refused instead of silent', () => {
    const start = (condition: object): Alerts =>
      createAlerts({ rules: [{ id: 'mine', title: '', priority: 'low', all: [condition as never] }] });
    expect(() => start({ field: 'x', comparison: 'greater-than', value: 70 })).toThrow(
      'alert rule "mine" compares "x" by "greater-than", expected one of at-least, at-most, is, crosses-above, ' +
        'crosses-below, breaks-above, breaks-below, changes.',
    );
    expect(() => start({ field: 'x', comparison: 'constructor', value: 70 })).toThrow('by "constructor"');
    expect(() => start({ field: 'x', comparison: 'at-least' })).toThrow('compares "x" with nothing');
    expect(() => start({ field: 'x', comparison: 'at-least', value: Number.NaN })).toThrow('with "NaN"');
    expect(() => start({ field: 'x', comparison: 'at-least', value: 'buy' })).toThrow('with "buy"');
    expect(() => start({ field: 'x', comparison: 'is', value: 1, other: 'y' })).toThrow('with both "1" and "y"');
    expect(() => start({ comparison: 'changes' })).toThrow('compares "undefined"');
    expect(() => start({ field: 'x', comparison: 'is', value: 'buy' })).not.toThrow();
  });

  test('a snapshot that is none is refused, null too: nothing starts afresh unasked', () => {
    const alerts = createAlerts();
    alerts.push({ symbol: 'A', timeMs: 5, values: { rsi: 71, signal: 'buy' } });
    const snapshot = alerts.snapshot();
    const { A } = snapshot.symbols as Record<string, (typeof snapshot.symbols)[string]>;
    const hostile: readonly unknown[] = [
      ...[null, undefined, 5, 'x', [], {}],
      { ...snapshot, counts: {} },
      { ...snapshot, counts: { ...snapshot.counts, late: -1 } },
      { ...snapshot, symbols: [A] },
      { ...snapshot, symbols: { A: { ...A, timeMs: 1e308 } } },
      { ...snapshot, symbols: { A: { ...A, alertedMs: { 'no-such-rule': 5 } } } },
      { ...snapshot, symbols: { A: { ...A, alertedMs: { 'rsi-overbought': 6 } } } },
      { ...snapshot, symbols: { A: { ...A, now: { ...A!.now, holding: ['no-such-rule'] } } } },
      { ...snapshot, symbols: { A: { ...A, now: { ...A!.now, values: { 'no-such-field': 1 } } } } },
    ];
    for (const one of hostile) {
      let error: unknown;
      try {
        restoreAlerts(one as never);
      } catch (thrown) {
        error = thrown;
      }
      expect(isScoringError(error, 'bad-snapshot') || JSON.stringify(one)).toBe(true);
    }
    expect(restoreAlerts(snapshot).snapshot()).toEqual(snapshot);
  });
});

const observation: fc.Arbitrary<AlertObservation> = fc.record({
  symbol: fc.constantFrom('A', 'B'),
  timeMs: fc.integer({ min: 0, max: 30 }),
  values: fc.record({
    rsi: fc.option(fc.integer({ min: 20, max: 80 })),
    macdHistogram: fc.option(fc.integer({ min: -1, max: 1 })),
    close: fc.option(fc.integer({ min: 90, max: 110 })),
    resistance: fc.option(fc.constantFrom(100, 105)),
    signal: fc.option(fc.constantFrom('buy', 'neutral')),
  }),
});

describeReducerContract<AlertObservation, Alert, Alerts>({
  name: 'createAlerts',
  create: () => createAlerts({ cooldownMs: 4 }),
  restore: (snapshot) => restoreAlerts(snapshot, { cooldownMs: 4 }),
  inputs: fc.array(observation, { maxLength: 40 }),
  flush: () => undefined,
  refused: [{ symbol: 'A', timeMs: Number.NaN, values: {} }],
  conserve: (inputs, outputs, alerts) => {
    const counts = alerts.counts();
    expect(counts.observations + counts.late).toBe(inputs.length);
    expect(counts.alerts).toBe(outputs.length);
    expect(new Set(outputs.map(({ id }) => id)).size).toBe(outputs.length);
  },
});

test('a damaged snapshot of alerts is refused, or is one that can go on', () => {
  const alerts = createAlerts();
  for (const symbol of ['A', 'B']) {
    alerts.push({ symbol, timeMs: 1, values: { rsi: 50, signal: 'buy' } });
    alerts.push({ symbol, timeMs: 2, values: { rsi: 71, signal: 'neutral', ema20: 1, ema50: 2 } });
  }
  const snapshot = alerts.snapshot();
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(undefined, null, -1, 'x', [], {}), (place, put) => {
      try {
        const restored = restoreAlerts(damaged(snapshot, place, put) as never);
        restored.push({ symbol: 'A', timeMs: 3, values: { rsi: 20, ema20: 3, ema50: 2 } });
      } catch (error) {
        if (!isScoringError(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
