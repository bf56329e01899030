/** The port through which recorded and live market data comes in: records, what was refused, and counts. */
import type { Bar, MarketEvent } from '@tapekit/orderflow/market';
import type { MboRecord } from '@tapekit/orderflow/mbo-book';
import { AdaptersError } from './errors.ts';

/** A bar as the venue computed it. */
export interface SourceBar extends Bar {
  readonly type: 'bar';
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
  /** False while the interval is still open: a later bar of the same start takes its place. */
  readonly final: boolean;
}

/** One action on one order of a full-depth (market by order) feed. */
export interface SourceOrder extends MboRecord {
  readonly type: 'order';
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
}

/** A market event as a venue sent it, with what only the venue knows. */
export type SourceEvent = (MarketEvent | SourceBar | SourceOrder) & {
  /**
   * Set on prints that are no market trade (insurance fund, liquidation bookings, size 0): they belong to the raw
   * tape, but not to volume or order flow.
   */
  readonly nonMarket?: true;
};

/** One accepted line of a tape: the raw text for the archive and, where we model its kind, the event. */
export interface TapeRecord {
  /** Position over all inputs, 1-based; every line counts, also blank and refused ones. */
  readonly seq: number;
  /** Line number in its file, 1-based. */
  readonly line: number;
  /** Name of the input. */
  readonly file: string;
  /** Local receive time, nanoseconds since 1970 UTC, as decimal digits (it exceeds 2^53). */
  readonly receiveNs: string;
  /** The same in whole milliseconds, rounded down. May precede the venue's time: clocks differ. */
  readonly receiveMs: number;
  /** The text as it was received, unchanged; of a binary frame its bytes in base64. */
  readonly raw: string;
  /** Present when the frame was binary. */
  readonly encoding?: 'base64';
  /** What the record says, in its order; empty for kinds that we keep but do not model. A live frame may hold many. */
  readonly events: readonly SourceEvent[];
  /** Records of this frame that were refused while the others were taken; absent when there were none. */
  readonly refused?: readonly RefusedRecord[];
}

/** One record of a frame that holds others. */
export interface RefusedRecord {
  readonly reason: QuarantineReason;
  /** Names the field, the value and what was expected. */
  readonly detail: string;
}

/** Why a line was refused. The last two are found by whoever puts prices on the instrument's grid. */
export type QuarantineReason =
  | 'bad-envelope'
  | 'bad-frame'
  | 'bad-json'
  | 'bad-record'
  | 'bad-utf8'
  | 'line-too-long'
  | 'other-symbol'
  | 'too-long'
  | 'truncated-line'
  | 'venue-error'
  | 'off-grid'
  | 'out-of-range';

/** One refused line, with enough to find it, to understand it and to feed it in again. */
export interface QuarantineEntry {
  /** Position over all inputs, 1-based. */
  readonly seq: number;
  /** Name of the input. */
  readonly file: string;
  /** Line number in its file, 1-based. */
  readonly line: number;
  readonly reason: QuarantineReason;
  /** Names the field, the value and what was expected. */
  readonly detail: string;
  /** The whole line without its line end; of `line-too-long` and `too-long` the first 4,096. */
  readonly text: string;
  /** Present when the line is no valid UTF-8, or the frame binary: `text` is then its bytes in base64. */
  readonly encoding?: 'base64';
  /** Local receive time of a live frame, nanoseconds since 1970 UTC as digits; lines of files have it in their text. */
  readonly receiveNs?: string;
}

/** What a {@link MarketSource} yields. */
export type SourceItem =
  | { readonly kind: 'record'; readonly record: TapeRecord }
  | { readonly kind: 'quarantined'; readonly entry: QuarantineEntry }
  | { readonly kind: 'gap'; readonly gap: SourceGap }
  | { readonly kind: 'status'; readonly status: SourceStatus };

/** One end of a gap: the last record before it, or the first after it. */
export interface GapEdge {
  /** Id of the trade or of the book update, where the venue gives one. */
  readonly id?: string;
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs?: number;
}

/**
 * Records of one channel that may have been missed. It is yielded right before the first record after it; while the
 * channel stays silent, once without its end before that (`open`).
 */
export interface SourceGap {
  readonly symbol: string;
  /** `trade`, `quote`, `book`, `bar` or `order`; of a `sequence` gap the venue's name of the channel. */
  readonly channel: string;
  /** A new connection, a new process that goes on from a resume token, or a break in the ids of the wire. */
  readonly reason: 'reconnect' | 'resume' | 'sequence';
  readonly after: GapEdge;
  readonly before: GapEdge;
  /**
   * The channel has not gone on yet, so `before` is empty. When it does, the gap comes again with its end and without this:
   * counts of gaps count both.
   */
  readonly open?: true;
  /** How many records are missing, where ids of the channel rise by one; 0 says that none is. */
  readonly missing?: number;
  readonly detail: string;
}

