/**
 * JSON lines of a learned shape to trades, sixteen bytes at a time. Never takes a line that `src/internal/line-reader.ts`
 * does not take; what it leaves (a value longer than sixteen characters, say) goes there.
 */
import {
  DONE,
  DRAIN,
  LINES,
  LINE_LOTS,
  LINE_SIDES,
  LINE_TICKS,
  LINE_TIMES,
  OTHER,
  SHAPE,
  TEXT,
} from './layout';

/**
 * The shape, as the host writes it. First the words of a buy and a sell: each its bytes, a mask over them, and its length
 * in sixteen bytes. Then each stretch of constant bytes: length, what follows, whether that is in quotes and, of our own,
 * how long it was the last time (a byte each), number of blocks (32 bits else), and per block of sixteen bytes these and a
 * mask over them.
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

/** What {@link readDecimal} and {@link readTime} found. */
let value: f64 = 0;

/** Steps of the grid: decimals, and the step in units of its last decimal. */
export function setScales(ofPrice: i32, pricesOf: f64, ofSize: i32, sizesOf: f64): void {
  priceDecimals = ofPrice;
  priceMantissa = pricesOf;
  sizeDecimals = ofSize;
  sizeMantissa = sizesOf;
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

/** The place after the line; 0 when it has another shape. Nothing goes past the newline at `end` but a word with one in it. */
function readLine(from: usize, end: usize): usize {
  let p = from;
  let stretch = STRETCHES;
  const row = <usize>lines;
  while (true) {
    const follows = load<i32>(stretch, 4);
    const next = stretch + 16 + 32 * <usize>load<u32>(stretch, 12);
    for (let block = stretch + 16, q = p; block < next; block += 32, q += 16) {
      const differs = v128.and(v128.xor(v128.load(q), v128.load(block)), v128.load(block, 16));
      if (v128.any_true(differs)) return 0;
    }
    p += <usize>load<u32>(stretch);
    const before = stretch;
    stretch = next;
    if (follows == SKIP) {
      p = skipNumber(p, before);
      if (p == 0) return 0;
    } else if (follows == SIDE) {
      const text = v128.load(p);
      const isBuy = isWord(text, BUY);
      if (!(<i32>isBuy | <i32>isWord(text, SELL))) return 0;
      store<i8>(LINE_SIDES + row, select<i8>(1, -1, isBuy));
      p += <usize>select(load<u32>(BUY, 32), load<u32>(SELL, 32), isBuy);
    } else if (follows == PRICE) {
      p = readDecimal(p, before, priceDecimals, priceMantissa);
      if (p == 0) return 0;
      store<f64>(LINE_TICKS + (row << 3), value);
    } else if (follows == SIZE) {
      p = readDecimal(p, before, sizeDecimals, sizeMantissa);
      if (p == 0) return 0;
      store<f64>(LINE_LOTS + (row << 3), value);
    } else if (follows == TIME) {
      p = readTime(p, before);
      if (p == 0) return 0;
      store<f64>(LINE_TIMES + (row << 3), value);
    } else return p > end ? 0 : p;
  }
}

// @ts-ignore: decorator
@inline
function isWord(text: v128, word: usize): bool {
  return !v128.any_true(v128.and(v128.xor(text, v128.load(word)), v128.load(word, 16)));
}

// @ts-ignore: decorator
@inline
function digitMask(digits: v128): i32 {
  return i8x16.bitmask(i8x16.lt_u(digits, i8x16.splat(10)));
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

/** A whole number of at most fifteen digits. */
function readTime(p: usize, stretch: usize): usize {
  const digits = i8x16.sub(v128.load(p), i8x16.splat(48));
  const count = ctz(~digitMask(digits));
  if (count == 0 || count > MAX_DIGITS || (!isQuoted(stretch) && hasLeadingZero(p))) return 0;
  value = <f64>numberOf(digits, count, 0, 16);
  return p + lengthLike(stretch, count);
}

/** An unsigned decimal in steps of the grid. Its length and its point change from line to line: no branch asks for them. */
function readDecimal(p: usize, stretch: usize, decimals: i32, mantissa: f64): usize {
  const digits = i8x16.sub(v128.load(p), i8x16.splat(48));
  // One bit a byte, set from the seventeenth on.
  const others = ~digitMask(digits);
  const whole = ctz(others);
  if (whole == 0 || whole > MAX_DIGITS || (!isQuoted(stretch) && hasLeadingZero(p))) return 0;
  const hasPoint = load<u8>(p + <usize>whole) == 46;
  const length = select(ctz(others & (others - 1)), whole, hasPoint);
  const written = select(length - whole - 1, 0, hasPoint);
  const fraction = min(written, decimals);
  // Beyond the decimals of the grid only zeros.
  const zeros = i8x16.bitmask(i8x16.eq(digits, i8x16.splat(0)));
  const beyond = ((1 << (written - fraction)) - 1) << (whole + 1 + fraction);
  const count = whole + fraction;
  if ((<i32>hasPoint & <i32>(written == 0)) | <i32>((zeros & beyond) != beyond)) return 0;
  if (whole + decimals > MAX_DIGITS) return 0;
  value = <f64>numberOf(digits, count, decimals - fraction, whole);
  if (mantissa != 1) {
    // A quotient of safe integers that is not whole is never rounded to a whole number.
    value /= mantissa;
    if (Math.floor(value) != value) return 0;
  }
  return p + lengthLike(stretch, length);
}

/** The number of `count` digits and `zeros` behind them; the digits from `point` on stand one byte further. */
// @ts-ignore: decorator
@inline
function numberOf(digits: v128, count: i32, zeros: i32, point: i32): i64 {
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  // To the right end. Lanes before the first digit get an index below 0, those behind the last one −1: both read as 0.
  const moved = i8x16.sub(lanes, i8x16.splat(<i8>(16 - count - zeros)));
  const skipped = i8x16.sub(moved, i8x16.ge_s(moved, i8x16.splat(<i8>point)));
  const index = v128.or(skipped, i8x16.ge_s(moved, i8x16.splat(<i8>count)));
  const sixteen = i8x16.swizzle(digits, index);
  const weights = i16x8(1000, 100, 10, 1, 1000, 100, 10, 1);
  const upper = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(sixteen), weights);
  const lower = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(sixteen), weights);
  const fours = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(upper, lower), i16x8.splat(1));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  return <i64>i32x4.extract_lane(eights, 0) * 100000000 + <i64>i32x4.extract_lane(eights, 1);
}

/** Past a number of JSON; 0 when there is none. */
function skipNumber(from: usize, stretch: usize): usize {
  let p = from;
  const count = digitsAt(p);
  if (count > 0 && count < 16 && !hasLeadingZero(p) && !goesOn(p + <usize>count)) return p + lengthLike(stretch, count);
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
  return ctz(~digitMask(i8x16.sub(v128.load(p), i8x16.splat(48))));
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
