/**
 * Footprints on several cores of one machine, in Node: tapes in columns, and files of JSON lines, over worker threads.
 *
 * The result is byte for byte that of one core. A tape in order of time is cut between bars and its slices are done at
 * the same time; a tape with a late print, or any other that is not for the fast path of `footprintsOfColumns`, is done
 * by one thread, after the slices showed it. A file is cut at line ends.
 *
 * Memory is that of the results and of a few parts, and about 60 bytes a print of what a thread must do at once: a bar
 * that is longer than a part, and a whole tape where prints are late.
 *
 * Threads run the WebAssembly kernel where its file stands beside the package, and TypeScript elsewhere.
 *
 * Columns and bytes over a `SharedArrayBuffer` are read where they are ({@link sharedTradeColumns}); do not write to them
 * meanwhile. Others are copied, a slice at a time, which takes about as long as the second thread saves.
 *
 * On Node 20, which is out of support, ending a thread at work aborted the process in one of some 700 calls, never on Node 24:
 * keep one pool there.
 */
// eslint-disable-next-line no-restricted-imports -- this entry is for Node
import { availableParallelism } from 'node:os';
import type { NumberColumn, TradeColumns } from '@tapekit/orderflow/columns';
import { imbalanceColumnsDefaults } from './columns-imbalances.ts';
import { FootprintError } from './errors.ts';
import { footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumns, FootprintColumnsOptions } from './footprint-columns.ts';
import { tradeCount } from './internal/columns-door.ts';
import { checkImbalanceRule, type ImbalanceRule } from './internal/imbalance-rule.ts';
import { checkGrid, checkOptions, checkWhole } from './internal/option-checks.ts';
import type { TapeOptions } from './internal/workers/cut-tape.ts';
import { cutFile, footprintsOfFile, type LinesOptions } from './internal/workers/files.ts';
import { sharedBytes } from './internal/workers/shared-bytes.ts';
import { footprintsOfTape } from './internal/workers/tapes.ts';
import { WorkerPool, type Batch } from './internal/workers/worker-pool.ts';
import { timeBarsDefaults } from './time-bars.ts';
import { createTradeLines, tradeLinesDefaults } from './trade-lines.ts';
import type { MalformedLine, TradeLinesOptions, TradeLinesStats } from './trade-lines.ts';

/** What {@link createFootprintWorkers} is made with. */
export interface FootprintWorkersOptions {
  /**
   * Number of threads.
   * @defaultValue the cores that the process may use
   */
  readonly threads?: number;
  /**
   * Fewest trades of a slice: a tape of less than two such slices is done by one thread.
   * @defaultValue 65,536
   */
  readonly minSliceTrades?: number;
  /**
   * Most bytes of a file that a thread takes at a time; a longer line is not cut.
   * @defaultValue 8 MiB
   */
  readonly chunkBytes?: number;
  /**
   * The script of the threads, for programs that were bundled into one file: `internal/workers/slice-worker.js` of this
   * package's `dist`, wherever it was put.
   * @defaultValue the one beside this module
   * @remarks A `file:` or `data:` URL.
   */
  readonly workerUrl?: URL;
}

/** The defaults of {@link FootprintWorkersOptions}. */
export const footprintWorkersDefaults = {
  minSliceTrades: 65_536,
  chunkBytes: 8 << 20,
} as const satisfies Partial<FootprintWorkersOptions>;

/** How one call may be ended. */
export interface WorkersRunOptions {
  /** Ends the call, and the threads that work on it. */
  readonly signal?: AbortSignal;
}

