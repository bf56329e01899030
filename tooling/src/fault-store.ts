/**
 * A store that misbehaves at chosen operations, in chosen ways. With it every single fault of a run can be tried: number
 * the operations of a clean run, then repeat the run once per operation and kind.
 */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import type {
  DeleteResult,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  StoredObject,
} from '@tapekit/housecleaning/object-store';
import { openedOver, type StreamOf } from './sim/opened.ts';

/** What happens at the chosen operation. */
export type FaultKind =
  /** It fails and had no effect. */
  | 'error-before'
  /** It takes effect, but the caller is told that it failed. */
  | 'error-after'
  /** It takes effect, but no answer comes: `interlude` runs (and may abort the caller), then the request is given up. */
  | 'hang'
  /** The process dies before it; every later operation fails. */
  | 'crash-before'
  /** The process dies after it took effect; every later operation fails. */
  | 'crash-after'
  /** The process dies when the first half of a batch of deletes took effect. */
  | 'crash-halfway'
  /** A body loses its last byte on the way (reads and writes). */
  | 'short-body'
  /** One bit of a body flips on the way (reads and writes). */
  | 'bit-flip'
  /** A read gives what lay there before: `before` says what. */
  | 'stale-read'
  /** The request arrives twice; the caller sees the second answer. */
  | 'duplicate'
  /** This request and the next two are refused with "slow down". */
  | 'throttled'
  /** `interlude` runs to its end just before: a late writer, a peer. */
  | 'interlude'
  | ListingFaultKind;

/** How a listing may lie. */
export type ListingFaultKind =
  /** The last key of the page is not there. */
  | 'listing-missing'
  /** The last key of the page comes twice. */
  | 'listing-repeated'
  /** The keys come in the wrong order. */
  | 'listing-disordered'
  /** The page comes with a cursor that leads back to the start. */
  | 'listing-cursor-loop'
  /** The second half of the page is not there, nor a cursor to it. */
  | 'listing-truncated'
  /** An empty page with a cursor to the real one: allowed. */
  | 'listing-empty-page'
  /** A key of another prefix is in the page. */
  | 'listing-foreign';

/** Every kind that needs neither `interlude` nor `before`. */
export const faultKinds = [
  'error-before',
  'error-after',
  'crash-before',
  'crash-after',
  'short-body',
  'bit-flip',
  'duplicate',
] as const satisfies readonly FaultKind[];

/** Every lie of a listing. */
export const listingFaultKinds = [
  'listing-missing',
  'listing-repeated',
  'listing-disordered',
  'listing-cursor-loop',
  'listing-truncated',
  'listing-empty-page',
  'listing-foreign',
] as const satisfies readonly ListingFaultKind[];

/** What goes wrong, wherever it does. */
export interface Misfortune {
  readonly kind: FaultKind;
  /** For `interlude` and `hang`: what happens meanwhile, with the store underneath. */
  readonly interlude?: () => Promise<void>;
  /** For `stale-read`: the object that lay under the key before; without it there was none. */
  readonly before?: (key: string) => StoredObject | undefined;
}

/** One fault. */
export interface Fault extends Misfortune {
  /** Number of the operation, from 0. */
  readonly at: number;
}

/** Decides at every operation whether something goes wrong with it. */
export type FaultChooser = (operation: LoggedOperation, at: number) => Misfortune | undefined;

/** Stands for the death of the process. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** Stands for a failure of the network or the disk. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';
}

/**
 * What an injected failure says. Not of which request: a run repeats it in its report, and worlds that went through the
 * same would be told apart by nothing else.
 */
const texts = {
  dead: 'The process died.',
  before: 'A request failed before it had an effect.',
  after: 'A request failed after it took effect.',
  hung: 'A request was not answered.',
  throttled: 'A request was refused: slow down.',
} as const;

/** One operation that went through. */
export interface LoggedOperation {
  readonly op: 'get' | 'head' | 'put' | 'delete' | 'list';
  /** Key, keys or prefix. */
  readonly subject: string;
}

/** The store and its log. */
export interface FaultStore {
  readonly store: ObjectStore;
  /** Operations in the order in which they were asked for. */
  readonly log: readonly LoggedOperation[];
}

/** True if a fault of this kind can happen to such an operation and is more than another kind by another name. */
export function canHappen(kind: FaultKind, { op, subject }: LoggedOperation): boolean {
  if (kind.startsWith('listing-')) return op === 'list';
  if (kind === 'short-body' || kind === 'bit-flip') return op === 'get' || op === 'put';
  if (kind === 'stale-read') return op === 'get' || op === 'head';
  if (kind === 'crash-halfway') return op === 'delete' && subject.includes(' ');
  return true;
}

