/**
 * The rules of one schematic, in the words of accumulation; distribution runs the same ones over negated prices. Each
 * step sees the current bar and what came before it, nothing else.
 */
import type { WyckoffEnd, WyckoffKind, WyckoffPhase } from './events.ts';
import type { Measures, Oriented } from './measures.ts';
import type { WyckoffOptions } from './options.ts';

/** Where a schematic stands; flat and plain, so that it survives JSON. Prices are oriented. */
export interface SchematicState {
  readonly phase: WyckoffPhase | null;
  /** First effort against the decline that is on; index −1 for none. */
  readonly effort: Mark;
  readonly climax: Mark;
  /** Average true range at the climax: the unit of all tolerances of this range. */
  readonly unit: number;
  /** Highest bar since the climax, until the range is fixed; from the sign of strength on the highest bar since. */
  readonly peak: Mark;
  /** Whether support and resistance are fixed. */
  readonly fixed: boolean;
  /** Lowest low from the climax until the range was fixed. */
  readonly support: number;
  readonly resistance: number;
  /** Bar of the secondary test. */
  readonly testedAt: number;
  /** Bar at which the price went below support, and the lowest bar since; index −1 while it is not below. */
  readonly below: Mark;
  readonly belowSince: number;
  /** Bars in a row that closed above resistance without effort. */
  readonly above: number;
  readonly spring: Mark;
  readonly strength: Mark;
  /** Lowest bar of the pullback since the peak after the sign of strength. */
  readonly pullback: Mark;
  readonly pullbackHigh: number;
  readonly held: boolean;
}

/** A bar worth remembering. */
export interface Mark {
  /** −1 for none. */
  readonly at: number;
  readonly price: number;
  readonly volume: number;
}

/** What one step found, in the words of accumulation. */
export interface Finding {
  readonly kind: WyckoffKind;
  readonly mark: Mark;
  readonly phase: WyckoffPhase | undefined;
  readonly reason?: WyckoffEnd;
}

type Options = Required<WyckoffOptions>;
type Draft = { -readonly [K in keyof SchematicState]: SchematicState[K] };

const none: Mark = { at: -1, price: 0, volume: 0 };

/** Before anything happened. */
export const idle: SchematicState = {
  ...{ phase: null, effort: none, climax: none, unit: 0, peak: none, fixed: false, support: 0, resistance: 0 },
  ...{ testedAt: -1, below: none, belowSince: -1, above: 0, spring: none, strength: none },
  ...{ pullback: none, pullbackHigh: 0, held: false },
};

/** The state after bar `at`; what it found is appended to `found`. */
export function stepSchematic(
  from: SchematicState,
  bar: Oriented,
  at: number,
  m: Measures,
  options: Options,
  found: Finding[],
): SchematicState {
  if (from.phase === null) return lookForClimax(from, bar, at, m, options, found);
  const s: Draft = { ...from };
  const ended = at - s.climax.at > options.longestBars ? 'too-old' : advance(s, bar, at, m, options, found);
  if (!ended) return s;
  found.push({ kind: 'End', mark: { at, price: bar.close, volume: bar.volume }, phase: undefined, reason: ended });
  // A range that breaks on a climax is the start of the next one.
  return lookForClimax(idle, bar, at, m, options, found);
}

function lookForClimax(
  from: SchematicState,
  bar: Oriented,
  at: number,
  m: Measures,
  options: Options,
  found: Finding[],
): SchematicState {
  const range = bar.high - bar.low;
  const isDecline = bar.close < m.meanClose;
  const isRejected = bar.close - bar.low >= range / 2 && range > 0 && m.averageVolume > 0;
  const isEffort =
    isDecline && isRejected && bar.volume >= options.effortVolume * m.averageVolume && range >= m.averageRange;
  const isClimax =
    isDecline &&
    isRejected &&
    bar.low < m.lowestLow &&
    bar.volume >= options.climaxVolume * m.averageVolume &&
    range >= options.climaxRange * m.averageRange;
  const here: Mark = { at, price: bar.low, volume: bar.volume };
  if (!isClimax) {
    const effort = !isDecline ? none : from.effort.at < 0 && isEffort ? here : from.effort;
    return effort === from.effort ? from : { ...idle, effort };
  }
  if (from.effort.at >= 0) found.push({ kind: 'PS', mark: from.effort, phase: 'A' });
  found.push({ kind: 'SC', mark: here, phase: 'A' });
  return { ...idle, phase: 'A', climax: here, support: bar.low, unit: Math.max(m.averageRange, range / 4) };
}

/** One bar of an open range; gives why it is over, if it is. */
function advance(
  s: Draft,
  bar: Oriented,
  at: number,
  m: Measures,
  options: Options,
  found: Finding[],
): WyckoffEnd | undefined {
  if (!s.fixed) return rally(s, bar, at, options, found);
  if (s.phase === 'E') return bar.close < m.meanClose ? 'trend-ended' : undefined;
  if (s.phase === 'D') return markUp(s, bar, at, options, found);
  return range(s, bar, at, m, options, found);
}

