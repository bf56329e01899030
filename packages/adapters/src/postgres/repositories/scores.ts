import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { badRecord, canonicalDecimal, jsonObject, nonEmpty, requireObject, wholeMs } from '../internal/values.ts';
import type { JsonObject } from '../types.ts';

/** What a score document must say to be found again; the rest of it is stored with it. */
export interface ScoreDocument {
  readonly symbol: string;
  /** Close of the last bar that went in, epoch milliseconds; null without bars. */
  readonly asOfMs: number | null;
  /** 0 to 100; null when nothing is known. */
  readonly score: number | null;
  readonly signal: string | null;
  /** Share of the total weight that was present, 0 to 1. */
  readonly coverage: number;
}

/** The table of explained scores. */
export interface ScoresRepository {
  /** Stores the whole document by symbol and `asOfMs`; the last one written stays. */
  upsert(score: ScoreDocument): Promise<void>;
  /** The document of the newest `asOfMs`; one without bars only while there is no other. */
  latest(symbol: string): Promise<(ScoreDocument & JsonObject) | undefined>;
}

export function createScoresRepository(sql: PostgresClient): ScoresRepository {
  return {
    upsert: (score) =>
      attempt('storing a score', async () => {
        requireObject(score, 'score');
        const symbol = nonEmpty(score.symbol, 'symbol');
        const signal = score.signal === null ? null : nonEmpty(score.signal, `signal of score ${symbol}`);
        const asOfMs = score.asOfMs === null ? null : wholeMs(score.asOfMs, `asOfMs of score ${symbol}`);
        const value = score.score === null ? null : ratio(score.score, `score of ${symbol}`);
        await sql`
          insert into scores as stored (symbol, as_of, score, signal, coverage, breakdown)
          values (${symbol}, coalesce(timestamptz 'epoch' + ${asOfMs}::float8 * interval '1 millisecond', '-infinity'),
            ${value}::text::numeric, ${signal}::text, ${ratio(score.coverage, `coverage of ${symbol}`)}::text::numeric,
            ${jsonObject(score, `score of ${symbol}`)}::text::jsonb)
          on conflict (symbol, as_of) do update set score = excluded.score, signal = excluded.signal,
            coverage = excluded.coverage, breakdown = excluded.breakdown, stored_at = now()
          where stored.breakdown is distinct from excluded.breakdown`;
      }),

    latest: (symbol) =>
      attempt('reading the latest score', async () => {
        const [row] = await sql<{ breakdown: ScoreDocument & JsonObject }[]>`
          select breakdown from scores where symbol = ${nonEmpty(symbol, 'symbol')} order by as_of desc limit 1`;
        return row?.breakdown;
      }),
  };
}

/** The shortest literal of a number; the server reads its exponent form exactly. */
function ratio(value: unknown, field: string): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badRecord(field, value, 'a finite number');
  const text = String(value);
  return text.includes('e') ? text : canonicalDecimal(text, field);
}
