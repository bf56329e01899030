/** What a chunk must be for the kernel: the rules of `src/internal/kernel-trades.ts`, and the forms that the loops read. */
import { DOUBLE_LOTS, DOUBLE_TICKS, LOTS, SIDES, TICKS, TIMES, WIDE_LOTS } from './layout';

/** Within the range of `Date`. */
const MAX_TIME: f64 = 8.64e15;

/** Times that never fall and never leap; `before` is the one before the chunk. */
export function areTimes(count: i32, before: f64, maxJumpMs: f64): bool {
  const first = load<f64>(TIMES);
  const lastOne = load<f64>(TIMES + ((<usize>(count - 1)) << 3));
  if (!(first >= -MAX_TIME && lastOne <= MAX_TIME) || first < before) return false;
  // The pairs overlap by one; a time is behind itself.
  let rises = i64x2.splat(-1);
  let i = 1;
  for (; i + 3 < count; i += 4) {
    const p = TIMES + ((<usize>(i - 1)) << 3);
    rises = v128.and(rises, f64x2.ge(v128.load(p, 8), v128.load(p)));
    rises = v128.and(rises, f64x2.ge(v128.load(p, 24), v128.load(p, 16)));
  }
  if (!i64x2.all_true(rises)) return false;
  for (; i < count; i += 1) {
    const p = TIMES + ((<usize>i) << 3);
    if (!(load<f64>(p) >= load<f64>(p - 8))) return false;
  }
  if (first - before > maxJumpMs) return false;
  if (lastOne - first <= maxJumpMs) return true;
  for (i = 1; i < count; i += 1) {
    const p = TIMES + ((<usize>i) << 3);
    if (load<f64>(p) - load<f64>(p - 8) > maxJumpMs) return false;
  }
  return true;
}

export function areSides(count: i32): bool {
  let isSide = i8x16.splat(-1);
  let i = 0;
  for (; i + 15 < count; i += 16) {
    const shifted = i8x16.add(v128.load(SIDES + <usize>i), i8x16.splat(1));
    isSide = v128.and(isSide, i8x16.le_u(shifted, i8x16.splat(2)));
  }
  if (!i8x16.all_true(isSide)) return false;
  for (; i < count; i += 1) if (<u8>(load<i8>(SIDES + <usize>i) + 1) > 2) return false;
  return true;
}

/** Ticks of 32 bits from doubles. */
export function narrowTicks(count: i32): bool {
  // Room for one more pair.
  store<f64>(DOUBLE_TICKS + ((<usize>count) << 3), 0);
  let isWhole = i64x2.splat(-1);
  for (let i = 0; i < count; i += 2) {
    const price = v128.load(DOUBLE_TICKS + ((<usize>i) << 3));
    const ticks = i32x4.trunc_sat_f64x2_s_zero(price);
    isWhole = v128.and(isWhole, f64x2.eq(f64x2.convert_low_i32x4_s(ticks), price));
    v128.store64_lane(TICKS + ((<usize>i) << 2), ticks, 0);
  }
  return i64x2.all_true(isWhole);
}

/** The sum of sizes of 32 bits; −1 where one is not above 0. */
export function sumLots(count: i32): i64 {
  let least = i32x4.splat(1);
  let sums = i64x2.splat(0);
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const lots = v128.load(LOTS + ((<usize>i) << 2));
    least = i32x4.min_s(least, lots);
    sums = i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_s(lots), i64x2.extend_high_i32x4_s(lots)));
  }
  let sum = i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
  let isPositive = i32x4.bitmask(i32x4.gt_s(least, i32x4.splat(0))) == 15;
  for (; i < count; i += 1) {
    const lots = load<i32>(LOTS + ((<usize>i) << 2));
    if (lots < 1) isPositive = false;
    sum += lots;
  }
  return isPositive ? sum : -1;
}

/** The sum of sizes as doubles, which are written in 64 bits and in 32; −1 where one is not whole, below 1 or from 2^40 on. */
export function sumDoubleLots(count: i32): i64 {
  store<f64>(DOUBLE_LOTS + ((<usize>count) << 3), 1);
  const magic = f64x2.splat(4503599627370496);
  const mask = i64x2.splat((1 << 52) - 1);
  let isSize = i64x2.splat(-1);
  let sums = i64x2.splat(0);
  let i = 0;
  for (; i < count; i += 2) {
    const size = v128.load(DOUBLE_LOTS + ((<usize>i) << 3));
    // Adding 2^52 moves a whole number into the lower bits, and rounds any other.
    const moved = f64x2.add(size, magic);
    const inRange = v128.and(f64x2.ge(size, f64x2.splat(1)), f64x2.lt(size, f64x2.splat(1099511627776)));
    isSize = v128.and(isSize, v128.and(inRange, f64x2.eq(f64x2.sub(moved, magic), size)));
    const lots = v128.and(moved, mask);
    sums = i64x2.add(sums, lots);
    v128.store(WIDE_LOTS + ((<usize>i) << 3), lots);
    v128.store64_lane(LOTS + ((<usize>i) << 2), i8x16.shuffle(lots, lots, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11), 0);
  }
  let sum = i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
  if (i > count) sum -= 1;
  return i64x2.all_true(isSize) ? sum : -1;
}

/** Sizes in 64 bits from 32. */
export function widen(count: i32): void {
  for (let i = 0; i < count; i += 1) store<i64>(WIDE_LOTS + ((<usize>i) << 3), load<i32>(LOTS + ((<usize>i) << 2)));
}
