import type { TransactionSql } from 'postgres';
import { AdaptersError } from '../errors.ts';
import type { PostgresClient } from './client.ts';
import { withoutAnswerLimit } from './internal/answer-watch.ts';
import { attempt } from './internal/attempt.ts';
import { planPartitions, type PartitionLength, type PartitionRange } from './internal/partition-plan.ts';
import { maintainHypertable } from './internal/timescale.ts';

export type { PartitionLength } from './internal/partition-plan.ts';
import { transaction } from './internal/transaction.ts';

/** Tables that grow with time, and the column that says when. */
export const timeTables = {
  bars: 'start_time',
  bar_revisions: 'start_time',
  orderbook_l1: 'time',
  orderflow_metrics: 'time',
  stock_prices: 'time',
  stock_price_revisions: 'time',
  broker_summary: 'time',
  stock_scores: 'time',
  sentiment_data: 'time',
  ml_predictions: 'time',
  audit_logs: 'time',
} as const;

/** Name of a table that grows with time. */
export type TimeTable = keyof typeof timeTables;

/** How {@link maintainPartitions} keeps house. */
export interface MaintainPartitionsOptions {
  /**
   * Length of a new partition. Partitions of another length stay as they are.
   * @defaultValue 'month'
   */
  readonly length?: PartitionLength;
  /**
   * Partitions are made for this long in advance, milliseconds.
   * @defaultValue 31 days
   */
  readonly aheadMs?: number;
  /** What is older than this many milliseconds is dropped, by table; a table that is not named keeps everything. */
  readonly keepMs?: Readonly<Partial<Record<TimeTable, number>>>;
  /** Only with Timescale: chunks older than this many milliseconds are compressed. @defaultValue 7 days */
  readonly compressAfterMs?: number;
  /** Only these tables; all of {@link timeTables} unless given. */
  readonly tables?: readonly TimeTable[];
  /** @defaultValue the clock */
  readonly nowMs?: number;
}

const dayMs = 86_400_000;

/** What {@link maintainPartitions} does unless told otherwise. */
export const maintainPartitionsDefaults = {
  length: 'month',
  aheadMs: 31 * dayMs,
  compressAfterMs: 7 * dayMs,
} as const satisfies MaintainPartitionsOptions;

/** What was done to one table. */
export interface PartitionReport {
  readonly table: TimeTable;
  /** `partitions` of PostgreSQL, or a `hypertable` of Timescale, whose own jobs then compress and drop. */
  readonly kind: 'partitions' | 'hypertable';
  /** Names of the partitions that were made. */
  readonly created: readonly string[];
  /** Rows that moved from the default partition into new ones. */
  readonly moved: number;
  /** Names of the partitions that were dropped with everything in them. */
  readonly dropped: readonly string[];
  /** Rows of the default partition that were too old. */
  readonly deleted: number;
}

/**
 * Makes the partitions of the near future, splits off what has gathered in default partitions, and drops what is older
 * than it is to be kept. Run it once a day; running it twice, or in several processes at once, does no harm. One table is
 * done in one transaction: writers of that table wait for the time that its rows move, readers see all rows always.
 * @throws {@link AdaptersError} `bad-option`, `unreachable`, or `database-refused` with the server's reason.
 */
export async function maintainPartitions(
  sql: PostgresClient,
  options: MaintainPartitionsOptions = {},
): Promise<readonly PartitionReport[]> {
  const { length, aheadMs, compressAfterMs } = { ...maintainPartitionsDefaults, ...options };
  const { keepMs = {}, nowMs = Date.now(), tables = Object.keys(timeTables) as TimeTable[] } = options;
  requireDuration('aheadMs', aheadMs, 0);
  requireDuration('compressAfterMs', compressAfterMs, 1);
  for (const table of [...tables, ...(Object.keys(keepMs) as TimeTable[])]) {
    if (!(table in timeTables)) {
      const known = Object.keys(timeTables).join(', ');
      throw new AdaptersError('bad-option', `"${table}" is no table of ours that grows with time. Pass ${known}.`, {
        value: table,
      });
    }
    if (keepMs[table] !== undefined) requireDuration(`keepMs.${table}`, keepMs[table], 1);
  }
  const reports: PartitionReport[] = [];
  for (const table of tables) {
    const keep = keepMs[table];
    const work = (): Promise<PartitionReport> =>
      transaction(sql, async (tx) => {
        await prepare(tx, table);
        const [found] = await tx<
          { kind: string }[]
        >`select relkind as kind from pg_class where oid = ${table}::regclass`;
        if (found?.kind !== 'p') {
          await maintainHypertable(tx, table, { compressAfterMs, ...(keep === undefined ? {} : { keepMs: keep }) });
          return { table, kind: 'hypertable' as const, created: [], moved: 0, dropped: [], deleted: 0 };
        }
        return maintainTable(tx, table, { length, aheadMs, nowMs, ...(keep === undefined ? {} : { keepMs: keep }) });
      });
    const report = await withoutAnswerLimit(sql, () => attempt(`maintaining the partitions of ${table}`, work));
    reports.push(report);
  }
  return reports;
}

