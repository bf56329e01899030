/** Everything that is known of one symbol as one explained score: in one call, or bar by bar at the same cost for each. */
import type { ComponentScore } from './component.ts';
import type { ComposeInput, Score } from './composite.ts';
import { composeScore } from './composite.ts';
import { ScoringError } from './errors.ts';
import { checkBar } from './internal/numeric-bar.ts';
import { checkList, checkObject } from './internal/objects.ts';
import { checkReplaceable } from './internal/open-bar.ts';
import type { ScorePreset } from './presets.ts';
import { scorePresets } from './presets.ts';
import { createBrokerReader } from './score-symbol/brokers.ts';
import type { SymbolEvidence } from './score-symbol/evidence.ts';
import { checkEvidence, evidenceComponents } from './score-symbol/evidence.ts';
import { createFeeds } from './score-symbol/feeds.ts';
import { checkComponents, checkPreset, namesIn, topOf } from './score-symbol/levels.ts';
import { readSnapshot } from './score-symbol/snapshot.ts';
import type { SymbolScorerSnapshot } from './score-symbol/snapshot.ts';
import type { Signal, SignalScale } from './signal.ts';
import type { NumericBar } from './tape.ts';

export type { BrokerEvidence, SymbolEvidence } from './score-symbol/evidence.ts';
export type { SymbolScorerSnapshot } from './score-symbol/snapshot.ts';

/** Options of a symbol scorer. */
export interface SymbolScorerOptions {
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
  /**
   * The rule set.
   * @defaultValue `scorePresets.balanced`
   */
  readonly preset?: ScorePreset;
  /**
   * Thresholds of the signal.
   * @defaultValue `signalScaleDefaults`
   */
  readonly signalScale?: SignalScale;
  /**
   * Coverage, 0 to 1, below which a score has no signal.
   * @defaultValue that of the preset, else `composeDefaults.leastCoverage`
   */
  readonly leastCoverage?: number | undefined;
  /** What is known beside the bars; `setEvidence` replaces it. */
  readonly evidence?: SymbolEvidence;
}

/** What {@link scoreSymbol} takes. */
export interface ScoreSymbolInput
  extends SymbolEvidence, Omit<SymbolScorerOptions, 'evidence'>, Pick<ComposeInput, 'previousSignal'> {
  /**
   * Oldest first; what is too short for a component makes that component missing. Those that end after `asOfMs` are left
   * out.
   */
  readonly bars: readonly NumericBar[];
}

/** A streaming score. Made by {@link createSymbolScorer}. */
export interface SymbolScorer {
  /**
   * Takes the next bar and gives the score as of its end; the signal has the hysteresis of the bar before.
   * @throws {@link ScoringError} `bad-value`, also for a bar that ends after `asOfMs` of the evidence, and what faulty
   * evidence throws; the state stays as it was.
   */
  push(bar: NumericBar): Score;
  /** Takes the next bar without scoring it, for a history whose scores nobody reads. The next score has no hysteresis. */
  advance(bar: NumericBar): void;
  /**
   * Puts another bar in the place of the last one, for a bar that is still open.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first bar.
   */
  replaceLast(bar: NumericBar): Score;
  /**
   * Replaces what is known beside the bars, from the next score on. Of broker summaries, a list that was there before costs
   * only what was added at its end.
   * @throws {@link ScoringError} `bad-value`, also for an `asOfMs` before the end of the last bar; the evidence stays.
   */
  setEvidence(evidence: SymbolEvidence): void;
  /** The score as of the last bar, with the evidence of now. */
  score(): Score;
  /** The state of the bars as plain JSON; {@link restoreSymbolScorer} carries on from it. Evidence stays the caller's. */
  snapshot(): SymbolScorerSnapshot;
}

/**
 * The explained score of one symbol from everything that is known of it. Nothing needs to be there: what is not is
 * missing, lowers the coverage, and leaves its weight to the rest.
 *
 * @example
 * ```ts
 * const bars = [10, 12, 11, 13, 12, 14, 13, 15, 14, 16, 15].map((close, i) => ({
 *   startMs: i * 60_000, endMs: (i + 1) * 60_000, open: close, high: close, low: close, close, volume: 5,
 * }));
 * const score = scoreSymbol({ symbol: 'BBCA', bars, orderFlow: { obi: 0.5, ofiTrend: 0, quality: 'measured' } });
 * score.rules; // => 'balanced/1'
 * score.components.filter(({ score }) => score !== undefined).map(({ name, score }) => [name, score]);
 * // => [['technical', 66.666667], ['order-flow', 70]]
 * ```
 * @throws {@link ScoringError} `bad-value` naming the bar, the field and the value; else as `composeScore`.
 */
export function scoreSymbol(input: ScoreSymbolInput): Score {
  checkObject('input', input);
  const { bars, previousSignal, ...rest } = input;
  checkList('bars', bars);
  const { scorer, scoreAfter } = start({ ...rest, evidence: input }, undefined);
  const { asOfMs } = input;
  for (const bar of bars) {
    // What ended later was not known at that moment.
    const { endMs } = (bar as NumericBar | null) ?? {};
    if (typeof asOfMs === 'number' && typeof endMs === 'number' && endMs > asOfMs) continue;
    scorer.advance(bar);
  }
  return scoreAfter(previousSignal ?? undefined);
}

/**
 * A streaming score: after each bar the same as {@link scoreSymbol} of all bars so far after the signal of the bar before.
 * @throws {@link ScoringError} `bad-option`, `bad-weights` or `bad-component` for a preset, a scale or components that no
 * score can be composed with; `bad-value` for the symbol or evidence that cannot be.
 */
