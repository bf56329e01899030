/**
 * One line of IPOT's running trade (`LT`): pipes between its fields, checked one by one.
 *
 * Two layouts exist: 20 fields with `B` in front, and an older one whose first field is a date.
 */
import { RecordError } from '../../internal/record-error.ts';
import { wibDateStart, wibDayStart, wibWeekday } from '../../internal/wib-time.ts';
import type { Aggressor } from '@tapekit/orderflow/market';

/** Markets of the exchange: `RG` regular, `TN` cash (tunai), `NG` negotiated. */
export type IdxMarket = 'RG' | 'TN' | 'NG';

/** What is odd about a trade that is otherwise whole. */
export type IpotFlag =
  /** Its clock is more than 15 minutes away from the receive time. */
  | 'time-mismatch'
  /** No session of its market is open at that time. */
  | 'outside-session'
  /** The change that the venue sends is not price less previous close. */
  | 'change-mismatch'
  /** It came after a trade with a higher sequence number. */
  | 'late';

/** A running trade, checked. */
export interface RunningTrade {
  readonly code: string;
  readonly market: IdxMarket;
  /** Epoch milliseconds UTC. */
  readonly timeMs: number;
  /** Start of the trade's day in Jakarta, epoch milliseconds UTC. */
  readonly dayMs: number;
  /** Number of the trade over all stocks of that day; absent in the older layout. */
  readonly sequence?: number;
  /** Rupiah a share, as the venue wrote it. */
  readonly price: string;
  /** One lot is 100 shares. */
  readonly lots: number;
  readonly side: Aggressor;
  /** Rupiah; absent in the older layout. */
  readonly previousClose?: number;
  /** The order that rested in the book, where one side is the incoming order. */
  readonly restingOrder?: string | undefined;
  readonly flags: readonly IpotFlag[];
}

const FIELDS = 20;
const codePattern = /^[A-Z0-9-]{4,12}$/;
const wholePattern = /^\d{1,12}$/;
const orderPattern = /^\d{1,18}$/;
const mismatchMs = 15 * 60_000;
/** The venue's day ends at 16:30; a clock so far ahead of the receive time can only be one of the day before. */
const yesterdayMs = 6 * 3_600_000;

/**
 * Reads one line.
 * @throws `RecordError` naming the first field that is not as it must be.
 */
export function parseRunningTrade(line: string, receiveMs: number): RunningTrade {
  if (line.length > 400) throw new RecordError('the line', `${line.length} characters`, 'at most 400');
  const fields = line.split('|');
  return fields[0] !== 'B' && /^\d{8}$/.test(fields[0]!) ? parseDated(fields) : parseLine(fields, receiveMs);
}

function parseLine(fields: readonly string[], receiveMs: number): RunningTrade {
  if (fields.length !== FIELDS) throw new RecordError('fields', fields.length, `${FIELDS} between pipes`);
  if (fields[0] !== 'B') throw new RecordError('field 0', fields[0], '"B"');
  const clock = aClock(fields[1]!, 'field 1');
  const code = aCode(fields[3]!, 'field 3');
  const market = aMarket(fields[4]!, 'field 4');
  const sequence = whole(fields[5]!, 'field 5', 1);
  if (sequence >= 1e8) throw new RecordError('field 5', fields[5], 'a sequence number of at most 8 digits');
  const price = whole(fields[6]!, 'field 6', 1);
  const lots = whole(fields[7]!, 'field 7', 1);
  const previousClose = whole(fields[12]!, 'field 12', 0);
  const buyer = anOrder(fields[13]!, 'field 13');
  const seller = anOrder(fields[14]!, 'field 14');
  const change = Number(fields[15]);
  const dayMs = dayOf(clock, receiveMs);
  const timeMs = dayMs + clock;
  const flags: IpotFlag[] = [];
  if (Math.abs(timeMs - receiveMs) > mismatchMs) flags.push('time-mismatch');
  if (!inSession(clock, wibWeekday(dayMs), market)) flags.push('outside-session');
  if (change !== price - previousClose) flags.push('change-mismatch');
  // The incoming order is masked as 00: whoever is masked was the taker. Auctions and crosses mask both or none.
  const side: Aggressor = (buyer === undefined) === (seller === undefined) ? 'unknown' : buyer ? 'sell' : 'buy';
  const restingOrder = side === 'unknown' ? undefined : (buyer ?? seller);
  return {
    code,
    market,
    timeMs,
    dayMs,
    sequence,
    price: String(price),
    lots,
    side,
    previousClose,
    restingOrder,
    flags,
  };
}

