import { sha256Of } from './sha256.ts';

/**
 * Order-independent digest of records: Σ sha256(line) mod 2²⁵⁶. Two archives of the same records in any order and any
 * cut into objects have the same value.
 */
export interface Multiset {
  /** Adds every record (non-empty line, without its newline) of complete NDJSON bytes; returns how many. */
  addLines(bytes: Uint8Array): number;
  /** The sum as 64 lower-case hex characters. */
  hex(): string;
}

const newline = 10;
/** Additions of 32-bit words that a double holds exactly: 2⁵³ / 2³². */
const exactAdditions = 2 ** 20;

/** An empty multiset. */
export function createMultiset(): Multiset {
  const sums = new Float64Array(8);
  let pending = 0;
  const carry = (): void => {
    let over = 0;
    for (let i = 7; i >= 0; i--) {
      const sum = sums[i]! + over;
      over = Math.floor(sum / 2 ** 32);
      sums[i] = sum - over * 2 ** 32;
    }
    pending = 0;
  };
  return {
    addLines(bytes) {
      return forEachLine(bytes, (start, end) => {
        const digest = sha256Of(bytes.subarray(start, end));
        for (let i = 0; i < 8; i++) {
          const at = 4 * i;
          const word = (digest[at]! << 24) | (digest[at + 1]! << 16) | (digest[at + 2]! << 8) | digest[at + 3]!;
          sums[i] = sums[i]! + (word >>> 0);
        }
        if (++pending === exactAdditions) carry();
      });
    },
    hex() {
      carry();
      let text = '';
      for (const word of sums) text += word.toString(16).padStart(8, '0');
      return text;
    },
  };
}

/** Calls `visit` with the bounds of every non-empty line; returns how many there were. */
export function forEachLine(bytes: Uint8Array, visit: (start: number, end: number) => void): number {
  let count = 0;
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) {
      visit(start, end);
      count += 1;
    }
    start = end + 1;
  }
  return count;
}
