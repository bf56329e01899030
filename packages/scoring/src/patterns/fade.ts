/** 1 for what just became known, 0 from `bars` bars on, a straight line between. */
export function fade(age: number, bars: number): number {
  return Math.max(0, 1 - age / bars);
}
