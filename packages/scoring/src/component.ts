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
