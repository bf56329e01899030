import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { batches, inLockOrder } from '../internal/sql.ts';
import { nonEmpty, optionalDecimal, wholeMs } from '../internal/values.ts';
import type { WriteResult } from '../types.ts';

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

/** The table of order flow metrics. */
export interface FlowMetricsRepository {
  /** Stores records by symbol, time and source, all or none; of several with one key the last stays. */
  insertMany(records: readonly FlowMetricsRecord[]): Promise<WriteResult>;
  /** The newest record of a symbol, of one source where given. */
  latest(symbol: string, options?: { readonly source?: string }): Promise<FlowMetricsRecord | undefined>;
}

export function createFlowMetricsRepository(sql: PostgresClient): FlowMetricsRepository {
  return {
    insertMany: (records) =>
      attempt('storing flow metrics', async () => {
        const rows = records.map(toRow);
        if (rows.length === 0) return { written: 0, kept: 0 };
        const lastOfKey = new Map(rows.map((row) => [`${row.timeMs} ${row.source}\n${row.symbol}`, row]));
        const ordered = inLockOrder([...lastOfKey.values()], (row) => [row.symbol, row.timeMs, row.source]);
        const written = await sql.begin(async (tx) => {
          let count = 0;
          for (const batch of batches(ordered)) {
            const result = await tx`
              insert into orderflow_metrics as stored (time, symbol, obi, ofi, ofi_cumulative, vamp, source)
              select timestamptz 'epoch' + "timeMs" * interval '1 millisecond', symbol, obi, ofi, "ofiCumulative", vamp, source
              from json_to_recordset(${JSON.stringify(batch)}::text::json) as new ("timeMs" float8, symbol text,
                obi numeric, ofi numeric, "ofiCumulative" numeric, vamp numeric, source text)
              on conflict (symbol, time, source) do update set obi = excluded.obi, ofi = excluded.ofi,
                ofi_cumulative = excluded.ofi_cumulative, vamp = excluded.vamp
              where (stored.obi, stored.ofi, stored.ofi_cumulative, stored.vamp)
                is distinct from (excluded.obi, excluded.ofi, excluded.ofi_cumulative, excluded.vamp)`;
            count += result.count;
          }
          return count;
        });
        return { written, kept: rows.length - written };
      }),

    latest: (symbol, { source } = {}) =>
      attempt('reading the latest flow metrics', async () => {
        const [row] = await sql<FlowMetricsRecord[]>`
          select (extract(epoch from time) * 1000)::float8 as "timeMs", symbol, trim_scale(obi) as obi,
            trim_scale(ofi) as ofi, trim_scale(ofi_cumulative) as "ofiCumulative", trim_scale(vamp) as vamp, source
          from orderflow_metrics where symbol = ${symbol} ${source === undefined ? sql`` : sql`and source = ${source}`}
          order by time desc, source limit 1`;
        return row && { ...row };
      }),
  };
}

function toRow(record: FlowMetricsRecord): FlowMetricsRecord {
  const symbol = nonEmpty(record.symbol, 'symbol');
  const where = `metrics ${symbol} ${record.timeMs}`;
  return {
    timeMs: wholeMs(record.timeMs, `timeMs of ${where}`),
    symbol,
    obi: optionalDecimal(record.obi, `obi of ${where}`),
    ofi: optionalDecimal(record.ofi, `ofi of ${where}`),
    ofiCumulative: optionalDecimal(record.ofiCumulative, `ofiCumulative of ${where}`),
    vamp: optionalDecimal(record.vamp, `vamp of ${where}`),
    source: nonEmpty(record.source, `source of ${where}`),
  };
}
