import { OrderflowError } from '../../errors.ts';
import { excerpt } from '../shared/excerpt.ts';
/**
 * How a venue numbers its book events, as data: what makes a delta stale, which one may follow a snapshot, and how
 * deltas chain. {@link bookRules} has the venues; a rule of your own is a plain object.
 */
export interface BookRule {
  /** Name of the rule; a stored book is restored under the rule of the same name only. */
  readonly name: string;
  /**
   * Where snapshots come from. `fetched`: from a request beside the stream, so one may be no newer than the deltas
   * that were already applied, and is then ignored; deltas that wait for one are held. `in-stream`: the venue sends it in
   * order, and it always replaces the book and all that came before; deltas that wait for one are dropped.
   */
  readonly snapshots: 'fetched' | 'in-stream';
  /**
   * A delta is stale when its last id is below the id of the book plus this. `never`: the venue may start its ids anew,
   * so a lower id is no sign of age, and a delta that does not chain is always a gap.
   */
  readonly staleBelow: 0 | 1 | 'never';
  /**
   * The first delta after a snapshot must span the id of the snapshot plus this number, or chain like every other;
   * with `chain` it must chain.
   */
  readonly first: 0 | 1 | 'chain';
  /**
   * Every further delta. `next-id`: its first id is the last id of the book plus 1. `previous-id`: the previous id that
   * it names is the last id of the book. `ascending`: its first id is not below the last id of the book; ids in between
   * belong to other messages, so only a sequence guard over all of them sees a loss. `none`: the venue numbers nothing,
   * every delta is taken.
   */
  readonly chain: 'next-id' | 'previous-id' | 'ascending' | 'none';
  /** A delta with this first id holds the whole book after a restart of the venue, and is taken as a snapshot. */
  readonly resetId?: number;
}

/** What the rules of ordered streams share: the snapshot comes in order, and what does not chain is a gap. */
const inStream = { snapshots: 'in-stream', staleBelow: 'never', first: 'chain' } as const;

/** The sequence rules of the venues. A venue that is missing and numbers nothing is {@link bookRules.generic}. */
export const bookRules = {
  /**
   * Binance spot diff depth: drop `u ≤ L`; the first event has `U ≤ L + 1 ≤ u`; then `U` is the last `u` plus 1
   * (Binance Spot API, "How to manage a local order book correctly").
   */
  binanceSpot: { name: 'binance-spot', snapshots: 'fetched', staleBelow: 1, first: 1, chain: 'next-id' },
  /**
   * Binance USD-M and COIN-M diff depth: drop `u < L`; the first event has `U ≤ L ≤ u`; then `pu` is the last `u`
   * (Binance Futures API, "How to manage a local order book correctly").
   */
  binanceFutures: { name: 'binance-futures', snapshots: 'fetched', staleBelow: 0, first: 0, chain: 'previous-id' },
  /**
   * Bitfinex v2 books with the flag SEQ_ALL (conf 65536): one number per message of the connection, as
   * {@link bookRules.coinbaseAdvanced} (Bitfinex API, "WebSocket: Conf flags").
   */
  bitfinex: { name: 'bitfinex', ...inStream, chain: 'ascending' },
  /**
   * BitMEX `orderBookL2`: no sequence. The `partial` is the snapshot, insert, update and delete are deltas; levels are
   * keyed by `id`, so whoever maps them keeps the price of each id (BitMEX API, "WebSocket API: Response Format").
   */
  bitmex: { name: 'bitmex', ...inStream, chain: 'none' },
  /**
   * Bybit v5 `orderbook.{depth}` from depth 25 on: `u` counts by 1; a snapshot at any time, and an event with `u` = 1
   * after a restart, replace the book (Bybit v5, "Websocket Stream: Orderbook").
   */
  bybit: { name: 'bybit', ...inStream, chain: 'next-id', resetId: 1 },
  /** Bybit v5 `orderbook.1`: snapshots, and where there are deltas their `u` may jump (the same page). */
  bybitTop: { name: 'bybit-top', ...inStream, chain: 'ascending', resetId: 1 },
  /**
   * Coinbase Advanced Trade `level2`: `sequence_num` counts by 1 over every message of the connection, whatever its
   * channel. The book refuses what goes back; a loss is seen by `createSequenceGuard` over all messages, after which
   * `book.invalidate()` is due (Coinbase Advanced Trade, "WebSocket: Sequence Numbers").
   */
  coinbaseAdvanced: { name: 'coinbase-advanced', ...inStream, chain: 'ascending' },
  /** Coinbase Exchange `level2`, `level2_batch`: `l2update` has no number (Coinbase Exchange, "WebSocket Channels"). */
  coinbaseExchange: { name: 'coinbase-exchange', ...inStream, chain: 'none' },
  /** Deribit `book.{instrument}`: `prev_change_id` is the last `change_id` (Deribit API, "book.(instrument_name)"). */
  deribit: { name: 'deribit', ...inStream, chain: 'previous-id' },
  /**
   * A venue that numbers nothing, or sends the whole book every time (Hyperliquid `l2Book`): what comes is taken, and
   * nothing tells a loss.
   */
  generic: { name: 'generic', ...inStream, chain: 'none' },
  /**
   * Kraken spot, v1 and v2: no sequence. The CRC32 of the ten best levels that comes with every update takes its place:
   * pass `checksum: krakenBookChecksum(…)`, and the subscribed depth as `maxLevels` (Kraken, "Book Checksum").
   */
  kraken: { name: 'kraken', ...inStream, chain: 'none' },
  /** Kraken Futures `book`: `seq` counts by 1 for each product (Kraken Futures, "WebSocket: Book"). */
  krakenFutures: { name: 'kraken-futures', ...inStream, chain: 'next-id' },
  /**
   * OKX v5 `books`, `books-l2-tbt`, `books50-l2-tbt`: `prevSeqId` is the last `seqId`. A keep-alive without levels
   * repeats the id; after a maintenance `seqId` may fall while `prevSeqId` still chains (OKX v5, "WS / Order book channel").
   */
  okx: { name: 'okx', ...inStream, chain: 'previous-id' },
} as const satisfies Record<string, BookRule>;

