import type { PostgresClient } from '../client.ts';
import { flowMetricsTable, type FlowMetricsRecord } from '../tables/flow.ts';
import type { WriteResult } from '../types.ts';
import { createTableRepository, type Page, type TableQuery } from './table.ts';

export type { FlowMetricsRecord } from '../tables/flow.ts';

/** The table of order flow metrics. */
export interface FlowMetricsRepository {
  /** Stores records by symbol, time and source, all or none; of several with one key the last stays. */
  insertMany(records: readonly FlowMetricsRecord[]): Promise<WriteResult>;
  /** The newest record of a symbol, of one source where given. */
  latest(symbol: string, options?: { readonly source?: string }): Promise<FlowMetricsRecord | undefined>;
  /** Records by pages, in the order of symbol, time and source. */
  page(query?: TableQuery<FlowMetricsRecord>): Promise<Page<FlowMetricsRecord>>;
}

export function createFlowMetricsRepository(sql: PostgresClient): FlowMetricsRepository {
  const table = createTableRepository(sql, flowMetricsTable);
  return {
    insertMany: (records) => table.upsertMany(records),
    latest: (symbol, options) => {
      const source = options?.source;
      return table.latest({ symbol, ...(source === undefined ? {} : { source }) });
    },
    page: (query) => table.page(query),
  };
}
