/** DuckDB on a Parquet file and on JSON lines: the whole job in SQL, and the ladder alone. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Variant } from './contest.ts';
import { allParts, createDigests, digestValues } from './digest.ts';
import type { Digests, Part } from './digest.ts';
import { peer } from './peers.ts';
import { MINUTE_MS } from './seeded-tape.ts';
import type { Tape } from './seeded-tape.ts';

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getColumns(): (number | bigint | null)[][] }>;
}

interface NodeApi {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection> }>;
  };
}

/** A database in memory, on all cores. */
export interface DuckDb {
  readonly version: string;
  readonly threads: number;
  readonly parquet: (tape: Tape) => Promise<readonly Variant[]>;
  readonly lines: (path: string, trades: number) => readonly Variant[];
}

/** `undefined` where `bench/peers` is not installed. */
export async function openDuckDb(dir: string): Promise<DuckDb | undefined> {
  const found = await peer<NodeApi>('@duckdb/node-api');
  if (!found) return undefined;
  const instance = await found.module.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const threads = await connection.runAndReadAll(`SELECT current_setting('threads')::INTEGER`);
  return {
    version: found.version,
    threads: Number(threads.getColumns()[0]![0]),
    parquet: async (tape) => {
      const path = join(dir, 'tape.parquet');
      await writeParquet(connection, tape, dir, path);
      const source = `SELECT time_ms // ${MINUTE_MS} AS minute, ticks, lots, side, seq FROM '${path}'`;
      const name = 'DuckDB on Parquet';
      const trades = tape.timeMs.length;
      return [
        ...jobs(connection, name, trades, source),
        {
          name: `${name}, levels only, one thread`,
          trades,
          note: 'no bars, value area or imbalances; one core, as ours',
          run: () => connection.run(`SET threads = 1; ${levelsTable(source)}; RESET threads`),
          digests: () => readDigests(connection, ['ladder', 'counts']),
        },
      ];
    },
    lines: (path, trades) =>
      jobs(connection, 'DuckDB on the same JSONL', trades, linesSource(path), {
        // The file is parsed once; rows keep its order.
        prepare: `CREATE OR REPLACE TEMP TABLE trades AS ${linesSource(path)}; `,
        whole: 'SELECT *, rowid AS seq FROM trades',
      }),
  };
}

/** `whole` is the source of the whole job, where it is another one; `prepare` is run before it, on the clock. */
function jobs(
  connection: Connection,
  name: string,
  trades: number,
  source: string,
  { whole = source, prepare = '' }: { readonly whole?: string; readonly prepare?: string } = {},
): readonly Variant[] {
  return [
    {
      name: `${name}, whole job`,
      trades,
      run: () => connection.run(`${prepare}${levelsTable(whole)}; ${barTables(whole)}`),
      digests: () => readDigests(connection, allParts),
    },
    {
      name: `${name}, levels only`,
      trades,
      note: 'no bars, value area or imbalances',
      run: () => connection.run(levelsTable(source)),
      digests: () => readDigests(connection, ['ladder', 'counts']),
    },
  ];
}

