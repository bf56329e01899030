/**
 * Footprint bars as compact bytes: exact, checked, and the same bytes for the same bars.
 *
 * A file is one block behind another. A block is, little-endian:
 *
 * | byte | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | `TKFP` (54 4B 46 50) |
 * | 4 | 1 | version, 1 |
 * | 5 | 4 | length `n` of the payload, unsigned |
 * | 9 | `n` | payload |
 * | 9 + `n` | 4 | CRC-32 (IEEE 802.3, as zlib) of bytes 4 to 8 + `n`: all between `TKFP` and here |
 *
 * Integers of the payload are varints in their shortest form: seven bits a byte, lowest first, the top bit set on all but
 * the last; at most 40 bytes. `±` are zigzag varints: 0, −1, 1, −2 as 0, 1, 2, 3. Text is its length in bytes and UTF-8.
 * The payload is a header (symbol, tick size, lot size: text; row height in ticks; number of bars) and the bars.
 *
 * A bar, where the first one has 0 for what was before it:
 *
 * - flags, one byte: 1 integrity, 2 largest prints, 4 event bar, 8 incomplete event bar, 16 times that are not whole
 *   milliseconds, or farther apart than the safe integers;
 * - `±` start − start of the bar before; `±` length − length of the bar before, both of the last bar without flag 16;
 *   with flag 16 instead: start and end as IEEE 754 doubles of 8 bytes;
 * - revision; trades;
 * - `±` open − close of the bar before; `±` close − open; high − max(open, close); min(open, close) − low;
 * - minus the lowest delta; the highest delta; `±` value − Σ row price × row volume;
 * - `±` point of control − low; `±` value area high − low; `±` value area low − low;
 * - with flag 1: late, out of order, duplicates, cancelled, corrected; with flag 4: continued trades;
 * - number of rows, and each: `±` its number − ⌊low ÷ row height⌋ (the first), or rows since the row before (at least 1);
 *   one byte that says which of buy, sell, unknown lots, buy, sell, unknown prints are not 0 (1, 2, 4, 8, 16, 32); those,
 *   in that order; with flag 2: the largest print. A row is named by number × row height.
 *
 * What follows from the rest is not there: volume, sides and delta of a bar are the sums of its rows.
 */
import type { Grid } from '@tapekit/orderflow/grid';
import type { EventBar } from './event-bars.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { LEAST_BAR_BYTES, noBar, readBar, writeBar } from './internal/codec/bar-bytes.ts';
import { checkBytes, framed, payloadAt } from './internal/codec/block-frame.ts';
import { ByteReader } from './internal/codec/byte-reader.ts';
import { ByteWriter } from './internal/codec/byte-writer.ts';
import { FootprintError } from './errors.ts';
import { checkRowTicks } from './internal/rows.ts';

