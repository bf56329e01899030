import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BrokerClassTable } from './broker-classes.ts';
import type { BrokerDay } from './broker-flow.ts';
import { brokerFlow, brokerFlowPoints, topBrokers } from './broker-flow.ts';
import { accumulation, classes, row } from './broker-flow/days.fixture.ts';
import { isScoringError } from './errors.ts';

/** A browser has no environment. */
const fuzzRuns = typeof process === 'undefined' ? 3_000 : Number(process.env['TAPEKIT_FUZZ'] ?? 3_000);

describe('brokerFlow', () => {
  test('compares groups, because the nets of all brokers sum to zero', () => {
    const { short } = brokerFlow(accumulation('2026-07-31'), { classes, shortDays: 1, longDays: 1 });
    expect(short.groups.foreign).toEqual({
      ...{ brokers: 1, buyShares: 300, sellShares: 100, netShares: 200 },
      ...{ buyValue: 15_000, sellValue: 5_000, netValue: 10_000, daysBuying: 1, daysSelling: 0 },
    });
    expect(short.groups.retail.netValue).toBe(-10_000);
    expect(short.imbalance).toBe(0);
    // (1 · 10,000 + −0.4 · −10,000) ÷ 20,000
    expect(short.weightedNet).toBe(0.7);
    expect(short.concentration).toEqual({ buyers: 1, sellers: 1, gross: 0.5 });
  });

  test('adding a constant to all weights changes nothing in a complete summary', () => {
    const groupWeights = { foreign: 0.9, 'local-institution': 0.5, state: 0.5, retail: -0.5, unknown: -0.1 };
    const options = { classes, shortDays: 1, longDays: 1 };
    const one = brokerFlow(accumulation('2026-07-31'), options);
    const two = brokerFlow(accumulation('2026-07-31'), { ...options, groupWeights });
    expect(two.long.weightedNet).toBeCloseTo(one.long.weightedNet!, 12);
  });

  test('windows are trading days: 20 days reach over weekends and holidays', () => {
    const days = ['2026-07-01', '2026-07-02', '2026-07-03', '2026-07-06', '2026-07-07'];
    const rows = days.flatMap(accumulation);
    const flow = brokerFlow(rows, { classes, shortDays: 2, longDays: 4 });
    expect([flow.long.from, flow.long.to, flow.long.daysKnown]).toEqual(['2026-07-02', '2026-07-07', 4]);
    expect([flow.short.from, flow.short.to]).toEqual(['2026-07-06', '2026-07-07']);
    expect(flow.long.streak).toBe(4);
  });

  test('a trading day that the feed lost is unknown, not a day without trades', () => {
    const tradingDays = ['2026-07-01', '2026-07-02', '2026-07-03', '2026-07-06'];
    const rows = [...accumulation('2026-07-01'), ...accumulation('2026-07-06')];
    const flow = brokerFlow(rows, { classes, tradingDays, shortDays: 2, longDays: 4 });
    expect([flow.long.from, flow.long.daysKnown]).toEqual(['2026-07-01', 2]);
    // 1 of 2 and 2 of 4 days are less than 60 %.
    expect(flow.component).toMatchObject({
      quality: 'missing',
      score: undefined,
      reasons: ['broker summaries of 1 of the last 2 trading days are known, 2 are needed'],
    });
  });

  test('a row of a day that is no trading day is left out, and a calendar must reach the date', () => {
    const tradingDays = ['2026-07-02', '2026-07-03'];
    // 2026-07-04 is a Saturday.
    const rows = [...accumulation('2026-07-03'), ...accumulation('2026-07-04')];
    const options = { classes, tradingDays, shortDays: 1, longDays: 1 };
    expect(brokerFlow(rows, options)).toMatchObject({ asOf: '2026-07-03', rows: 2, leftOut: 2 });
    expect(() => brokerFlow(rows, { ...options, asOf: '2026-07-06' })).toThrow(
      'tradingDays end with "2026-07-03", before asOf "2026-07-06". Pass a calendar that goes on to that date.',
    );
  });

  test('later rows are not looked at', () => {
    const rows = [...accumulation('2026-07-01'), row('2026-07-02', 'F1', 0, 900), row('2026-07-02', 'R1', 900, 0)];
    const options = { classes, shortDays: 1, longDays: 1 };
    const before = brokerFlow(rows.slice(0, 2), options);
    expect(brokerFlow(rows, { ...options, asOf: '2026-07-01' })).toEqual({ ...before, leftOut: 2 });
  });

  test('a row that comes again counts once, and the later one wins', () => {
    const rows = [row('2026-07-01', 'F1', 999, 0), ...accumulation('2026-07-01'), ...accumulation('2026-07-01')];
    const flow = brokerFlow(rows, { classes, shortDays: 1, longDays: 1 });
    expect([flow.rows, flow.duplicates]).toEqual([2, 3]);
    expect(flow.long.groups.foreign.buyShares).toBe(300);
  });

  test('rows that cannot be are counted, not thrown', () => {
    const bad = [
      row('2026-02-30', 'F1', 1, 1),
      row('2026-07-01', '', 1, 1),
      row('2026-07-01', 'F2', -1, 1),
      row('2026-07-01', 'F2', 1.5, 1),
      row('2026-07-01', 'F2', 0, 0, { buyValue: 100 }),
      row('2026-07-01', 'F2', 1, 1, { sellValue: Number.NaN }),
    ];
    const flow = brokerFlow([...bad, ...accumulation('2026-07-01')], { classes, shortDays: 1, longDays: 1 });
    expect([flow.rows, flow.refused]).toEqual([2, 6]);
  });

  test('with rounded values nets are measured in shares', () => {
    const rows = [
      row('2026-07-01', 'F1', 300, 100, { buyValue: 10_000, valueIsRounded: true }),
      row('2026-07-01', 'R1', 100, 300),
    ];
    const { long } = brokerFlow(rows, { classes, shortDays: 1, longDays: 1 });
    expect([long.basis, long.turnover, long.weightedNet]).toEqual(['shares', 400, 0.7]);
  });

  test('a feed of shares alone is measured in shares', () => {
    const none = { buyValue: 0, sellValue: 0 };
    const days = [row('2026-07-01', 'F1', 300, 100, none), row('2026-07-01', 'R1', 100, 300, none)];
    const { long, component } = brokerFlow(days, { classes, shortDays: 1, longDays: 1 });
    expect([long.basis, long.turnover, long.weightedNet]).toEqual(['shares', 400, 0.7]);
    expect(component).toMatchObject({ quality: 'measured', coverage: 1 });
    expect(component.score).toBeGreaterThan(80);
  });

  test('three institutions that buy on half of the days are coordinated; retail is not', () => {
    const day = (date: string, brokers: readonly string[]): BrokerDay[] => [
      ...brokers.map((broker) => row(date, broker, 100, 0)),
      row(date, 'R1', 0, 100 * brokers.length),
    ];
    const options = { classes, shortDays: 2, longDays: 4 };
    const days = ['2026-07-01', '2026-07-02', '2026-07-03', '2026-07-06'];
    const flow = brokerFlow(
      days.flatMap((date, i) => day(date, i < 2 ? ['F1', 'F2', 'L1', 'R2'] : ['F1', 'R2'])),
      options,
    );
    expect([flow.long.coordinated, flow.long.steadyBuyers]).toEqual(['buying', ['F1', 'F2', 'L1']]);
    expect([flow.short.coordinated, flow.short.steadyBuyers]).toEqual(['none', ['F1']]);
  });

  test('a broker on both sides that keeps next to nothing is a churner', () => {
    const rows = [
      row('2026-07-01', 'F1', 510, 490),
      row('2026-07-01', 'F2', 60, 60),
      row('2026-07-01', 'L1', 300, 100),
      row('2026-07-01', 'R1', 130, 350),
    ];
    // F2 has 6 % of either side only; F1 keeps 20 of 1,000.
    const options = { classes, shortDays: 1, longDays: 1 };
    expect(brokerFlow(rows, options).long.churners).toEqual(['F1']);
    expect(brokerFlow(rows, { ...options, churnShare: 0.06 }).long.churners).toEqual(['F1', 'F2']);
  });

  test('the class of a broker is that of the day', () => {
    const dated: BrokerClassTable = {
      ...classes,
      entries: [
        { broker: 'AB', class: 'retail', to: '2026-07-01', source: 'own' },
        { broker: 'AB', class: 'foreign', from: '2026-07-02', source: 'own' },
      ],
    };
    const rows = ['2026-07-01', '2026-07-02'].map((date) => row(date, 'AB', 100, 0));
    const { long } = brokerFlow(rows, { classes: dated, shortDays: 1, longDays: 2 });
    expect([long.groups.retail.netShares, long.groups.foreign.netShares]).toEqual([100, 100]);
  });

  test('the last day is measured in deviations of the days before it', () => {
    // Weighted nets 1.4 × net ÷ turnover: 0.7, −0.7, 0.7, −0.7 (mean 0, deviation 0.7), then 1.4.
    const nets = [200, -200, 200, -200, 400];
    const rows = nets.flatMap((net, i) => [
      row(`2026-07-0${i + 1}`, 'F1', 200 + net / 2, 200 - net / 2),
      row(`2026-07-0${i + 1}`, 'R1', 200 - net / 2, 200 + net / 2),
    ]);
    const options = { classes, shortDays: 1, longDays: 4 };
    expect(brokerFlow(rows, options).netZ).toBeCloseTo(2, 12);
    expect(brokerFlow(rows.slice(0, 2), options).netZ).toBeUndefined();
    expect(brokerFlow(rows.slice(0, 2), { ...options, longDays: 1 }).long.daily).toEqual([
      { date: '2026-07-01', weightedNet: 0.7 },
    ]);
  });

  test('is missing without classes for most of the turnover', () => {
    const rows = [row('2026-07-01', 'ZZ', 300, 0), row('2026-07-01', 'QQ', 0, 300)];
    expect(brokerFlow(rows, { classes, shortDays: 1, longDays: 1 }).component).toMatchObject({
      score: undefined,
      reasons: ['100 % of the turnover is of brokers without a class'],
    });
  });

  test('a cut list is a proxy', () => {
    const rows = [row('2026-07-01', 'F1', 300, 0), row('2026-07-01', 'R1', 0, 270)];
    const { component } = brokerFlow(rows, { classes, shortDays: 1, longDays: 1 });
    expect(component.quality).toBe('proxy');
    expect(component.reasons.at(-1)).toBe('bought and sold differ by 10 %: the summary is cut');
  });

  test('points add up to 50', () => {
    expect(Object.values(brokerFlowPoints).reduce((a, b) => a + b)).toBe(50);
  });

  const shares = fc.integer({ min: 0, max: 1_000_000 });
  const market = fc.array(
    fc.record({
      day: fc.integer({ min: 1, max: 25 }),
      broker: fc.constantFrom('F1', 'F2', 'F3', 'L1', 'R1', 'R2', 'ZZ'),
      buy: shares,
      sell: shares,
    }),
    { minLength: 1, maxLength: 120 },
  );
  const rowsOf = (rows: readonly { day: number; broker: string; buy: number; sell: number }[]): BrokerDay[] =>
    rows.map(({ day, broker, buy, sell }) => row(`2026-07-${String(day).padStart(2, '0')}`, broker, buy, sell));

  test('swapped sides give exactly 100 − score', () => {
    fc.assert(
      fc.property(market, (rows) => {
        const one = brokerFlow(rowsOf(rows), { classes });
        const two = brokerFlow(rowsOf(rows.map((r) => ({ ...r, buy: r.sell, sell: r.buy }))), { classes });
        expect(two.component.quality).toBe(one.component.quality);
        if (one.component.score === undefined) return;
        expect(Math.round(one.component.score * 1e6) + Math.round(two.component.score! * 1e6)).toBe(100e6);
      }),
    );
  });

  test('the order of rows does not matter', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('F1', 'L1', 'R1')), {
          selector: (t) => t.join(),
          minLength: 1,
        }),
        (keys) => {
          const rows = keys.map(([day, broker], i) => row(`2026-07-0${day}`, broker, 10 + i, 7 * i));
          expect(brokerFlow([...rows].reverse(), { classes })).toEqual(brokerFlow(rows, { classes }));
        },
      ),
    );
  });

  test('whatever a feed sends is counted, or refused in words', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER));
    const odd = fc.oneof(fc.constantFrom('BBRI', '2026-07-01', 'F1', 'RG', ''), fc.anything());
    const hostile = fc.oneof(
      fc.anything(),
      fc.record({
        symbol: odd,
        date: odd,
        broker: odd,
        board: odd,
        buyShares: number,
        sellShares: number,
        buyValue: number,
        sellValue: number,
      }),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), (rows) => {
        try {
          const flow = brokerFlow(rows as BrokerDay[], { classes });
          expect(flow.rows + flow.duplicates + flow.refused + flow.leftOut).toBe(rows.length);
        } catch (error) {
          if (!isScoringError(error, 'bad-value')) throw error;
        }
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('refuses two symbols or two boards, naming them', () => {
    const [first, second] = accumulation('2026-07-01');
    expect(() => brokerFlow([first!, { ...second!, symbol: 'BBCA' }], { classes })).toThrow(
      'symbol "BBCA" of broker "R1" is not "BBRI" as in the rows before it. Pass the rows of one symbol.',
    );
    expect(() =>
      brokerFlow(
        [
          { ...first!, board: 'RG' },
          { ...second!, board: 'NG' },
        ],
        { classes },
      ),
    ).toThrow('board "NG" of broker "R1" is not "RG" as in the rows before it. Choose one with the option "board".');
  });
});

describe('topBrokers', () => {
  test('is undefined where nobody bought more than he sold', () => {
    expect(topBrokers([])).toBeUndefined();
    expect(topBrokers([{ broker: 'A', netShares: 0, netValue: 0 }])).toBeUndefined();
  });

  test('mirrored nets give the mirrored label', () => {
    const nets = [600, 400, -250, -250, -250, -250].map((n, i) => ({
      broker: `B${i}`,
      netShares: n,
      netValue: n * 50,
    }));
    const mirrored = nets.map((n) => ({ ...n, netShares: -n.netShares, netValue: -n.netValue }));
    expect(topBrokers(nets, { tops: [1] })!.tops[0]).toMatchObject({ shares: 350, percent: 35, label: 'Big Acc' });
    expect(topBrokers(mirrored, { tops: [1] })!.tops[0]).toMatchObject({
      shares: -350,
      percent: -35,
      label: 'Big Dist',
    });
  });
});
