/**
 * Stores what the order book of a symbol was, and what flowed: best quotes and OBI, OFI and VAMP at a stated cadence.
 */
import type { L1Snapshot } from '@tapekit/orderflow/market';
import { AdaptersError } from './errors.ts';
import {
  type OrderBookSample,
  type OrderBookSamplerCounts,
  orderBookSamplerDefaults,
  type OrderBookSamplerOptions,
  type OrderBookSamplerState,
} from './internal/order-book/sampler-options.ts';
import { createOrderBookSampler } from './internal/order-book/sampler.ts';
import type { MarketSource, SourceEvent, SourceItem } from './market-source.ts';
import type { FlowMetricsRecord } from './postgres/tables/flow.ts';
import type { WriteResult } from './postgres/types.ts';

export {
  type OrderBookSample,
  type OrderBookSampler,
  type OrderBookSamplerCounts,
  orderBookSamplerDefaults,
  type OrderBookSamplerOptions,
  type OrderBookSamplerState,
} from './internal/order-book/sampler-options.ts';
export { createOrderBookSampler } from './internal/order-book/sampler.ts';

/** The two tables, as `createRepositories` gives them; anything else that stores by key will do. */
export interface OrderBookTables {
  readonly l1: { insertMany(snapshots: readonly L1Snapshot[]): Promise<WriteResult> };
  readonly metrics: { insertMany(records: readonly FlowMetricsRecord[]): Promise<WriteResult> };
}

/** What {@link createOrderBookWriter} samples and where it stores it. */
export interface OrderBookWriterOptions extends OrderBookSamplerOptions {
  readonly tables: OrderBookTables;
  /** Samples that are written at once. @defaultValue 60 */
  readonly batch?: number;
  /**
   * Samples that may wait while the database is away; beyond it {@link OrderBookWriter.push} fails until one write
   * succeeded.
   * @defaultValue 100,000
   */
  readonly maxPending?: number;
}

/** What {@link createOrderBookWriter} uses where an option is absent. */
export const orderBookWriterDefaults = {
  ...orderBookSamplerDefaults,
  batch: 60,
  maxPending: 100_000,
} as const satisfies Partial<OrderBookWriterOptions>;

/** Counts so far. */
export interface OrderBookWriterStats extends OrderBookSamplerCounts {
  /** Samples so far: one for each interval in which something happened, and one for each flush. */
  readonly samples: number;
  /** Samples that are stored. */
  readonly stored: number;
  /** Rows that the database did not have so before, of both tables. */
  readonly rowsWritten: number;
}

/** A {@link OrderBookWriter}'s state as plain JSON: the sampler's, and the samples that wait. */
export interface OrderBookWriterState {
  readonly v: 1;
  readonly kind: 'order-book-writer';
  readonly sampler: OrderBookSamplerState;
  readonly pending: readonly OrderBookSample[];
}

/** Samples a symbol and stores the samples. */
export interface OrderBookWriter {
  /** Takes the next item of a source: events of this symbol, gaps, lost connections. Await it, so that writes hold reading back. */
  push(item: SourceItem): Promise<void>;
  /** Takes a single event, where there are no items. */
  pushEvent(event: SourceEvent): Promise<void>;
  /** Stores what waits, and the open interval as it is so far; its record is replaced when the interval ends. */
  flush(): Promise<void>;
  /** Reads a source to its end and flushes. */
  run(source: MarketSource): Promise<OrderBookWriterStats>;
  snapshot(): OrderBookWriterState;
  stats(): OrderBookWriterStats;
}

