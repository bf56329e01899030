/**
 * The micro-price of Stoikov 2018 (doi 10.1080/14697688.2018.1489139): the mid plus what it is expected to gain or lose
 * over its next moves, given imbalance and spread of the best quote, learned from recorded quotes.
 *
 * Fit a model with {@link fitMicroPrice} or, on a stream, {@link createMicroPriceFit}; it is plain JSON. Price quotes
 * with {@link microPrice}.
 */
import type { QuoteColumns } from './columns.ts';
import { addExact, divideExact, multiplyExact } from './exact.ts';
import type { Grid } from './grid.ts';
import type { TickQuote } from './market.ts';
import { requireQuote } from './internal/shared/checks.ts';
import { parseDecimal } from './internal/numbers/decimal-literal.ts';
import { createMicroPriceFit } from './internal/fits/micro-price-fit.ts';
import type { MicroPriceModel, MicroPriceOptions } from './internal/fits/micro-price-model.ts';
import { isUsable, lowerState, upperState } from './internal/fits/micro-price-states.ts';
import { mapQuotes } from './internal/aggressor/quote-rows.ts';
import { requireSnapshot } from './internal/shared/snapshot.ts';

export { createMicroPriceFit, restoreMicroPriceFit } from './internal/fits/micro-price-fit.ts';
export type { MicroPriceCounts, MicroPriceFit, MicroPriceFitSnapshot } from './internal/fits/micro-price-fit.ts';
export { microPriceDefaults } from './internal/fits/micro-price-model.ts';
export type { MicroPriceModel, MicroPriceOptions } from './internal/fits/micro-price-model.ts';

/**
 * The model of recorded quotes in order of time, one after another or in columns; `undefined` (or a row with a `NaN`)
 * is a time without a two-sided quote. See {@link createMicroPriceFit} for what is counted.
 *
 * @example
 * ```ts
 * const model = fitMicroPrice(quotes, { maxSpreadTicks: 2 });
 * microPrice(model, quotes.at(-1));
 * ```
 * @throws {@link OrderflowError} `bad-option`, `bad-columns`, or `bad-quote` for a quote that no grid gives.
 */
export function fitMicroPrice(
  quotes: readonly (TickQuote | undefined)[] | Omit<QuoteColumns, 'timeMs'>,
  options: MicroPriceOptions = {},
): MicroPriceModel {
  const fit = createMicroPriceFit(options);
  if (Array.isArray(quotes)) for (const quote of quotes as readonly (TickQuote | undefined)[]) fit.push(quote);
  else mapQuotes(quotes as QuoteColumns, (quote) => fit.push(quote));
  return fit.model();
}

/**
 * The micro-price of a quote, in ticks: mid + adjustment of its state.
 *
 * It is where the mid is expected after its next `terms` moves. Nothing keeps it between bid and ask: where a tick is
 * large it lies there, but where it is next to nothing the mid moves by many ticks at once, and the price with it.
 *
 * `undefined` without a two-sided quote, for a crossed or locked quote or one with an empty side, and in a state that
 * the fit has not seen followed by another quote: what is not known is not the mid.
 * @throws {@link OrderflowError} `bad-quote` for a quote that no grid gives, `bad-snapshot` for a model that
 *   {@link fitMicroPrice} did not make.
 */
export function microPrice(model: MicroPriceModel, quote: TickQuote | undefined): number | undefined {
  const adjustment = microPriceAdjustment(model, quote);
  return adjustment === undefined ? undefined : quote!.bidTicks / 2 + quote!.askTicks / 2 + adjustment + 0;
}

/**
 * What {@link microPrice} adds to the mid, in ticks; above 0 when the mid is expected to rise.
 * @throws {@link OrderflowError} as `microPrice`.
 */
export function microPriceAdjustment(model: MicroPriceModel, quote: TickQuote | undefined): number | undefined {
  requireSnapshot(model, 'micro-price');
  if (!quote) return undefined;
  requireQuote(quote);
  if (!isUsable(quote)) return undefined;
  const { adjustmentsTicks, options } = model;
  const lower = adjustmentsTicks[lowerState(quote, options)] ?? undefined;
  const upper = adjustmentsTicks[upperState(quote, options)] ?? undefined;
  // Equal sizes lie on the edge of the two middle buckets, when the number of buckets is even.
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}

/**
 * {@link microPrice} in price units, as a decimal string of 16 significant digits, rounded half to even. The mid is
 * exact; the adjustment is the estimate that it is.
 * @throws {@link OrderflowError} as `microPrice`.
 */
export function microPriceDecimal(
  grid: Pick<Grid, 'tickSize'>,
  model: MicroPriceModel,
  quote: TickQuote | undefined,
): string | undefined {
  const adjustment = microPriceAdjustment(model, quote);
  if (adjustment === undefined) return undefined;
  const tick = parseDecimal(grid.tickSize)!;
  const shift = parseDecimal(adjustment)!;
  const unit = 10n ** BigInt(shift.scale);
  const twice = addExact(
    multiplyExact(addExact(quote!.bidTicks, quote!.askTicks), unit),
    multiplyExact(2, shift.mantissa),
  );
  return divideExact(multiplyExact(twice, tick.mantissa), 2n * unit * 10n ** BigInt(tick.scale));
}

/**
 * {@link microPrice} row by row over a column of quotes.
 * @throws {@link OrderflowError} `bad-columns`, or as `microPrice`.
 */
export function microPricesOfColumns(
  model: MicroPriceModel,
  quotes: Omit<QuoteColumns, 'timeMs'>,
): (number | undefined)[] {
  return mapQuotes(quotes, (quote) => microPrice(model, quote));
}
