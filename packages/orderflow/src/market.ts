/** The vocabulary of the tape: plain data that every package of the suite speaks. */
import type { Decimal } from 'decimal.js';

/** A decimal quantity as callers have it. Strings keep every digit; numbers are read by their shortest literal. */
export type DecimalInput = number | string | Decimal;

/** The side of the liquidity taker: `buy` lifted the ask, `sell` hit the bid. */
export type Side = 'buy' | 'sell';

/** A {@link Side}, or `unknown` where the venue does not say (auctions, negotiated prints) and no rule decides. */
export type Aggressor = Side | 'unknown';

/** One print of the tape. */
export interface Trade {
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: number;
  /** Price per unit in the quote currency. */
  readonly price: DecimalInput;
  /** Unsigned size in the venue's unit (base coin, shares, contracts). */
  readonly size: DecimalInput;
  /** Liquidity taker. */
  readonly side: Aggressor;
  /** Venue trade id; what duplicates are told by. Absent where the venue gives none. */
  readonly id?: number | string;
}

/** A print on the grid: integers only, for per-trade code. */
export interface TickTrade {
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: number;
  /** Price in ticks of the grid. */
  readonly priceTicks: number;
  /** Unsigned size in lots of the grid. */
  readonly sizeLots: number;
  /** Liquidity taker. */
  readonly side: Aggressor;
  /** Venue trade id, where there is one. */
  readonly id?: number | string;
}

/** Best bid and offer. A side that is empty or unknown is absent, never 0. */
export interface Quote {
  /** Instrument, as the venue spells it. */
  readonly symbol: string;
  /** Venue event time, epoch milliseconds UTC; the receive time where the venue gives none. */
  readonly timeMs: number;
  readonly bidPrice?: DecimalInput;
  readonly bidSize?: DecimalInput;
  readonly askPrice?: DecimalInput;
  readonly askSize?: DecimalInput;
}

/** A best bid and offer on the grid: both sides present, sizes in lots. */
export interface TickQuote {
  /** Best bid in ticks. */
  readonly bidTicks: number;
  /** Size at the best bid in lots. */
  readonly bidLots: number;
  /** Best ask in ticks. */
  readonly askTicks: number;
  /** Size at the best ask in lots. */
  readonly askLots: number;
}

/** One price level of a book on the grid. */
export interface TickLevel {
  /** Price in ticks. */
  readonly priceTicks: number;
  /** Resting size in lots. */
  readonly sizeLots: number;
}

/** A stored or fetched best bid and offer, with where it came from. */
export interface L1Snapshot {
  /** Epoch milliseconds UTC at which the quote was valid. */
  readonly time: number;
  readonly symbol: string;
  /** Decimal strings; absent when that side is empty or unknown. */
  readonly bidPrice?: string;
  readonly bidSize?: string;
  readonly askPrice?: string;
  readonly askSize?: string;
  /** Which source said so, for example `replay:binance-combined`. */
  readonly source: string;
}

/** One price level of a book as `[price, size]`; size 0 in a delta removes the level. */
export type BookLevel = readonly [price: DecimalInput, size: DecimalInput];

/** The whole book (as deep as the venue sends it) at one update id. */
export interface BookSnapshot {
  readonly symbol: string;
  /** Venue event time, epoch milliseconds UTC; the receive time where the venue gives none. */
  readonly timeMs: number;
  /** The update id that this snapshot includes. */
  readonly lastUpdateId: number;
  /** Best first. */
  readonly bids: readonly BookLevel[];
  /** Best first. */
  readonly asks: readonly BookLevel[];
  /** The venue's checksum of the book, as it sends it (OKX `checksum`, Kraken v2 `checksum`); absent where it sends none. */
  readonly checksum?: number;
}

/** Absolute new sizes of the levels that changed over a range of update ids. */
export interface BookDelta {
  readonly symbol: string;
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: number;
  /** First update id in this event (Binance `U`). */
  readonly firstUpdateId: number;
  /** Last update id in this event (Binance `u`). */
  readonly lastUpdateId: number;
  /** Last update id of the event before this one, where the venue says it (Binance futures `pu`). */
  readonly previousUpdateId?: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** The venue's checksum of the book after this event (OKX `checksum`, Kraken v1 `c`, v2 `checksum`), where it sends one. */
  readonly checksum?: number;
}

/** Open, high, low, close and volume of one interval. */
export interface Bar {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
  readonly open: DecimalInput;
  readonly high: DecimalInput;
  readonly low: DecimalInput;
  readonly close: DecimalInput;
  /** Traded size, in the venue's unit. */
  readonly volume: DecimalInput;
}

/** Anything that a market data source yields, told apart by `type`. */
export type MarketEvent =
  | ({ readonly type: 'trade' } & Trade)
  | ({ readonly type: 'quote'; readonly updateId?: number } & Quote)
  | ({ readonly type: 'book-snapshot' } & BookSnapshot)
  | ({ readonly type: 'book-delta' } & BookDelta);
