/** Bars for the tests of the chart. */
import { createGrid, type Grid } from '@tapekit/orderflow/grid';
import type { FootprintBar } from '../../footprint-bar.ts';
import { createTimeBars } from '../../time-bars.ts';

export const testGrid: Grid = createGrid({ tickSize: '0.25', lotSize: '1' });

/** One-minute bars, each of rows `[ticks, sell, buy, unknown?]`; the first and the last row are where it opens and closes. */
export function barsOf(...bars: (readonly (readonly [number, number, number, number?])[])[]): FootprintBar[] {
  const builder = createTimeBars({ grid: testGrid, intervalMs: 60_000 });
  const closed = bars.flatMap((rows, minute) =>
    rows.flatMap(([priceTicks, sell, buy, unknown = 0]) =>
      (
        [
          ['sell', sell],
          ['buy', buy],
          ['unknown', unknown],
        ] as const
      ).flatMap(([side, sizeLots]) =>
        sizeLots === 0 ? [] : builder.pushTicks({ timeMs: minute * 60_000, priceTicks, sizeLots, side }),
      ),
    ),
  );
  return [...closed, ...builder.flush()];
}
