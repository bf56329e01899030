import { isObjectStoreError, type ObjectStoreError, type ObjectStoreErrorCode } from '../../errors.ts';
import type { ObjectInfo, ObjectStore } from '../../object-store.ts';
import { sha256Hex } from '../sha256.ts';
import { fromUtf8, toUtf8 } from '../utf8.ts';

/** One fact about stores. */
export interface StoreCase {
  /** In the present tense. */
  readonly fact: string;
  /** Rejects if the fact does not hold for this empty store. */
  readonly prove: (store: ObjectStore) => Promise<void>;
}

/** What the cases are made for. */
export interface SuiteSettings {
  readonly pagedKeys: number;
  readonly streamBytes: number;
  readonly keyBytes: number;
  readonly abortMs: number;
  /** Requests that the store has made so far, where somebody counts them. */
  readonly requests: (() => number) | undefined;
}

let assertions = 0;

/** Assertions made so far. */
export function assertionsMade(): number {
  return assertions;
}

/** Fails unless both have the same JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  assertions += 1;
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: got ${got}, expected ${wanted}`);
}

/** Fails unless true. */
export function holds(condition: boolean, what: string): void {
  assertions += 1;
  if (!condition) throw new Error(what);
}

/** What a promise rejects with; fails if it does not, or comes to nothing for `withinMs`. */
export async function rejection(work: Promise<unknown>, what: string, withinMs?: number): Promise<unknown> {
  const ended = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const answer = await (withinMs === undefined ? ended : within(withinMs, ended, what));
  assertions += 1;
  if ('error' in answer) return answer.error;
  throw new Error(`${what}: got success, expected a rejection`);
}

/** Fails unless the promise rejects with this store error, which is about `key` and had no effect. */
export async function refuses(
  work: Promise<unknown>,
  code: ObjectStoreErrorCode,
  what: string,
  key?: string,
): Promise<ObjectStoreError> {
  const error = await rejection(work, what);
  if (!isObjectStoreError(error, code)) {
    const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Error(`${what}: got ${got}, expected ObjectStoreError "${code}"`);
  }
  equal(error.effect, 'none', `${what}: the effect of a refusal`);
  if (key !== undefined) equal(error.key, key, `${what}: the key of the error`);
  return error;
}

/** What a promise comes to; fails if it comes to nothing for that long. */
async function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Text as UTF-8. */
export const bytesOf: (text: string) => Uint8Array = toUtf8;
/** SHA-256, hex. */
export const digestOf: (bytes: Uint8Array) => Promise<string> = sha256Hex;

/** Text under a key; `undefined` if it is missing. */
export async function textAt(store: ObjectStore, key: string): Promise<string | undefined> {
  const object = await store.get(key);
  return object && fromUtf8(await object.bytes());
}

/** A stream of these pieces. */
export function streamOf(...pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

const piece = 65_536;
let pattern = new Uint8Array();

/** Bytes that differ everywhere; the same for the same place. */
export function patternBytes(from: number, to: number): Uint8Array<ArrayBuffer> {
  if (to > pattern.length) {
    pattern = new Uint8Array(to);
    for (let i = 0; i < to; i++) pattern[i] = Math.imul(i, 2_654_435_761) >>> 24;
  }
  return pattern.subarray(from, to);
}

/** How a long stream behaves. */
export interface LongStreamOptions {
  /** After this many bytes it errors, or calls `stall` and gives nothing any more. */
  readonly breakAt?: number;
  readonly stall?: () => void;
}

/** A long stream made as it is read, and whether it was cancelled or read to its end. */
export function longStream(
  size: number,
  { breakAt, stall }: LongStreamOptions = {},
): { readonly body: ReadableStream<Uint8Array>; readonly isReleased: () => boolean } {
  let [at, isReleased] = [0, false];
  const last = breakAt ?? size;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at < last) {
          const next = Math.min(at + piece, last);
          controller.enqueue(patternBytes(at, next));
          at = next;
        } else if (stall) {
          stall();
          return new Promise<void>(() => undefined);
        } else if (breakAt !== undefined) {
          controller.error(new Error('the source broke'));
        } else {
          isReleased = true;
          controller.close();
        }
        return undefined;
      },
      cancel() {
        isReleased = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, isReleased: () => isReleased };
}

/** Fails unless the object holds the bytes of {@link longStream}. */
export async function holdsPattern(store: ObjectStore, key: string, size: number): Promise<void> {
  const object = await store.get(key);
  equal(object?.size, size, `size of "${key}"`);
  let at = 0;
  let isSame = true;
  for await (const part of object!.body) {
    const expected = patternBytes(at, at + part.length);
    for (let i = 0; i < part.length && isSame; i++) isSame = part[i] === expected[i];
    at += part.length;
  }
  equal(at, size, `bytes read of "${key}"`);
  holds(isSame, `"${key}" holds the bytes that were put`);
}

/** Every object below a prefix, over all pages. */
export async function listed(
  store: ObjectStore,
  prefix?: string,
  limit?: number,
): Promise<{ objects: ObjectInfo[]; pages: number }> {
  const objects: ObjectInfo[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages++) {
    const page = await store.list({
      ...(prefix === undefined ? {} : { prefix }),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    objects.push(...page.objects);
    if (page.cursor === undefined) return { objects, pages };
    holds(pages < 10_000, 'a listing ends');
    cursor = page.cursor;
  }
}

/** Keys below a prefix, over all pages. */
export async function keysOf(store: ObjectStore, prefix?: string, limit?: number): Promise<readonly string[]> {
  return (await listed(store, prefix, limit)).objects.map(({ key }) => key);
}
