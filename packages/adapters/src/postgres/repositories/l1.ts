import type { L1Snapshot } from '@tapekit/orderflow/market';
import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { batches, inLockOrder } from '../internal/sql.ts';
import { nonEmpty, optionalDecimal, wholeMs } from '../internal/values.ts';
import type { WriteResult } from '../types.ts';

/** The table of best quotes. */
export interface L1Repository {
  /** Stores quotes by symbol, time and source, all or none; of several with one key the last stays. */
  insertMany(snapshots: readonly L1Snapshot[]): Promise<WriteResult>;
  /** The newest quote of a symbol, of one source where given; a side that is unknown is absent. */
  latest(symbol: string, options?: { readonly source?: string }): Promise<L1Snapshot | undefined>;
}

interface L1Row {
  readonly time: number;
  readonly symbol: string;
  readonly bidPrice: string | null;
  readonly bidSize: string | null;
  readonly askPrice: string | null;
  readonly askSize: string | null;
  readonly source: string;
}

export function createL1Repository(sql: PostgresClient): L1Repository {
  return {
    insertMany: (snapshots) =>
      attempt('storing quotes', async () => {
        const rows = snapshots.map(toRow);
        if (rows.length === 0) return { written: 0, kept: 0 };
        const lastOfKey = new Map(rows.map((row) => [`${row.time} ${row.source}\n${row.symbol}`, row]));
        const ordered = inLockOrder([...lastOfKey.values()], (row) => [row.symbol, row.time, row.source]);
        const written = await sql.begin(async (tx) => {
          let count = 0;
          for (const batch of batches(ordered)) {
            const result = await tx`
              insert into orderbook_l1 as stored (time, symbol, bid_price, bid_size, ask_price, ask_size, source)
              select timestamptz 'epoch' + time * interval '1 millisecond', symbol, "bidPrice", "bidSize", "askPrice",
                "askSize", source
              from json_to_recordset(${JSON.stringify(batch)}::text::json) as new (time float8, symbol text,
                "bidPrice" numeric, "bidSize" numeric, "askPrice" numeric, "askSize" numeric, source text)
              on conflict (symbol, time, source) do update set bid_price = excluded.bid_price,
                bid_size = excluded.bid_size, ask_price = excluded.ask_price, ask_size = excluded.ask_size
              where (stored.bid_price, stored.bid_size, stored.ask_price, stored.ask_size)
                is distinct from (excluded.bid_price, excluded.bid_size, excluded.ask_price, excluded.ask_size)`;
            count += result.count;
          }
          return count;
        });
        return { written, kept: rows.length - written };
      }),

    latest: (symbol, { source } = {}) =>
      attempt('reading the latest quote', async () => {
        const [row] = await sql<L1Row[]>`
          select (extract(epoch from time) * 1000)::float8 as time, symbol, trim_scale(bid_price) as "bidPrice",
            trim_scale(bid_size) as "bidSize", trim_scale(ask_price) as "askPrice", trim_scale(ask_size) as "askSize", source
          from orderbook_l1 where symbol = ${symbol} ${source === undefined ? sql`` : sql`and source = ${source}`}
          order by time desc, source limit 1`;
        return row && toSnapshot(row);
      }),
  };
}

function toRow(snapshot: L1Snapshot): L1Row {
  const symbol = nonEmpty(snapshot.symbol, 'symbol');
  const where = `quote ${symbol} ${snapshot.time}`;
  return {
    time: wholeMs(snapshot.time, `time of ${where}`),
    symbol,
    bidPrice: optionalDecimal(snapshot.bidPrice, `bidPrice of ${where}`),
    bidSize: optionalDecimal(snapshot.bidSize, `bidSize of ${where}`),
    askPrice: optionalDecimal(snapshot.askPrice, `askPrice of ${where}`),
    askSize: optionalDecimal(snapshot.askSize, `askSize of ${where}`),
    source: nonEmpty(snapshot.source, `source of ${where}`),
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