/** One runner at a time for each table; rows of append-only tables may move. */
async function prepare(tx: TransactionSql, table: TimeTable): Promise<void> {
  await tx`set local statement_timeout = 0`;
  await tx`set local timezone = 'UTC'`;
  await tx`select set_config('tapekit.maintenance', 'on', true)`;
  await tx`select pg_advisory_xact_lock(hashtextextended(${`tapekit partitions ${table}`}, 0))`;
}

interface TablePlanOptions {
  readonly length: PartitionLength;
  readonly aheadMs: number;
  readonly nowMs: number;
  readonly keepMs?: number;
}

async function maintainTable(
  tx: TransactionSql,
  table: TimeTable,
  options: TablePlanOptions,
): Promise<PartitionReport> {
  const rest = `${table}_rest`;
  const column = timeTables[table];
  // From here on nobody adds rows to the default partition; writers of other partitions go on.
  await tx.unsafe(`lock table "${rest}" in access exclusive mode`);
  const existing = await partitionsOf(tx, table);
  const times = await tx.unsafe<{ ms: number }[]>(
    `select (extract(epoch from date_trunc('day', "${column}", 'UTC')) * 1000)::float8 as ms from "${rest}" group by 1`,
  );
  const plan = planPartitions({ ...options, existing, restTimesMs: times.map(({ ms }) => ms) });
  const dropped: string[] = [];
  for (const range of plan.drop) {
    const { name } = existing.find((partition) => partition.fromMs === range.fromMs)!;
    await tx.unsafe(`drop table "${name}"`);
    dropped.push(name);
  }
  let deleted = 0;
  if (plan.dropRestBeforeMs !== undefined) {
    deleted = (await tx.unsafe(`delete from "${rest}" where "${column}" < ${instant(plan.dropRestBeforeMs)}`)).count;
  }
  const columns = await storedColumns(tx, table);
  const created: string[] = [];
  let moved = 0;
  for (const range of plan.create) {
    const name = partitionName(table, range);
    const [from, to] = [instant(range.fromMs), instant(range.toMs)];
    await tx.unsafe(`create table "${name}" (like "${table}" including all)`);
    moved += (
      await tx.unsafe(`with moved as (delete from "${rest}" where "${column}" >= ${from} and "${column}" < ${to} returning *)
        insert into "${name}" (${columns}) select ${columns} from moved`)
    ).count;
    await tx.unsafe(`alter table "${table}" attach partition "${name}" for values from (${from}) to (${to})`);
    await guardAgainstTruncate(tx, table, name);
    created.push(name);
  }
  return { table, kind: 'partitions', created, moved, dropped, deleted };
}

/** What keeps a table from being emptied must keep its partitions, too: triggers of a statement are not inherited. */
async function guardAgainstTruncate(tx: TransactionSql, table: TimeTable, partition: string): Promise<void> {
  const guards = await tx<{ name: string; run: string }[]>`
    select quote_ident(tgname) as name, tgfoid::regproc::text as run from pg_trigger
    where tgrelid = ${table}::regclass and not tgisinternal and tgtype & ${truncateTrigger}::int <> 0`;
  for (const { name, run } of guards) {
    await tx.unsafe(
      `create trigger ${name} before truncate on "${partition}" for each statement execute function ${run}()`,
    );
  }
}

/** The bit of `pg_trigger.tgtype` for TRUNCATE. */
const truncateTrigger = 32;

/** Partitions with their bounds; the default one has none. */
async function partitionsOf(tx: TransactionSql, table: TimeTable): Promise<(PartitionRange & { name: string })[]> {
  const rows = await tx<{ name: string; bounds: string }[]>`
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${table}::regclass and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' order by 1`;
  return rows.map(({ name, bounds }) => {
    const match = /FROM \('([^']+)'\) TO \('([^']+)'\)/.exec(bounds);
    const [fromMs, toMs] = [boundMs(match?.[1]), boundMs(match?.[2])];
    if (fromMs !== undefined && toMs !== undefined) return { name, fromMs, toMs };
    throw new AdaptersError(
      'database-refused',
      `Partition "${name}" of ${table} has the bounds "${bounds}", which were not made here. Detach it, or leave ${table} out of tables.`,
      { value: bounds },
    );
  });
}

/** A bound as the server writes it while its clock is UTC, for example `2026-11-01 00:00:00+00`. */
function boundMs(text: string | undefined): number | undefined {
  const ms = text === undefined ? NaN : Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  return Number.isNaN(ms) ? undefined : ms;
}

/** Columns that are written; generated ones make themselves. */
async function storedColumns(tx: TransactionSql, table: TimeTable): Promise<string> {
  const rows = await tx<{ name: string }[]>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`;
  return rows.map(({ name }) => `"${name}"`).join(', ');
}

/** `bars_p20261101`, or with its end where the range is no whole one. */
function partitionName(table: TimeTable, { fromMs, toMs }: PartitionRange): string {
  const compact = (ms: number) => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
  return `${table}_p${compact(fromMs)}_${compact(toMs)}`;
}

function instant(ms: number): string {
  return `timestamptz '${new Date(ms).toISOString()}'`;
}

function requireDuration(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new AdaptersError(
    'bad-option',
    `${option} "${value}" is not a whole number of at least ${least} milliseconds.`,
    {
      value,
    },
  );
}