/** What bars do not know about themselves. */
export interface FootprintBinaryContext {
  /** Instrument, as it shall stand in the header. */
  readonly symbol: string;
  /** The grid that the bars were counted on. */
  readonly grid: Pick<Grid, 'tickSize' | 'lotSize'>;
  /**
   * Height of a row in ticks, that of the bars.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
}

/** The defaults of {@link FootprintBinaryContext}. */
export const footprintBinaryDefaults = { rowTicks: 1 } as const satisfies Partial<FootprintBinaryContext>;

/** The bars of a block and what they were counted on. */
export interface FootprintBlock {
  readonly symbol: string;
  /** Decimals; `createGrid({ tickSize, lotSize })` gives the grid. */
  readonly tickSize: string;
  readonly lotSize: string;
  readonly rowTicks: number;
  /** Equal to the bars that were encoded; bars of `createBars` come back as such. */
  readonly bars: readonly (FootprintBar | EventBar)[];
}

/**
 * Bars as one block of bytes. Blocks may be written one behind another, for example one for each hour.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
 * const trades = { timeMs: [0, 1, 2], priceTicks: [21, 20, 20], sizeLots: [3, 1, 5], side: [1, -1, 1] };
 * const bars = footprintBarsOf(footprintsOfColumns(trades, { intervalMs: 60_000 }));
 * const bytes = encodeFootprints(bars, { symbol: 'ETHUSDT', grid });
 * [bytes.length, decodeFootprints(bytes).bars[0]?.volumeLots]; // => [57, 9]
 * ```
 * @throws {@link FootprintError} `bad-trade` for a bar that contradicts itself or whose rows are not on `rowTicks`, `bad-option`.
 */
export function encodeFootprints(
  bars: readonly (FootprintBar | EventBar)[],
  context: FootprintBinaryContext,
): Uint8Array<ArrayBuffer> {
  const { symbol, grid, rowTicks } = { ...footprintBinaryDefaults, ...context };
  checkRowTicks(rowTicks);
  checkSymbol(symbol);
  for (const name of ['tickSize', 'lotSize'] as const) {
    if (isDecimal(grid[name])) continue;
    throw new FootprintError('bad-option', `grid has ${name} "${grid[name]}". Pass what createGrid gives.`, grid);
  }
  const out = new ByteWriter();
  out.text(symbol);
  out.text(grid.tickSize);
  out.text(grid.lotSize);
  out.varint(rowTicks);
  out.varint(bars.length);
  let before = noBar;
  for (const bar of bars) before = writeBar(out, bar, before, rowTicks);
  return framed(out.take());
}

/**
 * The bars of bytes that are one block.
 * @throws {@link FootprintError} `bad-binary`, naming the byte, for anything that {@link encodeFootprints} does not write.
 */
export function decodeFootprints(bytes: Uint8Array): FootprintBlock {
  checkBytes(bytes);
  const { start, end, next } = payloadAt(bytes, 0);
  const block = blockOf(new ByteReader(bytes, start, end));
  if (next === bytes.length) return block;
  throw new ByteReader(bytes, next).wrong('another block', 'expected here; read several with decodeFootprintBlocks');
}

/**
 * The blocks of bytes, one after the other; none for no bytes.
 * @throws {@link FootprintError} `bad-binary`, for a damaged one after the blocks before the damage were given.
 */
export function decodeFootprintBlocks(bytes: Uint8Array): Generator<FootprintBlock, void> {
  checkBytes(bytes);
  return blocksOf(bytes);
}

function* blocksOf(bytes: Uint8Array): Generator<FootprintBlock, void> {
  for (let at = 0; at < bytes.length;) {
    const { start, end, next } = payloadAt(bytes, at);
    yield blockOf(new ByteReader(bytes, start, end));
    at = next;
  }
}

function blockOf(from: ByteReader): FootprintBlock {
  const [symbol, tickSize, lotSize] = [from.text('symbol'), from.text('tick size'), from.text('lot size')];
  if (!isDecimal(tickSize) || !isDecimal(lotSize)) throw from.wrong('grid', 'in decimals');
  const rowTicks = from.count('row height');
  if (rowTicks === 0) throw from.wrong('row height', 'above 0');
  const bars: (FootprintBar | EventBar)[] = [];
  let before = noBar;
  for (let i = 0, count = from.entries('number of bars', LEAST_BAR_BYTES); i < count; i++) {
    const [bar, next] = readBar(from, before, rowTicks);
    bars.push(bar);
    before = next;
  }
  if (from.left > 0) throw from.wrong('payload', 'at its end');
  return { symbol, tickSize, lotSize, rowTicks, bars };
}

const DECIMAL = /^\d+(?:\.\d+)?$/;

function isDecimal(text: unknown): boolean {
  return typeof text === 'string' && DECIMAL.test(text);
}

/** Half of a surrogate pair would come back as another character. */
function checkSymbol(symbol: string): void {
  if (typeof symbol === 'string' && !/\p{Surrogate}/u.test(symbol)) return;
  throw new FootprintError('bad-option', `symbol "${symbol}" is not well-formed text.`, symbol);
}
