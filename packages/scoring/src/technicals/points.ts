/**
 * Technicals by fixed points: EMA, Fibonacci, volume and momentum, each 50 plus the points of what it finds. The tables
 * are data: one as a known stock screener has it, and one in which what counts for a rise counts as much against it when
 * mirrored.
 */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { lastValue } from '../indicators/indicator-series.ts';
import { macd } from '../indicators/macd.ts';
import { rsi } from '../indicators/rsi.ts';
import { scoreFromOffset, words } from '../internal/micro-points.ts';

/** Points when a difference is above 0, below 0, and 0. */
export type PointTriple = readonly [above: number, below: number, equal: number];

/** Points of every rule. */
export interface PointTable {
  /** Close against the EMA of 20. */
  readonly priceEma: PointTriple;
  /** EMA of 20 against that of 50. */
  readonly emaCross: PointTriple;
  /** Mean of the last five closes against the five before. */
  readonly meanRise: PointTriple;
  /** Within 2, 5 and 10 % of the range of the nearest level of 38.2, 50 and 61.8 %. */
  readonly nearLevel: readonly [number, number, number];
  /** True when a level that the close is under counts against it. */
  readonly levelsHaveSides: boolean;
  /** Close against the middle of the range. */
  readonly aboveMiddle: PointTriple;
  /** Relative volume above 2, above 1.5, and below .5. */
  readonly relativeVolume: readonly [number, number, number];
  /** True when a busy bar that fell counts against it. */
  readonly volumeHasSides: boolean;
  /** Rising volume over ten bars, with a price that rose, fell, or stands. */
  readonly volumeTrend: PointTriple;
  /** RSI above 70, below 30, from 50 to 70, and from 30 to 50. */
  readonly rsi: readonly [number, number, number, number];
  readonly histogram: PointTriple;
}

/** The tables by name. */
export const pointTables = {
  /** As a known stock screener has them. Rises get more than falls lose, so a mirrored market is not a mirrored score. */
  screener: {
    priceEma: [15, -10, -10],
    emaCross: [15, -10, -10],
    meanRise: [10, 0, 0],
    nearLevel: [30, 20, 10],
    levelsHaveSides: false,
    aboveMiddle: [10, 0, 0],
    relativeVolume: [20, 10, -10],
    volumeHasSides: false,
    volumeTrend: [15, -10, 0],
    rsi: [-15, 20, 10, 0],
    histogram: [15, -10, -10],
  },
  /** The same questions with answers that mirror. */
  symmetric: {
    priceEma: [15, -15, 0],
    emaCross: [15, -15, 0],
    meanRise: [10, -10, 0],
    nearLevel: [30, 20, 10],
    levelsHaveSides: true,
    aboveMiddle: [10, -10, 0],
    relativeVolume: [20, 10, 0],
    volumeHasSides: true,
    volumeTrend: [15, -15, 0],
    rsi: [-15, 15, 10, -10],
    histogram: [15, -15, 0],
  },
} as const satisfies Readonly<Record<string, PointTable>>;

/** Bars as the point rules read them, oldest first. */
export interface PointBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** A rule's answer: points, or `undefined` when there are too few bars for it. */
interface Finding {
  readonly points: number | undefined;
  /** The most that the rule can give or take. */
  readonly most: number;
  readonly reason: string;
}

/** The components `ema`, `fibonacci`, `volume` and `momentum` of the bars, with a table's points. */
export function scorePoints(bars: readonly PointBar[], table: PointTable = pointTables.symmetric): ComponentScore[] {
  return [emaPoints(bars, table), fibonacciPoints(bars, table), volumePoints(bars, table), momentumPoints(bars, table)];
}

function emaPoints(bars: readonly PointBar[], table: PointTable): ComponentScore {
  const closes = bars.map(({ close }) => close);
  const last = closes.at(-1);
  const ema20 = emaOf(closes, 20);
  const ema50 = emaOf(closes, 50);
  const rise = closes.length >= 10 ? meanOf(closes.slice(-5)) - meanOf(closes.slice(-10, -5)) : undefined;
  const inputs = { close: last, ema20, ema50, meanRise: rise };
  return component('ema', inputs, '50 + points of close − ema20, ema20 − ema50 and meanRise', [
    bySign('close against EMA 20', ema20 === undefined ? undefined : last! - ema20, table.priceEma),
    bySign('EMA 20 against EMA 50', ema50 === undefined ? undefined : ema20! - ema50, table.emaCross),
    bySign('last five closes against the five before', rise, table.meanRise),
  ]);
}

/** Distance of the levels of 38.2 and 61.8 % from the middle of the range. */
const outerLevel = 0.118;

