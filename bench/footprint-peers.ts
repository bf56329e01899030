/**
 * Trades to one-minute footprints (ladder, point of control, 70 % value area, diagonal 3:1 imbalances) beside public
 * software that does the same or a part of it, and beside a C loop; then growth, and bars of 2,600 rows.
 *
 * Run: node --conditions=source bench/footprint-peers.ts [--trades 6000000] [--rounds 5] [--only columns,growth]
 *        [--objects 1000000] [--few 100000] [--lines 1000000] [--write docs/guide/footprint-speed.md]
 *        [--chart-patterns MODULE --chart-patterns-label TEXT]
 *
 * The heavy peers (DuckDB, tardis-dev: 80 MB) are no workspace package, so that installing the repository stays quick and
 * small. To have them:
 *   npm install --prefix bench/peers --ignore-scripts --no-package-lock
 * Whatever is not there (a peer, gcc, an engine of ours) is named under the table as not run. Variants of one door take
 * turns in every round; a figure is a median, a ratio the median of the ratios of each round. The run fails when two
 * variants that do the same job differ in a checksum; a missed goal is printed and fails nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { footprintsOfColumns } from '@tapekit/footprint/footprint-columns';
import { bytesDoor } from './lib/footprint/bytes-door.ts';
import { columnsDoor, loadWasm } from './lib/footprint/columns-door.ts';
import { contest } from './lib/footprint/contest.ts';
import type { Variant } from './lib/footprint/contest.ts';
import { digestsOfColumns } from './lib/footprint/digest.ts';
import type { Digests } from './lib/footprint/digest.ts';
import { openDuckDb } from './lib/footprint/duckdb.ts';
import { imbalanceFlagsOfColumns } from './lib/footprint/imbalance-columns.ts';
import { objectsDoor } from './lib/footprint/objects-door.ts';
import { doorTable, goalTable, growthTable, ratioGoals, wideBarLines } from './lib/footprint/report.ts';
import type { Goal } from './lib/footprint/report.ts';
import { growthRuns, wideBarRun } from './lib/footprint/own-processes.ts';
import { beginningOf, MINUTE_MS, seededTape } from './lib/footprint/seeded-tape.ts';
import { writeBetween } from './lib/write-between.ts';

const { values: args } = parseArgs({
  options: {
    trades: { type: 'string', default: '6000000' },
    objects: { type: 'string', default: '1000000' },
    few: { type: 'string', default: '100000' },
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: 'columns,objects,bytes,growth,bars' },
    // What this script starts itself with: one door, printed as JSON.
    door: { type: 'string' },
    write: { type: 'string' },
    'chart-patterns': { type: 'string' },
    'chart-patterns-label': { type: 'string', default: 'chart-patterns' },
  },
});
const rounds = Number(args.rounds);
const known = ['columns', 'objects', 'bytes', 'growth', 'bars'];
const doors = new Set(args.only.split(','));
const unknown = [...doors].filter((door) => !known.includes(door));
if (unknown.length > 0) throw new Error(`Unknown door "${unknown.join('", "')}". The doors are: ${known.join(', ')}.`);
const trades = Number(args.trades);
const objects = Math.min(trades, Number(args.objects));
const few = Math.min(objects, Number(args.few));
const lines = Math.min(trades, Number(args.lines));
if (args.door === undefined) {
  const report = reportOf([...doors].map(inOwnProcess));
  if (args.write === undefined) console.log(report);
  else writeBetween(args.write, 'footprint-peers', report);
} else {
  const dir = mkdtempSync(join(tmpdir(), 'tapekit-footprint-'));
  try {
    console.log(JSON.stringify(await measure(args.door, dir)));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Figures of one door. */
interface DoorReport {
  readonly sections: readonly string[];
  readonly goals: readonly Goal[];
  readonly database: string;
}

