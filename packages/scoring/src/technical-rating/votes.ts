/** The rules of the technical rating, each −1, 0 or 1, or NaN while what it needs is not known. */
import { elderRayDefaults } from '../indicators/elder-ray.ts';
import { macdDefaults } from '../indicators/macd.ts';
import { averagePeriods, place } from './readings.ts';

type Row = Readonly<Float64Array>;

/** Rows of the bar, of the one before it and of the one before that. */
export interface Rows {
  readonly now: Row;
  readonly before: Row;
  readonly earlier: Row;
}

/** Names of the votes: 15 averages, then 11 oscillators. */
export const voteNames: readonly string[] = [
  ...averagePeriods.map((period) => `sma${period}`),
  ...averagePeriods.map((period) => `ema${period}`),
  'hma9',
  'vwma20',
  'ichimoku',
  'rsi',
  'stochastic',
  'cci',
  'adx',
  'awesome',
  'momentum',
  'macd',
  'stochRsi',
  'williamsR',
  'elderRay',
  'ultimate',
];

/** How many of the votes are averages; the others are oscillators. */
export const averageVotes = 15;

/** Writes all votes of a bar. */
export function castVotes(rows: Rows, votes: Float64Array): void {
  const { now, before } = rows;
  const close = now[place.close]!;
  const still = now[place.still]!;
  for (let i = 0; i <= place.vwma; i++) votes[i] = order(close, now[i]!);
  // As the simple ones do: an average of nothing but equal closes has no opinion, however slowly it forgets.
  averagePeriods.forEach((period, i) => {
    const ema = averagePeriods.length + i;
    if (still >= period) votes[ema] = withoutRemnant(votes[ema]!);
  });
  votes[14] = alignment(now);
  votes[15] = turn(now, before, place.rsi, 30, 70);
  votes[16] = crossing(now, before, place.stochK, place.stochD, 20, 80);
  votes[17] = turn(now, before, place.cci, -100, 100);
  votes[18] = direction(now, before);
  votes[19] = awesomeVote(rows);
  votes[20] = order(now[place.momentum]!, before[place.momentum]!);
  const lines = order(now[place.macd]!, now[place.signal]!);
  votes[21] = still >= macdDefaults.slowPeriod + macdDefaults.signalPeriod ? withoutRemnant(lines) : lines;
  const trend = votes[place.ema50]!;
  const cross = crossing(now, before, place.stochRsiK, place.stochRsiD, 20, 80);
  // Against the trend only: an oversold market that falls, an overbought one that rises.
  votes[22] = Number.isNaN(trend) ? trend : Number.isNaN(cross) ? cross : cross === -trend ? cross : 0;
  votes[23] = turn(now, before, place.williamsR, -80, -20);
  const power = powerVote(now, before, trend);
  // Bull and bear power are one where a bar has no range.
  const isDead = still >= elderRayDefaults.period && now[place.bull] === now[place.bear];
  votes[24] = isDead ? withoutRemnant(power) : power;
  votes[25] = beyond(now[place.ultimate]!);
}

/** What an exponential average still remembers after its whole period without a move is no vote. */
function withoutRemnant(vote: number): number {
  return Number.isNaN(vote) ? vote : 0;
}

/** 1 where the first is greater, −1 where it is less. */
function order(value: number, other: number): number {
  return value > other ? 1 : value < other ? -1 : value === other ? 0 : Number.NaN;
}

/** Everything in line: price, conversion, base, span A and span B, falling for a buy and rising for a sell. */
function alignment(now: Row): number {
  const spanB = now[place.spanB]!;
  const steps = [
    order(now[place.spanA]!, spanB),
    order(now[place.base]!, now[place.spanA]!),
    order(now[place.conversion]!, now[place.base]!),
    order(now[place.close]!, now[place.conversion]!),
  ];
  if (steps.some(Number.isNaN)) return Number.NaN;
  const [first] = steps;
  return steps.every((step) => step === first) ? first! : 0;
}

/** Below `low` and rising is a buy, above `high` and falling a sell. */
function turn(now: Row, before: Row, at: number, low: number, high: number): number {
  const value = now[at]!;
  const move = order(value, before[at]!);
  if (Number.isNaN(move)) return Number.NaN;
  return value < low && move > 0 ? 1 : value > high && move < 0 ? -1 : 0;
}

/** %K crosses above %D with both below `low`: a buy; below it with both above `high`: a sell. */
function crossing(now: Row, before: Row, at: number, other: number, low: number, high: number): number {
  const [k, d] = [now[at]!, now[other]!];
  const is = order(k, d);
  const was = order(before[at]!, before[other]!);
  if (Number.isNaN(is) || Number.isNaN(was)) return Number.NaN;
  if (is > 0 && was <= 0 && k < low && d < low) return 1;
  return is < 0 && was >= 0 && k > high && d > high ? -1 : 0;
}

/** A crossing of +DI and −DI while the ADX is above 20. */
function direction(now: Row, before: Row): number {
  const is = order(now[place.plusDi]!, now[place.minusDi]!);
  const was = order(before[place.plusDi]!, before[place.minusDi]!);
  const strength = now[place.adx]!;
  if (Number.isNaN(is) || Number.isNaN(was) || Number.isNaN(strength)) return Number.NaN;
  if (strength <= 20) return 0;
  return is > 0 && was <= 0 ? 1 : is < 0 && was >= 0 ? -1 : 0;
}

/** A crossing of zero, or a saucer: two bars on one side, against it and then with it. */
function awesomeVote({ now, before, earlier }: Rows): number {
  const [value, last, first] = [now[place.awesome]!, before[place.awesome]!, earlier[place.awesome]!];
  if (Number.isNaN(first)) return Number.NaN;
  if (value > 0 && (last <= 0 || (value > last && first > last))) return 1;
  return value < 0 && (last >= 0 || (value < last && first < last)) ? -1 : 0;
}

/** A rising market whose bears lose power below the average, or a falling one whose bulls lose it above. */
function powerVote(now: Row, before: Row, trend: number): number {
  const bears = order(now[place.bear]!, before[place.bear]!);
  const bulls = order(now[place.bull]!, before[place.bull]!);
  if (Number.isNaN(trend) || Number.isNaN(bears) || Number.isNaN(bulls)) return Number.NaN;
  if (trend > 0 && now[place.bear]! < 0 && bears > 0) return 1;
  return trend < 0 && now[place.bull]! > 0 && bulls < 0 ? -1 : 0;
}

function beyond(value: number): number {
  return value > 70 ? 1 : value < 30 ? -1 : Number.isNaN(value) ? value : 0;
}