/** A broken chain: the id that was due and the one that came. */
export interface SequenceGap {
  readonly expected: number;
  readonly received: number;
}

/** What a rule says of a delta. */
export type BookVerdict = 'apply' | 'stale' | SequenceGap;

/** The ids of a delta that rules look at. */
export interface DeltaIds {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly previousUpdateId?: number;
}

/** Judges a delta against a book that includes `lastUpdateId`; `isFirst` when no delta followed the snapshot yet. */
export function judgeDelta(rule: BookRule, lastUpdateId: number, isFirst: boolean, delta: DeltaIds): BookVerdict {
  if (rule.chain === 'none') return 'apply';
  if (rule.chain === 'ascending' && delta.firstUpdateId >= lastUpdateId) return 'apply';
  const expected = rule.chain === 'next-id' ? lastUpdateId + 1 : lastUpdateId;
  const received = rule.chain === 'previous-id' ? (delta.previousUpdateId ?? delta.firstUpdateId) : delta.firstUpdateId;
  // Before the test for staleness: ids may fall while the chain holds.
  if (received === expected) return 'apply';
  // After the first delta the last id is known to be included, so a repeat is stale under every rule that has stale ones.
  const { staleBelow } = rule;
  if (staleBelow !== 'never' && delta.lastUpdateId < lastUpdateId + (isFirst ? staleBelow : 1)) return 'stale';
  if (!isFirst || rule.first === 'chain') return { expected, received };
  const due = lastUpdateId + rule.first;
  const spans = delta.firstUpdateId <= due && due <= delta.lastUpdateId;
  return spans ? 'apply' : { expected: due, received: delta.firstUpdateId };
}

/** What an event has beside its time. */
export interface EventBody extends Partial<DeltaIds> {
  readonly lastUpdateId: number;
  readonly checksum?: number;
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
}

/**
 * Refuses numbers that no venue sends (a chain of them would tell nothing), and an event without two lists of levels.
 * @throws {@link OrderflowError} `bad-value`.
 */
export function requireEvent(event: EventBody): void {
  if (!Array.isArray(event.bids) || !Array.isArray(event.asks)) {
    const side = Array.isArray(event.bids) ? 'asks' : 'bids';
    throw new OrderflowError(
      'bad-value',
      `${side} ${excerpt(event[side])} of a book event is not a list of levels. Pass [] where nothing changed.`,
      event[side],
    );
  }
  const { firstUpdateId = 0, lastUpdateId, previousUpdateId = 0, checksum = 0 } = event;
  const whole =
    Number.isSafeInteger(lastUpdateId) &&
    Number.isSafeInteger(firstUpdateId) &&
    Number.isSafeInteger(previousUpdateId) &&
    Number.isSafeInteger(checksum);
  if (whole) return;
  for (const [name, value] of Object.entries({ previousUpdateId, firstUpdateId, lastUpdateId, checksum })) {
    if (Number.isSafeInteger(value)) continue;
    throw new OrderflowError(
      'bad-value',
      `${name} ${excerpt(value)} of a book event is not a whole number. ` +
        `Map the number of the venue; where it has none, leave it out, or pass 0 as the update id.`,
      value,
    );
  }
}