/** A door in the heap that another one leaves behind takes up to three times as long. */
function inOwnProcess(door: string): DoorReport {
  const path = fileURLToPath(import.meta.url);
  const run = spawnSync(process.execPath, [...process.execArgv, path, ...process.argv.slice(2), '--door', door], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
  return JSON.parse(run.stdout) as DoorReport;
}

function reportOf(parts: readonly DoorReport[]): string {
  const database = parts.find((part) => part.database !== '')?.database ?? '';
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`;
  return [
    `${machine}${database}. ${rounds} rounds after up to four runs to warm up.`,
    ...parts.flatMap(({ sections }) => sections),
    '### Goals',
    goalTable(parts.flatMap(({ goals }) => goals)),
  ].join('\n\n');
}

async function measure(door: string, dir: string): Promise<DoorReport> {
  const tape = seededTape(door === 'growth' || door === 'bars' ? 1 : trades);
  const expected = new Map<number, Digests>();
  const expectedOf = (count: number): Digests => {
    let digests = expected.get(count);
    if (!digests) {
      const columns = footprintsOfColumns(beginningOf(tape, count), { intervalMs: MINUTE_MS });
      expected.set(count, (digests = digestsOfColumns(columns, imbalanceFlagsOfColumns(columns))));
    }
    return digests;
  };
  const run = async (variants: readonly Variant[]) => contest(variants, { rounds, expected: expectedOf });
  const duckDb = await openDuckDb(dir);
  const wasm = await loadWasm();
  const goals: Goal[] = [];
  const sections: string[] = [];

  if (door === 'columns') {
    const made = await columnsDoor(tape, dir, wasm, duckDb);
    const standings = await run(made.variants);
    await made.close();
    const { bars, rowPriceTicks } = footprintsOfColumns(tape, { intervalMs: MINUTE_MS });
    const size = `${count(bars)} bars, ${Math.round(rowPriceTicks.length / bars)} rows a bar`;
    sections.push(`### Columns: ${count(trades)} trades, ${size}`, doorTable(standings, made.missing));
    goals.push(
      ...ratioGoals('columns', standings, 'DuckDB on Parquet, whole job', 20),
      ...ratioGoals('columns', standings, 'DuckDB on Parquet, levels only', 10),
      ...ratioGoals('columns', standings, 'C, ', 0.5),
    );
  }
  if (door === 'objects') {
    const path = args['chart-patterns'];
    const chartPatterns = path === undefined ? undefined : { path, label: args['chart-patterns-label'] };
    const made = await objectsDoor(tape, { trades: objects, fewTrades: few, chartPatterns });
    const standings = await run(made.variants);
    sections.push('### Objects', doorTable(standings, made.missing));
    goals.push(
      ...ratioGoals('objects', standings, 'tardis-dev', 10),
      ...ratioGoals('objects', standings, 'chart-patterns', 60),
    );
  }
  if (door === 'bytes') {
    const made = await bytesDoor(tape, lines, dir, wasm, duckDb);
    const standings = await run(made.variants);
    await made.close();
    sections.push(`### JSON lines: ${Math.round(made.bytes / 1e6)} MB`, doorTable(standings, made.missing));
    goals.push(
      ...ratioGoals('bytes', standings, '`JSON.parse` a line', 8),
      ...ratioGoals('bytes', standings, 'read, split', 8),
      ...ratioGoals('bytes', standings, 'DuckDB on the same JSONL, whole job', 4),
    );
  }
  if (door === 'growth') {
    const growth = growthRuns([100_000, 1_000_000, 10_000_000], Math.min(3, rounds));
    sections.push('### Growth', growthTable(growth.runs, growth.missing));
    goals.push(...growth.goals);
  }
  if (door === 'bars') {
    const wide = wideBarRun();
    sections.push(`### Bars of ${count(wide.rows)} rows`, wideBarLines(wide));
    goals.push(
      {
        name: `closing a bar of ${count(wide.rows)} rows, milliseconds`,
        value: wide.closeMs.median,
        goal: 1,
        most: true,
      },
      {
        name: 'state of an open bar ÷ its ladder, memory',
        value: wide.openBytes / wide.ladderBytes,
        goal: 2,
        most: true,
      },
      {
        name: 'state of an open bar ÷ its ladder, snapshot',
        value: wide.snapshotChars / wide.snapshotRowsChars,
        goal: 2,
        most: true,
      },
    );
  }
  const database = duckDb ? `; DuckDB ${duckDb.version} on ${duckDb.threads} threads` : '';
  return { sections, goals, database };
}

function count(value: number): string {
  return value.toLocaleString('en');
}
