/** Reads lines of a learned shape straight from bytes, and compares what must not change four bytes at a time. */
import type { LineTemplate, Role } from './line-template.ts';

/** How the decimals of a line count on the grid. */
export interface DecimalScale {
  /** Decimals of the grid's step. */
  readonly decimals: number;
  /** The step in units of its last decimal. */
  readonly mantissa: number;
}

/** What the last line held that {@link LineReader.read} took. */
export interface ReadLine {
  timeMs: number;
  priceTicks: number;
  sizeLots: number;
  side: -1 | 0 | 1;
}

/** Words that stand for a side, as bytes. */
export interface SideWords {
  readonly buy: Uint8Array;
  readonly sell: Uint8Array;
}

const TIME = 0;
const PRICE = 1;
const SIZE = 2;
const SIDE = 3;
const SKIP = 4;
const END = 5;
/** What a constant is followed by. */
const codes: Readonly<Record<Role, number>> = { time: TIME, price: PRICE, size: SIZE, side: SIDE, skip: SKIP };

/** Fifteen digits are exact in a double. */
const MAX_DIGITS = 15;
const ZERO = 48;
const POINT = 46;
const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;

/** A shape in parts. */
export interface LinePlan {
  /** Bytes that must not change, before each value and after the last. */
  readonly constants: readonly Uint8Array[];
  /** What follows each of them: 0 the time, 1 the price, 2 the size, 3 the side, 4 another number, 5 the next line. */
  readonly codes: Uint8Array;
  /** 1 where the value is a string. */
  readonly quoted: Uint8Array;
  readonly price: DecimalScale;
  readonly size: DecimalScale;
  readonly side: SideWords;
}

export class LineReader {
  readonly line: ReadLine = { timeMs: 0, priceTicks: 0, sizeLots: 0, side: 0 };
  readonly plan: LinePlan;
  /** Bytes that must not change, before each value and after the last. */
  readonly #constants: readonly Uint8Array[];
  /** The same in words of four bytes; the last word of a constant overlaps the one before. */
  readonly #words: Int32Array;
  /** Where each word stands in its constant. */
  readonly #offsets: Int32Array;
  /** One past the last word of each constant. */
  readonly #ends: Int32Array;
  readonly #lengths: Int32Array;
  readonly #codes: Uint8Array;
  readonly #quoted: Uint8Array;
  readonly #price: DecimalScale;
  readonly #size: DecimalScale;
  readonly #side: SideWords;

