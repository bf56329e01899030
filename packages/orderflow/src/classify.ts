/** Who was the aggressor, where the venue does not say. */
import type { Aggressor, Side, TickTrade } from './market.ts';
import { requireSnapshot } from './internal/snapshot.ts';

/** The rule that a side was told by. */
export type ClassificationMethod = 'tick-rule';

/**
 * What a side rests on: `moved`, this print changed the price; `carried`, the price is unchanged and the side of the
 * last change is repeated; `none`, there was no change yet.
 */
export type ClassificationConfidence = 'moved' | 'carried' | 'none';

/** A side with where it comes from. */
export interface Classification {
  /** The aggressor; `unknown` exactly when `confidence` is `none`. */
  readonly side: Aggressor;
  readonly method: ClassificationMethod;
  readonly confidence: ClassificationConfidence;
}

/** A running tick rule. Made by {@link createTickRule}. */
export interface TickRule {
  /** Classifies a print by the prints before it. */
  push(trade: Pick<TickTrade, 'priceTicks'>): Classification;
  /** Nothing is held back: every print is answered at once. */
  flush(): undefined;
  /** The state as plain JSON. */
  snapshot(): TickRuleSnapshot;
}

/** The state of a {@link TickRule}. */
export interface TickRuleSnapshot {
  readonly v: 1;
  readonly kind: 'tick-rule';
  readonly lastTicks: number | null;
  readonly side: Side | null;
}

/**
 * The tick rule: a print above the last different price is a buy, below it a sell; prints before the first change are
 * unknown. It uses the order of arrival and nothing else, so prints that arrive out of order mislead it.
 *
 * It is a guess. Where the venue flags the aggressor, use the flag.
 *
 * @example
 * ```ts
 * const rule = createTickRule();
 * rule.push({ priceTicks: 10 }).side; // => 'unknown'
 * rule.push({ priceTicks: 11 }); // => { side: 'buy', method: 'tick-rule', confidence: 'moved' }
 * rule.push({ priceTicks: 11 }).confidence; // => 'carried'
 * rule.push({ priceTicks: 10 }).side; // => 'sell'
 * ```
 */
export function createTickRule(): TickRule {
  return startTickRule(undefined, undefined);
}

/**
 * The rule that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version.
 */
export function restoreTickRule(snapshot: TickRuleSnapshot): TickRule {
  requireSnapshot(snapshot, 'tick-rule');
  return startTickRule(snapshot.lastTicks ?? undefined, snapshot.side ?? undefined);
}

function startTickRule(fromTicks: number | undefined, fromSide: Side | undefined): TickRule {
  let lastTicks = fromTicks;
  let side = fromSide;
  return {
    push({ priceTicks }) {
      const moved = lastTicks !== undefined && priceTicks !== lastTicks;
      if (moved) side = priceTicks > lastTicks! ? 'buy' : 'sell';
      lastTicks = priceTicks;
      return {
        side: side ?? 'unknown',
        method: 'tick-rule',
        confidence: moved ? 'moved' : side === undefined ? 'none' : 'carried',
      };
    },
    flush: () => undefined,
    snapshot: () => ({ v: 1, kind: 'tick-rule', lastTicks: lastTicks ?? null, side: side ?? null }),
  };
}
