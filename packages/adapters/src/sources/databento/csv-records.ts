/** Rows of Databento's CSV files, with the columns that the header names, to the same records as the binary form. */
import { decimalText } from '../../internal/decimal-text.ts';
import { RecordError } from '../../internal/record-error.ts';
import { fixedPriceText, undefinedPrice } from './fixed-price.ts';
import { actionOf, barMs, otherName, sideOf } from './record.ts';
import type { DatabentoHeader, DatabentoLevel, DatabentoRecord } from './record.ts';

/** Reads one row. */
export type CsvRecordReader = (line: string) => DatabentoRecord;

/** Columns that every kind has. */
const commonColumns = ['ts_event', 'rtype', 'publisher_id', 'instrument_id'] as const;
const maxLevels = 10;
const maxRemembered = 1 << 14;

/** True for a line that can only be a header. */
export function isCsvHeader(line: string): boolean {
  return line.startsWith('ts_recv,') || line.startsWith('ts_event,');
}

/** A column by its name; -1 where the header has none. */
interface Column {
  readonly name: string;
  readonly index: number;
}

/**
 * A reader for rows with the columns of this header; columns that it does not know are passed over.
 * @throws `RecordError` when a column is missing that every kind has; the reader, for a row that is not as documented.
 */
export function createCsvRecordReader(header: string): CsvRecordReader {
  const names = header.split(',');
  const columns = new Map(names.map((name, index) => [name, index]));
  for (const name of commonColumns) {
    if (!columns.has(name)) throw new RecordError(`column ${name} of the header`, undefined, 'a CSV file of Databento');
  }
  const column = (name: string): Column => ({ name, index: columns.get(name) ?? -1 });
  let cells: readonly string[] = [];
  const cell = ({ name, index }: Column): string => {
    if (index < 0) throw new RecordError(`column ${name}`, undefined, 'a column of that name in the header');
    return cells[index]!;
  };
  const whole = (of: Column, most: number): number => {
    const text = cell(of);
    const value = wholeNumber(text, most === maxI32);
    if (!(Math.abs(value) <= most)) throw new RecordError(of.name, text, `a whole number up to ${most}`);
    return value;
  };
  const big = (of: Column): bigint => {
    const text = cell(of);
    const value = isDigits(text, 20) ? BigInt(text) : undefinedTime + 1n;
    if (value > undefinedTime) throw new RecordError(of.name, text, 'a whole number of 64 bits');
    return value;
  };
  const time = (of: Column): bigint | undefined => {
    const text = cell(of);
    if (text === '') return undefined;
    const ns = text.charCodeAt(10) === letterT ? isoNs(of.name, text) : big(of);
    return ns === undefinedTime ? undefined : ns;
  };
  let remembered = new Map<string, string | undefined>();
  const price = (of: Column): string | undefined => {
    const text = cell(of);
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const value = readPrice(of.name, text);
    if (remembered.size >= maxRemembered) remembered = new Map();
    remembered.set(text, value);
    return value;
  };
  const actionCell = (): NonNullable<ReturnType<typeof actionOf>> => {
    const known = actionOf(cell(at.action));
    if (known === undefined) throw new RecordError('action', cell(at.action), 'A, C, M, R, T, F or N');
    return known;
  };
  const sideCell = (): NonNullable<ReturnType<typeof sideOf>> => {
    const known = sideOf(cell(at.side));
    if (known === undefined) throw new RecordError('side', cell(at.side), 'A, B or N');
    return known;
  };
  const at = {
    rtype: column('rtype'),
    publisherId: column('publisher_id'),
    instrumentId: column('instrument_id'),
    eventNs: column('ts_event'),
    sentNs: column('ts_out'),
    symbol: column('symbol'),
    receiveNs: column('ts_recv'),
    action: column('action'),
    side: column('side'),
    depth: column('depth'),
    price: column('price'),
    size: column('size'),
    flags: column('flags'),
    inDeltaNs: column('ts_in_delta'),
    sequence: column('sequence'),
    orderId: column('order_id'),
    channelId: column('channel_id'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  } as const;
  const levelColumns = Array.from({ length: maxLevels }, (_, i) => {
    const level = String(i).padStart(2, '0');
    return {
      bidPrice: column(`bid_px_${level}`),
      askPrice: column(`ask_px_${level}`),
      bidSize: column(`bid_sz_${level}`),
      askSize: column(`ask_sz_${level}`),
      bidOrders: column(`bid_ct_${level}`),
      askOrders: column(`ask_ct_${level}`),
    };
  });
  const level = (i: number): DatabentoLevel => {
    const { bidPrice, askPrice, bidSize, askSize, bidOrders, askOrders } = levelColumns[i]!;
    return {
      bidPrice: price(bidPrice),
      askPrice: price(askPrice),
      bidSize: whole(bidSize, maxU32),
      askSize: whole(askSize, maxU32),
      bidOrders: whole(bidOrders, maxU32),
      askOrders: whole(askOrders, maxU32),
    };
  };

  const levels = (depth: number): DatabentoLevel[] => {
    const found: DatabentoLevel[] = [];
    for (let i = 0; i < depth; i += 1) found.push(level(i));
    return found;
  };

  return (line) => {
    cells = line.split(',');
    if (cells.length !== names.length) {
      throw new RecordError('the number of cells', cells.length, `${names.length}, as in the header`);
    }
    const rtype = whole(at.rtype, 0xff);
    const symbol = at.symbol.index < 0 ? '' : cell(at.symbol);
    const common: DatabentoHeader = {
      rtype,
      publisherId: whole(at.publisherId, 0xffff),
      instrumentId: whole(at.instrumentId, maxU32),
      eventNs: time(at.eventNs),
      ...(at.sentNs.index < 0 ? undefined : { sentNs: time(at.sentNs) }),
      ...(symbol === '' ? undefined : { symbol }),
    };
    if (rtype === 0xa0) {
      return {
        ...common,
        kind: 'mbo',
        receiveNs: time(at.receiveNs),
        action: actionCell(),
        side: sideCell(),
        price: price(at.price),
        size: whole(at.size, maxU32),
        channelId: whole(at.channelId, 0xff),
        orderId: big(at.orderId),
        flags: whole(at.flags, 0xff),
        inDeltaNs: whole(at.inDeltaNs, maxI32),
        sequence: whole(at.sequence, maxU32),
      };
    }
    const depth = depths[rtype];
    if (depth !== undefined) {
      return {
        ...common,
        kind: 'mbp',
        receiveNs: time(at.receiveNs),
        action: actionCell(),
        side: sideCell(),
        depth: whole(at.depth, 0xff),
        price: price(at.price),
        size: whole(at.size, maxU32),
        flags: whole(at.flags, 0xff),
        inDeltaNs: whole(at.inDeltaNs, maxI32),
        sequence: whole(at.sequence, maxU32),
        levels: levels(depth),
      };
    }
    if (rtype === 0xc3 || rtype === 0xc4) {
      return {
        ...common,
        kind: 'bbo',
        receiveNs: time(at.receiveNs),
        side: sideCell(),
        price: price(at.price),
        size: whole(at.size, maxU32),
        flags: whole(at.flags, 0xff),
        sequence: whole(at.sequence, maxU32),
        levels: [level(0)],
      };
    }
    if (barMs[rtype] === undefined) return { ...common, kind: 'other', name: otherName(rtype) };
    return {
      ...common,
      kind: 'ohlcv',
      open: price(at.open),
      high: price(at.high),
      low: price(at.low),
      close: price(at.close),
      volume: big(at.volume),
    };
  };
}

const depths: Readonly<Record<number, number>> = { 0x00: 0, 0x01: 1, 0x0a: maxLevels };
const [zero, minus, letterT] = [0x30, 0x2d, 0x54];

function isDigits(text: string, most: number): boolean {
  const { length } = text;
  for (let i = 0; i < length; i += 1) {
    const digit = text.charCodeAt(i) - zero;
    if (digit < 0 || digit > 9) return false;
  }
  return length > 0 && length <= most;
}

/** The number that up to 15 digits are; NaN for any other text. */
function wholeNumber(text: string, signed: boolean): number {
  const { length } = text;
  const isNegative = signed && text.charCodeAt(0) === minus;
  const from = isNegative ? 1 : 0;
  if (length === from || length > 15) return NaN;
  let value = 0;
  for (let i = from; i < length; i += 1) {
    const digit = text.charCodeAt(i) - zero;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return isNegative ? 0 - value : value;
}

const [maxU32, maxI32] = [0xffff_ffff, 0x7fff_ffff];
const undefinedTime = 0xffff_ffff_ffff_ffffn;

/**
 * Decimal prices have a point; without one they are in units of 1e-9, as stored. Databento writes all nine digits after
 * the point, so no decimal price is without.
 */
function readPrice(name: string, text: string): string | undefined {
  if (text === '') return undefined;
  if (/^-?\d{1,19}$/.test(text)) {
    const stored = BigInt(text);
    return stored === undefinedPrice ? undefined : fixedPriceText(stored);
  }
  const value = /^-?\d{1,10}\.\d{1,9}$/.test(text) ? decimalText(text) : undefined;
  if (value === undefined)
    throw new RecordError(name, text, 'a decimal with a point, or a whole number of units of 1e-9');
  return value;
}

/** `2024-07-01T23:58:01.218218853Z`, as files with readable times have it. */
function isoNs(name: string, text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  const ms = match ? Date.parse(`${match[1]!}Z`) : NaN;
  if (Number.isNaN(ms))
    throw new RecordError(name, text, 'nanoseconds since 1970, or a time like 2024-07-01T23:58:01.218218853Z');
  return BigInt(ms) * 1_000_000n + BigInt((match![2] ?? '').padEnd(9, '0'));
}
