/** Columns to footprints: our engines, a column database, a C loop. A new engine is a line in {@link engines}. */
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { imbalancesOfColumns } from '@tapekit/footprint/columns-imbalances';
import { footprintsOfColumns } from '@tapekit/footprint/footprint-columns';
import type { FootprintColumns } from '@tapekit/footprint/footprint-columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { cKernel } from './c-kernel.ts';
import type { TimedRun, Variant } from './contest.ts';
import { digestsOfColumns } from './digest.ts';
import type { DuckDb } from './duckdb.ts';
import { throwUnlessAbsent, workspaceModule } from './peers.ts';
import { MINUTE_MS } from './seeded-tape.ts';
import type { Tape } from './seeded-tape.ts';
import type { TradeLinesMaker } from './bytes-door.ts';

const options = { intervalMs: MINUTE_MS };
type Options = typeof options;

/** The WebAssembly engine, as much of it as is measured. */
export interface Kernel {
  footprintsOfColumns(trades: TradeColumns, options: Options & { readonly reuse?: FootprintColumns }): FootprintColumns;
  readonly createTradeLines: TradeLinesMaker;
}

interface ThreadsOptions {
  readonly imbalances: object;
  readonly reuse: readonly FootprintColumns[];
}

/** Threads, as much of them as is measured: they find the imbalances too. */
interface Threads {
  footprintsOfTapes(
    tapes: readonly TradeColumns[],
    asked: Options & ThreadsOptions,
  ): Promise<(FootprintColumns & { readonly imbalances?: Uint8Array })[]>;
  close(): Promise<void>;
}

interface ThreadsModule {
  createFootprintWorkers(options: { threads: number }): Threads;
  sharedTradeColumns(trades: TradeColumns): TradeColumns;
}

/** The WebAssembly engine; `undefined` where this checkout has none. */
export async function loadWasm(): Promise<Kernel | undefined> {
  type Module = { loadKernel(bytes: Uint8Array): Promise<Kernel> };
  const module = await workspaceModule<Module>('@tapekit/footprint/wasm');
  if (!module) return undefined;
  try {
    return await module.loadKernel(readFileSync(fileURLToPath(import.meta.resolve('@tapekit/footprint/kernel.wasm'))));
  } catch (error) {
    throwUnlessAbsent(error);
    return undefined;
  }
}

/** Variants of the columns door, what could not be run, and what to call at the end. */
export interface ColumnsDoor {
  readonly variants: readonly Variant[];
  readonly missing: readonly string[];
  readonly close: () => Promise<void>;
}

export async function columnsDoor(
  tape: Tape,
  dir: string,
  wasm: Kernel | undefined,
  duckDb: DuckDb | undefined,
): Promise<ColumnsDoor> {
  const missing: string[] = [];
  const threadsModule = await workspaceModule<ThreadsModule>('@tapekit/footprint/workers');
  const threads = threadsModule?.createFootprintWorkers({ threads: Math.min(2, availableParallelism()) });
  const shared = threadsModule?.sharedTradeColumns(tape);
  if (!wasm) missing.push('ours, WebAssembly (not in this checkout)');
  if (!threads) missing.push('ours, two threads (not in this checkout)');
  const engines: Variant[] = [
    engine(
      'ours, TypeScript',
      tape,
      withFlags((reuse) => footprintsOfColumns(tape, { ...options, ...reuse })),
    ),
    ...(wasm
      ? [
          engine(
            'ours, WebAssembly',
            tape,
            withFlags((reuse) => wasm.footprintsOfColumns(tape, { ...options, ...reuse })),
          ),
        ]
      : []),
    ...(threads
      ? [
          {
            ...engine('ours, two threads', tape, byThreads(threads, shared!)),
            note: 'the tape lies in shared memory before the clock starts',
          },
          {
            ...engine('ours, two threads, any columns', tape, byThreads(threads, tape)),
            note: 'each slice is copied to its thread',
          },
        ]
      : []),
  ];
  const compiled = cKernel(tape, dir);
  if (!compiled) missing.push('C loop (no gcc)');
  if (!duckDb) missing.push('DuckDB (bench/peers is not installed)');
  return {
    variants: [...engines, ...(compiled ? [compiled] : []), ...((await duckDb?.parquet(tape)) ?? [])],
    missing,
    close: async () => threads?.close(),
  };
}

interface Made {
  readonly columns: FootprintColumns;
  readonly flags: Uint8Array;
}

/** The result of a run is the memory of the next one, as in the C loop. */
type Make = (used: Made | undefined) => Made | Promise<Made>;

/** An engine whose bars come without imbalances: those are found on the columns that it gives. */
function withFlags(make: (reuse: { readonly reuse?: FootprintColumns }) => FootprintColumns): Make {
  return (used) => {
    const columns = make(used ? { reuse: used.columns } : {});
    return { columns, flags: imbalancesOfColumns(columns, used ? { reuse: used.flags } : {}) };
  };
}

function byThreads(threads: Threads, tape: TradeColumns): Make {
  return async (used) => {
    const asked = { ...options, imbalances: {}, reuse: used ? [used.columns] : [] };
    const [columns] = await threads.footprintsOfTapes([tape], asked);
    return { columns: columns!, flags: columns!.imbalances! };
  };
}

/** As the process of the C loop does it: a pass to warm up, then some that are timed, each in the memory of the one before. */
const PASSES = 5;

function engine(name: string, tape: Tape, make: Make): Variant {
  let last: Made | undefined;
  const pass = async (): Promise<void> => {
    const used = last;
    last = undefined;
    last = await make(used);
  };
  return {
    name,
    trades: tape.timeMs.length,
    run: async (): Promise<TimedRun> => {
      await pass();
      const cpuStart = process.cpuUsage();
      const start = performance.now();
      for (let i = 1; i < PASSES; i += 1) await pass();
      const seconds = (performance.now() - start) / 1000;
      const { user, system } = process.cpuUsage(cpuStart);
      return { seconds: seconds / (PASSES - 1), cpuSeconds: (user + system) / 1e6 / (PASSES - 1) };
    },
    digests: () => digestsOfColumns(last!.columns, last!.flags),
  };
}
