/** Whether the tape is alive, told by the age of the newest record, flush and report: not by whether a worker answers. */
import { describeError, jsonReply } from '../shared/http.ts';
import { readIngestSettings, type IngestEnv } from './settings.ts';

/** Freshness of one symbol. */
export interface TapeHealth {
  readonly symbol: string;
  /** Since the newest record came, ms; `null` before the first. */
  readonly recordAgeMs: number | null;
  /** Records that are not in R2 yet. */
  readonly pendingRecords: number | null;
}

/** The reply of `/health`; status 503 when degraded. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  /** What is wrong, for people; empty when ok. */
  readonly problems: readonly string[];
  readonly tapes: readonly TapeHealth[];
  readonly housecleaning: { readonly outcome: string; readonly reportAgeMs: number | null };
}

/** The cron job runs every hour; a report older than this is two runs late. */
const maxReportAgeMs = 3 * 3_600_000;

/** Asks every tape and the last report. */
export async function checkHealth(env: IngestEnv): Promise<Response> {
  const problems: string[] = [];
  const settings = readIngestSettings(env);
  const tapes = await Promise.all(
    [...settings.instruments.keys()].map(async (symbol): Promise<TapeHealth> => {
      try {
        const tape = env.TAPE_OBJECT.get(env.TAPE_OBJECT.idFromName(symbol));
        const { lastReceivedMs, pendingRecords, flushFailures } = await tape.status(symbol);
        const nowMs = Date.now() + settings.receiveShiftMs;
        const recordAgeMs = lastReceivedMs === null ? null : Math.max(0, nowMs - lastReceivedMs);
        if (recordAgeMs === null) problems.push(`${symbol} has no record yet.`);
        else if (recordAgeMs > settings.staleAfterMs) problems.push(`${symbol} is silent for ${recordAgeMs} ms.`);
        if (flushFailures > 0) problems.push(`${symbol} failed to flush ${flushFailures} time(s) in a row.`);
        return { symbol, recordAgeMs, pendingRecords };
      } catch (error) {
        console.error(JSON.stringify({ event: 'health-failed', symbol, error: describeError(error) }));
        problems.push(`${symbol} does not answer.`);
        return { symbol, recordAgeMs: null, pendingRecords: null };
      }
    }),
  );
  const housecleaning = await lastReport(env, problems);
  const health: Health = { status: problems.length === 0 ? 'ok' : 'degraded', problems, tapes, housecleaning };
  return jsonReply(health, problems.length === 0 ? 200 : 503);
}

async function lastReport(env: IngestEnv, problems: string[]): Promise<Health['housecleaning']> {
  try {
    const reply = await env.HOUSECLEANING.fetch('https://housecleaning/report');
    if (reply.status === 404) {
      problems.push('Housecleaning has never run.');
      return { outcome: 'never-run', reportAgeMs: null };
    }
    const { run } = await reply.json<{ run: { outcome: string; finishedAtMs: number } }>();
    const reportAgeMs = Math.max(0, Date.now() - run.finishedAtMs);
    if (run.outcome !== 'ok') problems.push(`Housecleaning ended "${run.outcome}"; read the report.`);
    if (reportAgeMs > maxReportAgeMs) problems.push(`Housecleaning last ran ${reportAgeMs} ms ago.`);
    return { outcome: run.outcome, reportAgeMs };
  } catch (error) {
    console.error(JSON.stringify({ event: 'health-failed', part: 'housecleaning', error: describeError(error) }));
    problems.push('Housecleaning does not answer.');
    return { outcome: 'unknown', reportAgeMs: null };
  }
}
