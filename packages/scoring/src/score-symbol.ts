/** Everything that is known of one symbol as one explained score: in one call, or bar by bar at the same cost for each. */
import type { ComponentScore } from './component.ts';
import type { ComposeInput, Score, Weights } from './composite.ts';
import { componentOf, composeScore } from './composite.ts';
import { ScoringError } from './errors.ts';
import { checkReplaceable } from './internal/open-bar.ts';
import { checkBar } from './internal/numeric-bar.ts';
import { checkRulesId } from './internal/rules-id.ts';
import type { ScorePreset } from './presets.ts';
import { scorePresets } from './presets.ts';
import type { SymbolEvidence } from './score-symbol/evidence.ts';
import { checkEvidence, evidenceComponents } from './score-symbol/evidence.ts';
import { createFeeds } from './score-symbol/feeds.ts';
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
   * @throws {@link ScoringError} `bad-value`, also for a bar that ends after `asOfMs` of the evidence; the state stays as it
   * was.
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
   * Replaces what is known beside the bars, from the next score on.
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
  const { bars, previousSignal, ...rest } = input;
  const { scorer, scoreAfter } = start({ ...rest, evidence: input }, undefined);
  const { asOfMs } = input;
  for (const bar of bars) {
    // What ended later was not known at that moment.
    if (typeof asOfMs === 'number' && bar.endMs > asOfMs) continue;
    scorer.advance(bar);
  }
  return scoreAfter(previousSignal ?? undefined);
}

/**
 * A streaming score: after each bar the same as {@link scoreSymbol} of all bars so far.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createSymbolScorer(options: SymbolScorerOptions): SymbolScorer {
  return start(options, undefined).scorer;
}

/**
 * A streaming score that carries on from a snapshot, with the same symbol and preset.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreSymbolScorer(snapshot: SymbolScorerSnapshot, options: SymbolScorerOptions): SymbolScorer {
  const preset = options.preset ?? scorePresets.balanced;
  return start(options, readSnapshot(snapshot, options.symbol, preset.id)).scorer;
}

/** A scorer, and its score after any signal before. */
interface Started {
  readonly scorer: SymbolScorer;
  readonly scoreAfter: (previous: Signal | undefined) => Score;
}

function start(options: SymbolScorerOptions, saved: SymbolScorerSnapshot | undefined): Started {
  const { symbol, signalScale } = options;
  const preset: ScorePreset = options.preset ?? scorePresets.balanced;
  checkRulesId(preset.id);
  const leastCoverage = options.leastCoverage ?? preset.leastCoverage;
  const wanted = namesIn(preset);
  let evidence = options.evidence ?? {};
  let count = saved?.count ?? 0;
  let last = saved?.last ?? undefined;
  checkEvidence(evidence, symbol);
  if (last) checkKnown(last, count - 1, evidence);
  let [signalBefore, signalNow] = (saved?.signals ?? []).map((signal) => signal ?? undefined);
  const feeds = createFeeds(preset, wanted, saved?.feeds, last);

  const scoreAfter = (previousSignal: Signal | undefined): Score => {
    const asOfMs = evidence.asOfMs ?? last?.endMs;
    const made = evidenceComponents(evidence, asOfMs, wanted, preset.parts);
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
      components: topOf(preset, made, evidence.components ?? []),
      weights: preset.weights,
      previousSignal,
      ...(signalScale && { signalScale }),
      leastCoverage,
      rules: preset.id,
    });
  };
  const take = (bar: NumericBar): void => {
    checkBar(bar, count, last);
    checkKnown(bar, count, evidence);
    for (const feed of feeds.values()) feed.push(bar);
    last = { ...bar };
    count++;
  };
  const scorer: SymbolScorer = {
    push(bar) {
      take(bar);
      signalBefore = signalNow;
      const score = scoreAfter(signalBefore);
      signalNow = score.signal;
      return score;
    },
    advance(bar) {
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
      for (const feed of feeds.values()) feed.replaceLast(bar);
      last = { ...bar };
      const score = scoreAfter(signalBefore);
      signalNow = score.signal;
      return score;
    },
    setEvidence(now) {
      checkEvidence(now, symbol);
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

function partsOf(preset: ScorePreset, name: string): Weights | undefined {
  return Object.hasOwn(preset.parts, name) ? preset.parts[name] : undefined;
}

/** Every name that a preset weighs, at both levels. */
function namesIn(preset: ScorePreset): ReadonlySet<string> {
  const above = Object.keys(preset.weights);
  return new Set([...above, ...above.flatMap((name) => Object.keys(partsOf(preset, name) ?? {}))]);
}

/** The components of the upper level: composed of their parts where the preset says so and nothing has made them yet. */
function topOf(
  preset: ScorePreset,
  made: ReadonlyMap<string, ComponentScore>,
  own: readonly ComponentScore[],
): ComponentScore[] {
  const stray = own.find(({ name }) => !namesIn(preset).has(name));
  if (stray) {
    throw new ScoringError(
      'bad-component',
      `component "${stray.name}" has no weight in "${preset.id}". Give it one in a preset of your own.`,
      stray.name,
    );
  }
  return Object.keys(preset.weights).flatMap((name) => {
    const ready = made.get(name);
    if (ready) return [ready];
    const weights = partsOf(preset, name);
    if (!weights) return [];
    const components = Object.keys(weights).flatMap((part) => made.get(part) ?? []);
    return [componentOf(name, composeScore({ symbol: '', components, weights }))];
  });
}
