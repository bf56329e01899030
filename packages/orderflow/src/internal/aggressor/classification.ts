import type { Aggressor, TickTrade } from '../../market.ts';

/**
 * What told the side: the venue's `flag`, the place of the price in the quote (`quote-rule`), or the last change of price
 * (`tick-rule`). Where no side was found, the rule that was asked last.
 */
export type ClassificationMethod = 'flag' | 'quote-rule' | 'tick-rule';

/**
 * What a side rests on; a label, not a probability.
 *
 * - `flagged`: the venue says so.
 * - `at-quote`: printed at the bid or at the ask in force.
 * - `moved`: tick rule, this print changed the price.
 * - `outside`: printed below the bid or above the ask, so the quote in force is not the one that was hit.
 * - `carried`: tick rule, the price is unchanged and the side of its last change is repeated.
 * - `inside`: printed between bid and ask, on the side of one of them that the rule looks at.
 * - `none`: no rule applied; the side is unknown.
 */
export type ClassificationConfidence = 'flagged' | 'at-quote' | 'moved' | 'outside' | 'carried' | 'inside' | 'none';

/**
 * All confidences in the order in which they were right on the recorded sessions of the guide `trade-classification`,
 * pooled; on a market of its own the order can be another one, so measure before a threshold is built on it.
 */
export const classificationConfidences: readonly ClassificationConfidence[] = [
  'flagged',
  'at-quote',
  'moved',
  'outside',
  'carried',
  'inside',
  'none',
];

/** A side with where it comes from. */
export interface Classification {
  /** The aggressor; `unknown` exactly when `confidence` is `none`. */
  readonly side: Aggressor;
  /** What told the side. */
  readonly method: ClassificationMethod;
  /** What the side rests on. */
  readonly confidence: ClassificationConfidence;
}

/** A print as the rules see it: never its side. */
export type UnsignedTrade = Pick<TickTrade, 'timeMs' | 'priceTicks'>;

/** What all running rules have in common: a print goes in, its side comes out at once. */
export interface Classifier {
  /**
   * Classifies a print by what came before it.
   * @throws {@link OrderflowError} `bad-trade` for a price that is no whole number of ticks or a time that is not finite;
   *   the state is as before.
   */
  push(trade: UnsignedTrade): Classification;
  /** Nothing is held back: every print is answered at once. */
  flush(): undefined;
  /** The state as plain JSON with a version. */
  snapshot(): { readonly v: 1; readonly kind: string };
}
