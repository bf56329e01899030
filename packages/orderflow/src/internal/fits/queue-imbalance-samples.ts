import type { QuoteColumns } from '../../columns.ts';
import { OrderflowError } from '../../errors.ts';
import { addExact, compareExact, exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { TickQuote } from '../../market.ts';
import { requireQuoteTicks } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import { mapQuotes } from '../aggressor/quote-rows.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { counts, exact, fields, finite, orNull, where } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';

/** A queue imbalance with the direction in which the mid moved next. */
export interface QueueImbalanceSample {
  /** `(Qb − Qa) ÷ (Qb + Qa)`, −1 to 1. */
  readonly imbalance: number;
  /** True when the mid went up. */
  readonly up: boolean;
}

/** Which quote is a sample. */
export interface QueueImbalanceSamplesOptions {
  /**
   * The quote between two moves of the mid whose imbalance is taken: the `last` one, right before the next move, or the
   * `first` one, right after the move before, which has the whole time between the moves to predict.
   * @defaultValue 'last'
   */
  readonly quote?: 'last' | 'first';
}

/** The options of a labeller that are used where none are given. */
export const queueImbalanceSamplesDefaults: Required<QueueImbalanceSamplesOptions> = { quote: 'last' };

/** What a labeller has seen. */
export interface QueueImbalanceCounts {
  /** Pushes, with or without a quote. */
  readonly pushes: number;
  /** Pushes of no quote, or of one with an empty side: what comes next starts anew. */
  readonly unknown: number;
  /** Quotes with a bid at or above the ask: what comes next starts anew. */
  readonly crossed: number;
  /** Samples given. */
  readonly samples: number;
}

/** A running labeller. Made by {@link createQueueImbalanceSamples}. */
export interface QueueImbalanceSamples {
  /**
   * Takes the next quote; gives a sample when its mid differs from the one before.
   *
   * Push `undefined` while there is no two-sided quote. After that, and after a crossed or locked quote or one with an
   * empty side, the next quote counts as a first: a move over such a time gives no sample.
   * @throws {@link OrderflowError} `bad-quote` for a quote that no grid gives; the state is as before.
   */
  push(quote: TickQuote | undefined): QueueImbalanceSample | undefined;
  /** Where the mid goes after the last quote is not known: always `undefined`. */
  flush(): undefined;
  counts(): QueueImbalanceCounts;
  /** The state as plain JSON. */
  snapshot(): QueueImbalanceSamplesSnapshot;
}

/** The state of {@link QueueImbalanceSamples}. */
export interface QueueImbalanceSamplesSnapshot {
  readonly v: 1;
  readonly kind: 'queue-imbalance-samples';
  readonly options: Required<QueueImbalanceSamplesOptions>;
  /** Twice the mid in ticks, and the imbalance to label. */
  readonly open: { readonly midTimesTwo: ExactIntJson; readonly imbalance: number } | null;
  readonly counts: QueueImbalanceCounts;
}

/**
 * A labeller that turns a stream of quotes into samples for {@link fitQueueImbalance}: one a move of the mid, so that
 * busy times do not count more often than they move. State is one quote.
 *
 * @example
 * ```ts
 * const samples = createQueueImbalanceSamples();
 * samples.push({ bidTicks: 100, bidLots: 4, askTicks: 101, askLots: 4 }); // => undefined
 * samples.push({ bidTicks: 100, bidLots: 3, askTicks: 101, askLots: 1 }); // => undefined
 * samples.push({ bidTicks: 100, bidLots: 3, askTicks: 102, askLots: 9 }); // => { imbalance: 0.5, up: true }
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createQueueImbalanceSamples(options: QueueImbalanceSamplesOptions = {}): QueueImbalanceSamples {
  return start(optionsOf(options), undefined);
}

const shape = fields({
  open: orNull(
    fields({ midTimesTwo: exact, imbalance: where(finite, (imbalance: number) => Math.abs(imbalance) <= 1) }),
  ),
  counts,
});

/**
 * The labeller that a snapshot was taken of. `options` may be left out: the snapshot holds them.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, or other options.
 */
export function restoreQueueImbalanceSamples(
  snapshot: QueueImbalanceSamplesSnapshot,
  options?: QueueImbalanceSamplesOptions,
): QueueImbalanceSamples {
  return restored(snapshot, 'queue-imbalance-samples', shape, () => {
    if (options) requireSameOptions('queue-imbalance-samples', snapshot.options, optionsOf(options));
    return start(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * What {@link QueueImbalanceSamples.push} gives row by row over a column of quotes.
 * @throws {@link OrderflowError} `bad-columns`, or `bad-quote` for a row that no grid gives.
 */
export function queueImbalanceSamplesOfColumns(
  quotes: Omit<QuoteColumns, 'timeMs'>,
  options: QueueImbalanceSamplesOptions = {},
): (QueueImbalanceSample | undefined)[] {
  const samples = createQueueImbalanceSamples(options);
  return mapQuotes(quotes, (quote) => samples.push(quote));
}

function optionsOf(options: QueueImbalanceSamplesOptions): Required<QueueImbalanceSamplesOptions> {
  const { quote } = { ...queueImbalanceSamplesDefaults, ...options };
  if (['last', 'first'].includes(quote)) return { quote };
  throw new OrderflowError('bad-option', `quote ${excerpt(quote)} is not 'last' or 'first'.`, quote);
}

function start(
  options: Required<QueueImbalanceSamplesOptions>,
  from: QueueImbalanceSamplesSnapshot | undefined,
): QueueImbalanceSamples {
  let hasOpen = from?.open != null;
  let mid: ExactInt = from?.open ? exactFromJson(from.open.midTimesTwo) : 0;
  let imbalance = from?.open?.imbalance ?? 0;
  let { pushes, unknown, crossed, samples } = from?.counts ?? { pushes: 0, unknown: 0, crossed: 0, samples: 0 };

  return {
    push(quote) {
      if (quote) requireQuoteTicks(quote.bidTicks, quote.bidLots, quote.askTicks, quote.askLots);
      pushes += 1;
      if (!quote || quote.bidLots === 0 || quote.askLots === 0) {
        unknown += 1;
        hasOpen = false;
        return undefined;
      }
      const { bidTicks, bidLots, askTicks, askLots } = quote;
      if (bidTicks >= askTicks) {
        crossed += 1;
        hasOpen = false;
        return undefined;
      }
      const midNow = addExact(bidTicks, askTicks);
      const moved = hasOpen ? compareExact(midNow, mid) : 0;
      const sample = moved === 0 ? undefined : { imbalance, up: moved > 0 };
      if (!hasOpen || sample || options.quote === 'last') imbalance = (bidLots - askLots) / (bidLots + askLots);
      if (sample) samples += 1;
      mid = midNow;
      hasOpen = true;
      return sample;
    },
    flush: () => undefined,
    counts: () => ({ pushes, unknown, crossed, samples }),
    snapshot: () => ({
      v: 1,
      kind: 'queue-imbalance-samples',
      options: { ...options },
      open: hasOpen ? { midTimesTwo: exactToJson(mid), imbalance } : null,
      counts: { pushes, unknown, crossed, samples },
    }),
  };
}
