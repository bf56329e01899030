/** A few threads that take jobs in turn, and are gone when the pool is closed. */
// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { Worker } from 'node:worker_threads';
import { FootprintError } from '../../errors.ts';
import { errorOfMessage } from './error-message.ts';
import type { Answer, Job } from './jobs.ts';

/** A job that is made when a thread is free for it. */
export interface Task {
  /** Says in an error which part was lost, for example `trades 0 to 65536 of tape 0`. */
  readonly name: string;
  /** The job and what moves to the thread with it; `undefined` when it is no longer wanted. */
  readonly make: () => readonly [Job, readonly ArrayBuffer[]] | undefined;
  /**
   * What the same thread is to do next, by what came of this one; it waits until that is known. `undefined` for no more:
   * what came of the last one is what the task came to.
   */
  readonly next?: (result: unknown) => Task | undefined | Promise<Task | undefined>;
}

/** The tasks of one call, which end together. */
export interface Batch {
  /** Why it ended early. */
  cancelled?: { readonly reason: unknown };
}

interface Entry {
  /** The one that it works on, or worked on last. */
  task: Task;
  readonly batch: Batch;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export class WorkerPool {
  readonly #script: URL;
  /** Number of threads, at most. */
  readonly threads: number;
  readonly #queue: Entry[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Entry>();
  /** Threads that were told to end. */
  readonly #ending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(script: URL, threads: number) {
    this.#script = script;
    this.threads = threads;
  }

  /** What the task came to; `undefined` where it was no longer wanted. Rejects with the error of the thread. */
  run<Result>(task: Task, batch: Batch): Promise<Result | undefined> {
    const result = new Promise<unknown>((resolve, reject) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason may be anything
      if (batch.cancelled) reject(batch.cancelled.reason);
      else if (this.#closing) reject(closedBefore(task));
      else this.#queue.push({ task, batch, resolve, reject });
    });
    // A caller that waits for one task at a time must not be late for the error of another.
    result.catch(() => undefined);
    this.#start();
    return result as Promise<Result | undefined>;
  }

  /** Ends the tasks of a batch; threads that work on it are ended, others take their place. */
  cancel(batch: Batch, reason: unknown): void {
    batch.cancelled ??= { reason };
    for (const entry of this.#queue.splice(0)) {
      if (entry.batch === batch) entry.reject(reason);
      else this.#queue.push(entry);
    }
    for (const [worker, entry] of this.#busy) {
      if (entry.batch !== batch) continue;
      entry.reject(reason);
      this.#end(worker);
    }
    this.#start();
  }

  /** Ends every thread, and what they work on with `worker-lost`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const { task, reject } of [...this.#queue.splice(0), ...this.#busy.values()]) reject(closedBefore(task));
    for (const worker of [...this.#busy.keys(), ...this.#idle]) this.#end(worker);
    await Promise.all(this.#ending);
  }

  #end(worker: Worker): void {
    this.#forget(worker);
    const ended = worker.terminate().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  #forget(worker: Worker): void {
    this.#busy.delete(worker);
    const i = this.#idle.indexOf(worker);
    if (i >= 0) this.#idle.splice(i, 1);
  }

  /** Gives waiting tasks to free threads. */
  #start(): void {
    while (this.#queue.length > 0 && (this.#idle.length > 0 || this.#busy.size < this.threads)) {
      const entry = this.#queue.shift()!;
      try {
        const made = entry.task.make();
        if (made) this.#send(entry, ...made);
        else entry.resolve(undefined);
      } catch (error) {
        entry.reject(error);
      }
    }
  }

  #send(entry: Entry, job: Job, buffers: readonly ArrayBuffer[]): void {
    const worker = this.#idle.pop() ?? this.#spawn();
    try {
      worker.postMessage(job, buffers);
    } catch (error) {
      // What cannot be sent leaves the thread as it was.
      this.#rest(worker);
      throw error;
    }
    this.#busy.set(worker, entry);
    worker.ref();
  }

  /** Gives the thread what comes after its task, if there is anything. */
  async #goOn(worker: Worker, entry: Entry, result: unknown): Promise<void> {
    const isGone = (): boolean => this.#busy.get(worker) !== entry;
    try {
      const next = entry.task.next && (await entry.task.next(result));
      if (isGone()) return;
      const made = next?.make();
      if (next && made) {
        entry.task = next;
        worker.postMessage(...made);
      } else this.#finish(worker, () => entry.resolve(result));
    } catch (error) {
      if (!isGone()) this.#finish(worker, () => entry.reject(error));
    }
  }

  #finish(worker: Worker, settle: () => void): void {
    this.#busy.delete(worker);
    this.#rest(worker);
    settle();
    this.#start();
  }

  #rest(worker: Worker): void {
    this.#idle.push(worker);
    // A pool that nobody closes does not keep the process up.
    worker.unref();
  }

  #spawn(): Worker {
    const isSource = this.#script.pathname.endsWith('.ts');
    const worker = new Worker(this.#script, {
      name: 'tapekit-footprint',
      // Sources import the sources of other packages.
      ...(isSource ? { execArgv: ['--conditions=source'] } : {}),
    });
    let cause: unknown;
    worker.on('message', (answer: Answer | null | undefined) => {
      const entry = this.#busy.get(worker);
      if (!entry) return;
      if (typeof answer?.ok !== 'boolean') {
        entry.reject(notOurs(entry.task, 'gave an answer that is none'));
        this.#end(worker);
        this.#start();
        return;
      }
      if (answer.ok) void this.#goOn(worker, entry, answer.result);
      else this.#finish(worker, () => entry.reject(errorOfMessage(answer.error)));
    });
    worker.on('error', (error: unknown) => (cause = error));
    worker.on('exit', (exitCode) => {
      const entry = this.#busy.get(worker);
      this.#forget(worker);
      entry?.reject(lost(entry.task, exitCode, cause));
      this.#start();
    });
    return worker;
  }
}

function lost(task: Task, exitCode: number, cause: unknown): FootprintError {
  // Our script waits for work for ever: only another one comes to its end.
  if (exitCode === 0 && cause === undefined) return notOurs(task, 'ended without an answer');
  const { name } = task;
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  const error = new FootprintError(
    'worker-lost',
    `The worker thread of ${name} ended with exit code "${exitCode}" before it was done${why}. ` +
      'Try again with fewer threads or smaller parts; the pool goes on with a new thread.',
    exitCode,
  );
  return cause === undefined ? error : Object.assign(error, { cause });
}

function notOurs({ name }: Task, what: string): FootprintError {
  return new FootprintError(
    'worker-lost',
    `The worker thread of ${name} ${what}. Is workerUrl the internal/workers/slice-worker.js of this version of the package?`,
  );
}

function closedBefore({ name }: Task): FootprintError {
  return new FootprintError(
    'worker-lost',
    `The workers were closed before ${name} were done. Await what you asked for before close().`,
  );
}
