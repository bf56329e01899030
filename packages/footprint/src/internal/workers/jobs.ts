/** What a pool and its workers say to each other; plain data that structured cloning takes. */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import type { MalformedLine, TradeLineFields, TradeLinesStats } from '../../trade-lines.ts';
import type { TapeFootprints } from '../../workers.ts';
import type { ImbalanceRule } from '../imbalance-rule.ts';
import type { Room } from './room.ts';

/** Bars of prints that may be a part of a tape. */
export interface TradesJob {
  readonly kind: 'slice' | 'tape';
  readonly trades: TradeColumns;
  readonly options: FootprintColumnsOptions;
  /** Which imbalances are wanted as well. */
  readonly imbalances: ImbalanceRule | undefined;
}

/** A slice whose bars the thread keeps until it is told where they go. */
export interface KeepJob {
  readonly kind: 'keep';
  /** With the first slice of a tape: what was kept before is forgotten. */
  readonly session: KeepSession | undefined;
  /** The slice; of a tape in shared memory, where it begins and ends. */
  readonly trades: TradeColumns | readonly [number, number];
  /** Where all goes that is kept, before anything else is done; none while that is not known. */
  readonly places: readonly KeptSlice[];
}

/** What the slices of a tape have in common. */
export interface KeepSession {
  /** The whole tape, where it is in shared memory. */
  readonly tape: TradeColumns | undefined;
  readonly options: FootprintColumnsOptions;
  readonly form: Pick<FootprintColumns, 'intervalMs' | 'rowTicks'>;
  readonly imbalances: ImbalanceRule | undefined;
  /** Where slices go as soon as their places are known, if there is room already. */
  readonly room: Room | undefined;
  /** Bytes of the tape in shared memory that threads see for the first time. */
  readonly newBytes: number;
}

/** How much there is of a slice; or where it begins. */
export interface KeptSlice {
  readonly bars: number;
  readonly rows: number;
}

/** Where all slices go that the thread keeps, in the order in which it was given them; it keeps none then. */
export interface PlaceJob {
  readonly kind: 'place';
  readonly places: readonly KeptSlice[];
  /** Where it is another than that of the session. */
  readonly room: Room | undefined;
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

export type Job = TradesJob | KeepJob | PlaceJob | LinesJob;

/** Bars; `undefined` for a part that takes no fast path, so that the tape must be done as a whole. */
export type TradesResult = TapeFootprints | undefined;

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

/** What comes of a job. Of a slice that is kept it is `undefined` as for {@link TradesResult}; of placing, always. */
export type JobResult = TradesResult | KeptSlice | LinesResult | undefined;

/** An answer, in the order of the jobs. */
export type Answer =
  { readonly ok: true; readonly result: JobResult } | { readonly ok: false; readonly error: ErrorMessage };

/** An error as plain data: cloning would lose its class and its code. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly code: unknown;
  readonly value: unknown;
  readonly stack: string | undefined;
}
