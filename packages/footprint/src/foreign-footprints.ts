/**
 * Footprints that other systems stored, read without inventing what they do not say.
 *
 * Three layouts look alike and do not mean the same:
 *
 * | layout | a level | bought (lifted the ask) | sold (hit the bid) |
 * | --- | --- | --- | --- |
 * | `object-levels` | `{ p, bv, av, bt, at }` | `av`, ask volume | `bv`, bid volume |
 * | `array-levels` | `[p, bid, ask]` | the third, ask volume | the second, bid volume |
 * | `idx-levels` | `{ p, bv, av }` | `bv`, buy volume | `av`, sell volume |
 *
 * The layout is therefore never guessed. A record whose `delta` is that of the opposite reading is refused; one whose totals
 * do not agree with its levels is read, and says so in `problems`. Volume of the bar that no level has is unknown volume, that of
 * levels which could not be read (`leftOutLevels`) included.
 */
import { isOrderflowError } from '@tapekit/orderflow/errors';
import { addExact, compareExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import { FootprintError } from './errors.ts';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import { checkGrid, checkOptions, checkWhole, checkWord } from './internal/option-checks.ts';
import { valueArea } from './profile.ts';

/** How levels are to be read. */
export type ForeignLayout = 'object-levels' | 'array-levels' | 'idx-levels';

/** What {@link readForeignFootprint} is told. */
export interface ForeignOptions {
  readonly layout: ForeignLayout;
  /** The grid of the instrument. Sizes are in its units. */
  readonly grid: Grid;
  /**
   * Length of a bar whose record has neither `t1` nor `bar_ms`, in milliseconds.
   * @defaultValue 60,000
   */
  readonly intervalMs?: number;
}

/** The defaults of {@link ForeignOptions}. */
export const foreignDefaults = { intervalMs: 60_000 } as const satisfies Partial<ForeignOptions>;

/**
 * What is wrong in a record that was read all the same:
 * - `volume-mismatch`: its levels have more than its volume; the levels count;
 * - `delta-mismatch`: its delta is not that of its levels; the levels count;
 * - `bad-total`: its volume or delta is there and is no size on the grid; it is left out;
 * - `bad-prices`: its `ohlc` is there and is not four prices on the grid, low ≤ open, close ≤ high; they are left out;
 * - `bad-length`: its `bar_ms` is there and is no length; the bar ends by `t1` or `intervalMs`;
 * - `bad-level`: a level is none, or not on the grid; it is left out;
 * - `repeated-level`: a price comes twice; the first counts.
 */
export type ForeignProblem =
  'volume-mismatch' | 'delta-mismatch' | 'bad-total' | 'bad-prices' | 'bad-length' | 'bad-level' | 'repeated-level';

/** A row of a {@link ForeignFootprint}; counts where the layout has them. */
export type ForeignRow = Pick<FootprintRow, 'priceTicks' | 'buyLots' | 'sellLots' | 'unknownLots'> &
  Partial<Pick<FootprintRow, 'buyTrades' | 'sellTrades'>>;

/** A footprint as it was stored, in integers of the grid. What the layout does not have is absent, not 0. */
export interface ForeignFootprint
  extends
    Pick<FootprintBar, 'startMs' | 'endMs' | 'volumeLots' | 'buyLots' | 'sellLots' | 'unknownLots' | 'deltaLots'>,
    Partial<Pick<FootprintBar, 'openTicks' | 'highTicks' | 'lowTicks' | 'closeTicks'>>,
    Partial<Pick<FootprintBar, 'pocTicks' | 'vahTicks' | 'valTicks'>> {
  /** As stored; absent where it is not in the record. */
  readonly symbol?: string;
  /** Rows with volume, from the lowest to the highest price; levels filled with zeros are left out. */
  readonly rows: readonly ForeignRow[];
  /** Number of levels that could not be read or came again. */
  readonly leftOutLevels: number;
  /** What is wrong, each once; empty for a sound record. */
  readonly problems: readonly ForeignProblem[];
}

/** A line that is no footprint. */
export interface RefusedLine {
  /** Number of the line, or of the record in a JSON array, from 1. */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

/**
 * The footprint of a parsed record. Point of control and value area are computed from its levels by this package's rules.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
 * const record = { t0: '2026-02-19T10:00:00Z', vol: 12, delta: 2, levels: [{ p: 100.25, bv: 5, av: 7 }] };
 * const { buyLots, sellLots } = readForeignFootprint(record, { layout: 'object-levels', grid });
 * [buyLots, sellLots]; // => [7, 5]
 * ```
 * @throws {@link FootprintError} `bad-json` for a record without a start or levels, one that ends before it starts, or one
 *   whose delta is that of another layout; `bad-option`.
 */
export function readForeignFootprint(record: unknown, options: ForeignOptions): ForeignFootprint {
  const { layout, grid, intervalMs } = checkedOptions(options);
  const fields = asObject(record);
  const startMs = timeOf(fields['t0'], 't0');
  const length = barLength(fields['bar_ms'], startMs);
  const endMs = 't1' in fields ? timeOf(fields['t1'], 't1') : startMs + (length ?? intervalMs);
  if (endMs <= startMs) throw wrong('t1', fields['t1'], 'after t0');
  const { rows, problems, leftOut } = rowsOf(fields['levels'], layout, grid);
  if (isThere(fields['bar_ms']) && length === undefined) problems.add('bad-length');
  const total = (of: (row: ForeignRow) => ExactInt): ExactInt => rows.map(of).reduce(addExact, 0);
  const [buyLots, sellLots] = [total((row) => row.buyLots), total((row) => row.sellLots)];
  const deltaLots = subtractExact(buyLots, sellLots);
  const inLevels = addExact(buyLots, sellLots);
  const [volume, statedDelta] = [lotsOf(grid, fields['vol']), signedLotsOf(grid, fields['delta'])];
  if ((isThere(fields['vol']) && volume === undefined) || (isThere(fields['delta']) && statedDelta === undefined)) {
    problems.add('bad-total');
  }
  const stated = volume ?? inLevels;
  const missing = subtractExact(stated, inLevels);
  if (compareExact(missing, 0) < 0) problems.add('volume-mismatch');
  const unknownLots = compareExact(missing, 0) > 0 ? missing : 0;

  if (statedDelta !== undefined && compareExact(statedDelta, deltaLots) !== 0) {
    if (compareExact(statedDelta, subtractExact(0, deltaLots)) === 0) {
      throw new FootprintError(
        'bad-json',
        `delta "${String(fields['delta'])}" is that of levels read the other way round. ${otherWay[layout]}, or drop the delta if you are sure.`,
        record,
      );
    }
    problems.add('delta-mismatch');
  }
  const area = rows.length > 0 ? valueArea(rows) : undefined;
  const { symbol } = fields;
  const prices = pricesOf(fields['ohlc'], grid);
  if (isThere(fields['ohlc']) && !prices) problems.add('bad-prices');
  return {
    ...(typeof symbol === 'string' ? { symbol } : {}),
    startMs,
    endMs,
    ...prices,
    volumeLots: addExact(inLevels, unknownLots),
    buyLots,
    sellLots,
    unknownLots,
    deltaLots,
    ...(area ? { pocTicks: area.pocTicks, vahTicks: area.vahTicks, valTicks: area.valTicks } : {}),
    rows,
    leftOutLevels: leftOut,
    problems: [...problems],
  };
}

const otherWay = {
  'object-levels': "Read them as 'idx-levels'",
  'array-levels': 'Exchange the second and the third of each level',
  'idx-levels': "Read them as 'object-levels'",
} as const satisfies Record<ForeignLayout, string>;

/**
 * The footprints of JSON lines, or of one JSON array of records; lines that begin with `#` (separators) and empty ones are
 * skipped. A line that is none is kept aside, and the rest goes on.
 * @throws {@link FootprintError} `bad-option`, also for anything but text: decode bytes with a TextDecoder.
 */
export function readForeignLines(
  text: string,
  options: ForeignOptions,
): { readonly footprints: readonly ForeignFootprint[]; readonly refused: readonly RefusedLine[] } {
  checkedOptions(options);
  if (typeof text !== 'string') {
    throw new FootprintError('bad-option', `text is of type "${typeof text}". Pass a string.`, text);
  }
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const footprints: ForeignFootprint[] = [];
  const refused: RefusedLine[] = [];
  const read = (line: number, raw: string, parse: () => unknown): void => {
    try {
      footprints.push(readForeignFootprint(parse(), options));
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof FootprintError && error.code === 'bad-json'))
        throw error;
      refused.push({ line, reason: error.message, text: raw });
    }
  };
  const records = arrayOf(body);
  if (records) {
    for (const [i, record] of records.entries()) read(i + 1, JSON.stringify(record), () => record);
    return { footprints, refused };
  }
  for (const [i, line] of body.split('\n').entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    read(i + 1, line, () => JSON.parse(line) as unknown);
  }
  return { footprints, refused };
}

