/**
 * A store that misbehaves at chosen operations, in chosen ways: to try what a program does about it. Number the operations of
 * a clean run with an empty list of faults, then repeat the run with one fault after another.
 */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import type { GetOptions, ListOptions, ListPage, ObjectStore, StoredObject } from '@tapekit/housecleaning/object-store';
import { shortStream, spoiledPage, spoilsPages, type ListingFaultKind } from '../internal/fault-effects.ts';
import { AdaptersError } from '../errors.ts';
import { infoOf, throughPieces } from '../internal/object-info.ts';
import { mapStream, readBody, storedObject } from '../internal/store-body.ts';

export type { ListingFaultKind } from '../internal/fault-effects.ts';

/** What happens at the chosen operation. A caller cannot tell `error-before` from `error-after`. */
export type FaultKind =
  /** It fails and had no effect; a write says that its effect is unknown. */
  | 'error-before'
  /** It takes effect, but the caller is told that it may have failed. */
  | 'error-after'
  /** It takes no effect and gives no answer until its signal aborts, or, without a signal, fails as a timeout does. */
  | 'hang'
  /** The service asks to come back later. */
  | 'throttle'
  /** The process dies before it; every later operation fails. */
  | 'crash-before'
  /** The process dies after it took effect; every later operation fails. */
  | 'crash-after'
  /** A body loses its last byte on the way (reads and writes). */
  | 'short-body'
  /** One bit of a body flips on the way (reads and writes). */
  | 'bit-flip'
  /** A read gives what was there before the last write through this store. */
  | 'stale-read'
  /** The request arrives twice; the caller sees the second answer. */
  | 'duplicate'
  /** `interlude` runs to its end just before: a late writer, a peer, somebody who deletes. */
  | 'interlude'
  | ListingFaultKind;

/** One fault. */
export interface Fault {
  /** Number of the operation, from 0. */
  readonly at: number;
  readonly kind: FaultKind;
  /**
   * Operations in a row that it hits.
   * @defaultValue 1
   */
  readonly times?: number;
  /** For `interlude`: what happens just before the operation, with the store underneath. */
  readonly interlude?: (under: ObjectStore) => Promise<void>;
}

/** One operation that was asked for. */
export interface LoggedOperation {
  readonly op: 'get' | 'head' | 'put' | 'delete' | 'list';
  /** Key, keys or prefix. */
  readonly subject: string;
}

/** The store and its log. */
export interface FaultyStore {
  readonly store: ObjectStore;
  /** Operations in the order in which they were asked for; their number is the index. */
  readonly log: readonly LoggedOperation[];
}

/** Stands for the death of the process. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

const kinds: Readonly<Record<Exclude<FaultKind, ListingFaultKind>, true>> = {
  ...{
    'error-before': true,
    'error-after': true,
    hang: true,
    throttle: true,
    'crash-before': true,
    'crash-after': true,
  },
  ...{ 'short-body': true, 'bit-flip': true, 'stale-read': true, duplicate: true, interlude: true },
};

/** A misspelt fault would inject nothing, and whatever it was to show would seem to hold. */
function assertKind(kind: FaultKind): void {
  if (Object.hasOwn(kinds, kind) || spoilsPages(kind)) return;
  throw new AdaptersError('bad-option', `There is no fault "${kind}"; see FaultKind for those there are.`, {
    value: kind,
  });
}

/**
 * Wraps a store; without faults it only counts. A fault that does not fit its operation, as a short body of a delete, does
 * nothing.
 *
 * @example
 * ```ts
 * const { store } = withFaults(createMemoryStore(), [{ at: 0, kind: 'error-after' }]);
 * await store.put('k', new Uint8Array(1)).catch(() => undefined);
 * (await store.head('k'))?.size; // => 1
 * ```
 */
