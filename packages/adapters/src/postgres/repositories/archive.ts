import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { jsonObject, nonEmpty, requireObject, wholeMs } from '../internal/values.ts';
import type { JsonObject } from '../types.ts';

/** What one run of housecleaning reported. */
export interface ArchiveReportRecord {
  /** Unique; saving the same id again replaces the report. */
  readonly id: string;
  /** Epoch milliseconds UTC. */
  readonly finishedAtMs: number;
  readonly report: JsonObject;
}

/** An {@link ArchiveReportRecord} to save; its report may be any plain JSON object. */
export interface NewArchiveReport extends Omit<ArchiveReportRecord, 'report'> {
  readonly report: object;
}

/** The table of archive reports. */
export interface ArchiveRepository {
  save(record: NewArchiveReport): Promise<void>;
  /** The report of the run that finished last. */
  latest(): Promise<ArchiveReportRecord | undefined>;
}

export function createArchiveRepository(sql: PostgresClient): ArchiveRepository {
  return {
    save: (record) =>
      attempt('storing an archive report', async () => {
        requireObject(record, 'record');
        const id = nonEmpty(record.id, 'id');
        await sql`
          insert into archive_reports (id, finished_at, report)
          values (${id}, timestamptz 'epoch' + ${wholeMs(record.finishedAtMs, `finishedAtMs of report ${id}`)}::float8
            * interval '1 millisecond', ${jsonObject(record.report, `report ${id}`)}::text::jsonb)
          on conflict (id) do update set finished_at = excluded.finished_at, report = excluded.report`;
      }),

    latest: () =>
      attempt('reading the latest archive report', async () => {
        const [row] = await sql<ArchiveReportRecord[]>`
          select id, (extract(epoch from finished_at) * 1000)::float8 as "finishedAtMs", report
          from archive_reports order by finished_at desc, id desc limit 1`;
        return row && { ...row };
      }),
  };
}
