/** The port through which recorded and live market data comes in: records, what was refused, and counts. */
import type { MarketEvent } from '@tapekit/orderflow/market';
import { AdaptersError } from './errors.ts';

/** A market event as a venue sent it, with what only the venue knows. */
export type SourceEvent = MarketEvent & {
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
  /** The JSON text as it was received, unchanged. */
  readonly raw: string;
  /** What the record says; absent for kinds that we keep but do not model. */
  readonly event?: SourceEvent;
}

/** Why a line was refused. The last two are found by whoever puts prices on the instrument's grid. */
export type QuarantineReason =
  | 'bad-envelope'
  | 'bad-json'
  | 'bad-record'
  | 'bad-utf8'
  | 'line-too-long'
  | 'other-symbol'
  | 'truncated-line'
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
  /** The whole line without its line end; of `line-too-long` the first 4,096 bytes. */
  readonly text: string;
  /** Present when the line is no valid UTF-8: `text` is then its bytes in base64. */
  readonly encoding?: 'base64';
}

/** What a {@link MarketSource} yields. */
export type SourceItem =
  | { readonly kind: 'record'; readonly record: TapeRecord }
  | { readonly kind: 'quarantined'; readonly entry: QuarantineEntry };

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
  /** Accepted records by kind; `nonMarketTrade` is not part of `trade`. */
  readonly events: Readonly<Record<'trade' | 'nonMarketTrade' | 'quote' | 'bookSnapshot' | 'bookDelta', number>>;
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
