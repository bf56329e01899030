import { InflateError } from './inflater.ts';

/** A canonical Huffman code (RFC 1951, 3.2.2). */
export interface Code {
  /** Codes of up to `fastBits` bits, by the next input bits: symbol · 16 + length; 0 = longer or unused. */
  readonly fast: Uint16Array;
  /** How many codes there are of each length. */
  readonly counts: Uint16Array;
  /** Symbols by length, then value. */
  readonly symbols: Uint16Array;
}

export const fastBits = 10;
/** The most symbols of a code. */
const mostSymbols = 288;

/** Room for a code. */
export function createCode(): Code {
  return {
    fast: new Uint16Array(1 << fastBits),
    counts: new Uint16Array(16),
    symbols: new Uint16Array(mostSymbols),
  };
}

export const inCode = (): InflateError => new InflateError('truncated', 'it ends in the middle of a code');

/** A code of more than `fastBits` bits, as an entry: symbol · 16 + length. */
export function longCode(code: Code, hold: number, held: number): number {
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

/** The codes of blocks that bring none: literals, distances. */
export function makeFixedCodes(): readonly [Code, Code] {
  const lengths = new Uint8Array(mostSymbols).fill(8);
  lengths.fill(9, 144, 256).fill(7, 256, 280);
  const codes = [createCode(), createCode()] as const;
  setCode(codes[0], lengths, false);
  setCode(codes[1], new Uint8Array(32).fill(5), false);
  return codes;
}

const nextSlot = new Uint16Array(16);
const nextValue = new Uint16Array(16);

/** Builds the tables of a canonical code in place; an incomplete one may only be a single code of one bit, or empty. */
export function setCode({ fast, counts, symbols }: Code, lengths: Uint8Array, mayBeSingle: boolean): void {
  counts.fill(0);
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]!]! += 1;
  counts[0] = 0;
  let left = 1;
  let longest = 0;
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - counts[length]!;
    if (left < 0) throw new InflateError('damaged', 'a code is over-subscribed');
    if (counts[length] !== 0) longest = length;
  }
  if (left > 0 && !(mayBeSingle && longest <= 1)) throw new InflateError('damaged', 'a code is incomplete');

  nextSlot[1] = nextValue[1] = 0;
  for (let length = 1; length < 15; length++) {
    nextSlot[length + 1] = nextSlot[length]! + counts[length]!;
    nextValue[length + 1] = (nextValue[length]! + counts[length]!) << 1;
  }
  fast.fill(0);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    symbols[nextSlot[length]!] = symbol;
    nextSlot[length]! += 1;
    const value = nextValue[length]!;
    nextValue[length] = value + 1;
    if (length > fastBits) continue;
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((value >>> bit) & 1) << (length - 1 - bit);
    for (let at = reversed; at < fast.length; at += 1 << length) fast[at] = (symbol << 4) | length;
  }
}