/** `YYYYMMDD|HHMMSS|CODE|PRICE|LOTS|SIDE` and `YYYYMMDD|HHMMSS|0|CODE|RG|T|PRICE|LOTS`. */
function parseDated(fields: readonly string[]): RunningTrade {
  const dayMs = wibDateStart(fields[0]!);
  if (dayMs === undefined) throw new RecordError('field 0', fields[0], 'a date as YYYYMMDD');
  const short = fields.length === 6;
  if (!short && fields.length !== 8) throw new RecordError('fields', fields.length, '6 or 8 after a date');
  const clock = aClock(fields[1]!, 'field 1');
  const market = short ? 'RG' : aMarket(fields[4]!, 'field 4');
  return {
    code: short ? aCode(fields[2]!, 'field 2') : aCode(fields[3]!, 'field 3'),
    market,
    timeMs: dayMs + clock,
    dayMs,
    price: String(short ? whole(fields[3]!, 'field 3', 1) : whole(fields[6]!, 'field 6', 1)),
    lots: short ? whole(fields[4]!, 'field 4', 1) : whole(fields[7]!, 'field 7', 1),
    side: short ? aSide(fields[5]!) : 'unknown',
    flags: inSession(clock, wibWeekday(dayMs), market) ? [] : ['outside-session'],
  };
}

/** The line has a clock but no date: the date is that of the receive time in Jakarta. */
function dayOf(clock: number, receiveMs: number): number {
  const today = wibDayStart(receiveMs);
  return today + clock - receiveMs > yesterdayMs ? wibDayStart(today - 1) : today;
}

const [MINUTE, HOUR] = [60_000, 3_600_000];

/**
 * Whether trades of a market may carry this clock: from the pre-opening's match to the end of post-trading, with the lunch
 * break. Hours of the Indonesia Stock Exchange since 2023-04-03; holidays are not looked at.
 */
function inSession(clock: number, weekday: number, market: IdxMarket): boolean {
  if (weekday === 0 || weekday === 6) return false;
  const friday = weekday === 5;
  const lunch = friday ? 11 * HOUR + 30 * MINUTE : 12 * HOUR;
  const back = friday ? 14 * HOUR : 13 * HOUR + 30 * MINUTE;
  const opens = market === 'RG' ? 8 * HOUR + 45 * MINUTE : 9 * HOUR;
  // The last second of a session still trades.
  if (clock >= opens && clock <= lunch) return true;
  if (market === 'TN') return false;
  const closes = market === 'RG' ? 16 * HOUR + 15 * MINUTE : 16 * HOUR + 30 * MINUTE;
  return clock >= back && clock <= closes;
}

function aClock(text: string, field: string): number {
  const digits = /^\d{6}$/.test(text) ? Number(text) : NaN;
  const [hours, minutes, seconds] = [Math.floor(digits / 10_000), Math.floor(digits / 100) % 100, digits % 100];
  if (!(hours < 24 && minutes < 60 && seconds < 60)) throw new RecordError(field, text, 'a clock as HHMMSS');
  return hours * HOUR + minutes * MINUTE + seconds * 1000;
}

function aCode(text: string, field: string): string {
  if (!codePattern.test(text)) throw new RecordError(field, text, '4 to 12 of A-Z, 0-9 and "-"');
  return text;
}

function aMarket(text: string, field: string): IdxMarket {
  if (text !== 'RG' && text !== 'TN' && text !== 'NG') throw new RecordError(field, text, '"RG", "TN" or "NG"');
  return text;
}

function aSide(text: string): Aggressor {
  if (/^b(uy)?$/i.test(text)) return 'buy';
  return /^s(ell)?$/i.test(text) ? 'sell' : 'unknown';
}

function anOrder(text: string, field: string): string | undefined {
  if (!orderPattern.test(text)) throw new RecordError(field, text, 'an order number, or "00" for the incoming order');
  return text === '00' ? undefined : text;
}

function whole(text: string, field: string, least: number): number {
  const value = wholePattern.test(text) ? Number(text) : -1;
  if (value < least) throw new RecordError(field, text, `a whole number from ${least}`);
  return value;
}
