import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { footprintSeriesData, type FootprintLadder } from './footprint-item.ts';
import { barsOf, testGrid as grid } from './test-bars.ts';
import { createZoneSpans, type ZoneSpan } from './zone-spans.ts';

/** Three rows that were bought four to one: a zone of 101 to 103. */
const stacked = [
  [100, 10, 10],
  [101, 10, 40],
  [102, 10, 40],
  [103, 10, 40],
] as const;

const laddersOf = (...bars: Parameters<typeof barsOf>): FootprintLadder[] =>
  footprintSeriesData(barsOf(...bars), { grid }).map((item) => item.ladder);

const facts = (spans: readonly ZoneSpan[]): unknown[] =>
  spans.map(({ zone, from, to }) => [zone.lowTicks, zone.highTicks, from, to]);

describe('zones', () => {
  test('reach to the first later bar that trades in them', () => {
    const spansOf = createZoneSpans();
    expect(facts(spansOf(laddersOf(stacked, [[104, 5, 5]], [[103, 5, 5]], [[102, 5, 5]])))).toEqual([[101, 103, 0, 2]]);
  });

  test('have no end while nothing traded in them, and edges half a tick around', () => {
    const [span] = createZoneSpans()(laddersOf(stacked, [[100, 5, 5]], [[104, 5, 5]]));
    expect(span).toMatchObject({ from: 0, to: Infinity, lowEdge: 100.5, highEdge: 103.5 });
  });

  test('open again when the bar that touched them is revised', () => {
    const spansOf = createZoneSpans();
    const ladders = laddersOf(stacked, [[103, 5, 5]]);
    expect(facts(spansOf(ladders))).toEqual([[101, 103, 0, 1]]);
    const [, revised] = laddersOf(stacked, [[105, 5, 5]]);
    expect(facts(spansOf([ladders[0]!, revised!]))).toEqual([[101, 103, 0, Infinity]]);
  });

  test('are the same kept from change to change as found at once', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 95, max: 110 }), fc.nat(9), fc.integer({ min: 1, max: 60 })), {
      minLength: 1,
      maxLength: 8,
    });
    const bars = fc.array(rows, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(bars, { minLength: 1, maxLength: 4 }), (states) => {
        const kept = createZoneSpans();
        let before: FootprintLadder[] = [];
        for (const state of states) {
          const fresh = laddersOf(...state);
          // What did not change is the same object, as in a chart.
          const ladders = fresh.map((one, i) =>
            before[i] && JSON.stringify(before[i].bar) === JSON.stringify(one.bar) ? before[i] : one,
          );
          expect(kept(ladders)).toEqual(createZoneSpans()(ladders));
          before = ladders;
        }
      }),
    );
  });
});