/**
 * A writer of `orderbook_l1` and `orderflow_metrics`. Records are keyed by symbol, end of the interval and source, and the
 * same events always give the same records: reading a tape twice, or again after a crash, doubles nothing. A write that fails
 * rejects and keeps its samples; the next call tries them again.
 *
 * @example
 * ```ts no-run
 * const { l1, metrics } = createRepositories(sql);
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.00000001' });
 * const writer = createOrderBookWriter({
 *   symbol: 'ETHUSDT', grid, source: 'binance:spot', rule: bookRules.binanceSpot, tables: { l1, metrics },
 * });
 * await writer.run(source);
 * ```
 * @throws {@link AdaptersError} `bad-option`.
 */
export function createOrderBookWriter(options: OrderBookWriterOptions): OrderBookWriter {
  return startWriter(options, undefined);
}

/**
 * The writer that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link AdaptersError} `bad-record` for the state of another module, version or symbol; `bad-option`.
 */
export function restoreOrderBookWriter(state: OrderBookWriterState, options: OrderBookWriterOptions): OrderBookWriter {
  if ((state.v as number) !== 1 || (state.kind as string) !== 'order-book-writer') {
    throw new AdaptersError('bad-record', 'The state is not one of an order book writer of version 1.', {
      value: state,
    });
  }
  return startWriter(options, state);
}

function startWriter(options: OrderBookWriterOptions, from: OrderBookWriterState | undefined): OrderBookWriter {
  const { tables, symbol } = options;
  const { batch, maxPending } = { ...orderBookWriterDefaults, ...options };
  for (const [name, value] of Object.entries({ batch, maxPending })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new AdaptersError('bad-option', `${name} "${value}" is not a whole number of at least 1.`, { value });
  }
  const sampler = createOrderBookSampler(options, from?.sampler);
  const pending: OrderBookSample[] = [...(from?.pending ?? [])];
  const count = { samples: 0, stored: 0, rowsWritten: 0 };
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    while (pending.length > 0) {
      const samples = pending.slice(0, maxRowsPerWrite);
      const quotes = samples.flatMap(({ quote }) => quote ?? []);
      // Two tables, two statements: each is idempotent, so a failure between them is mended by the next try.
      const l1 = await tables.l1.insertMany(quotes);
      const metrics = await tables.metrics.insertMany(samples.map((sample) => sample.metrics));
      pending.splice(0, samples.length);
      count.stored += samples.length;
      count.rowsWritten += l1.written + metrics.written;
    }
  };
  /** One write at a time; whoever comes meanwhile waits for it. */
  const store = (): Promise<void> => (writing ??= write().finally(() => (writing = undefined)));
  const take = async (sample: OrderBookSample | undefined): Promise<void> => {
    if (!sample) return;
    pending.push(sample);
    count.samples += 1;
    if (pending.length >= batch) await store();
  };
  const pushEvent = async (event: SourceEvent): Promise<void> => {
    if (pending.length >= maxPending) await store();
    if (event.type === 'quote' || event.type === 'book-snapshot' || event.type === 'book-delta') {
      await take(sampler.push(event));
    }
  };
  const push = async (item: SourceItem): Promise<void> => {
    if (item.kind === 'record') for (const event of item.record.events) await pushEvent(event);
    else if (item.kind === 'gap') {
      const { channel, open } = item.gap;
      // A silence says nothing new: the end of the connection before it did.
      if (item.gap.symbol === symbol && open !== true && (channel === 'quote' || channel === 'book'))
        sampler.interrupt();
    } else if (item.kind === 'status' && item.status.state === 'disconnected') sampler.interrupt();
  };
  const flush = async (): Promise<void> => {
    await take(sampler.flush());
    await store();
  };
  const stats = (): OrderBookWriterStats => ({ ...sampler.counts(), ...count });
  return {
    push,
    pushEvent,
    flush,
    async run(source) {
      for await (const item of source) await push(item);
      await flush();
      return stats();
    },
    snapshot: () => ({ v: 1, kind: 'order-book-writer', sampler: sampler.snapshot(), pending: [...pending] }),
    stats,
  };
}

/** Rows of one statement of a repository; more would be a longer transaction. */
const maxRowsPerWrite = 5000;
