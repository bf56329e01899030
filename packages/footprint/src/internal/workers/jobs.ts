/** What a pool and its workers say to each other; plain data that structured cloning takes. */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import type { MalformedLine, TradeLineFields, TradeLinesStats } from '../../trade-lines.ts';

/** Bars of prints that may be a part of a tape. */
export interface TradesJob {
  readonly kind: 'slice' | 'tape';
  readonly trades: TradeColumns;
  readonly options: FootprintColumnsOptions;
}

/** Bytes of a file, or bytes in memory. */
export type ByteRange = { readonly path: string; readonly from: number; readonly to: number } | Uint8Array;

/** Bars of JSON lines that may be a part of a tape. */
export interface LinesJob {
  readonly kind: 'lines-slice' | 'lines-tape';
  readonly bytes: ByteRange;
  readonly grid: { readonly tickSize: string; readonly lotSize: string };
  readonly fields: TradeLineFields;
  readonly maxLineBytes: number;
  /** Whether malformed lines are wanted. */
  readonly keepsMalformed: boolean;
  readonly options: FootprintColumnsOptions;
}

export type Job = TradesJob | LinesJob;

/** Bars; `undefined` for a part that takes no fast path, so that the tape must be done as a whole. */
export type TradesResult = FootprintColumns | undefined;

/** What came of lines. */
export interface LinesResult {
  readonly stats: TradeLinesStats;
  readonly malformed: readonly MalformedLine[];
  /** As for {@link TradesResult}. Of a whole tape its bars are `middle`, without edges. */
  readonly part: LinesPart | undefined;
}

/** Bars of a part of a tape; what lies at its ends may go on in the parts beside it, and comes as prints. */
export interface LinesPart {
  /** Prints of the first bar. */
  readonly head: TradeColumns;
  /** The bars between. */
  readonly middle: FootprintColumns;
  /** Prints of the last bar, where it is another than the first. */
  readonly tail: TradeColumns;
}

/** An answer, in the order of the jobs. */
export type Answer =
  | { readonly ok: true; readonly result: TradesResult | LinesResult }
  | { readonly ok: false; readonly error: ErrorMessage };

/** An error as plain data: cloning would lose its class and its code. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
  readonly value: unknown;
  readonly stack: string | undefined;
}
