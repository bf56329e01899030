// RFC 1951. A decoder of our own, because the question "does the stream end exactly at the last bit?" has no answer in
// common to zlib, the platforms' DecompressionStream and fflate: it alone sees the padding bits, and it shares no line
// with what compressed the bytes.
import type { Inflater } from './inflater.ts';
import { InflateError } from './inflater.ts';

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const distanceExtra = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const history = 32_768;
const piece = 65_536;
const longestMatch = 258;
const fastBits = 10;
/** More than the longest header of a block: 14 + 19 · 3 + 316 · 14 bits. */
const headerBytes = 600;
/** More than a length and a distance with their extra bits: 48 bits, and what is already held. */
const symbolBytes = 16;

interface Code {
  /** Codes of up to `fastBits` bits, by the next input bits: symbol · 16 + length; 0 = longer or unused. */
  readonly fast: Uint16Array;
  readonly counts: Uint16Array;
  /** Symbols by length, then value. */
  readonly symbols: Uint16Array;
}

const noCode: Code = { fast: new Uint16Array(0), counts: new Uint16Array(16), symbols: new Uint16Array(0) };
let fixedCodes: readonly [Code, Code] | undefined;

/** Why the inner loop stopped: it wants input, it wants room, the block is through. */
const stopped = { input: 0, room: 1, block: 2 } as const;

/**
 * Decodes one raw deflate stream that must fill its input to the last bit (the padding of the last byte must be zero).
 * Gives pieces of at most 64 KiB + 258 B, each until the next one is asked for. Fails as soon as the output passes `maxBytes`.
 */
