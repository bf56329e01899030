import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BrokerDay } from './broker-flow.ts';
import { brokerFlow } from './broker-flow.ts';
import { classes, row } from './broker-flow/days.fixture.ts';
import type { ComponentScore } from './component.ts';
import type { Score } from './composite.ts';
import { isScoringError } from './errors.ts';
import type { BrokerEvidence, SymbolScorer } from './score-symbol.ts';
import { createSymbolScorer } from './score-symbol.ts';
import type { NumericBar } from './tape.ts';

const dayMs = 86_400_000;
const firstDay = Date.parse('2026-07-01');
const dateOf = (i: number): string => new Date(firstDay + i * dayMs).toISOString().slice(0, 10);
const symbol = row('2026-07-01', 'F1', 1, 0).symbol;

/** A bar that ends at 12:00 UTC, when the summary of its day is out. */
const barOf = (i: number): NumericBar => {
  const startMs = firstDay + i * dayMs;
  return { startMs, endMs: startMs + 43_200_000, open: 100, high: 101, low: 99, close: 100, volume: 5 };
};
const rowsOf = (i: number): BrokerDay[] => {
  const [bought, sold] = i % 3 === 0 ? [100, 300] : [300, 100 + i];
  return [row(dateOf(i), 'F1', bought, sold), row(dateOf(i), 'R1', sold, bought)];
};
const brokerOf = ({ components }: Score): ComponentScore => components.find(({ name }) => name === 'broker')!;
const inBatch = (rows: readonly BrokerDay[], i: number, more: Partial<BrokerEvidence> = {}): ComponentScore =>
  brokerFlow(rows, { classes, asOf: dateOf(i), ...more }).component;

/** What the component is made of, without what the composition adds to it. */
const made = ({ score, quality, reasons, inputs, coverage }: ComponentScore): unknown => ({
  ...{ score, quality, reasons, inputs, coverage },
});

describe('broker summaries of a scorer', () => {
  test('after each bar they are what brokerFlow makes of the rows up to its day', () => {
    const rows = Array.from({ length: 40 }, (_, i) => rowsOf(i)).flat();
    const tradingDays = Array.from({ length: 40 }, (_, i) => dateOf(i)).filter((_, i) => i % 7 < 5);
    for (const more of [{}, { tradingDays }, { shortDays: 1, longDays: 3 }]) {
      const scorer = createSymbolScorer({ symbol, evidence: { brokers: { days: rows, classes, ...more } } });
      for (let i = 0; i < 40; i++) {
        const asOf = 'tradingDays' in more ? tradingDays.filter((date) => date <= dateOf(i)).at(-1)! : dateOf(i);
        expect(made(brokerOf(scorer.push(barOf(i))))).toEqual(made(inBatch(rows, i, { ...more, asOf })));
      }
    }
  });

  test('rows in any order, some twice, some that cannot be: still the same', () => {
    const rows = Array.from({ length: 12 }, (_, i) => rowsOf(i)).flat();
    const broken = { ...rows[0]!, buyShares: -1 };
    fc.assert(
      fc.property(fc.shuffledSubarray([...rows, ...rows.slice(0, 6), broken]), fc.nat(11), (days, i) => {
        const scorer = createSymbolScorer({ symbol, evidence: { brokers: { days, classes } } });
        expect(made(brokerOf(scorer.push(barOf(i))))).toEqual(made(inBatch(days, i)));
      }),
      { numRuns: 60 },
    );
  });

  test('a list that grows is seen growing, and one that is cut or another one is read anew', () => {
    const days = rowsOf(0);
    const tradingDays = [dateOf(0)];
    const brokers = { days, classes, tradingDays, shortDays: 1, longDays: 2 };
    const scorer = createSymbolScorer({ symbol, evidence: { brokers } });
    for (let i = 0; i < 5; i++) {
      if (i > 0) days.push(...rowsOf(i));
      if (i > 0) tradingDays.push(dateOf(i));
      const { daysKnown } = brokerOf(scorer.push(barOf(i))).inputs;
      expect(daysKnown).toBe(Math.min(2, i + 1));
    }
    // A correction that comes later wins, as in brokerFlow.
    days.push(row(dateOf(4), 'F1', 0, 500));
    expect(made(brokerOf(scorer.score()))).toEqual(made(inBatch(days, 4, { tradingDays, shortDays: 1, longDays: 2 })));
    days.length = 4;
    expect(brokerOf(scorer.score()).score).toBeUndefined();
    scorer.setEvidence({ brokers: { ...brokers, days: [3, 4].flatMap(rowsOf) } });
    expect(brokerOf(scorer.score()).inputs['daysKnown']).toBe(2);
  });

  test('of 300 days, a bar reads those of its window: each row is checked once', () => {
    let reads = 0;
    const days = Array.from({ length: 300 }, (_, i) => rowsOf(i))
      .flat()
      .map((one) =>
        Object.defineProperty({ ...one }, 'date', {
          get() {
            reads++;
            return one.date;
          },
        }),
      );
    const evidence = { brokers: { days, classes } };
    const scorer = createSymbolScorer({ symbol, evidence });
    const atOnce = reads;
    expect(atOnce).toBeGreaterThanOrEqual(600);
    for (let i = 200; i < 220; i++) {
      scorer.setEvidence({ ...evidence, orderFlow: { obi: 0.5, quality: 'measured' } });
      expect(brokerOf(scorer.push(barOf(i))).score).toBeDefined();
    }
    // What the bars of 20 days read is a part of what 600 rows are.
    expect(reads - atOnce).toBe(0);
  });

  test('bars of one day have the summaries of that day until rows are added, and another evidence is another', () => {
    const days = [0, 1].flatMap(rowsOf);
    const brokers = { days, classes, shortDays: 1, longDays: 2 };
    const scorer = createSymbolScorer({ symbol, evidence: { brokers } });
    const minute = (i: number): NumericBar => ({ ...barOf(1), startMs: barOf(1).startMs + i });
    const [first, second] = [brokerOf(scorer.push(minute(0))), brokerOf(scorer.push(minute(1)))];
    expect(second).toEqual(first);
    expect(first.inputs['unknownShare']).toBe(0);
    days.push(row(dateOf(1), 'ZZ', 400, 400));
    expect(brokerOf(scorer.push(minute(2))).inputs['unknownShare']).toBeGreaterThan(0);
    scorer.setEvidence({ brokers: { ...brokers, longDays: 1 } });
    expect(brokerOf(scorer.push(minute(3))).inputs['daysKnown']).toBe(1);
    scorer.setEvidence({ brokers: { ...brokers, tradingDays: [dateOf(0)] } });
    expect(brokerOf(scorer.push(minute(4))).inputs['daysKnown']).toBe(1);
  });

  test('rows of two boards need the choice of one, before any bar is taken', () => {
    const days = [row(dateOf(0), 'F1', 1, 0, { board: 'RG' }), row(dateOf(90), 'F1', 1, 0, { board: 'NG' })];
    expect(() => createSymbolScorer({ symbol, evidence: { brokers: { days, classes } } })).toThrow(
      'board "NG" of broker "F1" is not "RG" as in the rows before it. Choose one with the option "board".',
    );
    const chosen = createSymbolScorer({ symbol, evidence: { brokers: { days, classes, board: 'NG' } } });
    expect(brokerOf(chosen.push(barOf(90))).inputs['daysKnown']).toBe(1);
  });
});

