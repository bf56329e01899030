/**
 * Components into one explained score. What is missing is left out and the weights of the rest are renormalised; the
 * contributions add up to the score exactly.
 */
import type { ComponentInput, ComponentScore, Quality, WeightedComponent } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { componentsByName } from './internal/components-by-name.ts';
import { words } from './internal/micro-points.ts';
import { checkMoment } from './internal/moments.ts';
import { printedInput } from './internal/printed-input.ts';
import { checkRulesId } from './internal/rules-id.ts';
import { coverageOf, ratioOfSums, weightedMean } from './internal/shares.ts';
import type { Signal, SignalScale } from './signal.ts';
import { signalOf, signalScaleDefaults } from './signal.ts';

export type { ComponentInput, WeightedComponent } from './component.ts';

/** Version of the rules of this package: it changes when the same inputs would score otherwise. */
export const scoringRules = 'tapekit-scoring/1';

/** Weight of each component by its name: at least 0, finite, not all 0. Only their ratios matter. */
export type Weights = Readonly<Record<string, number>>;

/** What {@link composeScore} takes. */
export interface ComposeInput {
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
  /** Close of the last bar that went in, epoch milliseconds UTC; leave out without bars. */
  readonly asOfMs?: number | null | undefined;
  /** At most one per name, each with a weight. A weight without a component counts as missing. */
  readonly components: readonly ComponentInput[];
  /** See {@link compositePresets} for ready ones. */
  readonly weights: Weights;
  /** The signal of the score before this one, for the hysteresis. */
  readonly previousSignal?: Signal | null | undefined;
  /**
   * Thresholds of the signal.
   * @defaultValue `signalScaleDefaults`
   */
  readonly signalScale?: SignalScale;
  /**
   * Coverage, 0 to 1, below which the score has no signal: what little is known says nothing of the symbol. 0 gives one
   * to every score.
   * @defaultValue 0.2
   */
  readonly leastCoverage?: number | undefined;
  /**
   * Which rules made the components, kept in the score: a name and a whole version, for example `mine/1`.
   * @defaultValue `scoringRules`
   */
  readonly rules?: string;
}

/**
 * The options that apply where none are given. The least coverage lies above what one bar of a new listing covers (.08 of
 * `balanced`, .16 of `tape`) and below what bars alone do (.25 of `stock-screener`, the least of all presets).
 */
export const composeDefaults: Required<Pick<ComposeInput, 'rules' | 'signalScale'>> & {
  readonly leastCoverage: number;
} = { leastCoverage: 0.2, rules: scoringRules, signalScale: signalScaleDefaults };

/** An explained score. {@link scoreToJson} gives the stored and served form. */
export interface Score {
  readonly symbol: string;
  /** Close of the last bar that went in, epoch milliseconds UTC. */
  readonly asOfMs: number | undefined;
  /** 0 to 100, at most six decimals; `undefined` when nothing is known. */
  readonly score: number | undefined;
  /** `undefined` when nothing is known, or too little: a coverage below `leastCoverage`. */
  readonly signal: Signal | undefined;
  /** Share of the total weight that was present, 0 to 1; a component that lacks some of its inputs counts in part. */
  readonly coverage: number;
  /** In the order of the weights. */
  readonly components: readonly WeightedComponent[];
  /** Name and version of the rules, for example `balanced/1`. */
  readonly rules: string;
}

/** The stored and served form of a component: unknown is null. */
export interface ScoreComponentJson {
  readonly name: string;
  readonly score: number | null;
  readonly weight: number;
  readonly effectiveWeight: number;
  readonly contribution: number;
  /** Share of what the component asks for that was there, 0 to 1; null where it says none: 1 with a score, 0 without. */
  readonly coverage: number | null;
  readonly quality: Quality;
  readonly reasons: string[];
  /** The named inputs, to 12 significant digits; null where unknown. */
  readonly inputs: Record<string, number | null>;
}

/** The stored and served form of a score, version 1: unknown is null. */
export interface ScoreJson {
  readonly v: 1;
  readonly symbol: string;
  readonly asOfMs: number | null;
  readonly score: number | null;
  readonly signal: Signal | null;
  readonly coverage: number;
  readonly components: ScoreComponentJson[];
  /** Name and version of the rules that made it, for example `balanced/1`. */
  readonly rules: string;
}

/** Ready weights. `tape` is what `scoreTape` uses; the others are common divisions to start from. */
export const compositePresets = {
  /** What bars and order flow alone can say. */
  tape: { 'order-flow': 0.4, momentum: 0.25, trend: 0.2, 'volatility-position': 0.15 },
  /** Technicals and fundamentals in equal parts, with some sentiment and prediction. */
  blend: { technical: 0.4, fundamental: 0.4, sentiment: 0.1, prediction: 0.1 },
  /** Flow first: order flow and broker flow are half of it. */
  technical: { 'order-flow': 0.25, broker: 0.25, ema: 0.15, fibonacci: 0.15, volume: 0.1, momentum: 0.1 },
  /** Value first. */
  fundamental: { valuation: 0.35, 'discounted-cash-flow': 0.25, quality: 0.2, health: 0.2 },
} as const satisfies Readonly<Record<string, Weights>>;

/**
 * The score of what is known: the weighted mean of the components that are present, to a millionth of a point.
 *
 * @example
 * ```ts
 * const known = (name: string, score: number) => ({ name, score, quality: 'measured' as const, reasons: [], inputs: {} });
 * const score = composeScore({
 *   symbol: 'BBCA',
 *   components: [known('technical', 80), known('fundamental', 70), known('sentiment', 60), known('prediction', 50)],
 *   weights: compositePresets.blend,
 * });
 * score.score; // => 71
 * score.components.map((component) => component.contribution); // => [32, 28, 6, 5]
 * ```
 * @throws {@link ScoringError} `bad-weights`, `bad-component`, `bad-value` (a component score outside 0 to 100, a moment
 * that is none) or `bad-option` (the signal scale or the signal before, the least coverage, the rules).
 */
