/** Point of control and value area over sorted rows, in indices of the rows. */
import { addExact, compareExact, multiplyExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { FootprintRow } from '../footprint-bar.ts';
import { FootprintError } from '../errors.ts';

/** The columns of a row that carry volume. */
export type VolumeRow = Pick<FootprintRow, 'priceTicks' | 'buyLots' | 'sellLots' | 'unknownLots'>;

/** How the value area grows around the point of control. */
export type ValueAreaMethod = 'one-row' | 'two-row' | 'sorted';

/** A share of the volume as an exact ratio, and how to collect it. */
export interface ValueAreaRule {
  readonly numerator: number;
  readonly denominator: number;
  readonly method: ValueAreaMethod;
}

/** Row indices, both inclusive, and the volume that was collected. */
export interface ValueAreaRange {
  readonly low: number;
  readonly high: number;
  readonly volumeLots: ExactInt;
}

export function valueAreaRule(percent: number, method: string = 'two-row'): ValueAreaRule {
  const numerator = Math.round(percent * 1e6);
  if (!(percent > 0 && percent <= 100) || numerator / 1e6 !== percent) {
    throw new FootprintError(
      'bad-option',
      `Value area percent "${percent}" is not a number above 0 and up to 100 with at most 6 decimals. Pass 70, for example.`,
      percent,
    );
  }
  if (method !== 'one-row' && method !== 'two-row' && method !== 'sorted') {
    throw new FootprintError(
      'bad-option',
      `Value area method "${method}" is unknown. Pass 'two-row', 'one-row' or 'sorted'.`,
      method,
    );
  }
  const divisor = greatestCommonDivisor(numerator, 1e8);
  return { numerator: numerator / divisor, denominator: 1e8 / divisor, method };
}

export function rowVolume(row: VolumeRow): ExactInt {
  return addExact(addExact(row.buyLots, row.sellLots), row.unknownLots);
}

/** Point of control and value area of rows; `undefined` without rows. */
export function areaOf(
  rows: readonly VolumeRow[],
  rowTicks: number,
  rule: ValueAreaRule,
): (ValueAreaRange & { readonly poc: number }) | undefined {
  if (rows.length === 0) return undefined;
  const volumes = volumesOf(rows);
  const poc = mostTraded(rows, volumes);
  const { low, high, volumeLots } = collect(rows, volumes, poc, rowTicks, rule);
  return { poc, low, high, volumeLots };
}

/** Most volume; among equals the nearest to the middle of the profile, then the lower. Rows must not be empty. */
export function pocIndex(rows: readonly VolumeRow[]): number {
  return mostTraded(rows, volumesOf(rows));
}

/** The value area around a point of control of one's own. */
export function valueAreaOf(
  rows: readonly VolumeRow[],
  poc: number,
  rowTicks: number,
  rule: ValueAreaRule,
): ValueAreaRange {
  return collect(rows, volumesOf(rows), poc, rowTicks, rule);
}

function volumesOf(rows: readonly VolumeRow[]): ExactInt[] {
  const volumes: ExactInt[] = [];
  for (const row of rows) volumes.push(rowVolume(row));
  return volumes;
}

function mostTraded(rows: readonly VolumeRow[], volumes: readonly ExactInt[]): number {
  let best = 0;
  for (let i = 1; i < volumes.length; i++) {
    if (volumes[i]! > volumes[best]! || (volumes[i] === volumes[best] && isNearerToMiddle(rows, i, best))) best = i;
  }
  return best;
}

function isNearerToMiddle(rows: readonly VolumeRow[], i: number, than: number): boolean {
  const ends = rows[0]!.priceTicks + rows[rows.length - 1]!.priceTicks;
  return Math.abs(2 * rows[i]!.priceTicks - ends) < Math.abs(2 * rows[than]!.priceTicks - ends);
}

function collect(
  rows: readonly VolumeRow[],
  volumes: readonly ExactInt[],
  poc: number,
  rowTicks: number,
  { numerator, denominator, method }: ValueAreaRule,
): ValueAreaRange {
  let total: ExactInt = 0;
  for (const volume of volumes) total = addExact(total, volume);
  const enough = leastOf(total, numerator, denominator);
  return method === 'sorted'
    ? collectSorted(rows, volumes, poc, enough)
    : grow(rows, volumes, poc, rowTicks, method === 'one-row' ? 1 : 2, enough);
}

/** The smallest whole volume of which this share of the total is no more. */
function leastOf(total: ExactInt, numerator: number, denominator: number): ExactInt {
  const share = multiplyExact(total, numerator);
  // Below 2^53 a quotient that is no whole number lies further from one than the division can round.
  if (typeof share === 'number') return Math.ceil(share / denominator);
  const divisor = BigInt(denominator);
  return addExact((share + divisor - 1n) / divisor, 0);
}

/** Adds `step` rows of the price grid at a time on the side that has more volume in them, the upper one when equal. */
function grow(
  rows: readonly VolumeRow[],
  volumes: readonly ExactInt[],
  poc: number,
  rowTicks: number,
  step: number,
  enough: ExactInt,
): ValueAreaRange {
  const last = rows.length - 1;
  const stepTicks = step * rowTicks;
  let [low, high] = [poc, poc];
  let [lowEdge, highEdge] = [rows[poc]!.priceTicks, rows[poc]!.priceTicks];
  let volume = volumes[poc]!;
  while (volume < enough && (low > 0 || high < last)) {
    let up: ExactInt = 0;
    let nextHigh = high;
    while (nextHigh < last && rows[nextHigh + 1]!.priceTicks - highEdge <= stepTicks) {
      up = addExact(up, volumes[++nextHigh]!);
    }
    let down: ExactInt = 0;
    let nextLow = low;
    while (nextLow > 0 && lowEdge - rows[nextLow - 1]!.priceTicks <= stepTicks) {
      down = addExact(down, volumes[--nextLow]!);
    }
    const goesUp = low === 0 || (high < last && up >= down);
    // Steps without volume are steps too; they are taken at once, so that a wide gap costs no time.
    if (goesUp) {
      highEdge += nextHigh > high ? stepTicks : emptySteps(rows[high + 1]!.priceTicks - highEdge, rowTicks, step);
      high = nextHigh;
      volume = addExact(volume, up);
    } else {
      lowEdge -= nextLow < low ? stepTicks : emptySteps(lowEdge - rows[low - 1]!.priceTicks, rowTicks, step);
      low = nextLow;
      volume = addExact(volume, down);
    }
  }
  return { low, high, volumeLots: volume };
}
/** How far steps without volume lead towards a row at some distance; all in ticks. At least one, where prices round. */
function emptySteps(distance: number, rowTicks: number, step: number): number {
  return Math.max(1, Math.floor((distance / rowTicks - 1) / step)) * step * rowTicks;
}

/** Takes rows by falling volume (equals: nearest in price to the point of control, then the upper); spans what was taken. */
function collectSorted(
  rows: readonly VolumeRow[],
  volumes: readonly ExactInt[],
  poc: number,
  enough: ExactInt,
): ValueAreaRange {
  const away = (i: number): number => Math.abs(rows[i]!.priceTicks - rows[poc]!.priceTicks);
  const order = volumes
    .map((_, i) => i)
    .sort((a, b) => compareExact(volumes[b]!, volumes[a]!) || away(a) - away(b) || b - a);
  let volume = volumes[poc]!;
  let [low, high] = [poc, poc];
  for (const i of order) {
    if (volume >= enough) break;
    if (i === poc) continue;
    volume = addExact(volume, volumes[i]!);
    low = Math.min(low, i);
    high = Math.max(high, i);
  }
  return { low, high, volumeLots: volume };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
