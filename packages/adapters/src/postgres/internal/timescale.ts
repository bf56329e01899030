/** Policies of a hypertable: Timescale's own jobs compress and drop its chunks. */
import type { TransactionSql } from 'postgres';
import { AdaptersError } from '../../errors.ts';

/** What the jobs of one hypertable do; times in milliseconds. */
export interface HypertablePolicies {
  readonly compressAfterMs: number;
  readonly keepMs?: number;
}

/**
 * Sets the policies of a hypertable, in place of those that it has.
 * @throws {@link AdaptersError} `database-refused` when the table is neither partitioned nor a hypertable.
 */
export async function maintainHypertable(
  tx: TransactionSql,
  table: string,
  { compressAfterMs, keepMs }: HypertablePolicies,
): Promise<void> {
  const [extension] = await tx`select from pg_extension where extname = 'timescaledb'`;
  if (!extension) {
    throw new AdaptersError(
      'database-refused',
      `${table} is a plain table: it is not partitioned and Timescale is not installed here. Run migrate(sql) on this database first.`,
      { value: table },
    );
  }
  await tx`select remove_compression_policy(${table}::regclass, if_exists => true)`;
  await tx`select add_compression_policy(${table}::regclass, compress_after => ${milliseconds(compressAfterMs)}::interval)`;
  await tx`select remove_retention_policy(${table}::regclass, if_exists => true)`;
  if (keepMs === undefined) return;
  await tx`select add_retention_policy(${table}::regclass, drop_after => ${milliseconds(keepMs)}::interval)`;
}

function milliseconds(ms: number): string {
  return `${ms} milliseconds`;
}