export function composeScore(input: ComposeInput): Score {
  const { symbol, weights } = input;
  const { leastCoverage = composeDefaults.leastCoverage, rules = scoringRules } = input;
  const asOfMs = input.asOfMs ?? undefined;
  checkHead(symbol, asOfMs, leastCoverage, rules);
  checkWeights(weights);
  const byName = componentsByName(input.components, weights);
  const listed = Object.entries(weights).map(([name, weight]) => ({
    weight,
    component: byName.get(name) ?? missingComponent(name, 'not supplied'),
  }));

  const present = listed.flatMap(({ weight, component }) =>
    component.score === undefined || weight === 0
      ? []
      : [{ name: component.name, weight, score: component.score, coverage: component.coverage ?? 1 }],
  );
  const presentWeights = present.map(({ weight }) => weight);
  const mean = present.length > 0 ? weightedMean(present) : undefined;
  const contributions = new Map(present.map(({ name }, i) => [name, mean!.contributions[i]!]));
  const signalOptions = { previous: input.previousSignal, ...(input.signalScale && { scale: input.signalScale }) };

  // Also without a score, so that a scale out of order is seen at once.
  const signal = signalOf(mean?.score ?? 50, signalOptions);
  const coverage = coverageOf(present, Object.values(weights));
  return {
    symbol,
    asOfMs,
    score: mean?.score,
    signal: !mean || coverage < leastCoverage ? undefined : signal,
    coverage,
    components: listed.map(({ weight, component }) => ({
      ...component,
      weight,
      effectiveWeight: contributions.has(component.name) ? ratioOfSums([weight], presentWeights) : 0,
      contribution: contributions.get(component.name) ?? 0,
    })),
    rules,
  };
}

/**
 * A score as one component of a larger one: its parts stay with it, and what it did not cover lowers the coverage of the
 * larger score too.
 *
 * @example
 * ```ts
 * const known = (name: string, score: number) => ({ name, score, quality: 'measured' as const, reasons: [], inputs: {} });
 * const technical = composeScore({ symbol: 'BBCA', components: [known('ema', 80)], weights: { ema: 1, volume: 3 } });
 * const score = composeScore({
 *   symbol: 'BBCA',
 *   components: [componentOf('technical', technical), known('sentiment', 60)],
 *   weights: { technical: 1, sentiment: 1 },
 * });
 * score.score; // => 70
 * score.coverage; // => 0.625
 * ```
 */
export function componentOf(name: string, score: Score): ComponentScore {
  const present = score.components.filter(({ effectiveWeight }) => effectiveWeight > 0);
  const absent = score.components.filter(({ effectiveWeight, weight }) => effectiveWeight === 0 && weight > 0);
  const reasons = [
    ...present.map((part) => `${part.name} ${words(part.score!)}`),
    ...(absent.length > 0 ? [`without ${absent.map((part) => part.name).join(', ')}`] : []),
  ];
  const common = { name, reasons, inputs: {}, rule: 'weighted mean of its parts', parts: score.components };
  if (score.score === undefined) return { ...common, score: undefined, quality: 'missing' };
  const quality = present.some((part) => part.quality === 'proxy') ? 'proxy' : 'measured';
  return { ...common, score: score.score, quality, coverage: score.coverage };
}

/** The JSON form of a score: a fresh copy, unknown as null. */
export function scoreToJson(score: Score): ScoreJson {
  return {
    v: 1,
    symbol: score.symbol,
    asOfMs: score.asOfMs ?? null,
    score: score.score ?? null,
    signal: score.signal ?? null,
    coverage: score.coverage,
    components: score.components.map((component) => ({
      name: component.name,
      score: component.score ?? null,
      weight: component.weight,
      effectiveWeight: component.effectiveWeight,
      contribution: component.contribution,
      coverage: component.coverage ?? null,
      quality: component.quality,
      reasons: [...component.reasons],
      inputs: Object.fromEntries(Object.entries(component.inputs).map(([name, value]) => [name, printedInput(value)])),
    })),
    rules: score.rules,
  };
}

function checkHead(symbol: unknown, asOfMs: number | undefined, leastCoverage: number, rules: string): void {
  if (typeof symbol !== 'string') {
    const message = `symbol "${String(symbol)}" is not a text. Pass the name that the venue gives it.`;
    throw new ScoringError('bad-value', message, symbol);
  }
  if (asOfMs !== undefined) checkMoment('asOfMs', asOfMs);
  checkRulesId(rules);
  if (typeof leastCoverage === 'number' && leastCoverage >= 0 && leastCoverage <= 1) return;
  throw new ScoringError(
    'bad-option',
    `leastCoverage "${String(leastCoverage)}" is not a share from 0 to 1. Pass for example 0.2.`,
    leastCoverage,
  );
}

function checkWeights(weights: Weights): void {
  const entries = Object.entries(weights);
  for (const [name, weight] of entries) {
    if (Number.isFinite(weight) && weight >= 0) continue;
    throw new ScoringError(
      'bad-weights',
      `weight "${String(weight)}" of "${name}" is not a finite number of at least 0. Pass 0 to leave a component out.`,
      weight,
    );
  }
  if (entries.some(([, weight]) => weight > 0)) return;
  throw new ScoringError(
    'bad-weights',
    `weights "${JSON.stringify(weights)}" have none above 0, expected at least one. Pass for example a preset.`,
    weights,
  );
}
