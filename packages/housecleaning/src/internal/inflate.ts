// RFC 1951. A decoder of our own, because the question "does the stream end exactly at the last byte?" has no answer in
// common to zlib, the platforms' DecompressionStream and fflate, and because two independent implementations (fflate
// encodes, this decodes) have to agree before anything is deleted.

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
const fastBits = 10;

/** Says in a few words what is wrong with the stream. */
export class InflateError extends Error {}

interface Code {
  /** Codes of up to `fastBits` bits, by the next input bits: symbol · 16 + length; 0 = longer or unused. */
  readonly fast: Uint16Array;
  readonly counts: Uint16Array;
  /** Symbols by length, then value. */
  readonly symbols: Uint16Array;
}

let fixedCodes: readonly [Code, Code] | undefined;

/**
 * Decodes one raw deflate stream that must fill `input` to its last bit (the padding of the last byte must be zero).
 * Yields pieces of at most 64 KiB + 258 B; a piece is the caller's to keep.
 *
 * @throws InflateError for anything else, and as soon as the output passes `maxBytes`.
 */
export function* inflateExactly(input: Uint8Array, maxBytes: number): Generator<Uint8Array, void, undefined> {
  const out = new Uint8Array(history + piece + 258);
  let write = 0;
  let flushed = 0;
  let total = 0;
  let next = 0;
  let hold = 0;
  let held = 0;

  function bits(count: number): number {
    while (held < count) {
      if (next >= input.length) throw new InflateError('it ends in the middle of a block');
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
    const entry = code.fast[hold & ((1 << fastBits) - 1)]!;
    if (entry !== 0) {
      const length = entry & 15;
      if (length > held) throw new InflateError('it ends in the middle of a code');
      hold >>>= length;
      held -= length;
      return entry >>> 4;
    }
    let value = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= 15; length++) {
      if (length > held) throw new InflateError('it ends in the middle of a code');
      value |= (hold >>> (length - 1)) & 1;
      const count = code.counts[length]!;
      if (value - count < first) {
        hold >>>= length;
        held -= length;
        return code.symbols[index + (value - first)]!;
      }
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    throw new InflateError('a code is not in the table');
  }

  for (let last = 0; last === 0;) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 3) throw new InflateError('a block has the reserved type');
    if (kind === 0) {
      if (hold !== 0 && (hold & ((1 << (held & 7)) - 1)) !== 0) throw new InflateError('padding bits are set');
      hold >>>= held & 7;
      held -= held & 7;
      const size = bits(16);
      if ((size ^ bits(16)) !== 0xffff) throw new InflateError('a stored block has a wrong length');
      if (total + size > maxBytes) throw new InflateError('it holds more than was declared');
      for (let left = size; left > 0; left--) {
        out[write++] = bits(8);
        if (write >= history + piece) {
          yield out.slice(flushed, write);
          out.copyWithin(0, write - history, write);
          flushed = write = history;
        }
      }
      total += size;
      continue;
    }
    const [literals, distances] = kind === 1 ? (fixedCodes ??= makeFixedCodes()) : readCodes(bits, symbol);
    for (;;) {
      const literal = symbol(literals);
      if (literal < 256) {
        if (++total > maxBytes) throw new InflateError('it holds more than was declared');
        out[write++] = literal;
      } else if (literal === 256) {
        break;
      } else {
        if (literal > 285) throw new InflateError('a length code is reserved');
        const length = lengthBase[literal - 257]! + bits(lengthExtra[literal - 257]!);
        const which = symbol(distances);
        if (which > 29) throw new InflateError('a distance code is reserved');
        const distance = distanceBase[which]! + bits(distanceExtra[which]!);
        if (distance > total) throw new InflateError('a distance reaches before the start');
        total += length;
        if (total > maxBytes) throw new InflateError('it holds more than was declared');
        for (let from = write - distance, end = write + length; write < end;) out[write++] = out[from++]!;
      }
      if (write >= history + piece) {
        yield out.slice(flushed, write);
        out.copyWithin(0, write - history, write);
        flushed = write = history;
      }
    }
  }
  if (next - (held >>> 3) !== input.length) throw new InflateError('bytes follow its end');
  if ((hold & ((1 << (held & 7)) - 1)) !== 0) throw new InflateError('padding bits are set');
  if (write > flushed) yield out.slice(flushed, write);
}

function makeFixedCodes(): readonly [Code, Code] {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256).fill(7, 256, 280);
  return [makeCode(lengths, false), makeCode(new Uint8Array(32).fill(5), false)];
}

function readCodes(bits: (count: number) => number, symbol: (code: Code) => number): readonly [Code, Code] {
  const literals = bits(5) + 257;
  const distances = bits(5) + 1;
  const lengthCodes = bits(4) + 4;
  if (literals > 286 || distances > 30) throw new InflateError('a block declares too many codes');
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
    if (value === 16 && i === 0) throw new InflateError('a code length repeats nothing');
    const repeated = value === 16 ? lengths[i - 1]! : 0;
    const times = value === 16 ? 3 + bits(2) : value === 17 ? 3 + bits(3) : 11 + bits(7);
    if (i + times > literals + distances) throw new InflateError('code lengths overflow');
    lengths.fill(repeated, i, i + times);
    i += times;
  }
  if (lengths[256] === 0) throw new InflateError('a block has no end');
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
    if (left < 0) throw new InflateError('a code is over-subscribed');
    if (counts[length] !== 0) longest = length;
  }
  if (left > 0 && !(mayBeSingle && longest <= 1)) throw new InflateError('a code is incomplete');

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
