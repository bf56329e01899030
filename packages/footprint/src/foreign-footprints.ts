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
 * do not agree with its levels is read, and says so in `problems`. Volume of the bar that no level has is unknown volume.
 */
import { isOrderflowError } from '@tapekit/orderflow/errors';
import { addExact, compareExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import { FootprintError } from './errors.ts';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import { checkGrid, checkWhole, checkWord } from './internal/option-checks.ts';
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

/** What does not agree in a record: its total with its levels, or a level with the grid. */
export type ForeignProblem = 'volume-mismatch' | 'delta-mismatch' | 'bad-level' | 'repeated-level';

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
  /** What does not agree; empty for a sound record. */
  readonly problems: readonly ForeignProblem[];
}

/** A line that is no footprint. */
export interface RefusedLine {
  /** Number of the line, from 1. */
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
 * @throws {@link FootprintError} `bad-json` for a record without a start or levels, or one whose delta is that of another
 *   layout; `bad-option`.
 */
export function readForeignFootprint(record: unknown, options: ForeignOptions): ForeignFootprint {
  const { layout, grid, intervalMs } = { ...foreignDefaults, ...options };
  checkGrid(grid);
  checkWord('layout', layout, ['object-levels', 'array-levels', 'idx-levels']);
  checkWhole('intervalMs', intervalMs);
  const fields = asObject(record);
  const startMs = timeOf(fields['t0'], 't0');
  const endMs = 't1' in fields ? timeOf(fields['t1'], 't1') : startMs + barLength(fields['bar_ms'], intervalMs);
  const { rows, problems } = rowsOf(fields['levels'], layout, grid);
  const total = (of: (row: ForeignRow) => ExactInt): ExactInt => rows.map(of).reduce(addExact, 0);
  const [buyLots, sellLots] = [total((row) => row.buyLots), total((row) => row.sellLots)];
  const deltaLots = subtractExact(buyLots, sellLots);
  const inLevels = addExact(buyLots, sellLots);
  const stated = lotsOf(grid, fields['vol']) ?? inLevels;
  const missing = subtractExact(stated, inLevels);
  if (compareExact(missing, 0) < 0) problems.add('volume-mismatch');
  const unknownLots = compareExact(missing, 0) > 0 ? missing : 0;

  const statedDelta = signedLotsOf(grid, fields['delta']);
  if (statedDelta !== undefined && compareExact(statedDelta, deltaLots) !== 0) {
    if (compareExact(statedDelta, subtractExact(0, deltaLots)) === 0) {
      throw new FootprintError(
        'bad-json',
        `delta "${String(fields['delta'])}" is that of levels read the other way round. Read them as ` +
          `${layout === 'idx-levels' ? "'object-levels'" : "'idx-levels'"}, or drop the delta if you are sure.`,
        record,
      );
    }
    problems.add('delta-mismatch');
  }
  const area = rows.length > 0 ? valueArea(rows) : undefined;
  const { symbol } = fields;
  return {
    ...(typeof symbol === 'string' ? { symbol } : {}),
    startMs,
    endMs,
    ...pricesOf(fields['ohlc'], grid),
    volumeLots: addExact(inLevels, unknownLots),
    buyLots,
    sellLots,
    unknownLots,
    deltaLots,
    ...(area ? { pocTicks: area.pocTicks, vahTicks: area.vahTicks, valTicks: area.valTicks } : {}),
    rows,
    problems: [...problems],
  };
}

/**
 * The footprints of JSON lines; lines that begin with `#` (separators) and empty ones are skipped. A line that is none is
 * kept aside, and the rest goes on.
 * @throws {@link FootprintError} `bad-option`.
 */
export function readForeignLines(
  text: string,
  options: ForeignOptions,
): { readonly footprints: readonly ForeignFootprint[]; readonly refused: readonly RefusedLine[] } {
  checkGrid(options.grid);
  checkWord('layout', options.layout, ['object-levels', 'array-levels', 'idx-levels']);
  const footprints: ForeignFootprint[] = [];
  const refused: RefusedLine[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    try {
      footprints.push(readForeignFootprint(JSON.parse(line), options));
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof FootprintError && error.code === 'bad-json'))
        throw error;
      refused.push({ line: i + 1, reason: error.message, text: line });
    }
  }
  return { footprints, refused };
}

function rowsOf(
  levels: unknown,
  layout: ForeignLayout,
  grid: Grid,
): { readonly rows: ForeignRow[]; readonly problems: Set<ForeignProblem> } {
  if (!Array.isArray(levels)) throw wrong('levels', levels, 'a list of levels');
  const problems = new Set<ForeignProblem>();
  const byPrice = new Map<number, ForeignRow>();
  for (const level of levels as readonly unknown[]) {
    const row = rowOf(level, layout, grid);
    if (row === undefined) problems.add('bad-level');
    else if (byPrice.has(row.priceTicks)) problems.add('repeated-level');
    else if (row.buyLots !== 0 || row.sellLots !== 0) byPrice.set(row.priceTicks, row);
  }
  return { rows: [...byPrice.values()].sort((a, b) => a.priceTicks - b.priceTicks), problems };
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
): Partial<Pick<FootprintBar, 'openTicks' | 'highTicks' | 'lowTicks' | 'closeTicks'>> {
  if (typeof ohlc !== 'object' || ohlc === null) return {};
  const { o, h, l, c } = ohlc as Readonly<Record<string, unknown>>;
  const [openTicks, highTicks, lowTicks, closeTicks] = [o, h, l, c].map((price) => ticksOf(grid, price));
  if (openTicks === undefined || highTicks === undefined || lowTicks === undefined || closeTicks === undefined)
    return {};
  return { openTicks, highTicks, lowTicks, closeTicks };
}

function asObject(record: unknown): Readonly<Record<string, unknown>> {
  if (typeof record === 'object' && record !== null && !Array.isArray(record)) {
    return record as Readonly<Record<string, unknown>>;
  }
  throw wrong('record', record, 'an object');
}

/** ISO 8601 or epoch milliseconds. */
function timeOf(value: unknown, name: string): number {
  const timeMs = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof timeMs === 'number' && Number.isSafeInteger(timeMs) && Math.abs(timeMs) <= 8.64e15) return timeMs;
  throw wrong(name, value, 'a time as ISO 8601 or epoch milliseconds');
}

function barLength(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : otherwise;
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
  const shown = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined)?.slice(0, 40);
  return new FootprintError('bad-json', `Field ${name} "${shown ?? 'undefined'}" is not ${expected}.`, value);
}
