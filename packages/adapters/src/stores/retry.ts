/**
 * Tries again what a network or a service refused for a while: exponential backoff with full jitter, and never sooner than
 * the service asks (`Retry-After`).
 *
 * Repeated are reads and listings after `throttled` and `unavailable` (429, 5xx, 409, no answer), and of puts and deletes
 * only those that certainly had no effect. A put or delete whose effect is unknown is never repeated: the second one could
 * undo what somebody did in between, so its caller has to look. A body given as a stream is used up by the first attempt, so
 * it is not repeated either; and what breaks off inside an opened body is its reader's.
 */
import { isObjectStoreError, type ObjectStoreError } from '@tapekit/housecleaning/errors';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../errors.ts';

/** One attempt that failed and will be repeated. */
export interface RetryEvent {
  readonly operation: 'get' | 'head' | 'put' | 'delete' | 'list';
  /** Key, first key, or prefix. */
  readonly subject: string;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  /** How long is waited now, ms. */
  readonly waitMs: number;
  readonly error: ObjectStoreError;
}

/** How often and how patiently. */
export interface RetryOptions {
  /**
   * Attempts in all.
   * @defaultValue 5
   */
  readonly attempts?: number;
  /**
   * The first wait is random below this, ms; each further one below twice as much.
   * @defaultValue 100
   */
  readonly baseMs?: number;
  /**
   * Random waits stay below this, ms; a service that asks for more than this is not waited for.
   * @defaultValue 20 000
   */
  readonly maxWaitMs?: number;
  /** Waits; rejects with the signal's reason when it aborts. @defaultValue a timer */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Numbers from 0 up to 1. @defaultValue Math.random */
  readonly random?: () => number;
  /** Told of every repetition, for logs. */
  readonly onRetry?: (event: RetryEvent) => void;
}

/** Values of options that are left out. */
export const retryDefaults = { attempts: 5, baseMs: 100, maxWaitMs: 20_000 } as const;

/**
 * Wraps a store.
 *
 * @example
 * ```ts
 * const store = withRetry(createS3Store({ endpoint, bucket, credentials }), { attempts: 8 });
 * ```
 * @throws AdaptersError `bad-option`
 */
export function withRetry(store: ObjectStore, options: RetryOptions = {}): ObjectStore {
  const { attempts, baseMs, maxWaitMs } = { ...retryDefaults, ...options };
  const { sleep = sleepFor, random = Math.random, onRetry } = options;
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new AdaptersError('bad-option', `attempts "${attempts}" is not a whole number from 1.`, { value: attempts });
  }
  for (const [name, ms] of Object.entries({ baseMs, maxWaitMs })) {
    if (Number.isFinite(ms) && ms >= 0) continue;
    throw new AdaptersError('bad-option', `${name} "${ms}" is not a number of milliseconds from 0.`, { value: ms });
  }

  async function repeat<T>(
    operation: RetryEvent['operation'],
    subject: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt === attempts || signal?.aborted || !isWorthAnother(error)) throw error;
        const jitterMs = random() * Math.min(maxWaitMs, baseMs * 2 ** (attempt - 1));
        const waitMs = Math.max(error.retryAfterMs ?? 0, jitterMs);
        if (waitMs > maxWaitMs) throw error;
        onRetry?.({ operation, subject, attempt, waitMs, error });
        await sleep(waitMs, signal);
      }
    }
  }

  return {
    capabilities: store.capabilities,
    get: (key, asked) => repeat('get', key, asked?.signal, () => store.get(key, asked)),
    head: (key, asked) => repeat('head', key, asked?.signal, () => store.head(key, asked)),
    put: (key, body, asked) =>
      body instanceof Uint8Array
        ? repeat('put', key, asked?.signal, () => store.put(key, body, asked))
        : store.put(key, body, asked),
    delete: (targets, asked) =>
      repeat('delete', targets[0]?.key ?? '', asked?.signal, () => store.delete(targets, asked)),
    list: (asked) => repeat('list', asked?.prefix ?? '', asked?.signal, () => store.list(asked)),
  };
}

/** Reads say `none`: they change nothing. */
function isWorthAnother(error: unknown): error is ObjectStoreError {
  if (!isObjectStoreError(error) || error.effect !== 'none') return false;
  return error.code === 'throttled' || error.code === 'unavailable';
}

function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