export function createStrictInflater(maxBytes: number): Inflater {
  const out = new Uint8Array(history + piece + longestMatch);
  let [write, flushed] = [0, 0];
  let total = 0;
  let input: Uint8Array = new Uint8Array(0);
  let next = 0;
  let [hold, held] = [0, 0];
  let place: 'header' | 'stored' | 'codes' | 'after' = 'header';
  let isLastBlock = false;
  let storedLeft = 0;
  let codes: readonly [Code, Code] = [noCode, noCode];

  function bits(count: number): number {
    while (held < count) {
      if (next >= input.length) throw new InflateError('truncated', 'it ends in the middle of a block');
      hold |= input[next++]! << held;
      held += 8;
    }
    const value = hold & ((1 << count) - 1);
    hold >>>= count;
    held -= count;
    return value;
  }

  function symbol(code: Code): number {
    while (held < 15 && next < input.length) {
      hold |= input[next++]! << held;
      held += 8;
    }
    const entry = code.fast[hold & ((1 << fastBits) - 1)]! || longCode(code, hold, held);
    const length = entry & 15;
    if (length > held) throw inCode();
    hold >>>= length;
    held -= length;
    return entry >>> 4;
  }

  function readHeader(): void {
    isLastBlock = bits(1) === 1;
    const kind = bits(2);
    if (kind === 3) throw new InflateError('damaged', 'a block has the reserved type');
    if (kind !== 0) {
      codes = kind === 1 ? (fixedCodes ??= makeFixedCodes()) : readCodes(bits, symbol);
      place = 'codes';
      return;
    }
    if ((hold & ((1 << (held & 7)) - 1)) !== 0) throw new InflateError('damaged', 'padding bits are set');
    hold >>>= held & 7;
    held -= held & 7;
    storedLeft = bits(16);
    if ((storedLeft ^ bits(16)) !== 0xffff) throw new InflateError('damaged', 'a stored block has a wrong length');
    if (total + storedLeft > maxBytes) throw tooLong();
    place = 'stored';
  }

  /** Copies stored bytes while there are some and while there is room; true when the block is through. */
  function copyStored(): boolean {
    for (; storedLeft > 0 && held > 0; storedLeft--, total++) out[write++] = bits(8);
    const taken = Math.min(storedLeft, input.length - next, history + piece - write);
    if (taken > 0) {
      out.set(input.subarray(next, next + taken), write);
      next += taken;
      write += taken;
      total += taken;
      storedLeft -= taken;
    }
    return storedLeft === 0;
  }

  /** The inner loop: symbols of one block, with the state in locals. */
  function copySymbols(isFinal: boolean): number {
    const [literals, distances] = codes;
    const { fast } = literals;
    const mask = (1 << fastBits) - 1;
    const end = input.length;
    const enough = isFinal ? end : end - symbolBytes;
    let [at, h, n, w, left] = [next, hold, held, write, maxBytes - total];
    let stop: number;
    for (;;) {
      if (w >= history + piece) {
        stop = stopped.room;
        break;
      }
      if (at > enough) {
        stop = stopped.input;
        break;
      }
      for (; n <= 23 && at < end; n += 8) h |= input[at++]! << n;
      let entry = fast[h & mask]! || longCode(literals, h, n);
      let length = entry & 15;
      if (length > n) throw inCode();
      h >>>= length;
      n -= length;
      const literal = entry >>> 4;
      if (literal < 256) {
        if (--left < 0) throw tooLong();
        out[w++] = literal;
        continue;
      }
      if (literal === 256) {
        stop = stopped.block;
        break;
      }
      if (literal > 285) throw new InflateError('damaged', 'a length code is reserved');
      let extra = lengthExtra[literal - 257]!;
      if (extra > n) throw inCode();
      const count = lengthBase[literal - 257]! + (h & ((1 << extra) - 1));
      h >>>= extra;
      n -= extra;
      for (; n <= 23 && at < end; n += 8) h |= input[at++]! << n;
      entry = distances.fast[h & mask]! || longCode(distances, h, n);
      length = entry & 15;
      if (length > n) throw inCode();
      h >>>= length;
      n -= length;
      const which = entry >>> 4;
      if (which > 29) throw new InflateError('damaged', 'a distance code is reserved');
      for (; n <= 23 && at < end; n += 8) h |= input[at++]! << n;
      extra = distanceExtra[which]!;
      if (extra > n) throw inCode();
      const distance = distanceBase[which]! + (h & ((1 << extra) - 1));
      h >>>= extra;
      n -= extra;
      if (distance > maxBytes - left) throw new InflateError('damaged', 'a distance reaches before the start');
      left -= count;
      if (left < 0) throw tooLong();
      for (let from = w - distance, to = w + count; w < to;) out[w++] = out[from++]!;
    }
    [next, hold, held, write, total] = [at, h, n, w, maxBytes - left];
    return stop;
  }

  function* run(isFinal: boolean): Generator<Uint8Array, void, undefined> {
    for (;;) {
      if (write >= history + piece) {
        yield out.subarray(flushed, write);
        out.copyWithin(0, write - history, write);
        flushed = write = history;
      }
      const isScarce = !isFinal && input.length - next < headerBytes;
      if (place === 'after') {
        if (next - (held >>> 3) < input.length) throw follows();
        return;
      }
      if (place === 'header') {
        if (isScarce) return;
        readHeader();
      } else if (place === 'stored') {
        if (copyStored()) place = isLastBlock ? 'after' : 'header';
        else if (next >= input.length && write < history + piece) {
          if (isFinal) throw new InflateError('truncated', 'it ends in the middle of a block');
          return;
        }
      } else {
        const stop = copySymbols(isFinal);
        if (stop === stopped.block) place = isLastBlock ? 'after' : 'header';
        if (stop === stopped.input) return;
      }
    }
  }

  return {
    *push(bytes) {
      const rest = input.length - next;
      if (rest === 0) input = bytes;
      else {
        const joined = new Uint8Array(rest + bytes.length);
        joined.set(input.subarray(next));
        joined.set(bytes, rest);
        input = joined;
      }
      next = 0;
      yield* run(false);
      // The rest in bytes of our own: the piece is its owner's again.
      input = new Uint8Array(input.subarray(next));
      next = 0;
    },
    *end() {
      yield* run(true);
      if ((hold & ((1 << (held & 7)) - 1)) !== 0) throw new InflateError('damaged', 'padding bits are set');
      if (write > flushed) yield out.subarray(flushed, write);
    },
  };
}

