/**
 * Databento's records as plain data, the same from the binary form and from CSV.
 *
 * Source: Databento, "Schemas and data formats" and "Databento Binary Encoding" (DBN versions 1 to 3).
 */
import type { MboAction, MboSide } from '@tapekit/orderflow/mbo-book';

/** What every record has. */
export interface DatabentoHeader {
  /** Record type, for example 0xA0 for `mbo`. */
  readonly rtype: number;
  /** Which data set and venue published it. */
  readonly publisherId: number;
  /** Databento's number of the instrument; valid for one publisher and day. */
  readonly instrumentId: number;
  /** Venue time of the matching engine, or the start of a bar; nanoseconds since 1970 UTC. */
  readonly eventNs: bigint | undefined;
  /** Time at which the gateway sent it to the client, in files that keep it (`ts_out`); nanoseconds since 1970 UTC. */
  readonly sentNs?: bigint | undefined;
  /** The symbol, where the row of a CSV file names one. */
  readonly symbol?: string;
}

/** What the records of orders and of the book share. */
interface Message extends DatabentoHeader {
  /** Time at which Databento received it, nanoseconds since 1970 UTC. */
  readonly receiveNs: bigint | undefined;
  readonly action: MboAction;
  readonly side: MboSide;
  /** Decimal text; `undefined` where the record has none. */
  readonly price: string | undefined;
  /** Shares or contracts. */
  readonly size: number;
  /** Bits: 0x80 last of its event, 0x40 top of book, 0x20 snapshot, 0x10 by price, 0x08 bad receive time, 0x04 maybe bad book. */
  readonly flags: number;
  /** Nanoseconds from the venue's sending to `receiveNs`. */
  readonly inDeltaNs: number;
  /** The venue's number of the message; one message may hold several trades. */
  readonly sequence: number;
}

/** `mbo`: one action on one order. */
export interface DatabentoOrder extends Message {
  readonly kind: 'mbo';
  readonly orderId: bigint;
  readonly channelId: number;
}

/** One level of both sides; what is `undefined` or 0 is empty. */
export interface DatabentoLevel {
  readonly bidPrice: string | undefined;
  readonly askPrice: string | undefined;
  readonly bidSize: number;
  readonly askSize: number;
  readonly bidOrders: number;
  readonly askOrders: number;
}

/** `trades`, `tbbo`, `mbp-1` and `mbp-10`: a change of the book or a trade, with 0, 1 or 10 levels after it. */
export interface DatabentoByPrice extends Message {
  readonly kind: 'mbp';
  /** The level that changed; 0 is the best. */
  readonly depth: number;
  readonly levels: readonly DatabentoLevel[];
}

/** `bbo-1s`, `bbo-1m`: the best prices at the end of an interval, and the last trade in it. */
export interface DatabentoBbo extends DatabentoHeader {
  readonly kind: 'bbo';
  /** End of the interval, nanoseconds since 1970 UTC. */
  readonly receiveNs: bigint | undefined;
  readonly side: MboSide;
  readonly price: string | undefined;
  readonly size: number;
  readonly flags: number;
  readonly sequence: number;
  readonly levels: readonly [DatabentoLevel];
}

/** `ohlcv-*`: one bar. */
export interface DatabentoBar extends DatabentoHeader {
  readonly kind: 'ohlcv';
  readonly open: string | undefined;
  readonly high: string | undefined;
  readonly low: string | undefined;
  readonly close: string | undefined;
  /** Shares or contracts. */
  readonly volume: bigint;
}

/** Live: which symbol an instrument id stands for from now on. */
export interface DatabentoSymbolMapping extends DatabentoHeader {
  readonly kind: 'symbol-mapping';
  /** What was asked for, for example `ES.FUT`. */
  readonly inSymbol: string;
  /** What it resolved to, for example `ESH4`. */
  readonly outSymbol: string;
}

/** Live: a word from the gateway. */
export interface DatabentoNotice extends DatabentoHeader {
  readonly kind: 'system' | 'error';
  readonly text: string;
  /** Number of the gateway's message; 255 where the version has none. */
  readonly code: number;
}

/** A kind that is known and not read, or unknown altogether. */
export interface DatabentoOther extends DatabentoHeader {
  readonly kind: 'other';
  /** Databento's name of the kind, or `rtype-0x…`. */
  readonly name: string;
}

/** Any record; `kind` tells them apart. */
export type DatabentoRecord =
  | DatabentoOrder
  | DatabentoByPrice
  | DatabentoBbo
  | DatabentoBar
  | DatabentoSymbolMapping
  | DatabentoNotice
  | DatabentoOther;

/** Length of the bars by record type, milliseconds. A day is a UTC day, or the session day of the venue (0x24). */
export const barMs: Readonly<Record<number, number>> = {
  0x20: 1_000,
  0x21: 60_000,
  0x22: 3_600_000,
  0x23: 86_400_000,
  0x24: 86_400_000,
};

const otherNames: Readonly<Record<number, string>> = {
  0x11: 'ohlcv-deprecated',
  0x12: 'status',
  0x13: 'definition',
  0x14: 'imbalance',
  0x18: 'statistics',
  0xb1: 'cmbp-1',
  0xc0: 'cbbo-1s',
  0xc1: 'cbbo-1m',
  0xc2: 'tcbbo',
};

/** The name of a record type that is not read. */
export function otherName(rtype: number): string {
  return otherNames[rtype] ?? `rtype-0x${rtype.toString(16).padStart(2, '0')}`;
}

const actions: Readonly<Record<string, MboAction>> = { A: 'A', C: 'C', M: 'M', R: 'R', T: 'T', F: 'F', N: 'N' };
const sides: Readonly<Record<string, MboSide>> = { A: 'A', B: 'B', N: 'N' };

/** The action that a letter stands for; `undefined` for any other text. */
export function actionOf(letter: string): MboAction | undefined {
  return Object.hasOwn(actions, letter) ? actions[letter] : undefined;
}

/** The side that a letter stands for; `undefined` for any other text. */
export function sideOf(letter: string): MboSide | undefined {
  return Object.hasOwn(sides, letter) ? sides[letter] : undefined;
}
