/** Refusals that the modules share: what no grid can produce is an error, what a market can do is not. */
import { OrderflowError } from '../../errors.ts';
import type { Aggressor, TickQuote, TickTrade } from '../../market.ts';
import { excerpt } from './excerpt.ts';

const LEAVE_OUT = 'Leave it out for the default.';
/** What to do about an option that has no default. */
export const NO_DEFAULT = 'It has no default: pass one.';

/**
 * Refuses a print that is none: a price or size that is no whole number of the grid, a negative size, a time that is
 * not finite.
 * @throws {@link OrderflowError} `bad-trade`.
 */
export function requireTrade(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'timeMs'>): void {
  const { priceTicks, sizeLots, timeMs } = printOf(trade);
  if (!Number.isSafeInteger(priceTicks)) throw badTrade('priceTicks', priceTicks, 'a whole number of ticks');
  if (!Number.isSafeInteger(sizeLots) || sizeLots < 0) throw badTrade('sizeLots', sizeLots, 'a whole number of lots');
  if (!Number.isFinite(timeMs)) throw badTradeTime(timeMs);
}

const SIDES: ReadonlySet<unknown> = new Set<Aggressor>(['buy', 'sell', 'unknown']);

/**
 * Refuses a side that is none of the three: a word that is not known must not count as an aggressor that is not known.
 * @throws {@link OrderflowError} `bad-trade`.
 */
export function requireSide(side: Aggressor): void {
  if (SIDES.has(side)) return;
  throw new OrderflowError(
    'bad-trade',
    `side ${excerpt(side)} of a trade is not "buy", "sell" or "unknown". Map the venue's flag to the aggressor first.`,
    side,
  );
}

/**
 * A print that is one: feeds are untyped at their edge.
 * @throws {@link OrderflowError} `bad-trade` for what is no object.
 */
export function printOf<Trade extends object>(trade: Trade): Trade {
  if (isObject(trade)) return trade;
  throw new OrderflowError('bad-trade', `trade ${excerpt(trade)} is none. Push prints only.`, trade);
}

/**
 * Refuses an event that is none.
 * @throws {@link OrderflowError} `bad-value` for what is no object.
 */
export function requireEventObject(event: unknown): void {
  if (isObject(event)) return;
  throw new OrderflowError('bad-value', `event ${excerpt(event)} is none. Push events only.`, event);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The error for a print whose time is none. */
export function badTradeTime(timeMs: unknown): OrderflowError {
  return new OrderflowError(
    'bad-trade',
    `timeMs ${excerpt(timeMs)} of a trade is not a time in epoch milliseconds. Pass the venue's event time as a number.`,
    timeMs,
  );
}

function badTrade(field: string, value: unknown, expected: string): OrderflowError {
  return new OrderflowError(
    'bad-trade',
    `${field} ${excerpt(value)} of a trade is not ${expected}. Put decimals on a grid first, with createGrid.`,
    value,
  );
}

/**
 * Refuses a quote whose prices are no whole ticks or whose sizes are no whole, unsigned lots. Crossed and locked quotes
 * pass: markets have them.
 * @throws {@link OrderflowError} `bad-quote`.
 */
export function requireQuote({ bidTicks, bidLots, askTicks, askLots }: TickQuote): void {
  requireQuoteTicks(bidTicks, bidLots, askTicks, askLots);
}

/** {@link requireQuote} without an object. */
export function requireQuoteTicks(bidTicks: number, bidLots: number, askTicks: number, askLots: number): void {
  const whole =
    Number.isSafeInteger(bidTicks) &&
    Number.isSafeInteger(askTicks) &&
    Number.isSafeInteger(bidLots) &&
    Number.isSafeInteger(askLots);
  if (whole && bidLots >= 0 && askLots >= 0) return;
  throw new OrderflowError(
    'bad-quote',
    `quote ${excerpt(bidLots)} @ ${excerpt(bidTicks)} / ${excerpt(askLots)} @ ${excerpt(askTicks)} is not whole ticks ` +
      `and whole, unsigned lots. Put decimals on a grid first, with createGrid; push undefined for no quote.`,
    { bidTicks, bidLots, askTicks, askLots },
  );
}

/**
 * Refuses a level of a book whose price is no whole ticks or whose size is no whole, unsigned lots.
 * @throws {@link OrderflowError} `bad-quote`.
 */
export function requireLevel(priceTicks: number, sizeLots: number): void {
  if (Number.isSafeInteger(priceTicks) && Number.isSafeInteger(sizeLots) && sizeLots >= 0) return;
  throw new OrderflowError(
    'bad-quote',
    `level ${excerpt(sizeLots)} @ ${excerpt(priceTicks)} is not whole ticks and whole, unsigned lots. ` +
      `Put decimals on a grid first, with createGrid.`,
    { priceTicks, sizeLots },
  );
}

/**
 * {@link requireLevel} of the rows from `from` up to, not including, `to`. Reads once and decides at the end: this
 * runs for every level of every update.
 * @throws {@link OrderflowError} `bad-quote`.
 */
export function requireLevels(ticks: Float64Array, lots: Float64Array, from: number, to: number): void {
  let fractions = 0;
  for (let i = from; i < to; i += 1) {
    const price = ticks[i]!;
    const size = lots[i]!;
    // NaN and ±Infinity leave NaN behind.
    fractions += price - Math.floor(price) + (size - Math.floor(size));
    if (size < 0 || size > Number.MAX_SAFE_INTEGER || Math.abs(price) > Number.MAX_SAFE_INTEGER) fractions = NaN;
  }
  if (fractions === 0) return;
  for (let i = from; i < to; i += 1) requireLevel(ticks[i]!, lots[i]!);
}

/**
 * Refuses an option that is not a whole number of at least `least`.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireWhole(option: string, value: number, least = 1, next: string = LEAVE_OUT): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new OrderflowError(
    'bad-option',
    `${option} ${excerpt(value)} is not a whole number from ${least} on. ${next}`,
    value,
  );
}

/** Most levels a side of what holds numbers by level. */
const MOST_LEVELS = 10_000;

/**
 * Refuses a number of levels that is none, or that nobody means.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireLevelCount(
  option: string,
  value: number,
  most: number = MOST_LEVELS,
  next: string = LEAVE_OUT,
): void {
  requireWhole(option, value, 1, next);
  requireBetween(option, value, 1, most, next);
}

/**
 * Refuses an option that is not a finite number in `[least, most]`; `most` is open with `Infinity`.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireBetween(
  option: string,
  value: number,
  least: number,
  most = Infinity,
  next: string = LEAVE_OUT,
): void {
  if (Number.isFinite(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `a number from ${least} on` : `a number from ${least} to ${most}`;
  throw new OrderflowError('bad-option', `${option} ${excerpt(value)} is not ${range}. ${next}`, value);
}

/**
 * Refuses an option that is no object; `choices` says what it may be.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireObject(option: string, value: unknown, choices: string): void {
  if (typeof value === 'object' && value !== null) return;
  throw new OrderflowError('bad-option', `${option} ${excerpt(value)} is none. Pass ${choices}.`, value);
}

/**
 * Refuses an option that is neither true nor false.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireFlag(option: string, value: boolean): void {
  if (typeof value === 'boolean') return;
  throw new OrderflowError('bad-option', `${option} ${excerpt(value)} is neither true nor false.`, value);
}

/**
 * Refuses a value of a series that is not finite.
 * @throws {@link OrderflowError} `bad-value`.
 */
export function requireFinite(what: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new OrderflowError(
    'bad-value',
    `${what} ${excerpt(value)} is not a finite number. Leave unknown values out of the series.`,
    value,
  );
}