  constructor({ slots, after }: LineTemplate, price: DecimalScale, size: DecimalScale, side: SideWords) {
    this.#constants = [...slots.map(({ before }) => before), after];
    const words = this.#constants.map(wordsOf);
    this.#words = Int32Array.from(words.flatMap((of) => of.map(({ word }) => word)));
    this.#offsets = Int32Array.from(words.flatMap((of) => of.map(({ offset }) => offset)));
    let end = 0;
    this.#ends = Int32Array.from(words, ({ length }) => (end += length));
    this.#lengths = Int32Array.from(this.#constants, ({ length }) => length);
    this.#codes = Uint8Array.from([...slots.map(({ role }) => codes[role]), END]);
    this.#quoted = Uint8Array.from(this.#constants, (before) => (before.at(-1) === QUOTE ? 1 : 0));
    this.#price = price;
    this.#size = size;
    this.#side = side;
    this.plan = { constants: this.#constants, codes: this.#codes, quoted: this.#quoted, price, size, side };
  }

  /**
   * Reads the line at `from` into {@link line} and gives the index after its newline; −1 when it has another shape, or a
   * value that needs a closer look. `view` is over `bytes`, which hold the end of the line.
   */
  read(bytes: Uint8Array, view: DataView, from: number): number {
    const words = this.#words;
    const offsets = this.#offsets;
    const ends = this.#ends;
    const lengths = this.#lengths;
    const slots = this.#codes;
    const quoted = this.#quoted;
    const size = bytes.length;
    let at = from;
    let word = 0;
    for (let i = 0; i < slots.length; i += 1) {
      const length = lengths[i]!;
      if (at + length > size) return -1;
      if (length < 4) {
        if (!startsWith(bytes, at, this.#constants[i]!)) return -1;
      } else {
        for (const end = ends[i]!; word < end; word += 1) {
          if (view.getInt32(at + offsets[word]!, true) !== words[word]) return -1;
        }
      }
      at += length;
      const code = slots[i]!;
      if (quoted[i] === 0 && code <= SIZE && hasLeadingZero(bytes, at)) return -1;
      if (code === SKIP) at = skipNumber(bytes, view, at);
      else if (code === TIME) at = this.#time(bytes, view, at);
      else if (code === SIDE) at = this.#sideWord(bytes, at);
      else if (code !== END) at = this.#decimal(bytes, at, code);
      if (at < 0) return -1;
    }
    return at;
  }

  #sideWord(bytes: Uint8Array, at: number): number {
    const { buy, sell } = this.#side;
    if (startsWith(bytes, at, buy)) {
      this.line.side = 1;
      return at + buy.length;
    }
    if (!startsWith(bytes, at, sell)) return -1;
    this.line.side = -1;
    return at + sell.length;
  }

  /** A whole number of at most fifteen digits. */
  #time(bytes: Uint8Array, view: DataView, from: number): number {
    let at = from;
    let value = 0;
    for (const last = bytes.length - 4; at <= last; at += 4) {
      const four = view.getInt32(at, true);
      if (!areDigits(four)) break;
      value = value * 10_000 + digitsOf(four);
    }
    for (; ; at += 1) {
      const digit = bytes[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    this.line.timeMs = value;
    return at > from && at - from <= MAX_DIGITS ? at : -1;
  }

  /** An unsigned decimal in steps of the grid. */
  #decimal(bytes: Uint8Array, from: number, code: number): number {
    const { decimals, mantissa } = code === PRICE ? this.#price : this.#size;
    let at = from;
    let value = 0;
    for (; ; at += 1) {
      const digit = bytes[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    let digits = at - from;
    if (digits === 0) return -1;
    let missing = decimals;
    if (bytes[at] === POINT) {
      at += 1;
      const point = at;
      for (; missing > 0; at += 1, missing -= 1) {
        const digit = bytes[at]! - ZERO;
        if (!(digit >= 0 && digit <= 9)) break;
        value = value * 10 + digit;
      }
      digits += at - point;
      // Beyond the decimals of the grid only zeros.
      while (bytes[at] === ZERO) at += 1;
      if (at === point) return -1;
    }
    if (digits + missing > MAX_DIGITS) return -1;
    let steps = missing === 0 ? value : value * POWERS[missing]!;
    if (mantissa !== 1) {
      // A quotient of safe integers that is not whole is never rounded to a whole number.
      steps /= mantissa;
      if (steps % 1 !== 0) return -1;
    }
    if (code === PRICE) this.line.priceTicks = steps;
    else this.line.sizeLots = steps;
    return at;
  }
}

/** True when each of the four bytes is an ASCII digit. */
function areDigits(four: number): boolean {
  return (four & 0xf0f0f0f0) === (0x30303030 | 0) && ((four + 0x06060606) & 0xf0f0f0f0) === (0x30303030 | 0);
}

/** The number of four ASCII digits, the first one in the lowest byte. */
function digitsOf(four: number): number {
  const digits = four & 0x0f0f0f0f;
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return Math.imul(pairs & 0xff, 100) + (pairs >>> 16);
}

/** JSON has no number with a zero before another digit. */
function hasLeadingZero(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === ZERO && isDigit(bytes[at + 1]!);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

/** Past a number of JSON; −1 where there is none. */
function skipNumber(bytes: Uint8Array, view: DataView, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  if (hasLeadingZero(bytes, at)) return -1;
  const whole = at;
  for (const last = bytes.length - 4; at <= last && areDigits(view.getInt32(at, true));) at += 4;
  while (isDigit(bytes[at]!)) at += 1;
  if (at === whole) return -1;
  if (bytes[at] === POINT) {
    const point = (at += 1);
    while (isDigit(bytes[at]!)) at += 1;
    if (at === point) return -1;
  }
  // e or E
  if ((bytes[at]! | 32) === 101) {
    at += 1;
    if (bytes[at] === PLUS || bytes[at] === MINUS) at += 1;
    const exponent = at;
    while (isDigit(bytes[at]!)) at += 1;
    if (at === exponent) return -1;
  }
  return at;
}

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i += 1) if (bytes[at + i] !== word[i]) return false;
  return true;
}

function wordsOf(bytes: Uint8Array): { word: number; offset: number }[] {
  if (bytes.length < 4) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => {
    const offset = Math.min(i * 4, bytes.length - 4);
    return { word: view.getInt32(offset, true), offset };
  });
}

const POWERS = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, i) => Number(`1e${i}`));
