/** What scores said on one date about returns after it: one cross-section of all symbols that can be compared. */
import { signalOf } from '../signal.ts';
import type { Panel } from './panel.ts';
import { midranks, rankCorrelation } from './rank.ts';

/** One date's figures. */
export interface CrossSection {
  readonly time: number;
  readonly symbols: number;
  /** `undefined` when all scores or all returns are equal. */
  readonly rankIc: number | undefined;
  /** Mean return of the highest and of the lowest quantile, fractions; `undefined` where ties leave a quantile empty. */
  readonly top: number | undefined;
  readonly bottom: number | undefined;
  /** Mean return of all symbols, a fraction. */
  readonly mean: number;
  readonly topSymbols: readonly number[];
  readonly bottomSymbols: readonly number[];
  /** Buy and sell signals whose return beat, or fell behind, the median as they said. */
  readonly hits: number;
  /** Buy and sell signals with a return other than the median. */
  readonly signals: number;
  /** Exits at a price from before, because the symbol did not trade at the exit. */
  readonly staleExits: number;
}

export interface SectionOptions {
  readonly horizon: number;
  readonly delay: number;
  readonly quantiles: number;
  readonly minSymbols: number;
}

/** The cross-sections of all dates that have enough symbols; entry `delay` bars after the score, exit `horizon` later. */
export function crossSections(panel: Panel, options: SectionOptions): CrossSection[] {
  const sections: CrossSection[] = [];
  const reader = sectionReader(panel, options);
  for (let time = 0; time + options.delay + options.horizon < panel.timesMs.length; time++) {
    const section = reader(time);
    if (section) sections.push(section);
  }
  return sections;
}

function sectionReader(panel: Panel, options: SectionOptions): (time: number) => CrossSection | undefined {
  const { quantiles, minSymbols } = options;
  return (time) => {
    const { members, returns, staleExits } = comparable(panel, panel.scores, time, options);
    const n = members.length;
    if (n < minSymbols) return undefined;
    const scores = Float64Array.from(members, (symbol) => panel.scores[symbol]![time]!);
    const order = new Int32Array(n);
    const scoreRanks = midranks(scores, order, new Float64Array(n));
    const rankIc = rankCorrelation(scoreRanks, midranks(returns, order, new Float64Array(n)));
    const quantileOf = (i: number): number => Math.floor((quantiles * (scoreRanks[i]! - 0.5)) / n);
    const inTop = members.flatMap((_, i) => (quantileOf(i) === quantiles - 1 ? [i] : []));
    const inBottom = members.flatMap((_, i) => (quantileOf(i) === 0 ? [i] : []));
    const mean = meanOf(returns)!;
    const at = (list: readonly number[]): number | undefined => meanOf(list.map((i) => returns[i]!));
    return {
      time,
      symbols: n,
      rankIc,
      top: at(inTop),
      bottom: at(inBottom),
      mean,
      topSymbols: inTop.map((i) => members[i]!),
      bottomSymbols: inBottom.map((i) => members[i]!),
      ...hitsOf(scores, returns),
      staleExits,
    };
  };
}

/**
 * Mean rank IC when every symbol is given the scores of another one, through the whole history: what the same scores,
 * with all their persistence, would have got by luck.
 */
export function relabelledIc(panel: Panel, relabel: readonly number[], options: SectionOptions): number | undefined {
  const scores = relabel.map((from) => panel.scores[from]!);
  let sum = 0;
  let count = 0;
  const order = new Int32Array(relabel.length);
  for (let time = 0; time + options.delay + options.horizon < panel.timesMs.length; time++) {
    const { members, returns } = comparable(panel, scores, time, options);
    if (members.length < options.minSymbols) continue;
    const column = Float64Array.from(members, (symbol) => scores[symbol]![time]!);
    const scoreRanks = midranks(column, order, new Float64Array(members.length));
    const rankIc = rankCorrelation(scoreRanks, midranks(returns, order, new Float64Array(members.length)));
    if (rankIc === undefined) continue;
    sum += rankIc;
    count++;
  }
  return count > 0 ? sum / count : undefined;
}

/** Symbols with a score and a trade at the entry, and their returns up to the exit. */
function comparable(
  panel: Panel,
  scores: readonly Float64Array[],
  time: number,
  { delay, horizon }: SectionOptions,
): { readonly members: number[]; readonly returns: Float64Array; readonly staleExits: number } {
  const members: number[] = [];
  const returns: number[] = [];
  let staleExits = 0;
  for (let symbol = 0; symbol < panel.symbols.length; symbol++) {
    const entry = panel.closes[symbol]![time + delay]!;
    if (Number.isNaN(scores[symbol]![time]!) || Number.isNaN(entry)) continue;
    const exitAt = time + delay + horizon;
    if (Number.isNaN(panel.closes[symbol]![exitAt]!)) staleExits++;
    members.push(symbol);
    returns.push(panel.lastCloses[symbol]![exitAt]! / entry - 1);
  }
  return { members, returns: Float64Array.from(returns), staleExits };
}

/** Against the median, because a few large gains put most stocks below the mean: to sell everything would be a skill. */
function hitsOf(scores: Float64Array, returns: Float64Array): { hits: number; signals: number } {
  const sorted = returns.slice().sort();
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  let hits = 0;
  let signals = 0;
  scores.forEach((score, i) => {
    const signal = signalOf(score);
    const excess = returns[i]! - median;
    if (signal === 'neutral' || excess === 0) return;
    signals++;
    if (excess > 0 === signal.endsWith('buy')) hits++;
  });
  return { hits, signals };
}

function meanOf(values: Float64Array | readonly number[]): number | undefined {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length > 0 ? sum / values.length : undefined;
}