function fibonacciPoints(bars: readonly PointBar[], table: PointTable): ComponentScore {
  const close = bars.at(-1)?.close;
  const high = bars.reduce((most, bar) => Math.max(most, bar.high), -Infinity);
  const low = bars.reduce((least, bar) => Math.min(least, bar.low), Infinity);
  if (close === undefined || !(high > low)) return missingComponent('fibonacci', 'the bars have no range');
  // Measured from the middle, so that a mirrored market has the same distances.
  const fromMiddle = (close - low - (high - close)) / (2 * (high - low));
  const size = Math.abs(fromMiddle);
  const fromOuter = size - outerLevel;
  const nearest = size < Math.abs(fromOuter) ? size : fromOuter;
  const percent = 100 * Math.sign(fromMiddle) * nearest + 0;
  const away = Math.abs(percent);
  const [within2, within5, within10] = table.nearLevel;
  const points = away < 2 ? within2 : away < 5 ? within5 : away < 10 ? within10 : 0;
  const side = table.levelsHaveSides ? Math.sign(percent) : 1;
  const near = side * points + 0;
  const inputs = { position: 0.5 + fromMiddle, fromLevelPercent: percent };
  return component('fibonacci', inputs, '50 + points of fromLevelPercent and position', [
    { points: near, most: table.nearLevel[0], reason: `${words(away)} % of the range from a level: ${near}` },
    bySign('close against the middle', fromMiddle, table.aboveMiddle),
  ]);
}

function volumePoints(bars: readonly PointBar[], table: PointTable): ComponentScore {
  const last = bars.at(-1);
  const before = bars.slice(0, -1);
  const usual = before.length >= 19 ? meanOf(before.map(({ volume }) => volume)) : 0;
  const rvol = last && usual > 0 ? last.volume / usual : undefined;
  const side = table.volumeHasSides ? Math.sign((last?.close ?? 0) - (before.at(-1)?.close ?? 0)) : 1;
  const [busy, brisk, quiet] = table.relativeVolume;
  const spike =
    rvol === undefined ? undefined : rvol > 2 ? side * busy : rvol > 1.5 ? side * brisk : rvol < 0.5 ? quiet : 0;
  const ten = bars.length >= 20 ? bars.slice(-10) : [];
  const sums = [0, 5].map((from) => meanOf(ten.slice(from, from + 5).map(({ volume }) => volume)));
  const rose = ten.length > 0 ? last!.close - ten[0]!.close : undefined;
  const rising = sums[1]! > sums[0]!;
  const inputs = {
    relativeVolume: rvol,
    priceChange: rose,
    volumeRise: ten.length > 0 ? sums[1]! - sums[0]! : undefined,
  };
  return component('volume', inputs, '50 + points of relativeVolume, and of priceChange while volumeRise > 0', [
    {
      points: spike === undefined ? undefined : spike + 0,
      most: busy,
      reason: rvol === undefined ? 'relative volume is unknown' : `relative volume ${words(rvol)}: ${spike}`,
    },
    rose !== undefined && !rising
      ? { points: 0, most: table.volumeTrend[0], reason: 'volume does not rise: 0' }
      : bySign('price while volume rises', rose, table.volumeTrend),
  ]);
}

function momentumPoints(bars: readonly PointBar[], table: PointTable): ComponentScore {
  const closes = bars.map(({ close }) => close);
  const strength = lastValue(rsi(closes));
  const histogram = lastValue(macd(closes).histogram);
  const [high, low, upper, lower] = table.rsi;
  const points =
    strength === undefined
      ? undefined
      : strength > 70
        ? high
        : strength < 30
          ? low
          : strength > 50
            ? upper
            : strength < 50
              ? lower
              : 0;
  return component('momentum', { rsi: strength, macdHistogram: histogram }, '50 + points of rsi and macdHistogram', [
    { points, most: 15, reason: strength === undefined ? 'RSI is unknown' : `RSI ${words(strength)}: ${points}` },
    bySign('MACD histogram', histogram, table.histogram),
  ]);
}

/** Rules that lack bars are left out, and the others stand for them in proportion to the most that they can say. */
function component(
  name: string,
  inputs: ComponentScore['inputs'],
  rule: string,
  findings: readonly Finding[],
): ComponentScore {
  const known = findings.filter(({ points }) => points !== undefined);
  if (known.length === 0) return missingComponent(name, 'too few bars', inputs);
  const most = (list: readonly Finding[]): number => list.reduce((sum, one) => sum + one.most, 0);
  const points = known.reduce((sum, one) => sum + one.points!, 0);
  const coverage = most(known) / most(findings);
  return {
    name,
    score: scoreFromOffset(points / coverage),
    quality: 'measured',
    reasons: findings.map(({ reason }) => reason),
    inputs,
    rule: coverage < 1 ? `${rule}; × ${words(1 / coverage)} for the rules without enough bars` : rule,
    coverage,
  };
}

function bySign(what: string, difference: number | undefined, [above, below, equal]: PointTriple): Finding {
  if (difference === undefined) return { points: undefined, most: above, reason: `${what}: too few bars` };
  const points = difference > 0 ? above : difference < 0 ? below : equal;
  return { points, most: above, reason: `${what} ${words(difference)}: ${points}` };
}

function emaOf(closes: readonly number[], period: number): number | undefined {
  if (closes.length < period) return undefined;
  const share = 2 / (period + 1);
  return closes.slice(period).reduce((ema, close) => ema + share * (close - ema), meanOf(closes.slice(0, period)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
