/**
 * A store that misbehaves once, at a chosen operation, in a chosen way. With it every single fault of a run can be
 * tried: number the operations of a clean run, then repeat the run once per operation and kind.
 */
import type {
  DeleteResult,
  ObjectBody,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  StoredObject,
} from '@tapekit/housecleaning/object-store';

/** What happens at the chosen operation. */
export type FaultKind =
  /** It fails and had no effect. */
  | 'error-before'
  /** It takes effect, but the caller is told that it failed. */
  | 'error-after'
  /** The process dies before it; every later operation fails. */
  | 'crash-before'
  /** The process dies after it took effect; every later operation fails. */
  | 'crash-after'
  /** A body loses its last byte on the way (reads and writes). */
  | 'short-body'
  /** One bit of a body flips on the way (reads and writes). */
  | 'bit-flip'
  /** The request arrives twice; the caller sees the second answer. */
  | 'duplicate'
  /** `interlude` runs to its end just before: a late writer, a peer. */
  | 'interlude';

/** Every kind that needs no `interlude`. */
export const faultKinds = [
  'error-before',
  'error-after',
  'crash-before',
  'crash-after',
  'short-body',
  'bit-flip',
  'duplicate',
] as const satisfies readonly FaultKind[];

/** One fault. */
export interface Fault {
  /** Number of the operation, from 0. */
  readonly at: number;
  readonly kind: FaultKind;
  /** For `interlude`: what happens just before the operation, with the store underneath. */
  readonly interlude?: () => Promise<void>;
}

/** Stands for the death of the process. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** Stands for a failure of the network or the disk. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';
}

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

/** Wraps a store; without a fault it only counts. */
export function createFaultStore(under: ObjectStore, fault?: Fault): FaultStore {
  const log: LoggedOperation[] = [];
  let dead = false;

  async function perform<T>(
    op: LoggedOperation['op'],
    subject: string,
    work: (damage: (bytes: Uint8Array) => Uint8Array) => Promise<T>,
  ): Promise<T> {
    if (dead) throw new CrashError(`The process died before ${op} ${subject}.`);
    const chosen = fault?.at === log.length ? fault : undefined;
    log.push({ op, subject });
    switch (chosen?.kind) {
      case undefined:
        return work(unharmed);
      case 'error-before':
        throw new InjectedError(`${op} ${subject} failed before it had an effect.`);
      case 'error-after':
        await work(unharmed);
        throw new InjectedError(`${op} ${subject} failed after it took effect.`);
      case 'crash-before':
        dead = true;
        throw new CrashError(`The process died before ${op} ${subject}.`);
      case 'crash-after':
        await work(unharmed);
        dead = true;
        throw new CrashError(`The process died after ${op} ${subject}.`);
      case 'short-body':
        return work((bytes) => bytes.slice(0, -1));
      case 'bit-flip':
        return work(flipBit);
      case 'duplicate':
        await work(unharmed).catch(() => undefined);
        return work(unharmed);
      case 'interlude':
        await chosen.interlude?.();
        return work(unharmed);
    }
  }

  return {
    log,
    store: {
      capabilities: under.capabilities,
      get: (key, options) =>
        perform('get', key, async (damage) => {
          const object = await under.get(key, options);
          return object && rewrap(object, damage(await object.bytes()));
        }),
      head: (key, options): Promise<ObjectInfo | undefined> => perform('head', key, () => under.head(key, options)),
      put: async (key, body: ObjectBody, options?: PutOptions) => {
        const bytes = await allBytes(body);
        return perform('put', key, (damage) => under.put(key, damage(bytes), options));
      },
      delete: (targets, options): Promise<readonly DeleteResult[]> =>
        perform('delete', targets.map(({ key }) => key).join(' '), () => under.delete(targets, options)),
      list: (options) => perform('list', options?.prefix ?? '', () => under.list(options)),
    },
  };
}

function unharmed(bytes: Uint8Array): Uint8Array {
  return bytes;
}

function flipBit(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const middle = copy.length >> 1;
  if (copy.length > 0) copy[middle] = copy[middle]! ^ 4;
  return copy;
}

function rewrap(object: StoredObject, bytes: Uint8Array): StoredObject {
  const { key, size, etag, version, uploadedMs, metadata } = object;
  return {
    ...{ key, size, etag, uploadedMs, metadata },
    ...(version === undefined ? {} : { version }),
    get body() {
      return new ReadableStream<Uint8Array>({
        start(controller) {
          if (bytes.length > 0) controller.enqueue(bytes.slice());
          controller.close();
        },
      });
    },
    bytes: async () => bytes.slice(),
  };
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
