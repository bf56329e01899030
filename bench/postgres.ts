/**
 * Rows a second into Postgres: the repositories beside `\copy` of psql, in turns, into the same tables of one embedded
 * server:
 *
 *     node --conditions=source bench/postgres.ts --quotes 200000 --bars 5000 --rounds 5
 *
 * psql gets the rows as a finished file, and neither checks nor compares them; the repositories get records, check every
 * value, and write so that a second time changes nothing (`again`). Where there is no psql, COPY goes through the driver.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { connectPostgres, createRepositories, migrate, type PostgresClient } from '@tapekit/adapters/postgres';
import { startEmbeddedPostgres } from '@tapekit/adapters/postgres/embedded';
import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import type { L1Snapshot } from '@tapekit/orderflow/market';

const { values } = parseArgs({
  options: {
    quotes: { type: 'string', default: '200000' },
    bars: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
  },
});
const rounds = Number(values.rounds);
const quoteColumns = 'time, symbol, bid_price, bid_size, ask_price, ask_size, source';
const barColumns =
  'symbol, interval_ms, start_time, end_time, revision, open, high, low, close, volume, buy, sell, unknown, delta, min_delta, max_delta, trades, vwap, poc, vah, val, footprint';
const startMs = 1_723_075_200_000;
const hasPsql = spawnSync('psql', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'tapekit-bench-'));
const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), durable: false });
const sql = connectPostgres(server.url, { statementTimeoutMs: 0 });
try {
  await migrate(sql);
  const { bars, l1 } = createRepositories(sql);
  const quotes = quotesOf(Number(values.quotes));
  await compare('orderbook_l1', quotes.length, quoteColumns, quotes.map(quoteLine), () => l1.insertMany(quotes));
  const footprints = barsOf(Number(values.bars));
  await compare('bars', footprints.length, barColumns, footprints.map(barLine), () =>
    bars.upsertMany(footprints, { intervalMs: 60_000 }),
  );
} finally {
  await sql.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function compare(
  table: string,
  count: number,
  columns: string,
  lines: readonly string[],
  ours: () => Promise<unknown>,
): Promise<void> {
  const file = join(folder, `${table}.tsv`);
  writeFileSync(file, lines.join(''));
  const copy = () => (hasPsql ? psqlCopy(table, columns, file) : driverCopy(sql, table, columns, file));
  const took = { copy: [] as number[], ours: [] as number[], again: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    // The first round warms up.
    const into = round === 0 ? { copy: [], ours: [], again: [] } : took;
    into.copy.push(await timed(table, copy));
    into.ours.push(await timed(table, ours));
    into.again.push(await seconds(ours));
  }
  const rate = (times: readonly number[]): number => Math.round(count / median(times));
  const name = hasPsql ? 'psql \\copy' : 'COPY of the driver (no psql here)';
  console.log(`\n${table}: ${count} rows, ${rounds} rounds in turns, medians; ratio to ${name}`);
  for (const [label, times] of [
    [name, took.copy],
    ['repository', took.ours],
    ['repository, again', took.again],
  ] as const) {
    const ratio = (median(took.copy) / median(times)).toFixed(2);
    console.log(`${label.padEnd(36)}${String(rate(times)).padStart(10)} rows/s${ratio.padStart(8)}`);
  }
}

async function timed(table: string, work: () => unknown): Promise<number> {
  await sql`truncate ${sql(table)}`;
  await sql`checkpoint`;
  return seconds(work);
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function psqlCopy(table: string, columns: string, file: string): void {
  const { status, stderr } = spawnSync('psql', [
    server.url,
    '-v',
    'ON_ERROR_STOP=1',
    '-qXc',
    `\\copy ${table} (${columns}) from '${file}'`,
  ]);
  if (status !== 0) throw new Error(`psql ended with ${status}: ${stderr.toString()}`);
}

async function driverCopy(client: PostgresClient, table: string, columns: string, file: string): Promise<void> {
  const sink = await client.unsafe(`copy ${table} (${columns}) from stdin`).writable();
  await pipeline(Readable.from([readFileSync(file)]), sink);
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

function quotesOf(count: number): L1Snapshot[] {
  return Array.from({ length: count }, (_, index) => ({
    time: startMs + index * 10,
    symbol: 'ETHUSDT',
    bidPrice: `2680.${10 + (index % 89)}`,
    bidSize: `${index % 50}.5`,
    askPrice: `2681.${10 + (index % 89)}`,
    askSize: `${index % 70}.25`,
    source: 'bench',
  }));
}

/** Bars with a ladder of 20 rows. */
function barsOf(count: number): FootprintJson[] {
  const levels = Array.from({ length: 20 }, (_, row) => ({
    price: `${2680 + row}`,
    buy: '1',
    sell: '0.5',
    unknown: '0',
    buyTrades: 2,
    sellTrades: 1,
  }));
  return Array.from({ length: count }, (_, index) => ({
    v: 1,
    symbol: 'ETHUSDT',
    t0: startMs + index * 60_000,
    t1: startMs + (index + 1) * 60_000,
    open: '2680.5',
    high: '2699.9',
    low: '2680',
    close: `2690.${10 + (index % 89)}`,
    volume: '30',
    buy: '20',
    sell: '10',
    unknown: '0',
    delta: '10',
    minDelta: '-1',
    maxDelta: '11',
    trades: 60,
    vwap: '2690.123456789',
    poc: '2690',
    vah: '2695',
    val: '2685',
    levels,
  }));
}

function quoteLine(quote: L1Snapshot): string {
  const { time, symbol, bidPrice, bidSize, askPrice, askSize, source } = quote;
  return `${[iso(time), symbol, bidPrice, bidSize, askPrice, askSize, source].join('\t')}\n`;
}

function barLine(bar: FootprintJson): string {
  const decimals = [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.buy, bar.sell, bar.unknown, bar.delta];
  const more = [
    bar.minDelta,
    bar.maxDelta,
    bar.trades,
    bar.vwap,
    bar.poc,
    bar.vah,
    bar.val,
    JSON.stringify(bar.levels),
  ];
  return `${[bar.symbol, 60_000, iso(bar.t0), iso(bar.t1), 0, ...decimals, ...more].join('\t')}\n`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
