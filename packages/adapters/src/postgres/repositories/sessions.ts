import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { jsonObject, nonEmpty, requireObject, wholeMs } from '../internal/values.ts';
import type { JsonObject } from '../types.ts';

/** One replayed or recorded session of one symbol. */
export interface SessionRecord {
  /** Unique; saving the same id again replaces the session. */
  readonly id: string;
  readonly symbol: string;
  /** Epoch milliseconds UTC. */
  readonly startedAtMs: number;
  /** Epoch milliseconds UTC; null while it runs. */
  readonly finishedAtMs: number | null;
  /** How it ended or where it stands, for example `running`, `done`, `failed`. */
  readonly outcome: string;
  /** What was read: files, format, options. */
  readonly input: JsonObject;
  /** The `Metrics` document of the API; null before it is known. */
  readonly metrics: JsonObject | null;
}

/** A {@link SessionRecord} to save; its documents may be any plain JSON objects. */
export interface NewSession extends Omit<SessionRecord, 'input' | 'metrics'> {
  readonly input: object;
  readonly metrics: object | null;
}

/** The table of sessions. */
export interface SessionsRepository {
  save(session: NewSession): Promise<void>;
  /** The session of a symbol that started last; with `withMetrics`, the last one whose metrics are known. */
  latest(symbol: string, options?: { readonly withMetrics?: boolean }): Promise<SessionRecord | undefined>;
}

export function createSessionsRepository(sql: PostgresClient): SessionsRepository {
  const time = (ms: number | null) => sql`(timestamptz 'epoch' + ${ms}::float8 * interval '1 millisecond')`;
  return {
    save: (session) =>
      attempt('storing a session', async () => {
        requireObject(session, 'session');
        const id = nonEmpty(session.id, 'id');
        const where = `of session ${id}`;
        const finished = session.finishedAtMs === null ? null : wholeMs(session.finishedAtMs, `finishedAtMs ${where}`);
        const metrics = session.metrics === null ? null : jsonObject(session.metrics, `metrics ${where}`);
        await sql`
          insert into sessions (id, symbol, started_at, finished_at, outcome, input, metrics)
          values (${id}, ${nonEmpty(session.symbol, `symbol ${where}`)},
            ${time(wholeMs(session.startedAtMs, `startedAtMs ${where}`))}, ${time(finished)},
            ${nonEmpty(session.outcome, `outcome ${where}`)}, ${jsonObject(session.input, `input ${where}`)}::text::jsonb,
            ${metrics}::text::jsonb)
          on conflict (id) do update set symbol = excluded.symbol, started_at = excluded.started_at,
            finished_at = excluded.finished_at, outcome = excluded.outcome, input = excluded.input,
            metrics = excluded.metrics`;
      }),

    latest: (symbol, options) =>
      attempt('reading the latest session', async () => {
        const withMetrics = options?.withMetrics ?? false;
        const [row] = await sql<SessionRecord[]>`
          select id, symbol, (extract(epoch from started_at) * 1000)::float8 as "startedAtMs",
            (extract(epoch from finished_at) * 1000)::float8 as "finishedAtMs", outcome, input, metrics
          from sessions where symbol = ${nonEmpty(symbol, 'symbol')} ${withMetrics ? sql`and metrics is not null` : sql``}
          order by started_at desc, id desc limit 1`;
        return row && { ...row };
      }),
  };
}
