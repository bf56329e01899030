/** Best quotes and flow metrics over time. */
import { decimal, optional, text, time } from '../internal/columns.ts';
import { defineTable, type TableDefinition } from '../internal/table-definition.ts';

/** Order flow of one symbol at one moment. Decimal strings; null where unknown. */
export interface FlowMetricsRecord {
  /** Epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly symbol: string;
  /** Order book imbalance, -1 to 1. */
  readonly obi: string | null;
  /** Order flow imbalance since the record before, in size units. */
  readonly ofi: string | null;
  /** Order flow imbalance since the start of the session, in size units. */
  readonly ofiCumulative: string | null;
  /** Volume adjusted mid price. */
  readonly vamp: string | null;
  /** Which source said so, for example `replay:binance-combined`. */
  readonly source: string;
}

/** A best quote as it is stored: a side that is unknown is null. */
export interface L1Row {
  readonly time: number;
  readonly symbol: string;
  readonly bidPrice: string | null;
  readonly bidSize: string | null;
  readonly askPrice: string | null;
  readonly askSize: string | null;
  readonly source: string;
}

export const l1Table: TableDefinition<L1Row> = defineTable<L1Row>(
  'orderbook_l1',
  {
    time: time(),
    symbol: text(),
    bidPrice: optional(decimal()),
    bidSize: optional(decimal()),
    askPrice: optional(decimal()),
    askSize: optional(decimal()),
    source: text(),
  },
  { key: ['symbol', 'time', 'source'], range: 'time' },
);

export const flowMetricsTable: TableDefinition<FlowMetricsRecord> = defineTable<FlowMetricsRecord>(
  'orderflow_metrics',
  {
    timeMs: time(),
    symbol: text(),
    obi: optional(decimal()),
    ofi: optional(decimal()),
    ofiCumulative: optional(decimal()),
    vamp: optional(decimal()),
    source: text(),
  },
  { key: ['symbol', 'timeMs', 'source'], range: 'timeMs' },
);
