import { lineKernel } from './line-kernel.ts';
import { builtins } from './platform.ts';
import { createSha256, portableSha256, sha256Of, type Sha256 } from './sha256.ts';

/**
 * Order-independent digest of records: Σ sha256(line) mod 2²⁵⁶. Two archives of the same records in any order and any
 * cut into objects have the same value. A record is a non-empty line without its newline.
 */
export interface Multiset {
  /** Adds bytes as they come; a line may go on in the next piece. */
  push(bytes: Uint8Array): void;
  /** Ends the last line, as the end of a raw object does; returns the records since the end before. */
  endLines(): number;
  /** The sum of every ended record as 64 lower-case hex characters. */
  hex(): string;
}

const newline = 10;
/** Additions of 32-bit words that a double holds exactly: 2⁵³ / 2³². */
const exactAdditions = 2 ** 20;
/** A line cut by the end of a piece is kept up to this length, then hashed in pieces. */
const keptLineBytes = 65_536;

/**
 * Between these the kernel is not called: it may be one long line, which takes it longer than the platform. Fewer bytes are
 * short lines, however many, and more are several.
 */
const fewBytes = 512;
const manyBytes = 1_024;

/** What hashes lines: the platform and WebAssembly, the same without `node:crypto`, or JavaScript alone. */
export type MultisetEngine = 'node' | 'web' | 'portable';

/** An empty multiset. */
export function createMultiset(engine: MultisetEngine = 'node'): Multiset {
  const total = createSum();
  const hashAtOnce = engine === 'node' ? builtins().crypto?.hash : undefined;
  const startHash = engine === 'node' ? createSha256 : portableSha256;
  const kernel = engine === 'portable' ? undefined : lineKernel();
  let count = 0;
  let open: Uint8Array[] = [];
  let openBytes = 0;
  let long: Sha256 | undefined;

  function hashLine(line: Uint8Array): void {
    total.add(hashAtOnce ? hashAtOnce('sha256', line, 'buffer') : sha256Of(line));
  }

  function add(line: Uint8Array): void {
    hashLine(line);
    count += 1;
  }

  /** Adds whole lines by the kernel, from `start`; returns where it stopped: there is no newline in its reach. */
  function addByKernel(bytes: Uint8Array, start: number): number {
    const left = bytes.length - start;
    if (!kernel || (left > fewBytes && left < manyBytes)) return start;
    let at = start;
    while (at < bytes.length) {
      const reach = Math.min(at + kernel.mostBytes, bytes.length);
      const end = bytes.lastIndexOf(newline, reach - 1) + 1;
      if (end <= at) break;
      count += total.addBy((sums) => kernel.addLines(bytes.subarray(at, end), sums, hashLine));
      at = end;
    }
    return at;
  }

  function keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    openBytes += piece.length;
    if (long) {
      long.update(piece);
      return;
    }
    // Not `slice`, which on a Node Buffer is a view.
    open.push(new Uint8Array(piece));
    if (openBytes <= keptLineBytes) return;
    long = startHash();
    for (const part of open) long.update(part);
    open = [];
  }

  function endLine(): void {
    if (openBytes === 0) return;
    if (long) {
      total.addHex(long.hex());
      count += 1;
    } else {
      const line = open.length === 1 ? open[0]! : new Uint8Array(openBytes);
      if (open.length > 1) {
        let at = 0;
        for (const part of open) {
          line.set(part, at);
          at += part.length;
        }
      }
      add(line);
    }
    open = [];
    openBytes = 0;
    long = undefined;
  }

  return {
    push(bytes) {
      let start = 0;
      if (openBytes > 0) {
        const end = bytes.indexOf(newline);
        keep(end < 0 ? bytes : bytes.subarray(0, end));
        if (end < 0) return;
        endLine();
        start = end + 1;
      }
      for (;;) {
        start = addByKernel(bytes, start);
        const end = bytes.indexOf(newline, start);
        if (end < 0) break;
        if (end > start) add(bytes.subarray(start, end));
        start = end + 1;
      }
      keep(bytes.subarray(start));
    },
    endLines() {
      endLine();
      const ended = count;
      count = 0;
      return ended;
    },
    hex: () => total.hex(),
  };
}

/** Σ of two multisets: what the archive of both record sets must have. */
export function addMultisets(a: string, b: string): string {
  const sum = createSum();
  sum.addHex(a);
  sum.addHex(b);
  return sum.hex();
}

function createSum() {
  const words = new Float64Array(8);
  let pending = 0;
  const carry = (): void => {
    let over = 0;
    for (let i = 7; i >= 0; i--) {
      const sum = words[i]! + over;
      over = Math.floor(sum / 2 ** 32);
      words[i] = sum - over * 2 ** 32;
    }
    pending = 0;
  };
  return {
    add(digest: Uint8Array): void {
      for (let i = 0; i < 8; i++) {
        const at = 4 * i;
        const word = (digest[at]! << 24) | (digest[at + 1]! << 16) | (digest[at + 2]! << 8) | digest[at + 3]!;
        words[i] = words[i]! + (word >>> 0);
      }
      if (++pending === exactAdditions) carry();
    },
    /** For up to 2²¹ additions at once. */
    addBy(additions: (sums: Float64Array) => number): number {
      carry();
      const count = additions(words);
      carry();
      return count;
    },
    addHex(digest: string): void {
      for (let i = 0; i < 8; i++) words[i] = words[i]! + Number.parseInt(digest.slice(8 * i, 8 * i + 8), 16);
      if (++pending === exactAdditions) carry();
    },
    hex(): string {
      carry();
      let text = '';
      for (const word of words) text += word.toString(16).padStart(8, '0');
      return text;
    },
  };
}
