/**
 * JSON lines of trades straight to columns: bytes in, integers of the grid out.
 *
 * The first line of a shape is parsed by JSON.parse and its shape learned; lines of that shape are read digit by digit
 * from the bytes. A line that does not match (keys in another order, another word, more digits than the grid has) is
 * parsed by JSON.parse like any other: the result is the same, only slower, and counted.
 */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { Grid } from '@tapekit/orderflow/grid';
import { restored } from './internal/snapshot-checks.ts';
import { tradeLinesOf } from './internal/trade-lines-reader.ts';

/** Where the values of a trade stand in a line, as paths joined by dots: `p`, or `data.p`. */
export interface TradeLineFields {
  /** Trade time in epoch milliseconds, a number or a numeric string. */
  readonly time: string;
  /** Price, a decimal string or a number. */
  readonly price: string;
  /** Size, a decimal string or a number. */
  readonly size: string;
  /**
   * The value that says who was the aggressor, and what it says. Another word, `null`, and the other one of `true` and
   * `false` are an unknown aggressor; a value of another kind (1 for `'buy'`, `'true'` for `true`) makes the line `no-trade`.
   */
  readonly side: { readonly path: string; readonly buy: string | boolean; readonly sell: string | boolean };
}

/** The fields of formats that are common. */
export const tradeLineFields = {
  /** Binance `trade` and `aggTrade` messages: the buyer being the maker means that a seller was the aggressor. */
  binance: { time: 'T', price: 'p', size: 'q', side: { path: 'm', buy: false, sell: true } },
  /** {@link binance} in the envelope of a combined stream. */
  binanceCombined: {
    time: 'data.T',
    price: 'data.p',
    size: 'data.q',
    side: { path: 'data.m', buy: false, sell: true },
  },
  /** Objects of the suite's `Trade`. */
  tapekit: { time: 'timeMs', price: 'price', size: 'size', side: { path: 'side', buy: 'buy', sell: 'sell' } },
} as const satisfies Readonly<Record<string, TradeLineFields>>;

/** What {@link createTradeLines} is made with. */
export interface TradeLinesOptions {
  /** Price and size steps of the instrument. */
  readonly grid: Grid;
  /** Where the values stand: one of {@link tradeLineFields}, or your own. */
  readonly fields: TradeLineFields;
  /**
   * Called with each line that holds no trade of the grid.
   * @defaultValue none: such lines are counted only
   */
  readonly onMalformed?: (line: MalformedLine) => void;
  /**
   * Longest line in bytes; a longer one is malformed.
   * @defaultValue 1 MiB
   */
  readonly maxLineBytes?: number;
}

/** The defaults of {@link TradeLinesOptions}. */
export const tradeLinesDefaults = { maxLineBytes: 1 << 20 } as const satisfies Partial<TradeLinesOptions>;

/** A line that holds no trade of the grid. */
export interface MalformedLine {
  /** Number of the line, from 1 on. */
  readonly line: number;
  readonly reason: MalformedReason;
  /** The line; of one that is too long its beginning. */
  readonly text: string;
}

/**
 * Why a line holds no trade: `not-json`, a value is missing or of the wrong kind (`no-trade`), a decimal is not on the
 * grid (`off-grid`), or the line is longer than `maxLineBytes` (`too-long`).
 */
export type MalformedReason = 'not-json' | 'no-trade' | 'off-grid' | 'too-long';

/** What became of the lines. `lines = learned + parsed + blank + malformed`. */
export interface TradeLinesStats {
  /** Lines seen. */
  readonly lines: number;
  /** Trades read by a learned shape. */
  readonly learned: number;
  /** Trades read by JSON.parse. */
  readonly parsed: number;
  /** Lines without a character. */
  readonly blank: number;
  /** Lines without a trade. */
  readonly malformed: number;
}

/** Made by {@link createTradeLines}. Memory is bounded by the longest line. */
export interface TradeLines {
  /** Takes the next bytes of the file, cut anywhere, and gives the trades of the lines that ended in them. */
  push(bytes: Uint8Array): TradeColumns;
  /** Ends the file: gives the trade of a last line without a newline. */
  flush(): TradeColumns;
  stats(): TradeLinesStats;
  /** The state as plain JSON. */
  snapshot(): TradeLinesSnapshot;
}

/** The state of {@link TradeLines}. */
export interface TradeLinesSnapshot {
  readonly v: 1;
  readonly kind: 'trade-lines';
  /** Bytes of the line that has not ended yet. */
  readonly tail: readonly number[];
  /** True while the rest of a line that was too long is skipped. */
  readonly skipping: boolean;
  /** The line whose shape is known; `null` while none is. */
  readonly shape: string | null;
  /** Lines in a row that had another shape. */
  readonly misses: number;
  readonly counts: TradeLinesStats;
}

/**
 * A reader of JSON lines.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
 * const lines = createTradeLines({ grid, fields: tradeLineFields.binance });
 * const { priceTicks, side } = lines.push(new TextEncoder().encode('{"T":5,"p":"10.01","q":"0.002","m":true}\n'));
 * [priceTicks[0], side[0]]; // => [1001, -1]
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createTradeLines(options: TradeLinesOptions): TradeLines {
  return tradeLinesOf({ ...tradeLinesDefaults, ...options }, undefined);
}

/**
 * The reader that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link FootprintError} `bad-snapshot` for the snapshot of another module or version, `bad-option`.
 */
export function restoreTradeLines(snapshot: TradeLinesSnapshot, options: TradeLinesOptions): TradeLines {
  return restored('trade-lines', snapshot, () => tradeLinesOf({ ...tradeLinesDefaults, ...options }, snapshot));
}
