/** Scores are kept to a millionth of a point. */
export const microPerPoint = 1_000_000;

/**
 * 50 + `offset` within 0 to 100, to a millionth, rounded half away from 50: opposite offsets always give scores that add
 * up to exactly 100.
 */
export function scoreFromOffset(offset: number): number {
  const size = Math.min(50 * microPerPoint, Math.round(Math.abs(offset) * microPerPoint));
  return (50 * microPerPoint + Math.sign(offset) * size) / microPerPoint;
}

/** The value within −1 to 1. */
export function clampUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}

/** For people: at most six significant digits, no exponent for everyday sizes, no trailing zeros. */
export function words(value: number): string {
  return String(Number(value.toPrecision(6)));
}
