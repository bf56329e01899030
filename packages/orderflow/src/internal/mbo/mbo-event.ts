/** Market by order as plain data, in Databento's vocabulary, and the refusals of what no feed can send. */
import { OrderflowError } from '../../errors.ts';
import type { Grid } from '../../grid.ts';
import type { DecimalInput } from '../../market.ts';
import { requireLevel, requireEventObject } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import type { Shape } from '../shared/shapes.ts';

/**
 * What a record says: `A` an order is added, `C` lots of it are taken away, `M` its price and size are now these, `R`
 * the book is cleared, `T` an aggressor traded, `F` a resting order was filled, `N` nothing. `T` and `F` change no book:
 * the `C` or `M` that follows does.
 */
export type MboAction = 'A' | 'C' | 'M' | 'R' | 'T' | 'F' | 'N';

/** `B` the buy side, `A` the sell side (ask), `N` neither. Of a `T` it is the aggressor's, else the resting order's. */
export type MboSide = 'A' | 'B' | 'N';

/** An order id of 64 bits. A number beyond 2^53 is refused, since it may stand for several ids: pass text or a bigint. */
export type MboOrderId = number | string | bigint;

/** An order id as it is held: ids up to 2^53 as a number, others as text, so that `'7'`, `7` and `7n` are one order. */
export type MboOrderKey = number | string;

/** One record of a market-by-order feed on the grid. */
export interface MboEvent {
  /** Venue event time, epoch milliseconds UTC; may have a fraction. */
  readonly timeMs: number;
  readonly action: MboAction;
  readonly side: MboSide;
  /** The order; of a `T` the aggressor's, 0 where there is none. */
  readonly orderId: MboOrderId;
  /**
   * Price in ticks; not read for `C`, `R` and `N`. An `F` at another price than the order rests at is the aggressor's own
   * fill (its order was moved to trade), except without a side, in an auction.
   */
  readonly priceTicks: number;
  /** Lots: the size of `A` and `M`, the amount taken away by `C`, the amount traded of `T` and `F`. */
  readonly sizeLots: number;
  /** {@link mboFlags}, added up. Left out for a feed that does not group records: every record ends its event. */
  readonly flags?: number;
}

/** A record with its price and size as decimals. */
export interface MboRecord extends Omit<MboEvent, 'priceTicks' | 'sizeLots'> {
  /** Price; empty, `null` or left out where the record has none. */
  readonly price?: DecimalInput | null;
  /** Size in the venue's unit. */
  readonly size: DecimalInput;
}

/** The flags of a record that are read here. */
export const mboFlags = {
  /** Last record of its event: only now is the book consistent. */
  last: 0x80,
  /** The order is the whole side: a feed that knows the best price only. */
  topOfBook: 0x40,
  /** Part of a snapshot, not a message of the market. */
  snapshot: 0x20,
  /** The feed lost data: the book may be wrong until it is cleared. */
  maybeBadBook: 0x04,
} as const;

/**
 * A record on the grid.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
 * mboEventOf({ timeMs: 0, action: 'A', side: 'B', orderId: 7, price: '4799.25', size: 2, flags: 128 }, grid).priceTicks; // => 19197
 * ```
 * @throws {@link OrderflowError} as {@link Grid.toTicks} and {@link Grid.toLots}.
 */
export function mboEventOf({ price, size, ...rest }: MboRecord, grid: Grid): MboEvent {
  const priceTicks = price === undefined || price === null || price === '' ? NaN : grid.toTicks(price);
  return { ...rest, priceTicks, sizeLots: grid.toLots(size) };
}

/**
 * The form in which an id is held.
 * @throws {@link OrderflowError} `bad-value` for a number that is no safe, unsigned integer.
 */
export function orderKey(id: MboOrderId): MboOrderKey {
  if (typeof id === 'string') return numberOfDigits(id) ?? id;
  if (typeof id === 'bigint') return id >= 0n && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : String(id);
  if (Number.isSafeInteger(id) && id >= 0) return id + 0;
  throw new OrderflowError(
    'bad-value',
    `orderId ${excerpt(id)} is no whole number up to 2^53 − 1. Pass ids of 64 bits as text or as a bigint.`,
    id,
  );
}

/** The number that plain digits are; '007', '1e3' and what leaves 2^53 are no such digits. Faster than `Number`. */
function numberOfDigits(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > 16 || (length > 1 && text.charCodeAt(0) === ZERO)) return undefined;
  let value = 0;
  for (let i = 0; i < length; i += 1) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

const ZERO = 48;

/**
 * Refuses a record that no feed can send; gives the key of its order, where it names one.
 * @throws {@link OrderflowError} `bad-value`, `bad-quote` or `bad-trade`.
 */
export function requireMbo(event: Omit<MboEvent, 'timeMs'>): MboOrderKey {
  requireEventObject(event);
  const { action, orderId, priceTicks, sizeLots, flags } = event;
  if (flags !== undefined && !(Number.isInteger(flags) && flags >= 0 && flags <= 0xff)) {
    throw new OrderflowError(
      'bad-value',
      `flags ${excerpt(flags)} is not a byte. Add up mboFlags, or leave it out.`,
      flags,
    );
  }
  switch (action) {
    case 'A':
    case 'M':
      requireLevel(isEmptyTop(event) ? 0 : priceTicks, sizeLots);
      return orderKey(orderId);
    case 'C':
      requireLevel(0, sizeLots);
      return orderKey(orderId);
    case 'T':
    case 'F':
      if (!Number.isSafeInteger(sizeLots) || sizeLots < 0 || !isPrice(priceTicks, action)) {
        throw new OrderflowError(
          'bad-trade',
          `trade ${excerpt(sizeLots)} @ ${excerpt(priceTicks)} is not whole ticks and whole, unsigned lots. ` +
            `Put decimals on a grid first, with mboEventOf.`,
          { priceTicks, sizeLots },
        );
      }
      return action === 'F' ? orderKey(orderId) : 0;
    default:
      return 0;
  }
}

/** Venues leave out the price of a fill; a trade has one. */
function isPrice(priceTicks: number, action: 'T' | 'F'): boolean {
  return Number.isSafeInteger(priceTicks) || (action === 'F' && Number.isNaN(priceTicks));
}

/** True for the record that empties one side of a feed of best prices. */
export function isEmptyTop({ action, priceTicks, flags = 0 }: Omit<MboEvent, 'timeMs'>): boolean {
  return action === 'A' && (flags & mboFlags.topOfBook) !== 0 && Number.isNaN(priceTicks);
}

/** The last millisecond that a calendar has: differences and sums of times within stay finite. */
const LAST_MS = 8.64e15;

/**
 * Refuses a time that no calendar has.
 * @throws {@link OrderflowError} `bad-value`.
 */
export function requireTime(timeMs: number): void {
  if (typeof timeMs === 'number' && timeMs >= -LAST_MS && timeMs <= LAST_MS) return;
  throw new OrderflowError(
    'bad-value',
    `timeMs ${excerpt(timeMs)} is not a time in epoch milliseconds. Pass the venue's event time.`,
    timeMs,
  );
}

/** The key of an order as it is stored: a number wherever one is exact. */
export const orderKeyShape: Shape = (value) =>
  typeof value === 'string' || typeof value === 'number' ? (isKey(value) ? undefined : '') : '';

function isKey(value: MboOrderKey): boolean {
  return typeof value === 'string' ? orderKey(value) === value : Number.isSafeInteger(value) && value >= 0;
}