describe('evidence that cannot be', () => {
  const bad: readonly [what: string, evidence: object][] = [
    ['order flow', { orderFlow: { obi: '0.5', quality: 'measured' } }],
    ['footprints', { flow: { footprints: [{ buyLots: null, sellLots: 0, unknownLots: 0 }] } }],
    ['fundamentals', { fundamentals: { publishedMs: firstDay, returnOnEquityPercent: Number.NaN } }],
    ['sentiment', { sentiment: [null] }],
    ['predictions', { predictions: [{}] }],
    ['holdings', { holdings: [{ publishedMs: Number.NaN, holdings: [] }] }],
  ];

  test.each(bad)('%s: the bar is refused with it, and goes in once the evidence is mended', (_what, evidence) => {
    const scorer: SymbolScorer = createSymbolScorer({ symbol });
    scorer.push(barOf(0));
    scorer.setEvidence(evidence);
    const state = scorer.snapshot();
    for (const act of [() => scorer.push(barOf(1)), () => scorer.replaceLast({ ...barOf(0), close: 101 })]) {
      expect(errorOf(act)).toBe(true);
      expect(scorer.snapshot()).toEqual(state);
    }
    scorer.setEvidence({});
    const clean = createSymbolScorer({ symbol });
    clean.push(barOf(0));
    expect(scorer.push(barOf(1))).toEqual(clean.push(barOf(1)));
  });

  test('a component that is damaged after it was set is refused before the bar is taken', () => {
    const component = { name: 'broker', score: 60, quality: 'measured' as const, reasons: [], inputs: {} };
    const scorer = createSymbolScorer({ symbol, evidence: { components: [component] } });
    scorer.push(barOf(0));
    const state = scorer.snapshot();
    component.score = 101;
    expect(errorOf(() => scorer.push(barOf(1)))).toBe(true);
    expect(scorer.snapshot()).toEqual(state);
  });

  test('broker summaries and components are refused when they are set', () => {
    const scorer = createSymbolScorer({ symbol });
    const component = { name: 'broker', score: 101, quality: 'measured', reasons: [], inputs: {} } as const;
    for (const evidence of [
      { brokers: null as unknown as BrokerEvidence, asOfMs: 0.5 },
      { brokers: { days: [], classes, longDays: 0 } },
      { brokers: { days: [], classes, institutions: ['alien'] } as unknown as BrokerEvidence },
      { brokers: { days: rowsOf(0), classes: undefined } as unknown as BrokerEvidence },
      { components: [component] },
      { components: component as unknown as ComponentScore[] },
      { components: [{ ...component, name: 'moon' }] },
      {
        components: [
          { ...component, score: 5 },
          { ...component, score: 5 },
        ],
      },
    ]) {
      expect(errorOf(() => (scorer.setEvidence(evidence), 0))).toBe(true);
    }
    expect(scorer.push(barOf(0)).components.every(({ name }) => name !== 'moon')).toBe(true);
  });
});

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return isScoringError(error) || error;
  }
  return 'taken';
}
