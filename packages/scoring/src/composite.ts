/**
 * Components into one explained score. What is missing is left out and the weights of the rest are renormalised; the
 * contributions add up to the score exactly.
 */
import type { ComponentScore, Quality } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { scoreFromOffset } from './internal/micro-points.ts';
import { ratioOfSums, weightedMean } from './internal/shares.ts';
import type { Signal, SignalScale } from './signal.ts';
import { signalOf } from './signal.ts';

/** Weight of each component by its name: at least 0, finite, not all 0. Only their ratios matter. */
export type Weights = Readonly<Record<string, number>>;

/** What {@link composeScore} takes. */
export interface ComposeInput {
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
  /** Close of the last bar that went in, epoch milliseconds UTC; leave out without bars. */
  readonly asOfMs?: number | undefined;
  /** At most one per name, each with a weight. A weight without a component counts as missing. */
  readonly components: readonly ComponentScore[];
  /** See {@link compositePresets} for ready ones. */
  readonly weights: Weights;
  /** The signal of the score before this one, for the hysteresis. */
  readonly previousSignal?: Signal | null | undefined;
  /**
   * Thresholds of the signal.
   * @defaultValue `signalScaleDefaults`
   */
  readonly signalScale?: SignalScale;
}

/** One component within a {@link Score}. */
export interface WeightedComponent extends ComponentScore {
  /** As given. */
  readonly weight: number;
  /** Share of the weight that is present, 0 to 1; 0 when missing. */
  readonly effectiveWeight: number;
  /** Points of the score that came from here, at most six decimals; 0 when missing. */
  readonly contribution: number;
}

/** An explained score. {@link scoreToJson} gives the stored and served form. */
export interface Score {
  readonly symbol: string;
  /** Close of the last bar that went in, epoch milliseconds UTC. */
  readonly asOfMs: number | undefined;
  /** 0 to 100, at most six decimals; `undefined` when nothing is known. */
  readonly score: number | undefined;
  /** `undefined` when nothing is known. */
  readonly signal: Signal | undefined;
  /** Share of the total weight that was present, 0 to 1. */
  readonly coverage: number;
  /** In the order of the weights. */
  readonly components: readonly WeightedComponent[];
}

/** The stored and served form of a component: unknown is null. */
export interface ScoreComponentJson {
  readonly name: string;
  readonly score: number | null;
  readonly weight: number;
  readonly effectiveWeight: number;
  readonly contribution: number;
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
 * @throws {@link ScoringError} `bad-weights`, `bad-component`, `bad-value` (a component score outside 0 to 100) or
 * `bad-option` (the signal scale).
 */
export function composeScore(input: ComposeInput): Score {
  const { symbol, asOfMs, weights } = input;
  checkWeights(weights);
  const byName = componentsByName(input.components, weights);
  const listed = Object.entries(weights).map(([name, weight]) => ({
    weight,
    component: byName.get(name) ?? missingComponent(name, 'not supplied'),
  }));

  const present = listed.flatMap(({ weight, component }) =>
    component.score === undefined || weight === 0 ? [] : [{ name: component.name, weight, score: component.score }],
  );
  const presentWeights = present.map(({ weight }) => weight);
  const mean = present.length > 0 ? weightedMean(present) : undefined;
  const contributions = new Map(present.map(({ name }, i) => [name, mean!.contributions[i]!]));
  const signalOptions = { previous: input.previousSignal, ...(input.signalScale && { scale: input.signalScale }) };

  return {
    symbol,
    asOfMs,
    score: mean?.score,
    signal: mean && signalOf(mean.score, signalOptions),
    coverage: ratioOfSums(presentWeights, Object.values(weights)),
    components: listed.map(({ weight, component }) => ({
      ...component,
      weight,
      effectiveWeight: contributions.has(component.name) ? ratioOfSums([weight], presentWeights) : 0,
      contribution: contributions.get(component.name) ?? 0,
    })),
  };
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
      quality: component.quality,
      reasons: [...component.reasons],
      inputs: Object.fromEntries(Object.entries(component.inputs).map(([name, value]) => [name, printed(value)])),
    })),
  };
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

/** The components with their scores to a millionth, by name. */
function componentsByName(components: readonly ComponentScore[], weights: Weights): Map<string, ComponentScore> {
  const byName = new Map<string, ComponentScore>();
  for (const component of components) {
    const { name, score, quality } = component;
    if (byName.has(name)) {
      throw new ScoringError('bad-component', `component "${name}" is there twice, expected once. Merge them.`, name);
    }
    if (!Object.hasOwn(weights, name)) {
      throw new ScoringError(
        'bad-component',
        `component "${name}" has no weight among "${Object.keys(weights).join(', ')}". Give it one, 0 to leave it out.`,
        name,
      );
    }
    if ((score === undefined) !== (quality === 'missing')) {
      throw new ScoringError(
        'bad-component',
        `component "${name}" has score "${String(score)}" and quality "${quality}", expected a score exactly when ` +
          'something is known. Use missingComponent for one that is not.',
        component,
      );
    }
    if (score !== undefined && !(score >= 0 && score <= 100)) {
      throw new ScoringError(
        'bad-value',
        `score "${String(score)}" of component "${name}" is not a number from 0 to 100. Leave it undefined if unknown.`,
        score,
      );
    }
    byName.set(name, { ...component, score: score === undefined ? undefined : scoreFromOffset(score - 50) });
  }
  return byName;
}

/** Indicators are doubles; 12 significant digits leave out what only their binary form says. */
function printed(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(12));
}
