import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import { AdaptersError } from '../../errors.ts';
import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { barColumns, barTable, barToRow, rowToBar, type BarRow } from '../internal/bar-row.ts';
import { decodeCursor, encodeCursor } from '../internal/cursor.ts';
import { batches, inLockOrder, withoutRepeats } from '../internal/sql.ts';
import { transaction } from '../internal/transaction.ts';
import { elementsOf, upsertRows } from '../internal/unnest.ts';
import {
  badRecord,
  nonEmpty,
  requireList,
  requireObject,
  shownValue,
  someMs,
  wholeNumber,
} from '../internal/values.ts';
import type { WriteResult } from '../types.ts';

/** How {@link BarsRepository.upsertMany} stores its bars. */
export interface UpsertBarsOptions {
  /** Length of the bars in milliseconds; part of their key. */
  readonly intervalMs: number;
  /** Revision of each bar, by position; all 0 unless given. */
  readonly revisions?: readonly number[];
}

/** Which bars {@link BarsRepository.page} reads. */
export interface BarsPageQuery {
  readonly symbol: string;
  /** Only bars of this length; the instrument's unless given, else the shortest that is stored. */
  readonly intervalMs?: number;
  /** Only bars that start at or after this time. */
  readonly fromMs?: number;
  /** Only bars that start before this time. */
  readonly toMs?: number;
  /**
   * Most bars of the page, 1 to 1,000.
   * @defaultValue 200
   */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** What {@link BarsRepository.page} does unless told otherwise. */
export const barsPageDefaults = { limit: 200, maxLimit: 1000 } as const;

/** Some bars, oldest first. */
export interface BarsPage {
  readonly items: readonly FootprintJson[];
  /** Pass as `cursor` to read on; null on the last page. */
  readonly nextCursor: string | null;
}

/** How many bars are stored, and from when to when. */
export interface BarsSummary {
  readonly symbol: string;
  /** Length of the bars; null when none is known. */
  readonly intervalMs: number | null;
  readonly bars: number;
  /** Start of the first and of the last bar, epoch milliseconds; null before the first bar. */
  readonly firstBarMs: number | null;
  readonly lastBarMs: number | null;
}

/** A bar as it was before a later revision. */
export interface BarRevision {
  readonly revision: number;
  readonly bar: FootprintJson;
}

/** The table of footprint bars. */
export interface BarsRepository {
  /**
   * Stores bars by symbol, interval and start, all or none. A stored bar is replaced by an equal or later revision
   * (equal: a bar that is still forming, or the same again), never by an earlier one; what a later revision replaces is
   * kept for {@link BarsRepository.revisions}.
   */
  upsertMany(bars: readonly FootprintJson[], options: UpsertBarsOptions): Promise<WriteResult>;
  /**
   * Bars by pages: following `nextCursor` yields every bar that was there at the start exactly once, also while others
   * are written.
   * @throws `AdaptersError` `bad-cursor`, `bad-option`.
   */
  page(query: BarsPageQuery): Promise<BarsPage>;
  /** The newest `limit` bars (200 unless given), oldest first. */
  latest(query: Pick<BarsPageQuery, 'symbol' | 'intervalMs' | 'limit'>): Promise<readonly FootprintJson[]>;
  summary(symbol: string): Promise<BarsSummary>;
  /** A summary of every instrument, by symbol, in one query. */
  summaries(): Promise<readonly BarsSummary[]>;
  /** Earlier revisions of one bar, oldest first; empty when it never changed after its publication. */
  revisions(key: {
    readonly symbol: string;
    readonly intervalMs: number;
    readonly startMs: number;
  }): Promise<readonly BarRevision[]>;
}

export function createBarsRepository(sql: PostgresClient): BarsRepository {
  const time = (ms: number) => sql`(timestamptz 'epoch' + ${ms}::float8 * interval '1 millisecond')`;

  const intervalOf = async (symbol: string, asked: number | undefined): Promise<number | undefined> => {
    nonEmpty(symbol, 'symbol');
    if (asked !== undefined) return wholeNumber(asked, 'intervalMs', 1);
    const [row] = await sql<{ intervalMs: number | null }[]>`
      select coalesce(
        (select interval_ms from instruments where symbol = ${symbol}),
        (select min(interval_ms) from bars where symbol = ${symbol})) as "intervalMs"`;
    return row?.intervalMs ?? undefined;
  };

  return {
    upsertMany: (bars, options) =>
      attempt('storing bars', async () => {
        requireList(bars, 'bars');
        requireObject(options, 'options');
        const { intervalMs, revisions } = options;
        wholeNumber(intervalMs, 'intervalMs', 1);
        if (revisions !== undefined) requireList(revisions, 'revisions');
        if (revisions && revisions.length !== bars.length) {
          throw badRecord('revisions', revisions.length, `as long as the ${bars.length} bars`);
        }
        const rows = bars.map((bar, index) => barToRow(bar, intervalMs, revisions?.[index] ?? 0));
        if (rows.length === 0) return { written: 0, kept: 0 };
        const written = await transaction(sql, async (tx) => {
          let count = 0;
          const ordered = inLockOrder(rows, (row) => [row.symbol, row.start_ms]);
          for (const part of withoutRepeats(ordered, (row) => `${row.start_ms} ${row.symbol}`)) {
            for (const batch of batches(part)) {
              count += await upsertRows(
                tx,
                barTable,
                batch.map((row) => elementsOf(barTable, row)),
              );
            }
          }
          return count;
        });
        return { written, kept: rows.length - written };
      }),

    page: (query) =>
      attempt('reading bars', async () => {
        requireObject(query, 'query');
        const fromMs = query.fromMs === undefined ? undefined : someMs(query.fromMs, 'fromMs');
        const toMs = query.toMs === undefined ? undefined : someMs(query.toMs, 'toMs');
        const limit = limitOf(query.limit);
        const intervalMs = await intervalOf(query.symbol, query.intervalMs);
        const after =
          query.cursor === undefined ? undefined : decodeCursor(query.cursor, query.symbol, intervalMs ?? 0);
        if (intervalMs === undefined) return { items: [], nextCursor: null };
        const rows = await sql<BarRow[]>`
          select ${barColumns(sql)} from bars
          where symbol = ${query.symbol} and interval_ms = ${intervalMs}
            ${fromMs === undefined ? sql`` : sql`and start_time >= ${time(fromMs)}`}
            ${toMs === undefined ? sql`` : sql`and start_time < ${time(toMs)}`}
            ${after === undefined ? sql`` : sql`and start_time > ${time(after)}`}
          order by start_time limit ${limit + 1}`;
        const items = rows.slice(0, limit).map(rowToBar);
        const last = items.at(-1);
        return {
          items,
          nextCursor: last && rows.length > limit ? encodeCursor(query.symbol, intervalMs, last.t0) : null,
        };
      }),

    latest: (query) =>
      attempt('reading the latest bars', async () => {
        requireObject(query, 'query');
        const { symbol, intervalMs: asked, limit } = query;
        const most = limitOf(limit);
        const intervalMs = await intervalOf(symbol, asked);
        if (intervalMs === undefined) return [];
        const rows = await sql<BarRow[]>`
          select ${barColumns(sql)} from bars where symbol = ${symbol} and interval_ms = ${intervalMs}
          order by start_time desc limit ${most}`;
        return rows.map(rowToBar).reverse();
      }),

    summary: (symbol) =>
      attempt('summing up bars', async () => {
        const intervalMs = (await intervalOf(symbol, undefined)) ?? null;
        const [row] = await sql<Pick<BarsSummary, 'bars' | 'firstBarMs' | 'lastBarMs'>[]>`
          select count(*)::float8 as bars, (extract(epoch from min(start_time)) * 1000)::float8 as "firstBarMs",
            (extract(epoch from max(start_time)) * 1000)::float8 as "lastBarMs"
          from bars where symbol = ${symbol} and interval_ms = ${intervalMs}`;
        return { symbol, intervalMs, ...row! };
      }),

    summaries: () =>
      attempt('summing up bars', async () => {
        const rows = await sql<BarsSummary[]>`
          select i.symbol, i.interval_ms as "intervalMs", count(b.symbol)::float8 as bars,
            (extract(epoch from min(b.start_time)) * 1000)::float8 as "firstBarMs",
            (extract(epoch from max(b.start_time)) * 1000)::float8 as "lastBarMs"
          from instruments i left join bars b on b.symbol = i.symbol and b.interval_ms = i.interval_ms
          group by i.symbol, i.interval_ms order by i.symbol collate "C"`;
        return rows.map((row) => ({ ...row }));
      }),

    revisions: (key) =>
      attempt('reading revisions of a bar', async () => {
        requireObject(key, 'key');
        const symbol = nonEmpty(key.symbol, 'symbol');
        const intervalMs = wholeNumber(key.intervalMs, 'intervalMs', 1);
        const startMs = someMs(key.startMs, 'startMs');
        const rows = await sql<(BarRow & { revision: number })[]>`
          select revision, ${barColumns(sql)} from bar_revisions
          where symbol = ${symbol} and interval_ms = ${intervalMs} and start_time = ${time(startMs)} order by revision`;
        return rows.map((row) => ({ revision: row.revision, bar: rowToBar(row) }));
      }),
  };
}

function limitOf(limit: number = barsPageDefaults.limit): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= barsPageDefaults.maxLimit) return limit;
  throw new AdaptersError(
    'bad-option',
    `limit "${shownValue(limit)}" is not a page size. Pass 1 to ${barsPageDefaults.maxLimit}.`,
    { value: limit },
  );
}
