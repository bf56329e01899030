import type { TransactionSql } from 'postgres';
import type { PostgresClient } from '../client.ts';
import { isConnectionLoss } from './attempt.ts';

/**
 * A transaction: all of `work` or nothing. Where the connection is lost, so is the transaction, and the promise rejects.
 *
 * The client's own `begin` (3.4.9) then writes a rollback to the socket that it has let go of, in a callback where nobody can
 * catch what that throws (its issues 1154 and 1208): the process would end. So its `begin` never hears of such a failure,
 * and ends by the close of the connection.
 */
export async function transaction<Result>(
  sql: PostgresClient,
  work: (tx: TransactionSql) => Promise<Result>,
): Promise<Result> {
  let loss: { readonly error: unknown } | undefined;
  const guarded = async (tx: TransactionSql): Promise<Result> => {
    try {
      return await work(tx);
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      loss = { error };
      return new Promise<never>(() => undefined);
    }
  };
  try {
    return (await sql.begin(guarded)) as Result;
  } catch (error) {
    throw loss ? loss.error : error;
  }
}
