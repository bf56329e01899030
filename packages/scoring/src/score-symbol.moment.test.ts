import { describe, expect, test } from 'vitest';
import { idxBrokerClasses } from './broker-classes.ts';
import type { BrokerDay } from './broker-flow.ts';
import type { ComponentScore } from './component.ts';
import type { Score, Weights } from './composite.ts';
import { walkForward } from './evaluate.ts';
import { explain } from './explain.ts';
import { scorePresets } from './presets.ts';
import type { SymbolEvidence } from './score-symbol.ts';
import { createSymbolScorer, restoreSymbolScorer, scoreSymbol } from './score-symbol.ts';
import type { NumericBar } from './tape.ts';

const minute = 60_000;

function walk(steps: readonly number[]): NumericBar[] {
  let close = 512;
  return steps.map((step, i) => {
    const open = close;
    close += step / 4;
    const [high, low] = [Math.max(open, close) + 0.25, Math.min(open, close) - 0.25];
    return { startMs: i * minute, endMs: (i + 1) * minute, open, high, low, close, volume: 100 };
  });
}

const fixed = Array.from({ length: 150 }, (_, i) => ((i * 7) % 11) - 5 + ((i * i) % 3));

describe('the moment of the score', () => {
  const day = 86_400_000;
  const firstDay = Date.parse('2026-07-01');
  /** Daily bars of the Indonesian exchange: 02:00 to 09:00 UTC. */
  const dailyBars = walk(fixed.slice(0, 31)).map((bar, i) => {
    const startMs = firstDay + i * day + 7_200_000;
    return { ...bar, startMs, endMs: startMs + 25_200_000 };
  });
  /** Foreigners buy from retail through July 20 and sell to it from the 21st on. */
  const summaries: BrokerDay[] = Array.from({ length: 31 }, (_, i) => {
    const date = new Date(firstDay + i * day).toISOString().slice(0, 10);
    const [much, little] = i < 20 ? [300, 100] : [100, 300];
    const of = (broker: string, buy: number, sell: number): BrokerDay => ({
      ...{ symbol: 'BBRI', date, broker, buyShares: buy, sellShares: sell },
      ...{ buyValue: 50 * buy, sellValue: 50 * sell },
    });
    return [of('AK', much, little), of('XL', little, much)];
  }).flat();
  const brokers = { days: summaries, classes: idxBrokerClasses };
  const upTo = (date: string): SymbolEvidence['brokers'] => ({
    ...brokers,
    days: summaries.filter((row) => row.date <= date),
  });
  const brokerOf = (score: Score): ComponentScore => score.components.find(({ name }) => name === 'broker')!;

  test('broker summaries after the last bar are not used', () => {
    const bars = dailyBars.slice(0, 20);
    const all = scoreSymbol({ symbol: 'BBRI', bars, brokers });
    expect(all).toEqual(scoreSymbol({ symbol: 'BBRI', bars, brokers: upTo('2026-07-19') }));
    expect(brokerOf(all).score).toBeGreaterThan(80);
    expect(brokerOf(scoreSymbol({ symbol: 'BBRI', bars: dailyBars, brokers })).score).toBeLessThan(40);
  });

  test('a summary is out at 11:00 UTC of its day, or when the caller says', () => {
    const toOf = (asOfMs: number, publishedAfterMs?: number): unknown =>
      brokerOf(
        scoreSymbol({
          ...{ symbol: 'BBRI', bars: [], asOfMs },
          brokers: { ...brokers, ...(publishedAfterMs === undefined ? {} : { publishedAfterMs }) },
        }),
      ).inputs['shortNet'];
    const [bought, sold] = [0.7, -0.7];
    // Of the last five days to July 21, four bought and one sold.
    expect(toOf(firstDay + 20 * day + 39_599_999)).toBeCloseTo(bought, 12);
    expect(toOf(firstDay + 20 * day + 39_600_000)).toBeCloseTo((4 * bought + sold) / 5, 12);
    expect(toOf(firstDay + 20 * day + 32_400_000, 32_400_000)).toBeCloseTo((4 * bought + sold) / 5, 12);
    expect(() => toOf(firstDay, Number.NaN)).toThrow('publishedAfterMs "NaN"');
  });

  test('walking forward, broker scores are those of each bar, not that of the end of the history', () => {
    const [walked] = walkForward([{ symbol: 'BBRI', bars: dailyBars }], (symbol) => {
      const scorer = createSymbolScorer({ symbol, evidence: { brokers } });
      return { push: (bar) => brokerOf(scorer.push(bar)).score };
    });
    expect(walked!.scores[2]).toBeUndefined();
    expect(walked!.scores[19]).toBeGreaterThan(80);
    expect(walked!.scores[30]).toBeLessThan(40);
  });

  test('an earlier asOf of the caller is kept, a later one is not', () => {
    const bars = dailyBars.slice(0, 25);
    const of = (asOf: string): Score => scoreSymbol({ symbol: 'BBRI', bars, brokers: { ...brokers, asOf } });
    expect(of('2026-07-19')).toEqual(scoreSymbol({ symbol: 'BBRI', bars, brokers: upTo('2026-07-19') }));
    expect(of('2026-07-31')).toEqual(scoreSymbol({ symbol: 'BBRI', bars, brokers }));
  });

  test('summaries that end more than 14 days before are missing, with or without a calendar', () => {
    const at = (date: string, tradingDays?: readonly string[]): ComponentScore =>
      brokerOf(
        scoreSymbol({
          ...{ symbol: 'BBRI', bars: [], asOfMs: Date.parse(date) + 43_200_000 },
          brokers: { ...brokers, tradingDays },
        }),
      );
    const july = [...new Set(summaries.map(({ date }) => date))];
    expect(at('2026-08-14').score).toBeLessThan(40);
    expect(at('2026-08-14', july).score).toBe(at('2026-08-14').score);
    expect(at('2027-12-31').reasons).toEqual(['the last broker summary is of 2026-07-31, more than 14 days before']);
    expect(at('2027-12-31', july).reasons).toEqual(['the trading days end with 2026-07-31, more than 14 days before']);
  });

  test('the 14 days are one span, from the moment of the score to the last row', () => {
    const at = (date: string, more: Partial<NonNullable<SymbolEvidence['brokers']>>): ComponentScore =>
      brokerOf(
        scoreSymbol({
          ...{ symbol: 'BBRI', bars: [], asOfMs: Date.parse(date) + 43_200_000 },
          brokers: { ...brokers, ...more },
        }),
      );
    // An earlier asOf of the caller does not make old rows young.
    const reasons = ['the last broker summary is of 2026-07-31, more than 14 days before'];
    expect(at('2027-12-31', { asOf: '2026-08-10' })).toMatchObject({ score: undefined, reasons });
    expect(at('2026-08-14', { asOf: '2026-08-10' }).score).toBeLessThan(40);
    // Rows end 10 days before the calendar does, and that 13 days before the moment.
    const tradingDays = [...new Set(summaries.map(({ date }) => date)), '2026-08-03', '2026-08-10'];
    expect(at('2026-08-14', { tradingDays }).score).toBeLessThan(40);
    expect(at('2026-08-15', { tradingDays })).toMatchObject({ score: undefined, reasons });
    expect(at('2026-08-23', { tradingDays })).toMatchObject({ score: undefined, reasons });
  });

  test('summaries of another symbol are refused before anything is scored', () => {
    const message = 'symbol "BBRI" of the broker summaries is not "BBCA", which is scored. Pass its own rows.';
    expect(() => scoreSymbol({ symbol: 'BBCA', bars: [], brokers })).toThrow(message);
    expect(() => createSymbolScorer({ symbol: 'BBCA', evidence: { brokers } })).toThrow(message);
    const scorer = createSymbolScorer({ symbol: 'BBCA' });
    expect(() => scorer.setEvidence({ brokers })).toThrow(message);
  });

  test('bars that end after the moment are left out', () => {
    const bars = walk(fixed);
    const asOfMs = bars[20]!.endMs;
    expect(scoreSymbol({ symbol: 'X', bars, asOfMs })).toEqual(scoreSymbol({ symbol: 'X', bars: bars.slice(0, 21) }));
    expect(scoreSymbol({ symbol: 'X', bars, asOfMs: asOfMs - 1 })).toEqual(
      scoreSymbol({ symbol: 'X', bars: bars.slice(0, 20), asOfMs: asOfMs - 1 }),
    );
    expect(scoreSymbol({ symbol: 'X', bars, asOfMs: 0 })).toMatchObject({ score: undefined, coverage: 0 });
  });

  test('a stream refuses a bar after the moment, and a moment before its last bar', () => {
    const [a, b] = walk([1, 2]);
    const scorer = createSymbolScorer({ symbol: 'X', evidence: { asOfMs: minute } });
    scorer.push(a!);
    const state = scorer.snapshot();
    const message =
      'bar 1 ends at "120000", after asOfMs "60000" of the evidence. Set the evidence of its time first, or leave asOfMs out.';
    expect(() => scorer.push(b!)).toThrow(message);
    expect(() => {
      scorer.advance(b!);
    }).toThrow(message);
    expect(() => scorer.replaceLast({ ...a!, endMs: minute + 1 })).toThrow('bar 0 ends at "60001"');
    expect(scorer.snapshot()).toEqual(state);
    scorer.setEvidence({});
    scorer.push(b!);
    expect(() => {
      scorer.setEvidence({ asOfMs: minute });
    }).toThrow('bar 1 ends at "120000", after asOfMs "60000"');
    expect(scorer.score().asOfMs).toBe(2 * minute);
    expect(() => restoreSymbolScorer(scorer.snapshot(), { symbol: 'X', evidence: { asOfMs: 5 } })).toThrow(
      'bar 1 ends',
    );
  });

  test.each([Number.NaN, 1.5, Infinity, '2024'])('asOfMs "%s" is no moment', (asOfMs) => {
    const message = `asOfMs "${asOfMs}" is not a whole number of milliseconds.`;
    expect(() => scoreSymbol({ symbol: 'X', bars: [], asOfMs: asOfMs as number })).toThrow(message);
    const scorer = createSymbolScorer({ symbol: 'X' });
    expect(() => {
      scorer.setEvidence({ asOfMs: asOfMs as number });
    }).toThrow(message);
  });

  test('fundamentals without a date are used only where the score has none either', () => {
    const fundamentals = { returnOnEquityPercent: 20 };
    const of = (bars: readonly NumericBar[]): ComponentScore =>
      scoreSymbol({ symbol: 'X', bars, fundamentals }).components.find(({ name }) => name === 'fundamental')!;
    expect(of([]).score).toBe(80);
    expect(of(walk([1]))).toMatchObject({
      score: undefined,
      reasons: ['when the report was published is not known'],
    });
  });

  test('a bar that ends before it starts, or between two milliseconds, is refused', () => {
    const [bar] = walk([1]);
    expect(() => scoreSymbol({ symbol: 'X', bars: [{ ...bar!, startMs: 10, endMs: 9 }] })).toThrow(
      'endMs "9" of bar 0 is not at or after its startMs "10". Leave the bar out, or mend it where it comes from.',
    );
    expect(() => scoreSymbol({ symbol: 'X', bars: [{ ...bar!, endMs: 60_000.5 }] })).toThrow(
      'endMs "60000.5" of bar 0 is not a whole number of milliseconds.',
    );
  });
});

