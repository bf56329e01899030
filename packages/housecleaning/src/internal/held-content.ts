import { gunzipStrictly } from '../codec.ts';
import { isHousecleaningError } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { concat } from './gzip.ts';
import { createSha256, type Sha256 } from './sha256.ts';
import { piecesOfBody } from './streams.ts';

const newline = 10;
/** Of a line, which is held in memory; no record is as long. */
const maxLineBytes = 16 * 1_048_576;

/**
 * Whether all lines of one gzip file are in another, in the same order: a later generation holds the sources of an earlier one
 * and sorts them alike. Memory holds a line of each.
 *
 * @returns `unreadable` if the first cannot be read to its end, or its content is not that of `sha256`; `gone` if it is not there
 */
export async function compareContent(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  within: string,
  { sha256, signal }: { readonly sha256?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<'held' | 'not-held' | 'unreadable' | 'gone'> {
  const asked = signal ? { signal } : {};
  const object = await store.get(key, asked);
  if (object === undefined) return 'gone';
  const hash = createSha256();
  const lines = linesOf(piecesOfBody(object.body), hash);
  const other = await store.get(within, asked);
  const held = other && linesOf(piecesOfBody(other.body));
  try {
    let isHeld = held !== undefined;
    // Also to its end where the verdict is known: a file that is cut short is no content.
    for await (const line of lines) isHeld &&= await comesNext(held!, line);
    if (sha256 !== undefined && hash.hex() !== sha256) return 'unreadable';
    return isHeld ? 'held' : 'not-held';
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return 'unreadable';
  } finally {
    // One that was never begun is let go of by being begun and left.
    await held?.next().catch(() => undefined);
    await held?.return();
  }
}

/** Reads on until the line comes. */
async function comesNext(lines: AsyncGenerator<Uint8Array>, line: Uint8Array): Promise<boolean> {
  try {
    for (let next = await lines.next(); !next.done; next = await lines.next())
      if (isEqual(next.value, line)) return true;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  return false;
}

/** Non-empty lines of the content. */
async function* linesOf(gz: AsyncIterable<Uint8Array>, hash?: Sha256): AsyncGenerator<Uint8Array, void, undefined> {
  let begun: Uint8Array = new Uint8Array();
  for await (const piece of gunzipStrictly(gz, { maxBytes: Number.MAX_SAFE_INTEGER, header: 'any' })) {
    hash?.update(piece);
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const line = begun.length > 0 ? concat([begun, piece.subarray(start, end)]) : piece.subarray(start, end);
      if (line.length > 0) yield line;
      begun = new Uint8Array();
      start = end + 1;
    }
    begun = concat([begun, piece.subarray(start)]);
    if (begun.length > maxLineBytes) throw new TooLong();
  }
  if (begun.length > 0) yield begun;
}

class TooLong extends Error {}

function isUnreadable(error: unknown): boolean {
  return error instanceof TooLong || isHousecleaningError(error, 'bad-archive');
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
