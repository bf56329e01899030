import type { DivergenceOptions } from './options.ts';

/** One bar of the price and of the line beside it. */
export interface DivergencePoint {
  readonly high: number;
  readonly low: number;
  /** The other line at the bar's close; `undefined` where it is unknown. */
  readonly line?: number | undefined;
}

/** A confirmed extreme of the price. */
export interface Pivot {
  /** Bar of the extreme, counted from 0. */
  readonly at: number;
  /** Its high, or its low. */
  readonly price: number;
  /** The other line at that bar. */
  readonly line: number;
}

/** Two pivots at which price and line disagree. */
export interface Divergence {
  /** `bear` between two highs, `bull` between two lows. */
  readonly side: 'bear' | 'bull';
  /**
   * `regular`: the price goes further, the line does not (a move tires). `hidden`: the line goes further, the price does
   * not (a pullback within a trend).
   */
  readonly kind: 'hidden' | 'regular';
  /** Bar of the earlier pivot, counted from 0. */
  readonly from: number;
  /** Bar of the later pivot. */
  readonly at: number;
  /** Bar whose close made it known: `rightBars` after `at`. */
  readonly confirmedAt: number;
  readonly prices: readonly [from: number, at: number];
  readonly lines: readonly [from: number, at: number];
}

/** True when the bar `leftBars` after `first` is above those before it and not exceeded by the `rightBars` after it. */
export function isPivotHigh(
  points: readonly DivergencePoint[],
  first: number,
  { leftBars, rightBars }: Required<DivergenceOptions>,
  price: (point: DivergencePoint) => number,
): boolean {
  const middle = first + leftBars;
  const top = price(points[middle]!);
  for (let i = first; i < middle; i++) if (price(points[i]!) >= top) return false;
  for (let i = middle + 1; i <= middle + rightBars; i++) if (price(points[i]!) > top) return false;
  return true;
}

/** The divergence between two pivots of one kind, if there is one. */
export function comparePivots(
  side: 'bear' | 'bull',
  from: Pivot | null,
  to: Pivot,
  { maxBars, rightBars }: Required<DivergenceOptions>,
): Divergence[] {
  if (!from || to.at - from.at > maxBars) return [];
  const outward = side === 'bear' ? 1 : -1;
  const price = Math.sign(to.price - from.price) * outward;
  const line = Math.sign(to.line - from.line) * outward;
  if (price * line >= 0) return [];
  return [
    {
      ...{ side, kind: price > 0 ? 'regular' : 'hidden', from: from.at, at: to.at, confirmedAt: to.at + rightBars },
      ...{ prices: [from.price, to.price], lines: [from.line, to.line] },
    },
  ];
}
