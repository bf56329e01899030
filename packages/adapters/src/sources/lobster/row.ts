/**
 * Rows of LOBSTER's two files, checked cell by cell.
 *
 * Source: LOBSTER, "Output structure" (message file and order book file).
 */
import { RecordError } from '../../internal/venue/fields.ts';

/** One row of the message file. */
export interface LobsterMessage {
  /** Nanoseconds after midnight in New York. */
  readonly ns: number;
  /** 1 new, 2 part cancelled, 3 deleted, 4 visible execution, 5 hidden execution, 6 cross, 7 halt. */
  readonly type: number;
  /** 0 where there is no order: hidden executions, crosses, halts. */
  readonly orderId: number;
  /** Shares: of the order, or cancelled, or traded. */
  readonly size: number;
  /** In units of 1e-4 dollars; of a halt -1 (halted), 0 (quoting resumes) or 1 (trading resumes). */
  readonly price: number;
  /** Side of the limit order: 1 buy, -1 sell. */
  readonly direction: 1 | -1;
}

/** Price and size of one level. */
export type LobsterLevel = readonly [price: string, size: string];

/** One row of the order book file. */
export interface LobsterBook {
  readonly bids: readonly LobsterLevel[];
  readonly asks: readonly LobsterLevel[];
}

const seconds = /^(\d{1,5})(?:\.(\d{1,9})\d*)?$/;
const endOfDayNs = 86_400e9;

/** @throws `RecordError` naming the first cell that is not as documented. */
export function parseLobsterMessage(cells: readonly string[]): LobsterMessage {
  const match = seconds.exec(cells[0]!);
  const ns = match ? Number(match[1]) * 1e9 + Number((match[2] ?? '').padEnd(9, '0')) : NaN;
  if (!(ns < endOfDayNs)) throw new RecordError('time', cells[0], 'seconds after midnight, below 86400');
  const type = wholeNumber(cells[1]!, 'type');
  if (type < 1 || type > 7) throw new RecordError('type', cells[1], '1 to 7');
  const orderId = wholeNumber(cells[2]!, 'orderId');
  const size = wholeNumber(cells[3]!, 'size');
  const price = wholeNumber(cells[4]!, 'price');
  const direction = wholeNumber(cells[5]!, 'direction');
  if (direction !== 1 && direction !== -1) throw new RecordError('direction', cells[5], '1 or -1');
  if (type === 7) {
    if (price < -1 || price > 1) throw new RecordError('price of a halt', cells[4], '-1, 0 or 1');
    return { ns, type, orderId: 0, size: 0, price, direction };
  }
  if (size <= 0) throw new RecordError('size', cells[3], 'a number of shares above 0');
  if (price <= 0) throw new RecordError('price', cells[4], 'a price above 0');
  // Rows without an order have 0 or -1 there.
  if (type <= 4 && orderId <= 0) throw new RecordError('orderId', cells[2], `an id above 0 for type ${type}`);
  return { ns, type, orderId: Math.max(0, orderId), size, price, direction };
}

/** Fills levels that do not exist. */
const noPrice = 9_999_999_999;

/** @throws `RecordError` naming the first cell that is not as documented, also for levels out of order. */
export function parseLobsterBook(cells: readonly string[], priceOf: (stored: number) => string): LobsterBook {
  const book: { bids: LobsterLevel[]; asks: LobsterLevel[] } = { bids: [], asks: [] };
  let [lastAsk, lastBid] = [-Infinity, Infinity];
  for (let i = 0; i < cells.length; i += 4) {
    const level = i / 4 + 1;
    const [askPrice, askSize] = side(cells, i, 'ask', level);
    const [bidPrice, bidSize] = side(cells, i + 2, 'bid', level);
    if (askPrice !== noPrice) {
      if (askPrice <= lastAsk)
        throw new RecordError(`ask ${level}`, askPrice, `a price above ${lastAsk}, the level before`);
      lastAsk = askPrice;
      book.asks.push([priceOf(askPrice), String(askSize)]);
    }
    if (bidPrice !== -noPrice) {
      if (bidPrice >= lastBid)
        throw new RecordError(`bid ${level}`, bidPrice, `a price below ${lastBid}, the level before`);
      lastBid = bidPrice;
      book.bids.push([priceOf(bidPrice), String(bidSize)]);
    }
  }
  return book;
}

function side(
  cells: readonly string[],
  at: number,
  name: string,
  level: number,
): readonly [price: number, size: number] {
  const price = wholeNumber(cells[at]!, name);
  const size = wholeNumber(cells[at + 1]!, name);
  if (price === noPrice || price === -noPrice) return [price, 0];
  if (price <= 0) throw new RecordError(`price of ${name} ${level}`, price, 'a price above 0');
  if (size <= 0) throw new RecordError(`size of ${name} ${level}`, size, 'a number of shares above 0');
  return [price, size];
}

/** Books return to the same prices row after row; beyond so many the texts are made anew. */
const maxRemembered = 1 << 14;

/** A writer of prices that remembers the texts it made: `5853300` → `'585.33'`. */
export function createLobsterPrices(): (stored: number) => string {
  let remembered = new Map<number, string>();
  return (stored) => {
    const known = remembered.get(stored);
    if (known !== undefined) return known;
    const text = priceText(stored);
    if (remembered.size >= maxRemembered) remembered = new Map();
    remembered.set(stored, text);
    return text;
  };
}

function priceText(stored: number): string {
  const fraction = String(stored % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '');
  const whole = String(Math.floor(stored / 10_000));
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function wholeNumber(text: string, name: string): number {
  const { length } = text;
  const from = text.charCodeAt(0) === minus ? 1 : 0;
  let value = length === from || length > 15 ? NaN : 0;
  for (let i = from; i < length; i += 1) {
    const digit = text.charCodeAt(i) - zero;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
  }
  if (Number.isNaN(value)) throw new RecordError(name, text, 'a whole number');
  return from === 1 ? 0 - value : value;
}

const [zero, minus] = [0x30, 0x2d];
