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

/** Most volume; among equals the nearest to the middle of the profile, then the lower. Rows must not be empty. */
export function pocIndex(rows: readonly VolumeRow[]): number {
  const ends = rows[0]!.priceTicks + rows[rows.length - 1]!.priceTicks;
  const offCentre = (i: number): number => Math.abs(2 * rows[i]!.priceTicks - ends);
  let best = 0;
  let most: ExactInt = rowVolume(rows[0]!);
  for (let i = 1; i < rows.length; i++) {
    const volume = rowVolume(rows[i]!);
    if (volume < most || (volume === most && offCentre(i) >= offCentre(best))) continue;
    best = i;
    most = volume;
  }
  return best;
}

export function valueAreaOf(
  rows: readonly VolumeRow[],
  poc: number,
  rowTicks: number,
  { numerator, denominator, method }: ValueAreaRule,
): ValueAreaRange {
  const volumes = rows.map(rowVolume);
  const target = multiplyExact(volumes.reduce(addExact, 0), numerator);
  const isEnough = (volume: ExactInt): boolean => compareExact(multiplyExact(volume, denominator), target) >= 0;
  return method === 'sorted'
    ? collectSorted(rows, volumes, poc, isEnough)
    : grow(rows, volumes, poc, rowTicks, method === 'one-row' ? 1 : 2, isEnough);
}

/** Adds `step` rows of the price grid at a time on the side that has more volume in them, the upper one when equal. */
function grow(
  rows: readonly VolumeRow[],
  volumes: readonly ExactInt[],
  poc: number,
  rowTicks: number,
  step: number,
  isEnough: (volume: ExactInt) => boolean,
): ValueAreaRange {
  const rowOf = (i: number): number => rows[i]!.priceTicks / rowTicks;
  const last = rows.length - 1;
  let [low, high] = [poc, poc];
  let [lowEdge, highEdge] = [rowOf(poc), rowOf(poc)];
  let volume = volumes[poc]!;
  while (!isEnough(volume) && (low > 0 || high < last)) {
    let up: ExactInt = 0;
    let nextHigh = high;
    while (nextHigh < last && rowOf(nextHigh + 1) <= highEdge + step) up = addExact(up, volumes[++nextHigh]!);
    let down: ExactInt = 0;
    let nextLow = low;
    while (nextLow > 0 && rowOf(nextLow - 1) >= lowEdge - step) down = addExact(down, volumes[--nextLow]!);

    const goesUp = low === 0 || (high < last && up >= down);
    // Steps without volume are steps too; they are taken at once, so that a wide gap costs no time.
    if (goesUp) {
      highEdge += nextHigh > high ? step : Math.floor((rowOf(high + 1) - highEdge - 1) / step) * step;
      high = nextHigh;
      volume = addExact(volume, up);
    } else {
      lowEdge -= nextLow < low ? step : Math.floor((lowEdge - rowOf(low - 1) - 1) / step) * step;
      low = nextLow;
      volume = addExact(volume, down);
    }
  }
  return { low, high, volumeLots: volume };
}

/** Takes rows by falling volume (equals: nearest in price to the point of control, then the upper); spans what was taken. */
function collectSorted(
  rows: readonly VolumeRow[],
  volumes: readonly ExactInt[],
  poc: number,
  isEnough: (volume: ExactInt) => boolean,
): ValueAreaRange {
  const away = (i: number): number => Math.abs(rows[i]!.priceTicks - rows[poc]!.priceTicks);
  const order = volumes
    .map((_, i) => i)
    .sort((a, b) => compareExact(volumes[b]!, volumes[a]!) || away(a) - away(b) || b - a);
  let volume = volumes[poc]!;
  let [low, high] = [poc, poc];
  for (const i of order) {
    if (isEnough(volume)) break;
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