/** A code of more than `fastBits` bits, as an entry: symbol · 16 + length. */
function longCode(code: Code, hold: number, held: number): number {
  let value = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= 15; length++) {
    if (length > held) throw inCode();
    value |= (hold >>> (length - 1)) & 1;
    const count = code.counts[length]!;
    if (value - count < first) return (code.symbols[index + (value - first)]! << 4) | length;
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  throw new InflateError('damaged', 'a code is not in the table');
}

const inCode = (): InflateError => new InflateError('truncated', 'it ends in the middle of a code');
const tooLong = (): InflateError => new InflateError('too-long', 'it holds more than was declared');
const follows = (): InflateError => new InflateError('tail', 'bytes follow its end');

function makeFixedCodes(): readonly [Code, Code] {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256).fill(7, 256, 280);
  return [makeCode(lengths, false), makeCode(new Uint8Array(32).fill(5), false)];
}

function readCodes(bits: (count: number) => number, symbol: (code: Code) => number): readonly [Code, Code] {
  const literals = bits(5) + 257;
  const distances = bits(5) + 1;
  const lengthCodes = bits(4) + 4;
  if (literals > 286 || distances > 30) throw new InflateError('damaged', 'a block declares too many codes');
  const lengths = new Uint8Array(320);
  for (let i = 0; i < lengthCodes; i++) lengths[codeLengthOrder[i]!] = bits(3);
  const lengthCode = makeCode(lengths.subarray(0, 19), false);
  lengths.fill(0);
  for (let i = 0; i < literals + distances;) {
    const value = symbol(lengthCode);
    if (value < 16) {
      lengths[i++] = value;
      continue;
    }
    if (value === 16 && i === 0) throw new InflateError('damaged', 'a code length repeats nothing');
    const repeated = value === 16 ? lengths[i - 1]! : 0;
    const times = value === 16 ? 3 + bits(2) : value === 17 ? 3 + bits(3) : 11 + bits(7);
    if (i + times > literals + distances) throw new InflateError('damaged', 'code lengths overflow');
    lengths.fill(repeated, i, i + times);
    i += times;
  }
  if (lengths[256] === 0) throw new InflateError('damaged', 'a block has no end');
  return [makeCode(lengths.slice(0, literals), true), makeCode(lengths.slice(literals, literals + distances), true)];
}

/** Builds the tables of a canonical Huffman code; an incomplete one may only be a single code of one bit, or empty. */
function makeCode(lengths: Uint8Array, mayBeSingle: boolean): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] = counts[length]! + 1;
  counts[0] = 0;
  let left = 1;
  let longest = 0;
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - counts[length]!;
    if (left < 0) throw new InflateError('damaged', 'a code is over-subscribed');
    if (counts[length] !== 0) longest = length;
  }
  if (left > 0 && !(mayBeSingle && longest <= 1)) throw new InflateError('damaged', 'a code is incomplete');

  const nextSlot = new Uint16Array(16);
  const nextValue = new Uint16Array(16);
  for (let length = 1; length < 15; length++) {
    nextSlot[length + 1] = nextSlot[length]! + counts[length]!;
    nextValue[length + 1] = (nextValue[length]! + counts[length]!) << 1;
  }
  const symbols = new Uint16Array(lengths.length);
  const fast = new Uint16Array(1 << fastBits);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    symbols[nextSlot[length]!] = symbol;
    nextSlot[length]! += 1;
    const value = nextValue[length]!;
    nextValue[length] = value + 1;
    if (length > fastBits) return;
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((value >>> bit) & 1) << (length - 1 - bit);
    for (let at = reversed; at < fast.length; at += 1 << length) fast[at] = (symbol << 4) | length;
  });
  return { fast, counts, symbols };
}
