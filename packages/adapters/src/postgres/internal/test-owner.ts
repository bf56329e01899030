/** For tests: a process that owns an embedded server. Arguments: data folder, and `exit` to leave without stopping. */
import { startEmbeddedPostgres } from '../embedded.ts';

const [, , dataDir = '', then] = process.argv;
const server = await startEmbeddedPostgres({ dataDir, durable: false });
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
if (then !== 'exit') process.stdin.resume();
