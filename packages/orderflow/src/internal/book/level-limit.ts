import type { BookSide } from './book-side.ts';

/**
 * Forgets the levels of a side behind the best `most`.
 *
 * Kraken tells of no level that leaves the subscribed depth, so a client that kept them would show dead ones as soon as
 * better ones are gone.
 */
export function createLevelLimit(most: number): (side: BookSide) => void {
  let ticks = new Float64Array(0);
  let lots = new Float64Array(0);
  return (side) => {
    const { size } = side;
    if (size <= most) return;
    if (ticks.length < size) {
      ticks = new Float64Array(size + 16);
      lots = new Float64Array(size + 16);
    }
    side.readTop(ticks, lots);
    for (let i = most; i < size; i += 1) side.set(ticks[i]!, 0);
  };
}
