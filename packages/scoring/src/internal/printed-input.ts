/** Indicators are doubles; 12 significant digits leave out what only their binary form says. */
export function printedInput(value: number | null | undefined): number | null {
  return value === undefined || value === null ? null : Number(value.toPrecision(12));
}