export function withFaults(under: ObjectStore, faults: readonly Fault[]): FaultyStore {
  for (const { kind } of faults) assertKind(kind);
  const log: LoggedOperation[] = [];
  /** What was there before the last write of a key; kept only where somebody wants to see it. */
  const before = new Map<string, StoredObject | undefined>();
  const wantsBefore = faults.some(({ kind }) => kind === 'stale-read');
  let isDead = false;

  async function perform<T>(
    { op, subject }: LoggedOperation,
    signal: AbortSignal | undefined,
    work: (kind: FaultKind | undefined) => Promise<T>,
  ): Promise<T> {
    if (isDead) throw new CrashError(`The process died before ${op} ${subject}.`);
    const number = log.length;
    const fault = faults.find(({ at, times = 1 }) => number >= at && number < at + times);
    log.push({ op, subject });
    const effect = op === 'put' || op === 'delete' ? 'unknown' : 'none';
    const noAnswer = (): ObjectStoreError =>
      new ObjectStoreError('unavailable', subject, `${op} "${subject}" got no answer.`, { effect });
    const die = (when: string): CrashError => {
      isDead = true;
      return new CrashError(`The process died ${when} ${op} ${subject}.`);
    };
    switch (fault?.kind) {
      case 'error-before':
        throw noAnswer();
      case 'error-after':
        await work(undefined);
        throw noAnswer();
      case 'hang':
        await aborted(signal);
        throw noAnswer();
      case 'throttle':
        throw new ObjectStoreError('throttled', subject, `${op} "${subject}" was refused: too many requests.`, {
          retryAfterMs: 0,
        });
      case 'crash-before':
        throw die('before');
      case 'crash-after':
        await work(undefined);
        throw die('after');
      case 'duplicate':
        await work(undefined).catch(() => undefined);
        return work(undefined);
      case 'interlude':
        await fault.interlude?.(under);
        return work(undefined);
      default:
        return work(fault?.kind);
    }
  }

  async function get(
    key: string,
    kind: FaultKind | undefined,
    options: GetOptions = {},
  ): Promise<StoredObject | undefined> {
    if (kind === 'stale-read' && before.has(key)) return before.get(key);
    const object = await under.get(key, options);
    return object && damaged(object, kind);
  }

  function list(kind: FaultKind | undefined, options: ListOptions = {}): Promise<ListPage> {
    return spoiledPage(spoilsPages(kind) ? kind : undefined, options, (asked) => under.list(asked));
  }

  const store: ObjectStore = {
    capabilities: under.capabilities,
    get: (key, options) => perform({ op: 'get', subject: key }, options?.signal, (kind) => get(key, kind, options)),
    head: (key, options) =>
      perform({ op: 'head', subject: key }, options?.signal, async (kind) => {
        if (kind !== 'stale-read' || !before.has(key)) return under.head(key, options);
        const old = before.get(key);
        return old && infoOf(old);
      }),
    put: (key, body, options) => {
      // A request that arrives twice carries its body twice.
      const isTwice = faults.some(({ kind }) => kind === 'duplicate') && !(body instanceof Uint8Array);
      const bytes = isTwice ? readBody(key, body, options) : Promise.resolve(body);
      return perform({ op: 'put', subject: key }, options?.signal, async (kind) => {
        if (wantsBefore) before.set(key, await copyOf(under, key));
        const sent = await bytes;
        return under.put(key, sent instanceof Uint8Array ? wholeOf(kind)(sent) : streamOf(kind)(sent), options);
      });
    },
    delete: (targets, options) =>
      perform({ op: 'delete', subject: targets.map(({ key }) => key).join(' ') }, options?.signal, async () => {
        if (wantsBefore) for (const { key } of targets) before.set(key, await copyOf(under, key));
        return under.delete(targets, options);
      }),
    list: (options) =>
      perform({ op: 'list', subject: options?.prefix ?? '' }, options?.signal, (kind) => list(kind, options)),
  };
  return { store, log };
}

function damaged(object: StoredObject, kind: FaultKind | undefined): StoredObject {
  return kind === 'short-body' || kind === 'bit-flip' ? throughPieces(object, streamOf(kind), wholeOf(kind)) : object;
}

function wholeOf(kind: FaultKind | undefined): (bytes: Uint8Array) => Uint8Array {
  if (kind === 'short-body') return (bytes) => bytes.slice(0, -1);
  if (kind !== 'bit-flip') return (bytes) => bytes;
  return (bytes) => {
    const copy = new Uint8Array(bytes);
    const middle = copy.length >> 1;
    if (copy.length > 0) copy[middle] = copy[middle]! ^ 4;
    return copy;
  };
}

function streamOf(kind: FaultKind | undefined): (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array> {
  if (kind === 'short-body') return shortStream;
  if (kind !== 'bit-flip') return (body) => body;
  let isFlipped = false;
  return (body) =>
    mapStream(body, {
      piece(bytes) {
        if (isFlipped || bytes.length === 0) return bytes;
        isFlipped = true;
        return wholeOf(kind)(bytes);
      },
    });
}

async function copyOf(store: ObjectStore, key: string): Promise<StoredObject | undefined> {
  const object = await store.get(key);
  return object && storedObject(infoOf(object), await object.bytes());
}

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  signal.throwIfAborted();
}
