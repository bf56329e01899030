/** For tests: what holds of every table, on whatever PostgreSQL it is. */
import { expect } from 'vitest';
import { createRepositories, type TableRepositories } from '../repositories.ts';
import type { PostgresClient } from '../client.ts';
import { accountTables } from '../tables/accounts.ts';
import { brokerTables } from '../tables/brokers.ts';
import { signalTables } from '../tables/signals.ts';
import { statementTables } from '../tables/statements.ts';
import { stockTables } from '../tables/stocks.ts';
import type { TableRepository } from '../repositories/table.ts';
import { columnOf, type TableDefinition } from './table-definition.ts';
import { properties } from './unnest.ts';

/** Every definition; tables that others refer to come first. */
export const allTables = {
  ...stockTables,
  ...brokerTables,
  ...statementTables,
  // Users before what belongs to them: `owner` and `userId` refer to them.
  ...accountTables,
  ...signalTables,
} as unknown as Record<keyof TableRepositories, TableDefinition<Record<string, unknown>>>;

/** Values that the rules of single columns want. */
const particular: Readonly<Record<string, unknown>> = {
  symbol: 'BBCA',
  parentSymbol: 'BBCA',
  owner: 'user-1',
  userId: 'user-1',
  alertId: 'id-1',
  id: 'id-1',
  code: 'YP',
  currency: 'IDR',
  fiscalYear: 2025,
  fiscalQuarter: 4,
  high: '12',
  low: '8.5',
  keyHash: 'ab'.repeat(32),
  tokenHash: 'cd'.repeat(32),
  passwordHash: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
  shownPrefix: 'tk_1234',
  sentiment: 'neutral',
  direction: 'up',
  role: 'admin',
  severity: 'info',
  outcome: 'success',
  status: 'completed',
  ownership: 'foreign',
  clientele: 'retail',
  shareholderType: 'insider',
  expiresAtMs: 1_723_075_300_000,
  finishedAtMs: 1_723_075_300_000,
  compositeScore: '61.25',
};

const byElement: Readonly<Record<string, unknown>> = {
  text: `it's "a" \\ {text}, NULL\n🕯`,
  numeric: '10',
  integer: 3,
  bigint: 9_007_199_254_740_991,
  float8: 1_723_075_200_123,
  date: '2026-02-28',
  boolean: true,
};

/** A record with a value in every column, or with null in all that may be unknown. */
export function sampleRecord(name: keyof TableRepositories, unknowns = false): Record<string, unknown> {
  const definition = allTables[name];
  const entries = properties(definition).map((property) => {
    const column = columnOf(definition, property);
    if (unknowns && column.nullAs !== undefined) return [property, null];
    if (name === 'users' && property === 'id') return [property, 'user-1'];
    if (property === 'code' || property in particular) return [property, particular[property]];
    if (/fraction|coverage|confidence|weight/i.test(property)) return [property, '0.5'];
    if (column.element === 'jsonb') return [property, listOf(name, property) ?? { a: [1, 'x', null] }];
    return [property, byElement[column.element]];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function listOf(table: string, property: string): string[] | undefined {
  const lists = ['keywords', 'scopes', 'command', 'output'];
  return lists.includes(property) ? ['a "quoted" text', `of ${table}`, 'NULL'] : undefined;
}

/** Writes, reads, replaces and reads again, in every table. Give it an empty, migrated database. */
export async function exerciseTables(sql: PostgresClient): Promise<void> {
  const repositories = createRepositories(sql);
  for (const name of Object.keys(allTables) as (keyof TableRepositories)[]) {
    const table = repositories[name] as unknown as TableRepository<Record<string, unknown>>;
    const full = sampleRecord(name);
    // A correction of the table before it has left its trace here.
    if (name === 'stockPriceRevisions') await table.remove({ symbol: 'BBCA' });
    expect([name, await table.upsertMany([full])]).toEqual([name, { written: 1, kept: 0 }]);
    expect([name, await table.upsertMany([full, full])]).toEqual([name, { written: 0, kept: 2 }]);
    expect([name, (await table.page()).items]).toEqual([name, [full]]);

    const bare = sampleRecord(name, true);
    const { key, appendOnly } = allTables[name];
    const sameKey = key.every((property) => bare[property] === full[property]);
    const changes = JSON.stringify(bare) !== JSON.stringify(full) && !appendOnly;
    await table.upsertMany([bare]);
    expect([name, await table.upsertMany([bare])]).toEqual([name, { written: 0, kept: 1 }]);
    const expected = sameKey ? [changes ? bare : full] : [bare, full];
    expect([name, (await table.page()).items]).toEqual([name, expected]);
    if (name === 'users' || name === 'stocks') await table.upsertMany([full]);
  }
}
