/** Opaque, URL-safe page cursors: the place where a page ended, bound to the query by a checksum. */
import { AdaptersError } from '../../errors.ts';
import { shownValue } from './values.ts';

const shape = /^1\.(-?[0-9a-z]{1,11})\.([0-9a-z]{1,7})$/;

/** A cursor after the bar that starts at `startMs`. */
export function encodeCursor(symbol: string, intervalMs: number, startMs: number): string {
  return `1.${startMs.toString(36)}.${checksum(symbol, intervalMs, startMs)}`;
}

/**
 * The time that {@link encodeCursor} put in.
 * @throws {@link AdaptersError} `bad-cursor` when it was altered or belongs to another query.
 */
export function decodeCursor(cursor: string, symbol: string, intervalMs: number): number {
  const match = typeof cursor === 'string' ? shape.exec(cursor) : null;
  const startMs = match ? parseInt(match[1]!, 36) : NaN;
  if (match && encodeCursor(symbol, intervalMs, startMs) === cursor) return startMs;
  throw new AdaptersError(
    'bad-cursor',
    `Cursor "${shownValue(cursor).slice(0, 40)}" is not one that a page of "${symbol}" ended with. Pass nextCursor unchanged, or leave it out to start over.`,
    { value: cursor },
  );
}

/** FNV-1a, 32 bits: it tells slips and mix-ups; a forged cursor merely names another place of the same public list. */
function checksum(symbol: string, intervalMs: number, startMs: number): string {
  let hash = 0x811c9dc5;
  for (const char of `${symbol}\n${intervalMs}\n${startMs}`) {
    hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
