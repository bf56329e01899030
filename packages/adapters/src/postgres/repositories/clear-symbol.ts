import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { transaction } from '../internal/transaction.ts';
import { nonEmpty } from '../internal/values.ts';

/** Deletes what was derived from a tape of this symbol, all or nothing; see `Repositories.clearSymbol`. */
export function clearSymbol(sql: PostgresClient, symbol: string): Promise<void> {
  return attempt('clearing a symbol', async () => {
    const name = nonEmpty(symbol, 'symbol');
    await transaction(sql, async (tx) => {
      await tx`delete from bar_revisions where symbol = ${name}`;
      await tx`delete from bars where symbol = ${name}`;
      await tx`delete from orderbook_l1 where symbol = ${name}`;
      await tx`delete from orderflow_metrics where symbol = ${name}`;
      await tx`delete from scores where symbol = ${name}`;
    });
  });
}