/** Wraps a store; without a fault it only counts. `streamOf` makes the bodies of what is read and of streams that are put. */
export function createFaultStore(
  under: ObjectStore,
  faults: Fault | readonly Fault[] | FaultChooser = [],
  streamOf: StreamOf = platformStreamOf,
): FaultStore {
  const log: LoggedOperation[] = [];
  const choose = chooserOf(faults);
  let dead = false;
  let throttled = 0;
  /** Cursors that a faulty page came with, and what to list for them. */
  const detours = new Map<string, ListOptions | undefined>();

  async function perform<T>(
    operation: LoggedOperation,
    signal: AbortSignal | undefined,
    work: (fault: Misfortune | undefined) => Promise<T>,
  ): Promise<T> {
    const { subject } = operation;
    if (dead) throw new CrashError(texts.dead);
    const fault = choose(operation, log.length);
    log.push(operation);
    if (!fault && throttled === 0) return work(undefined);
    if (fault?.kind === 'throttled') throttled = 3;
    if (throttled > 0) {
      throttled -= 1;
      throw new ObjectStoreError('throttled', subject, texts.throttled);
    }
    switch (fault?.kind) {
      case 'error-before':
        throw new InjectedError(texts.before);
      case 'error-after':
        await work(undefined);
        throw new InjectedError(texts.after);
      case 'hang':
        await work(undefined);
        await fault.interlude?.();
        signal?.throwIfAborted();
        throw new ObjectStoreError('unavailable', subject, texts.hung, { effect: 'unknown' });
      case 'crash-before':
        dead = true;
        throw new CrashError(texts.dead);
      case 'crash-after':
      case 'crash-halfway':
        await work(fault);
        dead = true;
        throw new CrashError(texts.dead);
      case 'duplicate':
        await work(undefined).catch(() => undefined);
        return work(undefined);
      case 'interlude':
        await fault.interlude?.();
        return work(undefined);
      default:
        return work(fault);
    }
  }

  function detourTo(options: ListOptions | undefined): string {
    const cursor = `detour-${detours.size}`;
    detours.set(cursor, options);
    return cursor;
  }

  return {
    log,
    store: {
      capabilities: under.capabilities,
      get: (key, options) =>
        perform({ op: 'get', subject: key }, options?.signal, async (fault) => {
          if (fault?.kind === 'stale-read') return fault.before?.(key);
          const object = await under.get(key, options);
          return object && openedOver(object, damage(await object.bytes(), fault), streamOf);
        }),
      head: (key, options): Promise<ObjectInfo | undefined> =>
        perform({ op: 'head', subject: key }, options?.signal, async (fault) =>
          fault?.kind === 'stale-read' ? fault.before?.(key) : under.head(key, options),
        ),
      put: async (key, body: ObjectBody, options?: PutOptions) => {
        const bytes = await allBytes(body);
        return perform({ op: 'put', subject: key }, options?.signal, (fault) => {
          const arriving = damage(bytes, fault);
          return under.put(key, body instanceof Uint8Array ? arriving : streamOf(arriving), options);
        });
      },
      delete: (targets, options): Promise<readonly DeleteResult[]> =>
        perform({ op: 'delete', subject: targets.map(({ key }) => key).join(' ') }, options?.signal, (fault) =>
          under.delete(fault?.kind === 'crash-halfway' ? targets.slice(0, targets.length >> 1) : targets, options),
        ),
      list: (options) =>
        perform({ op: 'list', subject: options?.prefix ?? '' }, options?.signal, async (fault) => {
          const { cursor } = options ?? {};
          const asked = cursor !== undefined && detours.has(cursor) ? detours.get(cursor) : options;
          if (fault?.kind === 'listing-empty-page') return { objects: [], cursor: detourTo(asked) };
          const page = await under.list(asked);
          if (fault?.kind !== 'listing-cursor-loop') return lie(page, fault);
          return { objects: page.objects, cursor: detourTo(fromStart(asked)) };
        }),
    },
  };
}

function chooserOf(faults: Fault | readonly Fault[] | FaultChooser): FaultChooser {
  if (typeof faults === 'function') return faults;
  const byNumber = new Map([faults].flat().map((fault) => [fault.at, fault]));
  return (_, at) => byNumber.get(at);
}

function fromStart(options: ListOptions = {}): ListOptions {
  const rest = { ...options };
  delete (rest as { cursor?: string }).cursor;
  return rest;
}

function lie(page: ListPage, fault: Misfortune | undefined): ListPage {
  const { objects } = page;
  switch (fault?.kind) {
    case 'listing-missing':
      return { ...page, objects: objects.slice(0, -1) };
    case 'listing-repeated':
      return { ...page, objects: [...objects, ...objects.slice(-1)] };
    case 'listing-disordered':
      return { ...page, objects: objects.toReversed() };
    case 'listing-truncated':
      return { objects: objects.slice(0, objects.length >> 1) };
    case 'listing-foreign':
      return { ...page, objects: [...objects, foreign(objects.at(-1))] };
    default:
      return page;
  }
}

function foreign(after: ObjectInfo | undefined): ObjectInfo {
  const other = after ?? { size: 1, etag: 'foreign', uploadedMs: 0, metadata: {} };
  return { ...other, key: 'raw_tns_foreign/BTCUSDT/2026-11-19/x' };
}

function damage(bytes: Uint8Array, fault: Misfortune | undefined): Uint8Array {
  if (fault?.kind === 'short-body') return bytes.subarray(0, -1);
  if (fault?.kind !== 'bit-flip' || bytes.length === 0) return bytes;
  // A Buffer's slice would be the same memory.
  const copy = new Uint8Array(bytes);
  const middle = copy.length >> 1;
  copy[middle] = copy[middle]! ^ 4;
  return copy;
}

function platformStreamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

async function allBytes(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
