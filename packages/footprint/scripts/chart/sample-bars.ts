/** Bars of an invented market, for pictures. */
import { generateTape, type TapeOptions } from '@tapekit/tooling/tape-generator';
import { createGrid } from '@tapekit/orderflow/grid';
import type { FootprintBar } from '../../src/footprint-bar.ts';
import { createTimeBars } from '../../src/time-bars.ts';

/** Steps of the invented market. */
export const sampleSteps = { tickSize: '0.01', lotSize: '0.001' } as const;

/** Bars of a seeded tape. `unknownEvery`: of so many trades one has no known aggressor; 0 for none. */
export function sampleBars(
  tape: TapeOptions,
  { intervalMs, rowTicks, unknownEvery = 0 }: { intervalMs: number; rowTicks: number; unknownEvery?: number },
): FootprintBar[] {
  const { truth } = generateTape({ ...sampleSteps, ...tape });
  const bars = createTimeBars({ grid: createGrid(sampleSteps), intervalMs, rowTicks });
  const closed = truth.trades.flatMap(({ id, timeMs, priceTicks, sizeLots, side }, i) =>
    bars.pushTicks({
      id,
      timeMs,
      priceTicks,
      sizeLots,
      side: unknownEvery > 0 && i % unknownEvery === 0 ? 'unknown' : side,
    }),
  );
  return [...closed, ...bars.flush()];
}
