/**
 * Housecleaning on several cores of one machine, in Node: each thread takes the days of one symbol at a time, with a store
 * of its own. One report for all, as from one thread.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  finishParts,
  listCells,
  runPart,
  tallyForeign,
  type HousecleaningOptions,
  type SanityReport,
} from '@tapekit/housecleaning/housecleaning';
import type { Cell } from '@tapekit/housecleaning/keys';
import { AdaptersError } from '../errors.ts';
import { partOfLost } from '../internal/fan-out/lost-part.ts';
import { scriptUrl } from '../internal/script-url.ts';
import type { ThreadAnswer, ThreadJob, ThreadMessage, ThreadStart } from '../internal/threads/messages.ts';

/** How a run is spread. */
export interface ThreadsOptions {
  /**
   * Threads, at most.
   * @defaultValue the cores that the process may use
   */
  readonly threads?: number;
  /**
   * A module that exports `createOptions(data): HousecleaningOptions | Promise<HousecleaningOptions>`. Stores and
   * calendars cannot be sent to a thread, so each makes its own; it must mean the same as the options of the run.
   */
  readonly module: URL;
  /** What `createOptions` gets: anything that structured cloning takes. */
  readonly data?: unknown;
  /**
   * The script of the threads, for programs that were bundled into one file: `internal/threads/housecleaning-thread.js` of
   * this package's `dist`, wherever it was put.
   * @defaultValue the one of this package
   */
  readonly script?: URL;
}

const threadScript = 'internal/threads/housecleaning-thread';

/**
 * {@link runHousecleaning} over threads. The main thread lists the cells, writes the report and hears `onEvent`; an abort of
 * `signal` ends every thread at its next step. The cells of a thread that dies are reported with the reason, the others go
 * on.
 *
 * @throws AdaptersError `bad-option`; HousecleaningError as `runHousecleaning`; after the report was written, what `onEvent`
 *   threw first
 */
export async function runInThreads(options: HousecleaningOptions, spread: ThreadsOptions): Promise<SanityReport> {
  const { threads = availableParallelism(), module, data, script = scriptUrl(threadScript) } = spread;
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new AdaptersError('bad-option', `threads is "${threads}", expected a whole number from 1 to 256.`, {
      value: threads,
    });
  }
  const foreign = tallyForeign();
  const cells = options.cells ?? (await collect(listCells({ ...options, foreign })));
  const shards = shardsOf(cells);
  const runId = options.runId ?? crypto.randomUUID();
  const all = { ...options, runId };
  const { signal } = all;
  const seen = options.cells ? undefined : foreign.found();
  if (shards.length <= 1) return finishParts(all, [await runPart({ ...all, cells })], seen);

  const parts = new Array<SanityReport>(shards.length);
  const tally = createTally(options, cells.length);
  const { tell } = tally;
  let next = 0;
  const lane = async (): Promise<void> => {
    let thread: Thread | undefined;
    try {
      while (next < shards.length) {
        const i = next;
        next += 1;
        const shard = shards[i]!;
        const job: ThreadJob = { cells: shard, runId, share: shard.length / cells.length };
        thread ??= startThread(script, { module: module.href, data }, tell, signal);
        try {
          parts[i] = await thread.run(job);
        } catch (reason) {
          thread = undefined;
          parts[i] = await partOfLost({ ...all, ...job, onEvent: tell }, shard, reason);
        }
      }
    } finally {
      await thread?.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, shards.length) }, lane));
  const report = await finishParts(all, parts, seen);
  tally.assertHeard();
  return report;
}

type Listener = NonNullable<HousecleaningOptions['onEvent']>;

/** Cells of one symbol each, in the order of their keys. */
function shardsOf(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const shards = new Map<string, Cell[]>();
  for (const cell of cells) {
    const shard = shards.get(cell.symbol);
    if (shard) shard.push(cell);
    else shards.set(cell.symbol, [cell]);
  }
  return [...shards.values()];
}

/** Every thread counts its own cells: to the caller they are those of one run. */
function createTally(
  { onEvent }: HousecleaningOptions,
  cells: number,
): { readonly tell: Listener; readonly assertHeard: () => void } {
  let started = 0;
  let finished = 0;
  const problems: unknown[] = [];
  const pass: Listener = (event) => {
    try {
      onEvent?.(event);
    } catch (error) {
      problems.push(error);
    }
  };
  pass({ type: 'run-started', cells });
  return {
    assertHeard() {
      if (problems.length > 0) throw problems[0];
    },
    tell(event) {
      if (event.type === 'run-started') return;
      if (event.type === 'cell-started') pass({ ...event, index: started++, cells });
      else if (event.type === 'cell-finished') pass({ ...event, index: finished++, cells });
      else pass(event);
    },
  };
}

interface Thread {
  readonly run: (job: ThreadJob) => Promise<SanityReport>;
  readonly end: () => Promise<unknown>;
}

function startThread(script: URL, start: ThreadStart, tell: Listener, signal: AbortSignal | undefined): Thread {
  const worker = new Worker(script, {
    name: 'tapekit-housecleaning',
    workerData: start,
    // Sources import the sources of other packages.
    ...(script.pathname.endsWith('.ts') ? { execArgv: ['--conditions=source'] } : {}),
  });
  let waiting:
    { readonly resolve: (report: SanityReport) => void; readonly reject: (reason: Error) => void } | undefined;
  let job: ThreadJob | undefined;
  let cause: unknown;
  let ended: Error | undefined;
  worker.on('message', (answer: ThreadAnswer) => {
    if (answer.type === 'event') tell(answer.event);
    else if (answer.type === 'report') waiting?.resolve(answer.report);
    else waiting?.reject(new Error(answer.message));
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', (code) => {
    signal?.removeEventListener('abort', stop);
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    ended = new Error(
      `The thread of ${job?.cells[0]?.symbol ?? 'no cell'} ended with exit code "${code}" before it was done${why}.`,
    );
    waiting?.reject(ended);
  });
  const stop = (): void => {
    worker.postMessage({ type: 'stop', reason: String(signal?.reason) } satisfies ThreadMessage);
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  return {
    run: (next) =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(ended);
          return;
        }
        job = next;
        waiting = { resolve, reject };
        worker.postMessage({ type: 'job', job } satisfies ThreadMessage);
      }),
    end: () => worker.terminate(),
  };
}

async function collect(cells: AsyncIterable<Cell>): Promise<readonly Cell[]> {
  const all: Cell[] = [];
  for await (const cell of cells) all.push(cell);
  return all;
}
