/**
 * JSON lines of a learned shape to trades, sixteen bytes at a time. Never takes a line that `src/internal/line-reader.ts`
 * does not take; what it leaves (a value longer than sixteen characters, say) goes there.
 */
import {
  DONE,
  DRAIN,
  LANES,
  LINES,
  LINE_LOTS,
  LINE_SIDES,
  LINE_TICKS,
  LINE_TIMES,
  OTHER,
  PRICE_LANES,
  SHAPE,
  SIZE_LANES,
  TEXT,
} from './layout';

/**
 * The shape, as the host writes it. First the words of a buy and a sell: each its bytes, a mask over them, and its length
 * in sixteen bytes. Then each stretch of constant bytes: length, what follows, whether that is in quotes and, of our own,
 * how long it was the last time (a byte each), number of blocks, at least 1 (32 bits else), and per block of sixteen bytes
 * these and a mask over them.
 */
const BUY: usize = SHAPE;
const SELL: usize = SHAPE + 48;
const STRETCHES: usize = SHAPE + 96;

/** What follows constant bytes; the codes of `src/internal/line-reader.ts`. */
const TIME: i32 = 0;
const PRICE: i32 = 1;
const SIZE: i32 = 2;
const SIDE: i32 = 3;
const SKIP: i32 = 4;

/** Fifteen digits are exact in a double. */
const MAX_DIGITS: i32 = 15;

let at: usize = TEXT;
let lines: i32 = 0;
let priceDecimals: i32 = 0;
let sizeDecimals: i32 = 0;
let priceMantissa: f64 = 1;
let sizeMantissa: f64 = 1;

/** Whether {@link LANES} were written. */
let hasLanes: bool = false;