export function createSymbolScorer(options: SymbolScorerOptions): SymbolScorer {
  checkObject('options', options);
  return start(options, undefined).scorer;
}

/**
 * A streaming score that carries on from a snapshot, with the same symbol and preset. The preset is known by its id: give
 * one that you change another version.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreSymbolScorer(snapshot: SymbolScorerSnapshot, options: SymbolScorerOptions): SymbolScorer {
  checkObject('options', options);
  const preset = options.preset ?? scorePresets.balanced;
  return start(options, readSnapshot(snapshot, options.symbol, preset.id)).scorer;
}

/** Components from evidence, and the moment that they are of. */
interface Evidence {
  readonly asOfMs: number | undefined;
  readonly made: Map<string, ComponentScore>;
}

/** A scorer, and its score after any signal before. */
interface Started {
  readonly scorer: SymbolScorer;
  readonly scoreAfter: (previous: Signal | undefined) => Score;
}

function start(options: SymbolScorerOptions, saved: SymbolScorerSnapshot | undefined): Started {
  const { symbol, signalScale } = options;
  const preset: ScorePreset = options.preset ?? scorePresets.balanced;
  const leastCoverage = options.leastCoverage ?? preset.leastCoverage;
  checkPreset(preset, { symbol, leastCoverage, signalScale });
  const wanted = namesIn(preset);
  const brokers = createBrokerReader(symbol);
  let evidence = options.evidence ?? {};
  let count = saved?.count ?? 0;
  let last = saved?.last ?? undefined;
  checkEvidence(evidence, brokers);
  checkComponents(preset, evidence.components ?? []);
  if (last) checkKnown(last, count - 1, evidence);
  let [signalBefore, signalNow] = (saved?.signals ?? []).map((signal) => signal ?? undefined);
  const feeds = createFeeds(preset, wanted, saved?.feeds, { count, last });

  /** What evidence says as of the end of a bar. */
  const read = (bar: NumericBar | undefined): Evidence => {
    const asOfMs = evidence.asOfMs ?? bar?.endMs;
    checkComponents(preset, evidence.components ?? []);
    return { asOfMs, made: evidenceComponents(evidence, asOfMs, wanted, preset.parts, brokers) };
  };
  const scoreOf = ({ asOfMs, made }: Evidence, previousSignal: Signal | undefined): Score => {
    for (const feed of feeds.values()) {
      // What was measured comes before what bars can say of it.
      for (const component of feed.components()) {
        if (made.get(component.name)?.score === undefined) made.set(component.name, component);
      }
    }
    for (const component of evidence.components ?? []) made.set(component.name, component);
    return composeScore({
      symbol,
      asOfMs,
      components: topOf(preset, made),
      weights: preset.weights,
      previousSignal,
      ...(signalScale && { signalScale }),
      leastCoverage,
      rules: preset.id,
    });
  };
  const scoreAfter = (previousSignal: Signal | undefined): Score => scoreOf(read(last), previousSignal);
  const check = (bar: NumericBar): void => {
    checkBar(bar, count, last);
    checkKnown(bar, count, evidence);
  };
  const take = (bar: NumericBar): void => {
    for (const feed of feeds.values()) feed.push(bar);
    last = { ...bar };
    count++;
  };
  const scorer: SymbolScorer = {
    push(bar) {
      check(bar);
      // Evidence that cannot be is refused before the bar is taken.
      const known = read(bar);
      take(bar);
      signalBefore = signalNow;
      const score = scoreOf(known, signalBefore);
      signalNow = score.signal;
      return score;
    },
    advance(bar) {
      check(bar);
      take(bar);
      signalBefore = undefined;
      signalNow = undefined;
    },
    replaceLast(bar) {
      checkReplaceable(count);
      checkBar(bar, count - 1, undefined);
      if (bar.startMs !== last!.startMs) {
        throw new ScoringError(
          'bad-value',
          `startMs "${bar.startMs}" of bar ${count - 1} is not the "${last!.startMs}" of the open bar. ` +
            'Push a bar that starts later instead of replacing one.',
          bar.startMs,
        );
      }
      checkKnown(bar, count - 1, evidence);
      const known = read(bar);
      for (const feed of feeds.values()) feed.replaceLast(bar);
      last = { ...bar };
      const score = scoreOf(known, signalBefore);
      signalNow = score.signal;
      return score;
    },
    setEvidence(now) {
      checkEvidence(now, brokers);
      checkComponents(preset, now.components ?? []);
      if (last) checkKnown(last, count - 1, now);
      evidence = now;
    },
    score: () => scoreAfter(signalBefore),
    snapshot: () => ({
      v: 1,
      symbol,
      preset: preset.id,
      count,
      last: last ? { ...last } : null,
      signals: [signalBefore ?? null, signalNow ?? null],
      feeds: Object.fromEntries([...feeds].map(([name, feed]) => [name, feed.snapshot()])),
    }),
  };
  return { scorer, scoreAfter };
}

/** Throws `bad-value` for a bar that was not over at the moment that the evidence is of. */
function checkKnown(bar: NumericBar, i: number, { asOfMs }: SymbolEvidence): void {
  if (typeof asOfMs !== 'number' || bar.endMs <= asOfMs) return;
  throw new ScoringError(
    'bad-value',
    `bar ${i} ends at "${bar.endMs}", after asOfMs "${asOfMs}" of the evidence. ` +
      'Set the evidence of its time first, or leave asOfMs out.',
    bar.endMs,
  );
}