/** Phase A until the automatic rally has its first lower high. */
function rally(s: Draft, bar: Oriented, at: number, options: Options, found: Finding[]): WyckoffEnd | undefined {
  if (bar.close < s.support) return 'broken';
  if (at - s.climax.at > options.rallyBars) return 'no-range';
  s.support = Math.min(s.support, bar.low);
  if (s.peak.at < 0 || bar.high >= s.peak.price) {
    s.peak = { at, price: bar.high, volume: bar.volume };
    return undefined;
  }
  if (s.peak.price - s.support < options.leastHeight * s.unit) return undefined;
  s.fixed = true;
  s.resistance = s.peak.price;
  found.push({ kind: 'AR', mark: s.peak, phase: 'A' });
  return undefined;
}

/** Phases A (from the automatic rally on), B and C: between support and resistance. */
function range(
  s: Draft,
  bar: Oriented,
  at: number,
  m: Measures,
  options: Options,
  found: Finding[],
): WyckoffEnd | undefined {
  const here: Mark = { at, price: bar.low, volume: bar.volume };
  const causeIsBuilt = s.testedAt >= 0 && at - s.testedAt >= options.leastCauseBars;
  if (bar.close > s.resistance) return breakOut(s, bar, at, m, options, causeIsBuilt, found);
  s.above = 0;

  if (bar.low < s.support || s.below.at >= 0) {
    if (s.below.at < 0) s.belowSince = at;
    if (s.below.at < 0 || bar.low < s.below.price) s.below = here;
    if (bar.close <= s.support) return at - s.belowSince >= options.excursionBars ? 'broken' : undefined;
    const low = s.below;
    s.below = none;
    if (s.phase !== 'B' || !causeIsBuilt) {
      test(s, low, at, found);
      return undefined;
    }
    s.phase = 'C';
    s.spring = low;
    found.push({ kind: 'Spring', mark: low, phase: 'C' });
    return undefined;
  }
  if (bar.low > s.support + options.testTolerance * s.unit) return undefined;
  if (s.phase !== 'B') test(s, here, at, found);
  return undefined;
}

/** A test is one on less volume than what it tests: the climax, in phase C the spring. Others are let pass. */
function test(s: Draft, mark: Mark, at: number, found: Finding[]): void {
  if (s.phase === 'C') {
    if (s.spring.at < 0 || mark.volume >= s.spring.volume) return;
    found.push({ kind: 'Test', mark, phase: 'C' });
    // One test a spring: what comes next is the way up or out.
    s.spring = none;
    return;
  }
  if (mark.volume >= s.climax.volume) return;
  if (s.phase === 'A') s.testedAt = at;
  s.phase = 'B';
  found.push({ kind: 'ST', mark, phase: 'B' });
}

function breakOut(
  s: Draft,
  bar: Oriented,
  at: number,
  m: Measures,
  options: Options,
  causeIsBuilt: boolean,
  found: Finding[],
): WyckoffEnd | undefined {
  s.below = none;
  if (!causeIsBuilt) return s.phase === 'A' ? 'no-cause' : wait(s, options, 'no-cause');
  if (bar.volume < options.effortVolume * m.averageVolume || m.averageVolume <= 0) return wait(s, options, 'no-effort');
  s.phase = 'D';
  s.strength = { at, price: bar.close, volume: bar.volume };
  s.peak = { at, price: bar.high, volume: bar.volume };
  s.pullback = none;
  found.push({ kind: 'SOS', mark: s.strength, phase: 'D' });
  return undefined;
}

/** Closes above resistance that are no sign of strength are let pass for a few bars. */
function wait(s: Draft, options: Options, reason: WyckoffEnd): WyckoffEnd | undefined {
  s.above += 1;
  return s.above > options.excursionBars ? reason : undefined;
}

/** Phase D: the pullback that holds, then the new trend. */
function markUp(s: Draft, bar: Oriented, at: number, options: Options, found: Finding[]): WyckoffEnd | undefined {
  const height = s.resistance - s.support;
  if (bar.close < s.support + height / 2) return 'fell-back';
  if (s.pullback.at >= 0 && bar.close > s.pullbackHigh) {
    found.push({ kind: 'LPS', mark: s.pullback, phase: 'D' });
    s.pullback = none;
    s.held = true;
    if (bar.high < s.peak.price) return undefined;
  }
  if (bar.high >= s.peak.price) {
    if ((s.held && bar.close > s.peak.price) || bar.close > s.resistance + height) s.phase = 'E';
    s.peak = { at, price: bar.high, volume: bar.volume };
    s.pullback = none;
    return undefined;
  }
  const isNear = bar.low <= s.resistance + options.testTolerance * s.unit;
  if (isNear && bar.volume < s.strength.volume && (s.pullback.at < 0 || bar.low < s.pullback.price)) {
    s.pullback = { at, price: bar.low, volume: bar.volume };
    s.pullbackHigh = bar.high;
  }
  return undefined;
}