/** Steps of the grid: decimals, and the step in units of its last decimal. */
export function setScales(ofPrice: i32, pricesOf: f64, ofSize: i32, sizesOf: f64): void {
  if (!hasLanes || ofPrice != priceDecimals) writeDecimalLanes(PRICE_LANES, ofPrice);
  if (!hasLanes || ofSize != sizeDecimals) writeDecimalLanes(SIZE_LANES, ofSize);
  if (!hasLanes) {
    v128.store(LANES, i8x16.splat(-1));
    v128.store(LANES + 16, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  }
  hasLanes = true;
  priceDecimals = ofPrice;
  priceMantissa = pricesOf;
  sizeDecimals = ofSize;
  sizeMantissa = sizesOf;
}

/** To the right end, without the point, with the decimals of the grid; lanes that no digit goes to read as 0. */
function writeDecimalLanes(lanes: usize, decimals: i32): void {
  for (let whole = 1; whole < 16; whole += 1) {
    for (let length = whole; length <= 16; length += 1) {
      const fraction = max(0, min(length - whole - 1, decimals));
      const entry = lanesOf(lanes, whole, length);
      for (let lane = 0; lane < 16; lane += 1) {
        const digit = lane - (16 - whole - decimals);
        let from = digit < whole ? digit : digit + 1;
        if (digit < 0 || digit >= whole + fraction) from = -1;
        store<u8>(entry + <usize>lane, <u8>from);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function lanesOf(lanes: usize, whole: i32, length: i32): usize {
  return lanes + ((<usize>whole) << 8) + ((<usize>(length - 1)) << 4);
}

/** Trades that wait for the host. */
export function waitingLines(): i32 {
  return lines;
}

/** Index in the text of the next line. */
export function textAt(): i32 {
  return <i32>(at - TEXT);
}

/** Reads on from an index of the text that ends at `bytes`, after a newline. The host has fetched what waited. */
export function readLines(from: i32, bytes: i32): i32 {
  const end = TEXT + <usize>bytes;
  at = TEXT + <usize>from;
  lines = 0;
  while (at < end) {
    if (lines == LINES) return DRAIN;
    const next = readLine(at, end);
    if (next == 0) return OTHER;
    at = next;
    lines += 1;
  }
  return DONE;
}

/**
 * The place after the line; 0 when it has another shape. What must not change is looked at once, at the end: until then
 * the values may be any bytes. Nothing goes past the newline at `end` but a word with one in it.
 */
function readLine(from: usize, end: usize): usize {
  let p = from;
  let stretch = STRETCHES;
  let differs = i64x2.splat(0);
  const row = <usize>lines;
  while (true) {
    const follows = load<i32>(stretch, 4);
    const next = stretch + 16 + 32 * <usize>load<u32>(stretch, 12);
    differs = v128.or(differs, v128.and(v128.xor(v128.load(p), v128.load(stretch, 16)), v128.load(stretch, 32)));
    // Most are no longer than one.
    for (let block = stretch + 48, q = p + 16; block < next; block += 32, q += 16) {
      differs = v128.or(differs, v128.and(v128.xor(v128.load(q), v128.load(block)), v128.load(block, 16)));
    }
    p += <usize>load<u32>(stretch);
    const before = stretch;
    stretch = next;
    if (follows == SKIP) {
      const count = digitsAt(p);
      if (count > 0 && count < 16 && !hasLeadingZero(p) && !goesOn(p + <usize>count)) p += lengthLike(before, count);
      else {
        if (v128.any_true(differs)) return 0;
        p = skipNumber(p);
        if (p == 0) return 0;
      }
    } else if (follows == SIDE) {
      const text = v128.load(p);
      const isBuy = isWord(text, BUY);
      if (!(<i32>isBuy | <i32>isWord(text, SELL))) return 0;
      store<i8>(LINE_SIDES + row, select<i8>(1, -1, isBuy));
      p += <usize>select(load<u32>(BUY, 32), load<u32>(SELL, 32), isBuy);
    } else if (follows == PRICE) {
      p = readDecimal(p, before, priceDecimals, priceMantissa, PRICE_LANES, LINE_TICKS + (row << 3));
      if (p == 0) return 0;
    } else if (follows == SIZE) {
      p = readDecimal(p, before, sizeDecimals, sizeMantissa, SIZE_LANES, LINE_LOTS + (row << 3));
      if (p == 0) return 0;
    } else if (follows == TIME) {
      const digits = i8x16.sub(v128.load(p), i8x16.splat(48));
      const count = ctz(othersOf(digits));
      if (count == 0 || count > MAX_DIGITS || (!isQuoted(before) && hasLeadingZero(p))) return 0;
      const sixteen = i8x16.swizzle(digits, v128.load(LANES + <usize>count));
      store<f64>(LINE_TIMES + (row << 3), <f64>sixteenDigits(sixteen));
      p += lengthLike(before, count);
    } else return p > end || v128.any_true(differs) ? 0 : p;
  }
}

// @ts-ignore: decorator
@inline
function isWord(text: v128, word: usize): bool {
  return !v128.any_true(v128.and(v128.xor(text, v128.load(word)), v128.load(word, 16)));
}

/** A bit for each of sixteen bytes less 48 that is no digit, and one behind them. */
// @ts-ignore: decorator
@inline
function othersOf(digits: v128): i32 {
  return i8x16.bitmask(i8x16.add_sat_u(digits, i8x16.splat(118))) | 65536;
}

// @ts-ignore: decorator
@inline
function isQuoted(stretch: usize): bool {
  return load<u8>(stretch, 8) != 0;
}

/**
 * The length itself, by way of the last one of this value: most lines have the same, and a processor that guesses so begins
 * what follows before it knows.
 */
// @ts-ignore: decorator
@inline
function lengthLike(stretch: usize, length: i32): usize {
  const usual = load<u8>(stretch, 9);
  if (usual == length) return usual;
  store<u8>(stretch, <u8>length, 9);
  return length;
}

// @ts-ignore: decorator
@inline
function isDigit(p: usize): bool {
  return <u32>load<u8>(p) - 48 < 10;
}

/** JSON has no number with a zero before another digit. */
// @ts-ignore: decorator
@inline
function hasLeadingZero(p: usize): bool {
  return load<u8>(p) == 48 && isDigit(p + 1);
}

/**
 * An unsigned decimal in steps of the grid; gives the place after it, or 0. Its length and its point change from line to
 * line: no branch asks for them.
 */
// @ts-ignore: decorator
@inline
function readDecimal(p: usize, stretch: usize, decimals: i32, mantissa: f64, lanes: usize, target: usize): usize {
  const digits = i8x16.sub(v128.load(p), i8x16.splat(48));
  const others = othersOf(digits);
  const whole = ctz(others);
  if (whole == 0 || whole + decimals > MAX_DIGITS || (!isQuoted(stretch) && hasLeadingZero(p))) return 0;
  const hasPoint = load<u8>(p + <usize>whole) == 46;
  const length = select(ctz(others & (others - 1)), whole, hasPoint);
  if (<i32>hasPoint & <i32>(length == whole + 1)) return 0;
  if (length > whole + 1 + decimals) {
    // Beyond the decimals of the grid only zeros.
    const beyond = ((1 << length) - 1) & ~((1 << (whole + 1 + decimals)) - 1);
    if ((i8x16.bitmask(i8x16.eq(digits, i8x16.splat(0))) & beyond) != beyond) return 0;
  }
  const sixteen = i8x16.swizzle(digits, v128.load(lanesOf(lanes, whole, length)));
  let value = <f64>(whole + decimals > 8 ? sixteenDigits(sixteen) : eightDigits(i16x8.extend_high_i8x16_u(sixteen)));
  if (mantissa != 1) {
    // A quotient of safe integers that is not whole is never rounded to a whole number.
    value /= mantissa;
    if (Math.floor(value) != value) return 0;
  }
  store<f64>(target, value);
  return p + lengthLike(stretch, length);
}

// @ts-ignore: decorator
@inline
function sixteenDigits(sixteen: v128): i64 {
  const weights = i16x8(1000, 100, 10, 1, 1000, 100, 10, 1);
  const upper = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(sixteen), weights);
  const lower = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(sixteen), weights);
  const fours = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(upper, lower), i16x8.splat(1));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  return <i64>i32x4.extract_lane(eights, 0) * 100000000 + <i64>i32x4.extract_lane(eights, 1);
}

// @ts-ignore: decorator
@inline
function eightDigits(eight: v128): i64 {
  const pairs = i32x4.dot_i16x8_s(eight, i16x8(1000, 100, 10, 1, 1000, 100, 10, 1));
  const fours = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(pairs, pairs), i16x8.splat(1));
  return i32x4.extract_lane(fours, 0) * 10000 + i32x4.extract_lane(fours, 1);
}

/** Past a number of JSON; 0 when there is none. */
function skipNumber(from: usize): usize {
  let p = from;
  if (load<u8>(p) == 45) p += 1;
  if (!isDigit(p) || hasLeadingZero(p)) return 0;
  p = pastDigits(p);
  if (load<u8>(p) == 46) {
    p += 1;
    if (!isDigit(p)) return 0;
    p = pastDigits(p);
  }
  if ((load<u8>(p) | 32) == 101) {
    p += 1;
    const sign = load<u8>(p);
    if (sign == 43 || sign == 45) p += 1;
    if (!isDigit(p)) return 0;
    p = pastDigits(p);
  }
  return p;
}

/** True for a byte that may follow the digits of a number within it. */
// @ts-ignore: decorator
@inline
function goesOn(p: usize): bool {
  const byte = load<u8>(p);
  return byte == 46 || (byte | 32) == 101;
}

// @ts-ignore: decorator
@inline
function digitsAt(p: usize): i32 {
  return ctz(othersOf(i8x16.sub(v128.load(p), i8x16.splat(48))));
}

// @ts-ignore: decorator
@inline
function pastDigits(from: usize): usize {
  let p = from;
  while (true) {
    const count = digitsAt(p);
    p += <usize>count;
    if (count < 16) return p;
  }
}
