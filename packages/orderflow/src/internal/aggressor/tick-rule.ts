import type { Side, TickTrade } from '../../market.ts';
import type { Classification, Classifier } from './classification.ts';
import { requireTrade, printOf } from '../shared/checks.ts';
import { fields, oneOf, orNull, whole } from '../shared/shapes.ts';
import { restored } from '../shared/snapshot.ts';

/** A running tick rule. Made by {@link createTickRule}. */
export interface TickRule extends Classifier {
  /**
   * Classifies a print by the prints before it.
   * @throws {@link OrderflowError} `bad-trade` for a price that is no whole number of ticks; the state is as before.
   */
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

const shape = fields({ lastTicks: orNull(whole), side: oneOf('buy', 'sell', null) });

/**
 * The rule that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version.
 */
export function restoreTickRule(snapshot: TickRuleSnapshot): TickRule {
  return restored(snapshot, 'tick-rule', shape, () =>
    startTickRule(snapshot.lastTicks ?? undefined, snapshot.side ?? undefined),
  );
}

function startTickRule(fromTicks: number | undefined, fromSide: Side | undefined): TickRule {
  let lastTicks = fromTicks;
  let side = fromSide;
  return {
    push(trade) {
      const { priceTicks } = printOf(trade);
      requireTrade({ priceTicks, sizeLots: 0, timeMs: 0 });
      const moved = lastTicks !== undefined && priceTicks !== lastTicks;
      if (moved) side = priceTicks > lastTicks! ? 'buy' : 'sell';
      // −0 is no price of its own and would not survive JSON.
      lastTicks = priceTicks + 0;
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