/** What is made of tapes. */
export interface TapesOptions extends FootprintColumnsOptions {
  /**
   * Finds the imbalances of every row too, in the threads: what `imbalancesOfColumns` gives by the same rule comes as
   * `imbalances` with the bars. What is left out of the rule has the value of `imbalanceColumnsDefaults`.
   * @defaultValue none: no imbalances
   */
  readonly imbalances?: Partial<ImbalanceRule>;
  /**
   * Puts bars into shared memory, to which the threads write them, and takes for those of tape `i` the memory of entry
   * `i`: bars that an earlier call gave with this option and nobody reads any more, as far as the new ones fit into it.
   * `[]` for the first call. Whatever becomes of the call, the arrays of the entries must not be read afterwards. For loops
   * over many tapes: to put the bars of all threads together and fresh memory for them cost as much as to find them.
   *
   * What stands in shared memory can be sent to other threads, but not moved to them. A tape that is done by one thread has
   * memory of its own. Entries that were not made so are left as they are.
   * @defaultValue none: all bars have memory of their own
   */
  readonly reuse?: readonly FootprintColumns[];
}

/** Bars of a tape; with `imbalances`, a flag a row as `imbalancesOfColumns` gives them, where they were asked for. */
export type TapeFootprints = FootprintColumns & { readonly imbalances?: Uint8Array };

/** JSON lines: a path or a file URL of a regular file, or the bytes. */
export type LinesFile = string | URL | Uint8Array;

/** How files are read, and what becomes of their trades. */
export interface LinesFootprintsOptions
  extends FootprintColumnsOptions, Pick<TradeLinesOptions, 'grid' | 'fields' | 'maxLineBytes'> {
  /**
   * Called with each line that holds no trade of the grid, in the order of its file; `file` is the file's index.
   * @defaultValue none: such lines are counted only
   */
  readonly onMalformed?: (line: MalformedLine, file: number) => void;
}

/** What became of the lines of a file. `lines = trades + blank + malformed`. */
export interface FileStats extends Pick<TradeLinesStats, 'lines' | 'blank' | 'malformed'> {
  /** Lines that hold a trade. */
  readonly trades: number;
}

/** The bars of a file. */
export interface FileFootprints {
  readonly footprints: FootprintColumns;
  readonly stats: FileStats;
}

/**
 * Threads that wait for work; made by {@link createFootprintWorkers}. They start with the first call and do not keep the
 * process up while they wait. End them with `close()`, or declare them with `await using`.
 */
