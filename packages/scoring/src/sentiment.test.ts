import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComponentScore } from './component.ts';
import type { SentimentItem, SentimentLabel, SentimentModel } from './sentiment.ts';
import { aggregateSentiment, checkSentimentModel, findSymbols, scoreSentiment } from './sentiment.ts';

const hour = 3_600_000;
const item = (id: string, score: number, more: Partial<SentimentItem> = {}): SentimentItem => ({
  id,
  timeMs: 0,
  source: 'news',
  score,
  confidence: 1,
  ...more,
});

describe('aggregateSentiment', () => {
  test('an announcement (2) against two forum posts (.6 each): (2 − 1.2) ÷ 3.2 = .25', () => {
    const said = aggregateSentiment(
      [
        item('a', 1, { source: 'exchange-announcement' }),
        item('b', -1, { source: 'forum' }),
        item('c', -1, { source: 'forum' }),
      ],
      { asOfMs: 0 },
    );
    expect(said!.score).toBeCloseTo(0.25, 12);
    expect(said).toMatchObject({ confidence: 1, mentions: 3, later: 0, tooOld: 0, repeated: 0 });
    expect(said!.reliability).toBeCloseTo(0.7 + 0.3 * (3 / 20), 12);
  });

  test('a text of one half-life ago counts half: (1 − ½) ÷ 1½', () => {
    const said = aggregateSentiment([item('new', 1, { timeMs: 12 * hour }), item('old', -1)], { asOfMs: 12 * hour });
    expect(said!.score).toBeCloseTo(1 / 3, 12);
  });

  test('what was published later, too long ago, or twice is left out and counted', () => {
    const texts = [
      item('a', 1, { timeMs: 25 * hour }),
      item('b', 1, { timeMs: 26 * hour }),
      item('c', 1),
      item('a', -1),
    ];
    const now = [...texts, item('d', -1, { timeMs: 25 * hour }), item('d', -1, { timeMs: 25 * hour })];
    expect(aggregateSentiment(now, { asOfMs: 25 * hour })).toMatchObject({
      score: 0,
      mentions: 2,
      later: 1,
      tooOld: 2,
      repeated: 1,
    });
  });

  test('of a text that comes again the first publication counts, and readings of one moment share it, in any order', () => {
    const early = item('a', 1);
    const late = item('a', -1, { timeMs: hour });
    const asOfMs = 2 * hour;
    for (const list of [
      [early, late],
      [late, early],
    ]) {
      expect(aggregateSentiment(list, { asOfMs })).toMatchObject({ score: 1, mentions: 1, repeated: 1 });
    }
    const other = item('a', -1, { source: 'forum' });
    const plain = item('b', 0);
    // News 1.5 ÷ 2 for, forum .6 ÷ 2 against, and 1.5 of news that is undecided.
    for (const list of [
      [early, other, plain],
      [plain, other, early],
    ]) {
      const said = aggregateSentiment(list, { asOfMs: 0 })!;
      expect(said.score).toBeCloseTo((0.75 - 0.3) / (0.75 + 0.3 + 1.5), 12);
      expect(said).toMatchObject({ mentions: 2, repeated: 1 });
    }
  });

  test('the order of arrival changes not one bit', () => {
    const text = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      timeMs: fc.constantFrom(0, hour, 2 * hour),
      source: fc.constantFrom('news', 'forum', 'constructor'),
      score: fc.double({ min: -1, max: 1, noNaN: true }),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc
          .array(text, { maxLength: 12 })
          .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([one, two]) => {
          const options = { asOfMs: 2 * hour };
          expect(aggregateSentiment(two, options)).toEqual(aggregateSentiment(one, options));
        },
      ),
    );
  });

  test('names of Object itself are sources like any other', () => {
    const good = [item('a', 1), item('b', 0.46)];
    for (const source of ['constructor', 'toString', '__proto__']) {
      const said = aggregateSentiment([...good, item('c', 0, { source })], { asOfMs: 0 })!;
      // The source counts .5 as "other".
      expect(said.score).toBeCloseTo((1.5 + 0.69) / 3.5, 12);
    }
    expect(() => aggregateSentiment(good, { asOfMs: 0, sourceWeights: { news: Number.NaN } })).toThrow(
      'weight "NaN" of source "news" is not a number from 0 to 1e9.',
    );
  });

  test('doubtful texts count less: (1·1 − .5·1) ÷ 1.5, and the confidence is their mean', () => {
    const said = aggregateSentiment([item('a', 1), item('b', -1, { confidence: 0.5 })], { asOfMs: 0 });
    expect(said!.score).toBeCloseTo(1 / 3, 12);
    expect(said!.confidence).toBe(0.75);
  });
});