function checkedOptions(options: ForeignOptions): Required<ForeignOptions> {
  checkOptions(options, '{ layout, grid }');
  const all = { ...foreignDefaults, ...options };
  checkGrid(all.grid);
  checkWord('layout', all.layout, ['object-levels', 'array-levels', 'idx-levels']);
  checkWhole('intervalMs', all.intervalMs);
  return all;
}

/** The records of text that is one JSON array as a whole. */
function arrayOf(text: string): readonly unknown[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    return JSON.parse(text) as readonly unknown[];
  } catch {
    return undefined;
  }
}

function rowsOf(
  levels: unknown,
  layout: ForeignLayout,
  grid: Grid,
): { readonly rows: ForeignRow[]; readonly problems: Set<ForeignProblem>; readonly leftOut: number } {
  if (!Array.isArray(levels)) throw wrong('levels', levels, 'a list of levels');
  const problems = new Set<ForeignProblem>();
  const byPrice = new Map<number, ForeignRow>();
  let leftOut = 0;
  for (const level of levels as readonly unknown[]) {
    const row = rowOf(level, layout, grid);
    if (row && !byPrice.has(row.priceTicks)) {
      if (row.buyLots !== 0 || row.sellLots !== 0) byPrice.set(row.priceTicks, row);
      continue;
    }
    problems.add(row ? 'repeated-level' : 'bad-level');
    leftOut += 1;
  }
  return { rows: [...byPrice.values()].sort((a, b) => a.priceTicks - b.priceTicks), problems, leftOut };
}

