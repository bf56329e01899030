import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import { AdaptersError } from '../../errors.ts';
import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { barColumns, barToRow, rowToBar, type BarRow, type NewBarRow } from '../internal/bar-row.ts';
import { decodeCursor, encodeCursor } from '../internal/cursor.ts';
import { batches, inLockOrder, withoutRepeats } from '../internal/sql.ts';
import { badRecord, wholeNumber } from '../internal/values.ts';
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
    if (asked !== undefined) return asked;
    const [row] = await sql<{ intervalMs: number | null }[]>`
      select coalesce(
        (select interval_ms from instruments where symbol = ${symbol}),
        (select min(interval_ms) from bars where symbol = ${symbol})) as "intervalMs"`;
    return row?.intervalMs ?? undefined;
  };

  return {
    upsertMany: (bars, { intervalMs, revisions }) =>
      attempt('storing bars', async () => {
        wholeNumber(intervalMs, 'intervalMs', 1);
        if (revisions && revisions.length !== bars.length) {
          throw badRecord('revisions', revisions.length, `as long as the ${bars.length} bars`);
        }
        const rows = bars.map((bar, index) => barToRow(bar, intervalMs, revisions?.[index] ?? 0));
        if (rows.length === 0) return { written: 0, kept: 0 };
        const written = await sql.begin(async (tx) => {
          let count = 0;
          const ordered = inLockOrder(rows, (row) => [row.symbol, row.start_ms]);
          for (const part of withoutRepeats(ordered, (row) => `${row.start_ms} ${row.symbol}`)) {
            for (const batch of batches(part)) count += (await tx`${upsert(batch)}`).count;
          }
          return count;
        });
        return { written, kept: rows.length - written };
      }),

    page: (query) =>
      attempt('reading bars', async () => {
        const limit = limitOf(query.limit);
        const intervalMs = await intervalOf(query.symbol, query.intervalMs);
        const after =
          query.cursor === undefined ? undefined : decodeCursor(query.cursor, query.symbol, intervalMs ?? 0);
        if (intervalMs === undefined) return { items: [], nextCursor: null };
        const rows = await sql<BarRow[]>`
          select ${barColumns(sql)} from bars
          where symbol = ${query.symbol} and interval_ms = ${intervalMs}
            ${query.fromMs === undefined ? sql`` : sql`and start_time >= ${time(query.fromMs)}`}
            ${query.toMs === undefined ? sql`` : sql`and start_time < ${time(query.toMs)}`}
            ${after === undefined ? sql`` : sql`and start_time > ${time(after)}`}
          order by start_time limit ${limit + 1}`;
        const items = rows.slice(0, limit).map(rowToBar);
        const last = items.at(-1);
        return {
          items,
          nextCursor: last && rows.length > limit ? encodeCursor(query.symbol, intervalMs, last.t0) : null,
        };
      }),

    latest: ({ symbol, intervalMs: asked, limit }) =>
      attempt('reading the latest bars', async () => {
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

    revisions: ({ symbol, intervalMs, startMs }) =>
      attempt('reading revisions of a bar', async () => {
        const rows = await sql<(BarRow & { revision: number })[]>`
          select revision, ${barColumns(sql)} from bar_revisions
          where symbol = ${symbol} and interval_ms = ${intervalMs} and start_time = ${time(startMs)} order by revision`;
        return rows.map((row) => ({ revision: row.revision, bar: rowToBar(row) }));
      }),
  };

  function upsert(batch: readonly NewBarRow[]) {
    return sql`
      insert into bars as stored (symbol, interval_ms, start_time, end_time, revision, open, high, low, close, volume,
        buy, sell, unknown, delta, min_delta, max_delta, trades, vwap, poc, vah, val, footprint)
      select symbol, interval_ms, timestamptz 'epoch' + start_ms * interval '1 millisecond',
        timestamptz 'epoch' + end_ms * interval '1 millisecond', revision, open, high, low, close, volume,
        buy, sell, unknown, delta, min_delta, max_delta, trades, vwap, poc, vah, val, footprint
      from json_to_recordset(${JSON.stringify(batch)}::text::json) as new (symbol text, interval_ms int, start_ms float8,
        end_ms float8, revision int, open numeric, high numeric, low numeric, close numeric, volume numeric, buy numeric,
        sell numeric, unknown numeric, delta numeric, min_delta numeric, max_delta numeric, trades bigint, vwap numeric,
        poc numeric, vah numeric, val numeric, footprint jsonb)
      on conflict (symbol, interval_ms, start_time) do update set end_time = excluded.end_time,
        revision = excluded.revision, open = excluded.open, high = excluded.high, low = excluded.low,
        close = excluded.close, volume = excluded.volume, buy = excluded.buy, sell = excluded.sell,
        unknown = excluded.unknown, delta = excluded.delta, min_delta = excluded.min_delta,
        max_delta = excluded.max_delta, trades = excluded.trades, vwap = excluded.vwap, poc = excluded.poc,
        vah = excluded.vah, val = excluded.val, footprint = excluded.footprint, stored_at = now()
      where excluded.revision > stored.revision or (excluded.revision = stored.revision and
        (excluded.end_time, excluded.open, excluded.high, excluded.low, excluded.close, excluded.buy, excluded.sell,
          excluded.unknown, excluded.min_delta, excluded.max_delta, excluded.trades, excluded.vwap, excluded.poc,
          excluded.vah, excluded.val, excluded.footprint)
        is distinct from (stored.end_time, stored.open, stored.high, stored.low, stored.close, stored.buy, stored.sell,
          stored.unknown, stored.min_delta, stored.max_delta, stored.trades, stored.vwap, stored.poc, stored.vah,
          stored.val, stored.footprint))`;
  }
}

function limitOf(limit: number = barsPageDefaults.limit): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= barsPageDefaults.maxLimit) return limit;
  throw new AdaptersError(
    'bad-option',
    `limit "${limit}" is not a page size. Pass 1 to ${barsPageDefaults.maxLimit}.`,
    { value: limit },
  );
}
