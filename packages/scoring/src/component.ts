/** One part of a score: what it says, how well it is known, and why. */

/**
 * How the inputs of a component are known: `measured` from trades and quotes, `proxy` estimated from something coarser
 * (order flow from OHLCV bars), `missing` not at all.
 */
export type Quality = 'measured' | 'proxy' | 'missing';

/** The score of one component, ready for `composeScore`. */
export interface ComponentScore {
  /** The name that weights refer to, for example `momentum`. */
  readonly name: string;
  /** 0 (all against) to 100 (all for), 50 balanced; `undefined` when its inputs are missing, never a made-up 50. */
  readonly score: number | undefined;
  /** `missing` exactly when `score` is `undefined`. */
  readonly quality: Quality;
  /** What the score was made of, for people. */
  readonly reasons: readonly string[];
  /** The named inputs; `undefined` where unknown. */
  readonly inputs: Readonly<Record<string, number | undefined>>;
  /** The rule that made the score of the inputs, as a formula to check by hand. */
  readonly rule?: string | undefined;
  /**
   * Share of what the component asks for that was there, 0 to 1.
   * @defaultValue 1 with a score, 0 without
   */
  readonly coverage?: number | undefined;
  /** What the component is itself composed of; their contributions add up to its score. */
  readonly parts?: readonly WeightedComponent[] | undefined;
}

/** A component as `composeScore` takes it: also in its stored form, where unknown is null. */
export interface ComponentInput extends Omit<ComponentScore, 'coverage' | 'inputs' | 'score'> {
  readonly score: number | null | undefined;
  readonly coverage?: number | null | undefined;
  readonly inputs: Readonly<Record<string, number | null | undefined>>;
}

/** One component within a score. */
export interface WeightedComponent extends ComponentScore {
  /** As given. */
  readonly weight: number;
  /** Share of the weight that is present, 0 to 1; 0 when missing. */
  readonly effectiveWeight: number;
  /** Points of the score that came from here, at most six decimals; 0 when missing. */
  readonly contribution: number;
}

/**
 * A component that is not known, with the reason.
 *
 * @example
 * ```ts
 * missingComponent('fundamental', 'no report of this year yet').score; // => undefined
 * ```
 */
export function missingComponent(
  name: string,
  reason: string,
  inputs: Readonly<Record<string, number | undefined>> = {},
): ComponentScore {
  return { name, score: undefined, quality: 'missing', reasons: [reason], inputs };
}