async function writeParquet(connection: Connection, tape: Tape, dir: string, path: string): Promise<void> {
  const csv = join(dir, 'tape.csv');
  const file = openSync(csv, 'w');
  let text = '';
  for (let i = 0; i < tape.timeMs.length; i += 1) {
    text += `${i},${tape.timeMs[i]!},${tape.priceTicks[i]!},${tape.sizeLots[i]!},${tape.side[i]!}\n`;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
  const columns = `{'seq': 'INTEGER', 'time_ms': 'BIGINT', 'ticks': 'INTEGER', 'lots': 'INTEGER', 'side': 'TINYINT'}`;
  await connection.run(`COPY (SELECT * FROM read_csv('${csv}', header = false, columns = ${columns})) TO '${path}'`);
}

/** Decimals of one and of three places as integers of the grid. */
function linesSource(path: string): string {
  const columns = `{'T': 'BIGINT', 'p': 'DECIMAL(12, 1)', 'q': 'DECIMAL(12, 3)', 'm': 'BOOLEAN'}`;
  return `SELECT T // ${MINUTE_MS} AS minute, (p * 10)::INTEGER AS ticks, (q * 1000)::INTEGER AS lots,
      (CASE WHEN m THEN -1 ELSE 1 END)::TINYINT AS side
    FROM read_json('${path}', format = 'newline_delimited', columns = ${columns})`;
}

function levelsTable(source: string): string {
  return `CREATE OR REPLACE TABLE levels AS
    SELECT minute, ticks,
      coalesce(sum(lots) FILTER (side > 0), 0)::BIGINT AS buy,
      coalesce(sum(lots) FILTER (side < 0), 0)::BIGINT AS sell,
      count(*) FILTER (side > 0) AS buys,
      count(*) FILTER (side < 0) AS sells
    FROM (${source}) GROUP BY minute, ticks`;
}

/**
 * The value area takes pairs of rows above and below the point of control, the larger head of the two lists first, the
 * upper when equal. That is the order of the least pair so far, descending: a pair behind a smaller one comes with it.
 * A pair in which nothing traded is not in the table; it is least of all, and all behind it count as 0.
 */
function barTables(source: string): string {
  return `
  CREATE OR REPLACE TABLE bars AS
    SELECT minute, arg_min(ticks, seq) AS open, max(ticks) AS high, min(ticks) AS low, arg_max(ticks, seq) AS close,
      count(*) AS trades, least(min(delta), 0)::BIGINT AS min_delta, greatest(max(delta), 0)::BIGINT AS max_delta
    FROM (
      SELECT *, sum(lots * side::INTEGER) OVER (PARTITION BY minute ORDER BY seq ROWS UNBOUNDED PRECEDING) AS delta
      FROM (${source})
    ) GROUP BY minute;
  CREATE OR REPLACE TABLE areas AS
    WITH pocs AS (
      SELECT minute, any_value(low) AS low, sum(buy + sell)::BIGINT AS total,
        arg_max(ticks, {'volume': buy + sell, 'near': -abs(2 * ticks - low - high), 'under': -ticks}) AS poc,
        max(buy + sell) AS held
      FROM levels JOIN bars USING (minute) GROUP BY minute
    ), pairs AS (
      SELECT minute, ticks > poc AS up, (abs(ticks - poc) + 1) // 2 AS pair, sum(buy + sell)::BIGINT AS volume,
        min(ticks) AS low, max(ticks) AS high
      FROM levels JOIN pocs USING (minute) WHERE ticks <> poc GROUP BY ALL
    ), ranked AS (
      SELECT *, CASE
        WHEN pair = row_number() OVER side_of THEN min(volume) OVER side_of ELSE 0 END AS rank
      FROM pairs WINDOW side_of AS (PARTITION BY minute, up ORDER BY pair ROWS UNBOUNDED PRECEDING)
    ), taken AS (
      SELECT *, sum(volume) OVER (PARTITION BY minute ORDER BY rank DESC, up DESC, pair
        ROWS UNBOUNDED PRECEDING) - volume AS before
      FROM ranked
    )
    SELECT pocs.minute AS minute, poc, greatest(poc, max(taken.high)) AS vah, least(poc, min(taken.low)) AS val
    FROM pocs LEFT JOIN taken ON pocs.minute = taken.minute AND 10 * (held + before) < 7 * total
    GROUP BY pocs.minute, poc;
  CREATE OR REPLACE TABLE marks AS
    SELECT minute, ticks,
      (CASE WHEN below IS NOT NULL AND buy > 3 * (CASE WHEN below = ticks - 1 THEN sell_below ELSE 0 END)
        THEN 1 ELSE 0 END)
      + (CASE WHEN above IS NOT NULL AND sell > 3 * (CASE WHEN above = ticks + 1 THEN buy_above ELSE 0 END)
        THEN 2 ELSE 0 END) AS flags
    FROM (
      SELECT *, lag(ticks) OVER bar AS below, lag(sell) OVER bar AS sell_below,
        lead(ticks) OVER bar AS above, lead(buy) OVER bar AS buy_above
      FROM levels WINDOW bar AS (PARTITION BY minute ORDER BY ticks)
    )`;
}

async function readDigests(connection: Connection, parts: readonly Part[]): Promise<Digests> {
  const digests = createDigests();
  const read = async (part: Part, sql: string): Promise<void> => {
    if (!parts.includes(part)) return;
    const columns = (await connection.runAndReadAll(sql)).getColumns();
    for (let i = 0; i < columns[0]!.length; i += 1) for (const column of columns) digests[part].add(Number(column[i]));
  };
  await read('ladder', `SELECT minute * ${MINUTE_MS}, ticks, buy, sell FROM levels ORDER BY minute, ticks`);
  await read('counts', `SELECT buys, sells FROM levels ORDER BY minute, ticks`);
  await read('ohlc', `SELECT open, high, low, close, trades FROM bars ORDER BY minute`);
  await read('delta', `SELECT min_delta, max_delta FROM bars ORDER BY minute`);
  await read('area', `SELECT poc, vah, val FROM areas ORDER BY minute`);
  await read('marks', `SELECT flags FROM marks ORDER BY minute, ticks`);
  return digestValues(digests, parts);
}
