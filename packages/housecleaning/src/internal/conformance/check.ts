import { isObjectStoreError, type ObjectStoreErrorCode } from '../../errors.ts';
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

/** Fails unless both have the same JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: got ${got}, expected ${wanted}`);
}

/** Fails unless true. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Fails unless the promise rejects with this store error. */
export async function refuses(work: Promise<unknown>, code: ObjectStoreErrorCode, what: string): Promise<void> {
  const answer = await work.then(
    () => 'success',
    (error: unknown) => error,
  );
  if (isObjectStoreError(answer, code)) return;
  const got = answer instanceof Error ? `${answer.name}: ${answer.message}` : String(answer);
  throw new Error(`${what}: got ${got}, expected ObjectStoreError "${code}"`);
}

export const bytesOf: (text: string) => Uint8Array = toUtf8;
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
