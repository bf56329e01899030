/** The running delta of the open bar. */
import { lowestLane, highestLane } from './lanes';
import { LOTS, SIDES, WIDE_LOTS } from './layout';

export let delta: i64 = 0;
export let minDelta: i64 = 0;
export let maxDelta: i64 = 0;

/** A bar begins. */
export function resetDelta(): void {
  delta = 0;
  minDelta = 0;
  maxDelta = 0;
}

/** The running delta and its extremes, four prints at a time; the lots of the bar are below 2^31. */
export function carryDelta(from: i32, to: i32): void {
  let sum = i32x4.splat(<i32>delta);
  let lowest = i32x4.splat(<i32>minDelta);
  let highest = i32x4.splat(<i32>maxDelta);
  const none = i32x4.splat(0);
  let i = from;
  for (; i + 3 < to; i += 4) {
    const side = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(SIDES + <usize>i)));
    let steps = i32x4.mul(side, v128.load(LOTS + ((<usize>i) << 2)));
    // Lane n becomes the sum of the lanes up to n.
    steps = i32x4.add(steps, i8x16.shuffle(none, steps, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
    steps = i32x4.add(steps, i8x16.shuffle(none, steps, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
    steps = i32x4.add(steps, sum);
    lowest = i32x4.min_s(lowest, steps);
    highest = i32x4.max_s(highest, steps);
    sum = i8x16.shuffle(steps, steps, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
  }
  let running = i32x4.extract_lane(sum, 0);
  let least = lowestLane(lowest);
  let most = highestLane(highest);
  for (; i < to; i += 1) {
    running += <i32>load<i8>(SIDES + <usize>i) * load<i32>(LOTS + ((<usize>i) << 2));
    least = min(least, running);
    most = max(most, running);
  }
  delta = running;
  minDelta = least;
  maxDelta = most;
}

/** {@link carryDelta} for lots of 64 bits. */
export function carryWideDelta(from: i32, to: i32): void {
  let running = delta;
  let least = minDelta;
  let most = maxDelta;
  for (let i = from; i < to; i += 1) {
    running += <i64>load<i8>(SIDES + <usize>i) * load<i64>(WIDE_LOTS + ((<usize>i) << 3));
    least = min(least, running);
    most = max(most, running);
  }
  delta = running;
  minDelta = least;
  maxDelta = most;
}
