/** A score taken apart: every contribution with its inputs, rule and weight, as data and in words. */
import type { ComponentScore, Quality, WeightedComponent } from './component.ts';
import type { Score } from './composite.ts';
import { microPerPoint, words } from './internal/micro-points.ts';
import { printedInput } from './internal/printed-input.ts';
import { divideMicro } from './internal/shares.ts';
import type { Signal } from './signal.ts';

/** One contribution to a score: a component, or a part of a component that is composed itself. */
export interface Contribution {
  /** Where it stands, from the outside in, for example `["technical", "momentum"]`. */
  readonly path: readonly string[];
  /** 0 to 100; null when missing. */
  readonly score: number | null;
  /** Share of the whole weight that this one was given, 0 to 1, before what is missing is taken out. */
  readonly weight: number;
  /** Share of the weight that is present, 0 to 1; 0 when missing. */
  readonly effectiveWeight: number;
  /** Points of the score; those of all contributions add up to it exactly, as decimals of six places. */
  readonly contribution: number;
  readonly quality: Quality;
  /** Share of its own inputs that were there, 0 to 1. */
  readonly coverage: number;
  /** The rule as a formula; null where the component states none. */
  readonly rule: string | null;
  /** The named inputs, to 12 significant digits; null where unknown. */
  readonly inputs: Readonly<Record<string, number | null>>;
  /** For people. */
  readonly reasons: readonly string[];
}

/** A score and everything that it is made of, version 1: plain JSON, described by `scoreBreakdownSchema`. */
export interface ScoreBreakdown {
  readonly v: 1;
  /** Name and version of the rules. */
  readonly rules: string;
  readonly symbol: string;
  /** Close of the last bar that went in, epoch milliseconds UTC; null without bars. */
  readonly asOfMs: number | null;
  /** 0 to 100; null when nothing is known. */
  readonly score: number | null;
  readonly signal: Signal | null;
  /** Share of the total weight that was present, 0 to 1. */
  readonly coverage: number;
  readonly contributions: readonly Contribution[];
}

/**
 * Every contribution to a score, down to the components that are not composed of others.
 *
 * @example
 * ```ts
 * const score = scoreTape({ symbol: 'ETHUSDT', bars: [], orderFlow: { obi: 0.5, quality: 'measured' } });
 * explain(score).contributions[0].contribution; // => 75
 * ```
 */
export function explain(score: Score): ScoreBreakdown {
  const shares = sharesOf(score.components);
  return {
    v: 1,
    rules: score.rules,
    symbol: score.symbol,
    asOfMs: score.asOfMs ?? null,
    score: score.score ?? null,
    signal: score.signal ?? null,
    coverage: score.coverage,
    contributions: score.components.flatMap((component, i) =>
      leaves(component, [], shares[i]!, component.effectiveWeight, toMicro(component.contribution)),
    ),
  };
}

function leaves(
  component: WeightedComponent,
  above: readonly string[],
  weight: number,
  effectiveWeight: number,
  micro: number,
): Contribution[] {
  const path = [...above, component.name];
  const { parts = [] } = component;
  if (parts.length === 0) {
    const contribution = micro / microPerPoint;
    return [{ path, ...described(component), weight, effectiveWeight, contribution }];
  }
  const shares = sharesOf(parts);
  const micros = divideMicro(
    micro,
    parts.map((part) => toMicro(part.contribution)),
  );
  return parts.flatMap((part, i) =>
    leaves(part, path, weight * shares[i]!, effectiveWeight * part.effectiveWeight, micros[i]!),
  );
}

function described(
  component: ComponentScore,
): Pick<Contribution, 'score' | 'quality' | 'coverage' | 'rule' | 'inputs' | 'reasons'> {
  const { score, quality, coverage, rule, inputs, reasons } = component;
  return {
    score: score ?? null,
    quality,
    coverage: score === undefined ? 0 : (coverage ?? 1),
    rule: rule ?? null,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, printedInput(value)])),
    reasons: [...reasons],
  };
}

/** Share of each in the weight of all. */
function sharesOf(components: readonly WeightedComponent[]): number[] {
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  if (total < Infinity) return components.map(({ weight }) => weight / total);
  const largest = Math.max(...components.map(({ weight }) => weight));
  const inLargest = components.reduce((sum, { weight }) => sum + weight / largest, 0);
  return components.map(({ weight }) => weight / largest / inLargest);
}

/** Contributions have at most six decimals, so this is whole. */
function toMicro(points: number): number {
  return Math.round(points * microPerPoint);
}

/**
 * A score as lines to read: the result, then each component with its arithmetic and its reasons.
 *
 * @example
 * ```ts
 * const score = scoreTape({ symbol: 'ETHUSDT', bars: [], orderFlow: { obi: 0.5, quality: 'measured' } });
 * explainScore(score)[0]; // => 'ETHUSDT: 75 of 100, strong-buy, from 32 % of the weight'
 * ```
 */
export function explainScore(score: Score): string[] {
  const signal = score.signal ?? 'too little for a signal';
  const headline =
    score.score === undefined
      ? `${score.symbol}: no score, nothing is known`
      : `${score.symbol}: ${words(score.score)} of 100, ${signal}, from ${percent(score.coverage)} of the weight`;
  return [headline, ...score.components.flatMap((component) => explainComponent(component, ''))];
}

function explainComponent(component: WeightedComponent, indent: string): string[] {
  const { name, score, weight, effectiveWeight, contribution, quality } = component;
  const reasons = component.reasons.length > 0 ? `: ${component.reasons.join('; ')}` : '';
  const parts = (component.parts ?? []).flatMap((part) => explainComponent(part, `${indent}  `));
  if (score === undefined) {
    return [`${indent}${name}: missing, its weight of ${words(weight)} goes to the others${reasons}`, ...parts];
  }
  const how = quality === 'proxy' ? ', estimated' : '';
  const sum = `${words(score)} × ${percent(effectiveWeight)} = ${words(contribution)} points`;
  return [`${indent}${name}: ${sum}${how}${reasons}`, ...parts];
}

function percent(share: number): string {
  return `${String(Number((100 * share).toFixed(1)))} %`;
}