export interface FootprintWorkers {
  /** Number of threads, at most. */
  readonly threads: number;
  /**
   * The bars of each tape, as `footprintsOfColumns` gives them.
   * @throws {@link FootprintError} and OrderflowError as `footprintsOfColumns` and `imbalancesOfColumns`; `worker-lost` when
   *   a thread dies, which names the slice; the signal's reason. The pool can be used on.
   */
  footprintsOfTapes(
    tapes: readonly TradeColumns[],
    options: TapesOptions,
    run?: WorkersRunOptions,
  ): Promise<TapeFootprints[]>;
  /**
   * The bars of each file, as `createTradeLines` and `footprintsOfColumns` give them.
   * @throws as {@link FootprintWorkers.footprintsOfTapes}; `bad-option` for a pipe or a device; `file-changed` for a file
   *   that became shorter; the system's error for one that cannot be read.
   */
  footprintsOfFiles(
    files: readonly LinesFile[],
    options: LinesFootprintsOptions,
    run?: WorkersRunOptions,
  ): Promise<FileFootprints[]>;
  /** Ends every thread; calls that are not done are rejected with `worker-lost`. Done when no thread is left. */
  close(): Promise<void>;
  /** {@link FootprintWorkers.close}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Threads for footprints.
 *
 * @example
 * ```ts
 * await using workers = createFootprintWorkers({ threads: 2 });
 * const trades = { timeMs: [0, 1000], priceTicks: [21, 20], sizeLots: [3, 1], side: [1, -1] };
 * const [footprints] = await workers.footprintsOfTapes([trades], { intervalMs: 60_000 });
 * footprints?.pocTicks[0]; // => 21
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createFootprintWorkers(options: FootprintWorkersOptions = {}): FootprintWorkers {
  const {
    threads = availableParallelism(),
    minSliceTrades,
    chunkBytes,
    workerUrl = beside,
  } = {
    ...footprintWorkersDefaults,
    ...options,
  };
  checkWhole('threads', threads, 1, 1024);
  checkWhole('minSliceTrades', minSliceTrades);
  checkWhole('chunkBytes', chunkBytes);
  checkScript(workerUrl);
  const pool = new WorkerPool(workerUrl, threads);
  // A slow thread then holds up a part of a share, not a share.
  const slices = threads * SLICES_A_THREAD;
  return {
    threads,
    footprintsOfTapes: (tapes, asked, run) =>
      inBatch(pool, run, (batch) => {
        checkList('tapes', tapes, 'tapes in columns');
        const { used, ...options } = tapesOptions(asked);
        const size = { slices: options.isShared ? threads * ROOM_SLICES_A_THREAD : slices, minSliceTrades };
        // Also of a hole, which `map` would leave out.
        for (const tape of [...tapes]) tradeCount(tape);
        return Promise.all(
          tapes.map((tape, i) => footprintsOfTape(pool, batch, tape, i, { ...options, used: used[i] }, size)),
        );
      }),
    footprintsOfFiles: (files, asked, run) =>
      inBatch(pool, run, async (batch) => {
        checkList('files', files, 'paths, file URLs or bytes');
        checkOptions(asked, '{ grid, fields, intervalMs: 60_000 }');
        const { onMalformed } = asked;
        const lines = linesOptions(asked);
        const running: Promise<FileFootprints>[] = [];
        // One after the other, so that few are open at a time.
        for (const [i, file] of files.entries()) {
          const name = file instanceof Uint8Array ? `file ${i}` : `"${String(file)}"`;
          const cut = await cutFile(file, name, { chunks: slices, chunkBytes });
          const tell = onMalformed && ((line: MalformedLine): void => onMalformed(line, i));
          const result = footprintsOfFile(pool, batch, cut, { ...lines, onMalformed: tell });
          result.catch(() => undefined);
          running.push(result);
          if (batch.cancelled) break;
        }
        return Promise.all(running);
      }),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/**
 * {@link FootprintWorkers.footprintsOfTapes} with threads that end with the call.
 */
export async function footprintsInParallel(
  tapes: readonly TradeColumns[],
  options: TapesOptions,
  workers: FootprintWorkersOptions & WorkersRunOptions = {},
): Promise<TapeFootprints[]> {
  const pool = createFootprintWorkers(workers);
  try {
    return await pool.footprintsOfTapes(tapes, options, workers);
  } finally {
    await pool.close();
  }
}

/**
 * {@link FootprintWorkers.footprintsOfFiles} with threads that end with the call.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
 * const line = new TextEncoder().encode('{"T":5,"p":"10.01","q":"0.002","m":true}\n');
 * const asked = { grid, fields: tradeLineFields.binance, intervalMs: 60_000 };
 * const [file] = await footprintsOfFiles([line], asked, { threads: 1 });
 * [file?.stats.trades, file?.footprints.sellLots[0]]; // => [1, 2]
 * ```
 */
export async function footprintsOfFiles(
  files: readonly LinesFile[],
  options: LinesFootprintsOptions,
  workers: FootprintWorkersOptions & WorkersRunOptions = {},
): Promise<FileFootprints[]> {
  const pool = createFootprintWorkers(workers);
  try {
    return await pool.footprintsOfFiles(files, options, workers);
  } finally {
    await pool.close();
  }
}

/**
 * The same trades in memory that threads share: made once, no slice of them is copied again. Whole prices of 32 bits come
 * out as such, which is what the engine reads.
 * @throws {@link FootprintError} `bad-option`; OrderflowError `bad-columns`.
 */
export function sharedTradeColumns(trades: TradeColumns): TradeColumns {
  const rows = tradeCount(trades);
  const { timeMs, priceTicks, sizeLots, side } = trades;
  const room = (bytesOfOne: number): SharedArrayBuffer => sharedBytes(rows * bytesOfOne);
  const sides = new Int8Array(room(1));
  for (let i = 0; i < rows; i += 1) sides[i] = side[i] === 1 ? 1 : side[i] === -1 ? -1 : 0;
  const isInt32 = (column: NumberColumn): boolean => {
    for (let i = 0; i < rows; i += 1) if (column[i] !== (column[i]! | 0)) return false;
    return true;
  };
  const shared = (column: NumberColumn, narrow: boolean): Float64Array | Int32Array => {
    const copy = narrow ? new Int32Array(room(4)) : new Float64Array(room(8));
    copy.set(column);
    return copy;
  };
  return {
    timeMs: shared(timeMs, false),
    priceTicks: shared(priceTicks, isInt32(priceTicks)),
    sizeLots: shared(sizeLots, isInt32(sizeLots)),
    side: sides,
  };
}

const SLICES_A_THREAD = 4;
/** Of a tape whose bars go into shared memory: a slice that is still in the cache goes to its place sooner. */
const ROOM_SLICES_A_THREAD = 8;
const noTrades: TradeColumns = { timeMs: [], priceTicks: [], sizeLots: [], side: [] };

/** In a build the script stands beside the modules, as it does in the sources. */
const beside = new URL(
  `./internal/workers/slice-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
  import.meta.url,
);

function checkScript(workerUrl: unknown): void {
  if (workerUrl instanceof URL && (workerUrl.protocol === 'file:' || workerUrl.protocol === 'data:')) return;
  throw new FootprintError(
    'bad-option',
    `workerUrl "${String(workerUrl)}" is no file URL. Pass new URL('./slice-worker.js', import.meta.url), for example.`,
    workerUrl,
  );
}

function checkList(name: string, list: unknown, of: string): void {
  if (Array.isArray(list)) return;
  throw new FootprintError('bad-option', `${name} "${String(list)}" is no array. Pass an array of ${of}.`, list);
}

/** Only what a thread needs, checked before one starts. */
function plainOptions(options: FootprintColumnsOptions): TapeOptions['options'] {
  checkOptions(options, '{ intervalMs: 60_000 }');
  const { intervalMs, rowTicks, valueAreaPercent, retainBars, maxJumpMs } = { ...timeBarsDefaults, ...options };
  const plain = { intervalMs, rowTicks, valueAreaPercent, retainBars, maxJumpMs };
  footprintsOfColumns(noTrades, plain);
  return plain;
}

function tapesOptions(asked: TapesOptions): Omit<TapeOptions, 'used'> & { readonly used: readonly FootprintColumns[] } {
  const options = plainOptions(asked);
  const { imbalances, reuse } = asked;
  if (reuse !== undefined) checkList('reuse', reuse, 'bars of an earlier call, or none');
  return {
    options,
    imbalances: imbalances === undefined ? undefined : plainRule(imbalances),
    isShared: reuse !== undefined,
    used: reuse ?? [],
  };
}

function plainRule(asked: Partial<ImbalanceRule>): ImbalanceRule {
  checkOptions(asked, '{ ratio: 3 }');
  const names = Object.keys(imbalanceColumnsDefaults) as (keyof ImbalanceRule)[];
  const all: ImbalanceRule = { ...imbalanceColumnsDefaults, ...asked };
  checkImbalanceRule(all);
  return Object.fromEntries(names.map((name) => [name, all[name]])) as unknown as ImbalanceRule;
}

function linesOptions(asked: LinesFootprintsOptions): Omit<LinesOptions, 'onMalformed'> {
  const { grid, fields, maxLineBytes, onMalformed } = { ...tradeLinesDefaults, ...asked };
  checkGrid(grid);
  createTradeLines({ grid, fields, maxLineBytes });
  return {
    grid: { tickSize: grid.tickSize, lotSize: grid.lotSize },
    fields,
    maxLineBytes,
    keepsMalformed: onMalformed !== undefined,
    options: plainOptions(asked),
  };
}

/** Runs one call: its tasks end with it, whichever way it ends. */
async function inBatch<Result>(
  pool: WorkerPool,
  run: WorkersRunOptions | undefined,
  work: (batch: Batch) => Promise<Result>,
): Promise<Result> {
  const signal = run?.signal;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new FootprintError('bad-option', `signal "${String(signal)}" is no AbortSignal. Pass one, or none.`, signal);
  }
  signal?.throwIfAborted();
  const batch: Batch = {};
  const onAbort = (): void => pool.cancel(batch, signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(batch);
  } catch (error) {
    pool.cancel(batch, error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
