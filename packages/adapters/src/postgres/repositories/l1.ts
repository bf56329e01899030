import type { L1Snapshot } from '@tapekit/orderflow/market';
import type { PostgresClient } from '../client.ts';
import { l1Table, type L1Row } from '../tables/flow.ts';
import { requireList, requireObject } from '../internal/values.ts';
import type { WriteResult } from '../types.ts';
import { createTableRepository, type Page, type TableQuery } from './table.ts';

/** The table of best quotes. */
export interface L1Repository {
  /** Stores quotes by symbol, time and source, all or none; of several with one key the last stays. */
  insertMany(snapshots: readonly L1Snapshot[]): Promise<WriteResult>;
  /** The newest quote of a symbol, of one source where given; a side that is unknown is absent. */
  latest(symbol: string, options?: { readonly source?: string }): Promise<L1Snapshot | undefined>;
  /** Quotes by pages, in the order of symbol, time and source. */
  page(query?: TableQuery<Pick<L1Snapshot, 'symbol' | 'source'>>): Promise<Page<L1Snapshot>>;
}

export function createL1Repository(sql: PostgresClient): L1Repository {
  const table = createTableRepository(sql, l1Table);
  return {
    insertMany: async (snapshots) => {
      requireList(snapshots, 'quotes');
      return table.upsertMany(snapshots.map(toRow));
    },
    latest: async (symbol, options) => {
      const source = options?.source;
      const row = await table.latest({ symbol, ...(source === undefined ? {} : { source }) });
      return row && toSnapshot(row);
    },
    page: async (query) => {
      const { items, nextCursor } = await table.page(query);
      return { items: items.map(toSnapshot), nextCursor };
    },
  };
}

function toRow(snapshot: L1Snapshot): L1Row {
  requireObject(snapshot, 'a quote');
  const { time, symbol, bidPrice, bidSize, askPrice, askSize, source } = snapshot;
  return {
    time,
    symbol,
    bidPrice: bidPrice ?? null,
    bidSize: bidSize ?? null,
    askPrice: askPrice ?? null,
    askSize: askSize ?? null,
    source,
  };
}

function toSnapshot({ time, symbol, bidPrice, bidSize, askPrice, askSize, source }: L1Row): L1Snapshot {
  return {
    time,
    symbol,
    ...(bidPrice === null ? {} : { bidPrice }),
    ...(bidSize === null ? {} : { bidSize }),
    ...(askPrice === null ? {} : { askPrice }),
    ...(askSize === null ? {} : { askSize }),
    source,
  };
}
