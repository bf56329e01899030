/**
 * OFI that forgets: over the levels of a book (deeper levels weigh less), and over time (older quotes weigh less).
 */
import { rowCount } from './columns.ts';
import type { QuoteColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import { addExact, divideExact, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { DecimalInput, TickQuote } from './market.ts';
import { createOfi, restoreOfi } from './ofi.ts';
import type { OfiSnapshot } from './ofi.ts';
import { requireQuoteTime } from './internal/flow/bucket-frame.ts';
import { requireBetween, requireQuote } from './internal/shared/checks.ts';
import { parseDecimal } from './internal/numbers/decimal-literal.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { requireModerate } from './internal/numbers/principal-component.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { counts, fields, finite, orNull } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

/**
 * The OFI of levels as one number, level `k` weighing `decay^k ÷ Σ decay^k`; in the unit of the values. Decay 1 is the
 * plain mean, 0 the best level alone.
 *
 * @example
 * ```ts
 * depthDecayedOfi([120, 0, -30], 0.5).toFixed(6); // => '64.285714'
 * ```
 * @param values - MLOFI or normalised OFI by level, best first.
 * @throws {@link OrderflowError} `bad-option` when `decay` is not a number from 0 to 1, `bad-value` for no values, or one
 *   that is not a number from −1e140 to 1e140.
 */
export function depthDecayedOfi(values: ArrayLike<ExactInt>, decay: number): number {
  requireBetween('decay', decay, 0, 1);
  requireLevels(values);
  let weight = 1;
  let weights = 0;
  let sum = 0;
  for (let k = 0; k < values.length; k += 1) {
    const value = Number(values[k]!);
    requireModerate(`level ${k} of a vector,`, value);
    sum += weight * value;
    weights += weight;
    weight *= decay;
  }
  return sum / weights + 0;
}

/**
 * {@link depthDecayedOfi} of whole lots, with the decay as a decimal: a decimal string of 16 significant digits, rounded
 * half to even.
 *
 * @example
 * ```ts
 * depthDecayedOfiExact([120, 0, -30], '0.5'); // => '64.28571428571429'
 * depthDecayedOfiExact([3, 0], '0.1'); // => '2.727272727272727'
 * ```
 * @throws {@link OrderflowError} `bad-option` when `decay` is not a decimal from 0 to 1, `bad-value` for no values or one
 *   that is no integer.
 */
export function depthDecayedOfiExact(lots: ArrayLike<ExactInt>, decay: DecimalInput): string {
  requireLevels(lots);
  const [base, unit] = fractionOf(decay);
  // Horner from the deepest level, times unit^(levels − 1): all integers.
  let [sum, weights, power]: [ExactInt, ExactInt, ExactInt] = [0, 0, 1];
  for (let k = lots.length - 1; k >= 0; k -= 1) {
    const value = lots[k]!;
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
      throw new OrderflowError(
        'bad-value',
        `level ${k} of a vector, ${excerpt(value)}, is not a whole number of lots.`,
        value,
      );
    }
    sum = addExact(multiplyExact(value, power), multiplyExact(base, sum));
    weights = addExact(power, multiplyExact(base, weights));
    power = multiplyExact(power, unit);
  }
  return divideExact(sum, weights);
}

/** The decay as integers: numerator and denominator, a power of ten. */
function fractionOf(decay: DecimalInput): [numerator: bigint, denominator: bigint] {
  const literal = parseDecimal(decay);
  const unit = literal && 10n ** BigInt(literal.scale);
  if (literal && literal.mantissa >= 0n && literal.mantissa <= unit!) return [literal.mantissa, unit!];
  throw new OrderflowError('bad-option', `decay ${excerpt(decay)} is not a decimal from 0 to 1.`, decay);
}

function requireLevels(values: ArrayLike<unknown>): void {
  if (values.length > 0) return;
  throw new OrderflowError('bad-value', 'there is no level to weigh. Pass the OFI of at least one level.', values);
}

/** Options of {@link createDecayedOfi}. */
export interface DecayedOfiOptions {
  /**
   * Time after which a contribution weighs half, in milliseconds.
   * @defaultValue 10_000
   */
  readonly halfLifeMs?: number;
}

/** What {@link createDecayedOfi} uses where an option is left out. */
export const decayedOfiDefaults: Required<DecayedOfiOptions> = { halfLifeMs: 10_000 };

/** What became of the quotes, since the start. */
export interface DecayedOfiCounts {
  /** Contributions: pairs of consecutive quotes. */
  readonly events: number;
  /** Quotes and breaks with a time before the latest one; left out. */
  readonly lateQuotes: number;
}

/** A running OFI with exponential decay in time. Made by {@link createDecayedOfi}. */
export interface DecayedOfi {
  /**
   * Takes the quote of a time, `undefined` where there is none any more, and gives the decayed OFI at that time in lots;
   * `undefined` before the first contribution. A quote with a time before the latest one is counted and left out.
   *
   * Over a break nothing is added, and what was goes on fading.
   * @throws {@link OrderflowError} `bad-quote` for a quote off the grid or a time that is none; the state is as before.
   */
  push(timeMs: number, quote: TickQuote | undefined): number | undefined;
  /**
   * The decayed OFI at a time from the latest quote on, in lots; earlier times are answered as the latest one.
   * @throws {@link OrderflowError} `bad-quote` for a time that is none.
   */
  at(timeMs: number): number | undefined;
  /** Holds nothing back. */
  flush(): undefined;
  counts(): DecayedOfiCounts;
  /** The state as plain JSON. */
  snapshot(): DecayedOfiSnapshot;
}

/** The state of a {@link DecayedOfi}. */
export interface DecayedOfiSnapshot {
  readonly v: 1;
  readonly kind: 'decayed-ofi';
  readonly options: Required<DecayedOfiOptions>;
  readonly ofi: OfiSnapshot;
  readonly latestMs: number | null;
  /** Decayed OFI at `latestMs`. */
  readonly lots: number;
  readonly counts: DecayedOfiCounts;
}

/**
 * `S(t) = Σ e_n · 2^(−(t − t_n) ÷ halfLifeMs)`: the OFI of the recent past without the edge of a window, in floating
 * point. State: one quote and one number.
 *
 * @example
 * ```ts
 * const ofi = createDecayedOfi({ halfLifeMs: 1000 });
 * ofi.push(0, { bidTicks: 100, bidLots: 10, askTicks: 101, askLots: 10 }); // => undefined
 * ofi.push(0, { bidTicks: 100, bidLots: 18, askTicks: 101, askLots: 10 }); // => 8
 * ofi.push(1000, { bidTicks: 100, bidLots: 19, askTicks: 101, askLots: 10 }); // => 5
 * ofi.at(2000); // => 2.5
 * ```
 * @throws {@link OrderflowError} `bad-option` when `halfLifeMs` is not a number from 1e-3 on.
 */
export function createDecayedOfi(options: DecayedOfiOptions = {}): DecayedOfi {
  return startDecayedOfi(optionsOf(options), undefined);
}

const shape = fields({ latestMs: orNull(finite), lots: finite, counts });

/**
 * The OFI that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreDecayedOfi(snapshot: DecayedOfiSnapshot, options?: DecayedOfiOptions): DecayedOfi {
  return restored(snapshot, 'decayed-ofi', shape, () => {
    if (options) requireSameOptions('decayed-ofi', snapshot.options, optionsOf(options));
    return startDecayedOfi(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * {@link createDecayedOfi} over a column of quotes, row by row. A row with a `NaN` in a price or size is a time without a
 * two-sided quote.
 * @throws {@link OrderflowError} `bad-columns`, or as `push` does.
 */
export function decayedOfiOfColumns(quotes: QuoteColumns, options: DecayedOfiOptions = {}): (number | undefined)[] {
  const { timeMs, bidTicks, bidLots, askTicks, askLots } = quotes;
  const rows = rowCount(quotes);
  const ofi = createDecayedOfi(options);
  const values = new Array<number | undefined>(rows);
  for (let i = 0; i < rows; i += 1) {
    const quote = { bidTicks: bidTicks[i]!, bidLots: bidLots[i]!, askTicks: askTicks[i]!, askLots: askLots[i]! };
    const known = !Number.isNaN(quote.bidTicks + quote.bidLots + quote.askTicks + quote.askLots);
    values[i] = ofi.push(timeMs[i]!, known ? quote : undefined);
  }
  return values;
}

function optionsOf(options: DecayedOfiOptions): Required<DecayedOfiOptions> {
  const { halfLifeMs } = { ...decayedOfiDefaults, ...options };
  requireBetween('halfLifeMs', halfLifeMs, 1e-3);
  return { halfLifeMs };
}

function startDecayedOfi(options: Required<DecayedOfiOptions>, from: DecayedOfiSnapshot | undefined): DecayedOfi {
  const { halfLifeMs } = options;
  const ofi = from ? restoreOfi(from.ofi) : createOfi();
  let latest = from?.latestMs ?? undefined;
  let lots = from?.lots ?? 0;
  let { events, lateQuotes } = from?.counts ?? { events: 0, lateQuotes: 0 };

  const fadedTo = (timeMs: number): number => (latest === undefined ? 0 : lots * 2 ** ((latest - timeMs) / halfLifeMs));

  return {
    push(timeMs, quote) {
      requireQuoteTime(timeMs);
      if (latest !== undefined && timeMs < latest) {
        if (quote) requireQuote(quote);
        lateQuotes += 1;
      } else {
        const contribution = ofi.push(quote);
        ofi.flush();
        lots = fadedTo(timeMs) + 0;
        latest = timeMs + 0;
        if (contribution !== undefined) {
          events += 1;
          lots += Number(contribution);
        }
      }
      return events === 0 ? undefined : lots;
    },
    at(timeMs) {
      requireQuoteTime(timeMs);
      if (events === 0) return undefined;
      return (timeMs > latest! ? fadedTo(timeMs) : lots) + 0;
    },
    flush: () => undefined,
    counts: () => ({ events, lateQuotes }),
    snapshot: () => ({
      v: 1,
      kind: 'decayed-ofi',
      options: { ...options },
      ofi: ofi.snapshot(),
      latestMs: latest ?? null,
      lots,
      counts: { events, lateQuotes },
    }),
  };
}