describe('how much must be known for a signal', () => {
  test('one bar that closes at its high scores 100 of a coverage of .08, and is no signal', () => {
    const bar = { ...walk([1])[0]!, open: 10, low: 10, high: 11, close: 11 };
    const score = scoreSymbol({ symbol: 'X', bars: [bar] });
    expect(score).toMatchObject({ score: 100, signal: undefined, coverage: 0.08 });
    expect(explain(score)).toMatchObject({ score: 100, signal: null });
    expect(scoreSymbol({ symbol: 'X', bars: [bar], leastCoverage: 0.08 }).signal).toBe('strong-buy');
    const preset = { ...scorePresets.balanced, id: 'mine/1', leastCoverage: 0 };
    expect(scoreSymbol({ symbol: 'X', bars: [bar], preset }).signal).toBe('strong-buy');
    expect(createSymbolScorer({ symbol: 'X', preset, leastCoverage: 0.09 }).push(bar).signal).toBeUndefined();
  });
});

describe('presets of your own', () => {
  test.each(['mine', 'mine/', 'mine/1.0', '/1', 7])('an id of "%s" has no name and version, and is refused', (id) => {
    const preset = { ...scorePresets.balanced, id: id as string };
    expect(() => createSymbolScorer({ symbol: 'X', preset })).toThrow(
      `rules "${id}" is not a name and a whole version. Write it as in "mine/1".`,
    );
    expect(() => scoreSymbol({ symbol: 'X', bars: [], preset })).toThrow('is not a name and a whole version');
  });

  test('names of Object itself are names like any other', () => {
    const weights: Weights = JSON.parse('{"constructor":1,"trend":1}') as Weights;
    const preset = { id: 'mine/1', title: '', weights, parts: {} };
    const score = scoreSymbol({ symbol: 'X', bars: walk(fixed), preset });
    expect(score.components[0]).toMatchObject({ name: 'constructor', score: undefined });
  });
});