/** Why a connection ended. */
export type DisconnectReason =
  /** The venue closed it, or the network broke. */
  | 'closed'
  /** It could not be opened. */
  | 'failed'
  /** Nothing came for longer than the feed allows. */
  | 'silence'
  /** The consumer was too slow for too long; everything received is still delivered. */
  | 'overflow'
  /** A frame beyond the hard limit of the socket. */
  | 'oversize'
  /** We closed it, because the token or the connection would have ended. */
  | 'expired'
  /** The venue refused a subscription for good. */
  | 'refused';

/** What happened to the connection of a live source. Times are epoch milliseconds UTC of the source's clock. */
export type SourceStatus =
  /** Open, and everything of the feed was asked for. `connection` counts from 1. */
  | { readonly state: 'connected'; readonly connection: number; readonly atMs: number }
  | {
      readonly state: 'disconnected';
      readonly connection: number;
      readonly atMs: number;
      readonly reason: DisconnectReason;
      readonly detail: string;
    }
  /** The next attempt follows after `inMs`; `attempt` counts from 1 since the last stable connection. */
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly inMs: number }
  /** The token or the connection ends then; `undefined` when the venue does not say when. */
  | { readonly state: 'expires'; readonly atMs: number | undefined; readonly detail: string }
  | { readonly state: 'subscribed'; readonly channel: string }
  | { readonly state: 'refused'; readonly detail: string; readonly fatal: boolean }
  /** A book is asked for anew, or that failed: then it is tried again. */
  | {
      readonly state: 'resync' | 'resync-failed';
      readonly symbol: string;
      readonly channel: string;
      readonly detail: string;
    };

/** How far one input was read and in what state it was found. */
export interface InputStats {
  readonly name: string;
  /** Bytes read so far as stored, that is before decompression. */
  readonly bytes: number;
  /** Lines found so far. */
  readonly lines: number;
  /** True when the content starts with gzip's magic bytes. */
  readonly gzip: boolean;
  /** `truncated` and `corrupt` inputs gave what could be decoded; `problem` says what was found. */
  readonly state: 'pending' | 'reading' | 'complete' | 'truncated' | 'corrupt';
  readonly problem?: string;
}

/** The kinds that events are counted by. */
export type EventCount = 'trade' | 'nonMarketTrade' | 'quote' | 'bookSnapshot' | 'bookDelta' | 'bar' | 'order';

/** Counts so far. `lines = blank + records + quarantined` at every moment between two items. */
export interface SourceStats {
  /** Which source this is, for example `replay:binance-combined`. */
  readonly source: string;
  /** The symbol that was asked for. */
  readonly symbol: string;
  readonly lines: number;
  readonly blank: number;
  readonly records: number;
  readonly quarantined: number;
  /** Quarantined lines by reason; reasons that did not occur are absent. */
  readonly reasons: Readonly<Partial<Record<QuarantineReason, number>>>;
  /** Accepted events by kind; `nonMarketTrade` is not part of `trade`. */
  readonly events: Readonly<Record<EventCount, number>>;
  /** Accepted records of kinds that we keep but do not model, by the venue's name of the kind. */
  readonly unmodelled: Readonly<Record<string, number>>;
  /** Every symbol that a record named, with its number of records; after 1,000 names the rest is `(others)`. */
  readonly symbols: Readonly<Record<string, number>>;
  /** Receive times of the first and the last accepted record, nanoseconds as digits. */
  readonly firstReceiveNs?: string;
  readonly lastReceiveNs?: string;
  readonly inputs: readonly InputStats[];
}

/**
 * A stream of market data. It is pulled: nothing is read before the consumer asks for it, so a slow consumer holds the
 * source back instead of filling memory. Leaving the loop or aborting releases what is open. Iterate it once.
 */
export interface MarketSource extends AsyncIterable<SourceItem> {
  /** Counts so far; callable at any time. */
  stats(): SourceStats;
}

/**
 * The quarantine entry of a record that was accepted by the source and refused later, for example because its price is
 * off the instrument's grid.
 */
export function quarantineEntry(record: TapeRecord, reason: QuarantineReason, detail: string): QuarantineEntry {
  const { seq, file, line, receiveNs, raw } = record;
  return { seq, file, line, reason, detail, text: `${receiveNs} ${raw}` };
}

/**
 * Returns when at least one record named the symbol that was asked for.
 * @throws {@link AdaptersError} `unknown-symbol`, naming the symbols that are there.
 */
export function assertSymbolSeen(stats: Pick<SourceStats, 'symbol' | 'symbols' | 'lines' | 'inputs'>): void {
  const seen = Object.entries(stats.symbols).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (seen.some(([symbol, records]) => symbol === stats.symbol && records > 0)) return;
  const named = seen.slice(0, 10).map(([symbol, records]) => `${symbol} (${records})`);
  const more = seen.length > 10 ? ` and ${seen.length - 10} more` : '';
  const there = seen.length > 0 ? `there are ${named.join(', ')}${more}` : 'no record names a symbol';
  const where = stats.inputs.map((input) => `"${input.name}"`).join(', ');
  throw new AdaptersError(
    'unknown-symbol',
    `symbol "${stats.symbol}" is not in ${where}: of ${stats.lines} lines, ${there}. ` +
      'Pass one of them, spelled the same way, or another input.',
    { value: stats.symbol },
  );
}