/** A level; `undefined` for one that is none, which is left out as a whole. */
function rowOf(level: unknown, layout: ForeignLayout, grid: Grid): ForeignRow | undefined {
  if (typeof level !== 'object' || level === null || Array.isArray(level) !== (layout === 'array-levels'))
    return undefined;
  const fields = level as Readonly<Record<string, unknown>>;
  const [price, bid, ask] =
    layout === 'array-levels' ? [fields['0'], fields['1'], fields['2']] : [fields['p'], fields['bv'], fields['av']];
  const [first, second] = [lotsOf(grid, bid), lotsOf(grid, ask)];
  const priceTicks = ticksOf(grid, price);
  if (priceTicks === undefined || first === undefined || second === undefined) return undefined;
  const [buyLots, sellLots] = layout === 'idx-levels' ? [first, second] : [second, first];
  const [bids, asks] = [fields['bt'], fields['at']];
  const hasCounts = layout === 'object-levels' && isCount(bids) && isCount(asks);
  return { priceTicks, buyLots, sellLots, unknownLots: 0, ...(hasCounts ? { buyTrades: asks, sellTrades: bids } : {}) };
}

function pricesOf(
  ohlc: unknown,
  grid: Grid,
): Pick<FootprintBar, 'openTicks' | 'highTicks' | 'lowTicks' | 'closeTicks'> | undefined {
  if (typeof ohlc !== 'object' || ohlc === null) return undefined;
  const { o, h, l, c } = ohlc as Readonly<Record<string, unknown>>;
  const [openTicks, highTicks, lowTicks, closeTicks] = [o, h, l, c].map((price) => ticksOf(grid, price));
  if (openTicks === undefined || highTicks === undefined || lowTicks === undefined || closeTicks === undefined)
    return undefined;
  const isRange = lowTicks <= Math.min(openTicks, closeTicks) && highTicks >= Math.max(openTicks, closeTicks);
  return isRange ? { openTicks, highTicks, lowTicks, closeTicks } : undefined;
}

function asObject(record: unknown): Readonly<Record<string, unknown>> {
  if (typeof record === 'object' && record !== null && !Array.isArray(record)) {
    return record as Readonly<Record<string, unknown>>;
  }
  throw wrong('record', record, 'an object');
}

/** Without its zone, a time would be that of the machine that reads it. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** The last time of a Date. */
const LAST_TIME = 8.64e15;

/** ISO 8601 or epoch milliseconds. */
function timeOf(value: unknown, name: string): number {
  const timeMs = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : value;
  if (typeof timeMs === 'number' && Number.isSafeInteger(timeMs) && Math.abs(timeMs) <= LAST_TIME) return timeMs;
  throw wrong(name, value, 'a time as ISO 8601 with its zone, or epoch milliseconds');
}

function barLength(value: unknown, startMs: number): number | undefined {
  const isLength =
    typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && startMs + value <= LAST_TIME;
  return isLength ? value : undefined;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function ticksOf(grid: Grid, price: unknown): number | undefined {
  return onGrid(price, (value) => grid.toTicks(value));
}

/** Lots of at least 0. */
function lotsOf(grid: Grid, size: unknown): number | undefined {
  const lots = onGrid(size, (value) => grid.toLots(value));
  return lots !== undefined && lots >= 0 ? lots : undefined;
}

function signedLotsOf(grid: Grid, size: unknown): number | undefined {
  return onGrid(size, (value) => grid.toLots(value));
}

function onGrid(value: unknown, read: (value: number | string) => number): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  try {
    return read(value);
  } catch (error) {
    if (isOrderflowError(error)) return undefined;
    throw error;
  }
}

function wrong(name: string, value: unknown, expected: string): FootprintError {
  return new FootprintError('bad-json', `Field ${name} "${shown(value)}" is not ${expected}.`, value);
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 40);
  try {
    return JSON.stringify(value).slice(0, 40);
  } catch {
    // A circle, or a bigint inside.
    return Object.prototype.toString.call(value);
  }
}
