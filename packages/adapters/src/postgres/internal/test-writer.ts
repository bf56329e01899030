/** For tests: a process that writes quotes in one go. Arguments: address, and how many. */
import { connectPostgres } from '../client.ts';
import { createRepositories } from '../repositories.ts';
import { testQuotes } from './test-quotes.ts';

const [, , url = '', count = ''] = process.argv;
const sql = connectPostgres(url, { max: 1, statementTimeoutMs: 0, applicationName: 'writer' });
await createRepositories(sql).l1.insertMany(testQuotes(Number(count)));
await sql.end();
