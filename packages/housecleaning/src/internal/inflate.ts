// RFC 1951. A decoder of our own, because the question "does the stream end exactly at the last bit?" has no answer in
// common to zlib, the platforms' DecompressionStream and fflate: it alone sees the padding bits, and it shares no line
// with what compressed the bytes.
import { createCode, fastBits, inCode, longCode, makeFixedCodes, setCode, type Code } from './huffman.ts';
import { returnInflateKernel, takeInflateKernel, type Meanings } from './inflate-kernel.ts';
import type { Inflater } from './inflater.ts';
import { InflateError } from './inflater.ts';
import { sliceBytes } from './slices.ts';

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
const longestMatch = 258;
/** A slice, with the match that goes beyond. */
const piece = sliceBytes - longestMatch;
/** More than the longest header of a block: 14 + 19 · 3 + 316 · 14 bits. */
const headerBytes = 600;
/** More than a length and a distance with their extra bits: 48 bits, and what is already held. */
const symbolBytes = 16;

let fixedCodes: readonly [Code, Code] | undefined;

/** A step of the input, which leaves room in the kernel's for the rest of the one before. */
const stepBytes = 65_536;

/** As the kernel has them: bits of the code (to be added), extra bits · 16, kind · 256, value · 65,536. */
const kinds = { literal: 0, length: 1, endOfBlock: 2, reserved: 3 } as const;
const meanings: Meanings = {
  literals: Uint32Array.from({ length: 288 }, (_, symbol) => {
    if (symbol < 256) return meaning(kinds.literal, symbol);
    if (symbol === 256) return meaning(kinds.endOfBlock, 0);
    if (symbol > 285) return meaning(kinds.reserved, 0);
    return meaning(kinds.length, lengthBase[symbol - 257]!, lengthExtra[symbol - 257]);
  }),
  distances: Uint32Array.from({ length: 32 }, (_, symbol) =>
    symbol > 29 ? meaning(kinds.reserved, 0) : meaning(kinds.length, distanceBase[symbol]!, distanceExtra[symbol]),
  ),
};

function meaning(kind: number, value: number, extraBits = 0): number {
  return (value << 16) | (kind << 8) | (extraBits << 4);
}

/** Why the inner loop stopped: it wants input, it wants room, the block is through. */
const stopped = { input: 0, room: 1, block: 2 } as const;

/**
 * Decodes one raw deflate stream that must fill its input to the last bit (the padding of the last byte must be zero).
 * Gives pieces of at most 256 KiB, each until the next one is asked for. Fails as soon as the output passes `maxBytes`.
 */
export function createStrictInflater(maxBytes: number, usesKernel = true): Inflater {
  const kernel = usesKernel ? takeInflateKernel(meanings) : undefined;
  const out = kernel?.output ?? new Uint8Array(history + piece + longestMatch);
  let [write, flushed] = [0, 0];
  let total = 0;
  let input: Uint8Array = new Uint8Array(0);
  let next = 0;
  let [hold, held] = [0, 0];
  let place: 'header' | 'stored' | 'codes' | 'after' = 'header';
  let isLastBlock = false;
  let storedLeft = 0;
  const lengths = new Uint8Array(320);
  const lengthCode = createCode();
  const ownCodes: readonly [Code, Code] = [createCode(), createCode()];
  let codes = ownCodes;

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
      if (kind === 2) readCodes();
      codes = kind === 1 ? (fixedCodes ??= makeFixedCodes()) : ownCodes;
      kernel?.setCodes(...codes);
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

  /** The codes that a block brings, into `ownCodes`. */
  function readCodes(): void {
    const literals = bits(5) + 257;
    const count = literals + bits(5) + 1;
    const lengthCodes = bits(4) + 4;
    if (literals > 286 || count - literals > 30) throw new InflateError('damaged', 'a block declares too many codes');
    lengths.fill(0);
    for (let i = 0; i < lengthCodes; i++) lengths[codeLengthOrder[i]!] = bits(3);
    setCode(lengthCode, lengths.subarray(0, 19), false);
    lengths.fill(0);
    for (let i = 0; i < count;) {
      const value = symbol(lengthCode);
      if (value < 16) {
        lengths[i++] = value;
        continue;
      }
      if (value === 16 && i === 0) throw new InflateError('damaged', 'a code length repeats nothing');
      const repeated = value === 16 ? lengths[i - 1]! : 0;
      const times = value === 16 ? 3 + bits(2) : value === 17 ? 3 + bits(3) : 11 + bits(7);
      if (i + times > count) throw new InflateError('damaged', 'code lengths overflow');
      lengths.fill(repeated, i, i + times);
      i += times;
    }
    if (lengths[256] === 0) throw new InflateError('damaged', 'a block has no end');
    setCode(ownCodes[0], lengths.subarray(0, literals), true);
    setCode(ownCodes[1], lengths.subarray(literals, count), true);
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

  /** Symbols of one block: by the kernel, as far as it goes. */
  function copySymbols(isFinal: boolean): number {
    if (kernel) {
      const at = { next, hold, held, write };
      const most = write + Math.min(maxBytes - total, out.length);
      const isOver = kernel.run(at, input.length, Math.min(history + piece, most), most);
      total += at.write - write;
      ({ next, hold, held, write } = at);
      if (isOver) return stopped.block;
    }
    return copySymbolsHere(isFinal);
  }

  /** The inner loop, with the state in locals. */
  function copySymbolsHere(isFinal: boolean): number {
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

  /** Puts bytes behind the rest of the input, in memory of our own: the piece is its owner's again afterwards. */
  function take(bytes: Uint8Array): void {
    const rest = input.subarray(next);
    const joined = kernel?.input.subarray(0, rest.length + bytes.length) ?? new Uint8Array(rest.length + bytes.length);
    joined.set(rest);
    joined.set(bytes, rest.length);
    input = joined;
    next = 0;
  }

  return {
    *push(bytes) {
      for (let at = 0; at < bytes.length; at += stepBytes) {
        take(bytes.subarray(at, at + stepBytes));
        yield* run(false);
      }
    },
    *end() {
      yield* run(true);
      if ((hold & ((1 << (held & 7)) - 1)) !== 0) throw new InflateError('damaged', 'padding bits are set');
      if (write > flushed) yield out.subarray(flushed, write);
      returnInflateKernel(kernel);
    },
  };
}

const tooLong = (): InflateError => new InflateError('too-long', 'it holds more than was declared');
const follows = (): InflateError => new InflateError('tail', 'bytes follow its end');