describe('scoreSentiment', () => {
  test('fewer texts cover less, as they move the score toward 50: 20, 10 and 1 of 20', () => {
    const of = (count: number): ComponentScore =>
      scoreSentiment(
        Array.from({ length: count }, (_, i) => item(`t${i}`, 0.8)),
        { asOfMs: 0 },
      );
    expect([of(25), of(20), of(10), of(1)].map(({ coverage }) => coverage)).toEqual([1, 1, 0.5, 0.05]);
    expect([of(20), of(10), of(1)].map(({ score }) => score)).toEqual([90, 84, 78.6]);
  });

  test('leaving a text out, wherever it came from, never raises the coverage', () => {
    const text = fc.record({
      ...{
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        timeMs: fc.integer({ min: -48, max: 2 }).map((h) => h * hour),
      },
      ...{ source: fc.constantFrom('news', 'forum'), score: fc.double({ min: -1, max: 1, noNaN: true }) },
      ...{ confidence: fc.double({ min: 0, max: 1, noNaN: true }), weight: fc.constantFrom(0, 1, 5) },
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), fc.nat(), (texts, at) => {
        const less = texts.filter(({ id }) => id !== texts[at % texts.length]!.id);
        const of = (list: readonly SentimentItem[]): number => scoreSentiment(list, { asOfMs: 0 }).coverage ?? 0;
        expect(of(less)).toBeLessThanOrEqual(of(texts));
      }),
    );
  });

  const many = (score: number, confidence: number): SentimentItem[] =>
    Array.from({ length: 20 }, (_, i) => item(`t${i}`, score, { confidence }));

  test('is 50 + 50 × score × confidence × reliability: 20 texts of .8 at .5 are 70', () => {
    expect(scoreSentiment(many(0.8, 0.5), { asOfMs: 0 }).score).toBe(70);
  });

  test('is missing without a text, and with texts of no confidence', () => {
    expect(scoreSentiment([], { asOfMs: 0 })).toMatchObject({ score: undefined, quality: 'missing' });
    expect(scoreSentiment(many(1, 0), { asOfMs: 0 }).score).toBeUndefined();
  });

  test('the opposite texts give 100 − score, whatever the doubt', () => {
    const texts = fc.array(
      fc.record({
        score: fc.double({ min: -1, max: 1, noNaN: true }),
        confidence: fc.double({ min: 0.01, max: 1, noNaN: true }),
        timeMs: fc.integer({ min: 0, max: 24 * hour }),
        source: fc.constantFrom('news', 'forum', 'elsewhere'),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(texts, (list) => {
        const of = (sign: number): number =>
          scoreSentiment(
            list.map((one, i) => ({ ...one, id: String(i), score: sign * one.score })),
            { asOfMs: 24 * hour },
          ).score!;
        expect(of(1) + of(-1)).toBeCloseTo(100, 9);
      }),
    );
  });

  test('what cannot be is refused by name', () => {
    expect(() => scoreSentiment([item('x', 2)], { asOfMs: 0 })).toThrow(
      'score "2" of text "x" is not a number from −1 to 1. Leave the text out.',
    );
    expect(() => scoreSentiment([item('x', null as never)], { asOfMs: 0 })).toThrow('score "null" of text "x"');
    expect(() => scoreSentiment([item('x', '1' as never)], { asOfMs: 0 })).toThrow('score "1" of text "x"');
    expect(() => scoreSentiment([], { asOfMs: 0, halfLifeHours: 0 })).toThrow('out of range');
  });
});

describe('checkSentimentModel', () => {
  const sentences = [
    { text: 'laba naik', label: 'positive' as const },
    { text: 'rugi besar', label: 'negative' as const },
    { text: 'rapat umum', label: 'neutral' as const },
    { text: 'dividen naik', label: 'positive' as const },
  ];
  const model = (id: string, read: (text: string) => SentimentLabel): SentimentModel => ({
    id,
    classify: (texts) => Promise.resolve(texts.map((text) => ({ label: read(text), score: 0, confidence: 1 }))),
  });
  const meaning = (text: string): SentimentLabel => sentences.find((one) => one.text === text)!.label;

  test('a model that reads them right is usable; one that says neutral to all, or the opposite, is not', async () => {
    expect(await checkSentimentModel(model('good', meaning), sentences)).toEqual({
      model: 'good',
      sentences: 4,
      right: 4,
      opposite: 0,
      usable: true,
    });
    expect(
      await checkSentimentModel(
        model('mute', () => 'neutral'),
        sentences,
      ),
    ).toMatchObject({ right: 1, usable: false });
    const swap = { positive: 'negative', negative: 'positive', neutral: 'neutral' } as const;
    expect(
      await checkSentimentModel(
        model('swapped', (text) => swap[meaning(text)]),
        sentences,
      ),
    ).toMatchObject({
      right: 1,
      opposite: 3,
      usable: false,
    });
  });
});

test('findSymbols knows symbols from other words in capitals', () => {
  const listed = new Set(['BBCA', 'TLKM', 'GOTO']);
  expect(findSymbols('RUPS BBCA: laba $TLKM dan BBCA.JK; PT GoTo', listed)).toEqual(['BBCA', 'TLKM']);
});
