/** Checksums of finished footprints, so that variants can be held to one result whatever form they give it in. */
import type { FootprintColumns } from '@tapekit/footprint/footprint-columns';

/**
 * What a job consists of, a checksum each; a variant has those of what it makes.
 *
 * - `ladder`: start of the bar, price, buy and sell lots of each row,
 * - `counts`: buy and sell prints of each row,
 * - `ohlc`: open, high, low, close and number of trades of each bar,
 * - `delta`: lowest and highest running delta of each bar,
 * - `area`: point of control, value area high and low of each bar,
 * - `marks`: imbalance flags of each row, 1 buy, 2 sell.
 */
export type Part = 'ladder' | 'counts' | 'ohlc' | 'delta' | 'area' | 'marks';
export type Digests = Readonly<Partial<Record<Part, number>>>;

/** The whole job. */
export const allParts = ['ladder', 'counts', 'ohlc', 'delta', 'area', 'marks'] as const satisfies readonly Part[];

/** FNV-1a over the halves of 64-bit integers; `kernel.c` has the same. */
export class Digest {
  #hash = 0x811c9dc5;

  add(value: number): this {
    this.#hash = Math.imul(this.#hash ^ (value | 0), 0x01000193);
    this.#hash = Math.imul(this.#hash ^ Math.floor(value / 2 ** 32), 0x01000193);
    return this;
  }

  get value(): number {
    return this.#hash >>> 0;
  }
}

/** A digest for each part. */
export function createDigests(): Record<Part, Digest> {
  return {
    ladder: new Digest(),
    counts: new Digest(),
    ohlc: new Digest(),
    delta: new Digest(),
    area: new Digest(),
    marks: new Digest(),
  };
}

/** The values of some of the digests. */
export function digestValues(digests: Readonly<Record<Part, Digest>>, parts: readonly Part[] = allParts): Digests {
  return Object.fromEntries(parts.map((part) => [part, digests[part].value]));
}

/** The digests of columns; `flags` has an entry a row. */
export function digestsOfColumns(columns: FootprintColumns, flags: ArrayLike<number>): Digests {
  const digests = createDigests();
  for (let bar = 0; bar < columns.bars; bar += 1) {
    const { ohlc, delta, area } = digests;
    for (const name of ['openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'trades'] as const)
      ohlc.add(columns[name][bar]!);
    delta.add(columns.minDeltaLots[bar]!).add(columns.maxDeltaLots[bar]!);
    area.add(columns.pocTicks[bar]!).add(columns.vahTicks[bar]!).add(columns.valTicks[bar]!);
    for (let row = columns.firstRow[bar]!; row < columns.firstRow[bar + 1]!; row += 1) {
      digests.ladder.add(columns.startMs[bar]!).add(columns.rowPriceTicks[row]!);
      digests.ladder.add(columns.rowBuyLots[row]!).add(columns.rowSellLots[row]!);
      digests.counts.add(columns.rowBuyTrades[row]!).add(columns.rowSellTrades[row]!);
      digests.marks.add(flags[row]!);
    }
  }
  return digestValues(digests);
}

/** @throws Error when a part of `found` differs from `expected`. */
export function requireSame(name: string, found: Digests, expected: Digests): void {
  for (const [part, value] of Object.entries(found) as [Part, number][]) {
    if (value === expected[part]) continue;
    const hex = (hash: number | undefined): string => (hash ?? 0).toString(16).padStart(8, '0');
    throw new Error(
      `${name}: checksum of ${part} is ${hex(value)}, expected ${hex(expected[part])}. Its figures mean nothing.`,
    );
  }
}
