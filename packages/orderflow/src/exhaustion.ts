/** Exhaustion: a push to new highs or lows that runs out of aggressors. */
import { sideCode } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import type { ExactInt } from './exact.ts';
import type { Side, TickTrade } from './market.ts';
import { requireBetween, requireSide, requireTrade, requireWhole, printOf } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { createPush, pushShape } from './internal/tape/push-extremes.ts';
import type { PushJson } from './internal/tape/push-extremes.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { eventsOf } from './internal/shared/column-rows.ts';
import { counts, fields, finite, orNull } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export type { PushJson } from './internal/tape/push-extremes.ts';

/** What says that the aggressors ran out: volumes that fall, a last one that is small, or both. */
export type ExhaustionTest = 'declining' | 'share' | 'both';

/** Options of {@link createExhaustion}. */
export interface ExhaustionOptions {
  /**
   * Number of the last extremes that are compared.
   * @defaultValue 3
   */
  readonly extremes?: number;
  /**
   * What is asked of their volumes.
   * @defaultValue 'both'
   */
  readonly test?: ExhaustionTest;
  /**
   * Largest last volume, as a share of the mean of the ones before it.
   * @defaultValue 0.5
   */
  readonly maxShare?: number;
  /**
   * How far the price must fall back from the extreme until the push is over, in ticks.
   * @defaultValue 2
   */
  readonly reverseTicks?: number;
  /**
   * Height of a price row, in ticks: a new extreme is a row beyond all rows of the push.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
}

/** What {@link createExhaustion} uses where an option is left out. */
export const exhaustionDefaults: Required<ExhaustionOptions> = {
  extremes: 3,
  test: 'both',
  maxShare: 0.5,
  reverseTicks: 2,
  rowTicks: 1,
};

/** One exhaustion. */
export interface ExhaustionEvent {
  /** The aggressors that ran out: buyers at a high, sellers at a low. */
  readonly side: Side;
  /** Price of the extreme, in ticks. */
  readonly extremeTicks: number;
  /** Price of the print that ended the push, in ticks. */
  readonly confirmedTicks: number;
  /** Time of the first print of the push, of the one that set the extreme, and of the one that ended it. */
  readonly startMs: number;
  readonly extremeMs: number;
  readonly confirmedMs: number;
  /** Volume of those aggressors at each of the last extremes, in lots, the last one last. */
  readonly volumesLots: readonly ExactInt[];
  /** Volume at these extremes whose aggressor is unknown, in lots: what the volumes above may lack. */
  readonly unknownLots: ExactInt;
  /** The last volume ÷ the mean of the ones before it; `undefined` when those are all 0. */
  readonly share: number | undefined;
  /** Number of extremes of the whole push. */
  readonly extremes: number;
}

/** What became of the prints, since the start. */
export interface ExhaustionCounts {
  /** Prints taken in. */
  readonly trades: number;
  /** Prints earlier than one before them; left out, since the path of the price is what counts. */
  readonly lateTrades: number;
  /** Prints of no size; left out, as nothing was traded. */
  readonly zeroTrades: number;
}

/** A running detector. Made by {@link createExhaustion}. */
export interface Exhaustion {
  /**
   * Takes a print and gives the exhaustion that it confirms, where it does.
   * @throws {@link OrderflowError} `bad-trade` for a price or size off the grid, a negative size or no time; the state is
   *   as before.
   */
  push(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'side' | 'timeMs'>): ExhaustionEvent | undefined;
  /** Nothing is given at the end of the stream: without a reversal nothing is confirmed. */
  flush(): undefined;
  counts(): ExhaustionCounts;
  /** The state as plain JSON. */
  snapshot(): ExhaustionSnapshot;
}

/** The state of an {@link Exhaustion}. */
export interface ExhaustionSnapshot {
  readonly v: 1;
  readonly kind: 'exhaustion';
  readonly options: Required<ExhaustionOptions>;
  readonly latestMs: number | null;
  readonly up: PushJson | null;
  readonly down: PushJson | null;
  readonly counts: ExhaustionCounts;
}

/**
 * A detector of exhaustion.
 *
 * A push up is a stretch of the tape over which the price never falls `reverseTicks` or more below its highest print;
 * each row (`⌊ticks ÷ rowTicks⌋`) above all rows of the push is a new extreme. Its volume `v` is what buyers took in that
 * row while it was the highest. The print that falls back far enough ends the push, and with the volumes `v₁ … vₙ` of
 * its last n extremes it was exhausted when
 * - `declining`: `v₁ > v₂ > … > vₙ`, and/or
 * - `share`: `vₙ ÷ mean(v₁ … vₙ₋₁) ≤ maxShare`.
 *
 * A push with fewer extremes says nothing. Pushes down mirror this with sellers; both are followed at once, and one
 * print ends one of them at most. An exhaustion is given with the print that confirms it, and never revised. Memory: n
 * volumes a side.
 *
 * @example
 * ```ts
 * const exhaustion = createExhaustion();
 * exhaustion.push({ priceTicks: 100, sizeLots: 90, side: 'buy', timeMs: 0 });
 * exhaustion.push({ priceTicks: 101, sizeLots: 50, side: 'buy', timeMs: 1 });
 * exhaustion.push({ priceTicks: 102, sizeLots: 7, side: 'buy', timeMs: 2 });
 * const event = exhaustion.push({ priceTicks: 100, sizeLots: 20, side: 'sell', timeMs: 3 });
 * [event?.side, event?.extremeTicks, event?.volumesLots, event?.share]; // => ['buy', 102, [90, 50, 7], 0.1]
 * ```
 * @throws {@link OrderflowError} `bad-option` when an option is outside its domain.
 */
export function createExhaustion(options: ExhaustionOptions = {}): Exhaustion {
  return startExhaustion(optionsOf(options), undefined);
}

const shape = fields({ latestMs: orNull(finite), up: orNull(pushShape), down: orNull(pushShape), counts });

/**
 * The detector that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreExhaustion(snapshot: ExhaustionSnapshot, options?: ExhaustionOptions): Exhaustion {
  return restored(snapshot, 'exhaustion', shape, () => {
    if (options) requireSameOptions('exhaustion', snapshot.options, optionsOf(options));
    return startExhaustion(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * The exhaustions of columns: what `push` gives, one after the other.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function exhaustionsOfColumns(columns: TradeColumns, options: ExhaustionOptions = {}): ExhaustionEvent[] {
  return eventsOf(createExhaustion(options), columns);
}

const TESTS: ReadonlySet<string> = new Set<ExhaustionTest>(['declining', 'share', 'both']);

function optionsOf(options: ExhaustionOptions): Required<ExhaustionOptions> {
  const { extremes, test, maxShare, reverseTicks, rowTicks } = { ...exhaustionDefaults, ...options };
  requireWhole('extremes', extremes, 2);
  requireBetween('maxShare', maxShare, 0);
  requireWhole('reverseTicks', reverseTicks);
  requireWhole('rowTicks', rowTicks);
  if (!TESTS.has(test)) {
    throw new OrderflowError('bad-option', `test ${excerpt(test)} is not "declining", "share" or "both".`, test);
  }
  return { extremes, test, maxShare: maxShare + 0, reverseTicks, rowTicks };
}

function startExhaustion(options: Required<ExhaustionOptions>, from: ExhaustionSnapshot | undefined): Exhaustion {
  const { extremes, test, maxShare } = options;
  let latest = from?.latestMs ?? undefined;
  const up = createPush(1, options, from?.up ?? undefined);
  const down = createPush(-1, options, from?.down ?? undefined);
  let { trades, lateTrades, zeroTrades } = from?.counts ?? { trades: 0, lateTrades: 0, zeroTrades: 0 };

  const verdict = (side: Side, ended: ReturnType<typeof up.push>): ExhaustionEvent | undefined => {
    if (!ended || ended.volumesLots.length < extremes) return undefined;
    const { volumesLots, share } = ended;
    const declining = volumesLots.every((lots, i) => i === 0 || lots < volumesLots[i - 1]!);
    const small = share !== undefined && share <= maxShare;
    const exhausted = test === 'declining' ? declining : test === 'share' ? small : declining && small;
    return exhausted ? { side, ...ended } : undefined;
  };

  return {
    push(trade) {
      const { priceTicks, sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks, sizeLots, timeMs });
      requireSide(side);
      const late = latest !== undefined && timeMs < latest;
      if (sizeLots === 0 || late) {
        if (sizeLots === 0) zeroTrades += 1;
        else lateTrades += 1;
        return undefined;
      }
      trades += 1;
      latest = timeMs + 0;
      const ticks = priceTicks + 0;
      const high = up.push(latest, ticks, sizeLots, sideCode(side));
      const low = down.push(latest, ticks, sizeLots, sideCode(side));
      return verdict('buy', high) ?? verdict('sell', low);
    },
    flush: () => undefined,
    counts: () => ({ trades, lateTrades, zeroTrades }),
    snapshot: () => ({
      v: 1,
      kind: 'exhaustion',
      options: { ...options },
      latestMs: latest ?? null,
      up: up.toJson(),
      down: down.toJson(),
      counts: { trades, lateTrades, zeroTrades },
    }),
  };
}
