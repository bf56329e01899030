import { createHash } from 'node:crypto';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { archiveKey, clockKey, manifestPrefix, parseRawKey, rawPrefix } from '@tapekit/housecleaning/keys';
import type { SanityReport } from '@tapekit/housecleaning/housecleaning';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, type ExitCode } from './housecleaning-cli.ts';
import { createStopping } from './internal/cli/stopping.ts';
import { withFileLock } from './internal/file-lock.ts';
import { createFsStore } from './stores/fs.ts';

let folder = '';
let stores = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'housecleaning-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const date = '2024-08-08';
const lineOf = (symbol: string, i: number): string => `{"symbol":"${symbol}","T":${i},"p":"10.${i % 10}"}`;

/** A store with a raw day of each symbol: three lines in two objects. */
async function storeOf(...symbols: readonly string[]): Promise<string> {
  const root = join(folder, `store-${(stores += 1)}`);
  await mkdir(root);
  const store = createFsStore({ root });
  for (const symbol of symbols) {
    const tape = createTapeWriter({ store, symbol });
    for (const seq of [0, 1]) await tape.append({ date, seq, line: lineOf(symbol, seq) });
    await tape.flush();
    await tape.append({ date, seq: 2, line: lineOf(symbol, 2) });
    await tape.flush();
  }
  return root;
}

interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

async function cli(argv: readonly string[], env: Readonly<Record<string, string>> = {}, isTty = false): Promise<Ended> {
  let [out, err] = ['', ''];
  const code = await runCli(argv, {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    ...{ isTty, env, nowMs: Date.now },
  });
  return { code, out, err };
}

/** Every entry of a folder with its size and times. */
async function treeOf(root: string): Promise<readonly string[]> {
  const names = (await readdir(root, { recursive: true })).sort();
  const times = await Promise.all(names.map((name) => stat(join(root, name), { bigint: true })));
  return names.map((name, i) => `${name} ${times[i]!.size} ${times[i]!.mtimeNs} ${times[i]!.ctimeNs}`);
}

/** Ties the card of an object to its file as it is now: times of a test's writes have no nanoseconds. */
async function bindCard(root: string, key: string): Promise<void> {
  const { ino, mtimeNs, size } = await stat(join(root, key), { bigint: true });
  for (const place of ['0', '1']) {
    const path = join(root, '.tapekit-meta', 'meta', place, key);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const identity = {
      ino: String(ino),
      mtimeNs: String(mtimeNs),
      size: Number(size),
      mtimeMs: Number(mtimeNs / 1_000_000n),
    };
    await writeFile(path, JSON.stringify({ ...(JSON.parse(text) as object), identity }));
  }
}

/** What every run says: which store, and that a demonstration need not wait a day. */
const run = (root: string): readonly string[] => [
  ...['run', '--store', root, '--env', 'test', '--approve', 'first-run'],
  ...['--min-age', 'PT0S', '--immediate'],
];
const keysOf = async (root: string, prefix: string): Promise<readonly string[]> =>
  (await createFsStore({ root }).list({ prefix })).objects.map(({ key }) => key);

describe('a wrong command line', () => {
  test.each([
    [[], 'No command. Name one of plan, run,'],
    [['clean'], 'Command "clean" is unknown.'],
    [['run', '--fast'], "Unknown option '--fast'"],
    [['read', '--sample', '5', 'A/2024-08-08'], 'Option --sample is none of "read". It takes --store'],
    [['read'], 'Command "read" was given 0 cells, expected 1'],
    [['read', 'BTCUSDT'], 'Cell "BTCUSDT" is none. Write SYMBOL/DATE'],
    [['read', 'BTCUSDT/2024-02-30'], 'Cell "BTCUSDT/2024-02-30" is none.'],
    [['report'], 'No store. Name it with --store or TAPEKIT_STORE.'],
    [['report', '--store', '/no/such/folder'], 'Store "/no/such/folder" is no folder.'],
    [['report', '--store', 'https://x.example'], 'Store "https:" is unknown'],
    [['report', '--store', 's3://a'], 'Store "s3://a" names no bucket'],
    [['report', '--store', 's3://tape'], '--endpoint or AWS_ENDPOINT_URL is not set'],
    [['run', '--store', '.'], 'No environment. Say with --env'],
    [['run', '--store', '.', '--env', 'test', '--min-age', '1d'], 'minAge is "1d", expected an ISO-8601 duration'],
    [['run', '--store', '.', '--env', 'test', '--min-age', 'PT0S'], 'minAgeMs'],
    [['run', '--store', '.', '--env', 'test', '--max-deletes', '-1'], "Option '--max-deletes' argument is ambiguous"],
    [['run', '--store', '.', '--env', 'test', '--max-deletes', '0'], '--max-deletes is "0", expected a whole number'],
    [['run', '--store', '.', '--env', 'test', '--writers', 'all'], '--writers is "all"'],
    [['run', '--store', '.', '--env', 'test', '--config', '/no/file'], 'File "/no/file" cannot be read'],
    [['verify', '--archive', 'a.gz'], '--archive and --manifest belong together.'],
    [['prune', '--store', '.'], 'Say either --to FILE'],
    [['resolve', '--store', '.', 'A/2024-08-08'], 'Say either --accept-live'],
  ])('%j ends with 2 and says what was expected', async (argv, message) => {
    const { code, out, err } = await cli(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain('See tapekit-housecleaning --help.');
  });

  test('is a JSON document on standard output with --json', async () => {
    const { code, out } = await cli(['read', '--json']);
    expect([code, JSON.parse(out)]).toEqual([
      2,
      { error: { code: null, message: 'Command "read" was given 0 cells, expected 1 (SYMBOL/DATE).' } },
    ]);
  });

  test('is not --help', async () => {
    const { code, out } = await cli(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('Usage: tapekit-housecleaning COMMAND');
  });

  test('in the configuration is named by its field', async () => {
    const file = join(folder, 'wrong.json');
    const root = await storeOf();
    for (const [config, message] of [
      ['{', 'wrong.json is no JSON'],
      ['{"minage":"PT1H"}', 'wrong.json: the document: Unrecognized key: "minage".'],
      ['{"safety":{"day":{"tz":"UTC","dayStart":"00:00"},"roster":[]}}', 'wrong.json: safety.roster'],
    ] as const) {
      await writeFile(file, config);
      const { code, err } = await cli(['run', '--store', root, '--env', 'test', '--config', file]);
      expect([code, err.includes(message)]).toEqual([2, true]);
    }
  });
});

describe('plan and run', () => {
  test('archive, prove and prune; the second run finds nothing to do', async () => {
    const root = await storeOf('ALPHA', 'BETA');
    const first = await cli([...run(root), '--json']);
    expect(first.code).toBe(0);
    const report = JSON.parse(first.out) as SanityReport;
    expect(
      report.cells.map(({ symbol, state, lines, deletedSources }) => [symbol, state, lines, deletedSources]),
    ).toEqual([
      ['ALPHA', 'archived', 3, 2],
      ['BETA', 'archived', 3, 2],
    ]);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
    expect(first.err).toContain(`2/2 BETA/${date} archived`);

    const second = await cli(run(root));
    expect([second.code, second.out]).toEqual([0, expect.stringContaining('Outcome: ok') as string]);
    const told = await cli(['report', '--store', root]);
    expect([told.code, told.out]).toEqual([0, expect.stringContaining('hours old') as string]);
  });

  test('a store that was never cleaned needs consent', async () => {
    const root = await storeOf('ALPHA');
    const { code } = await cli(['run', '--store', root, '--env', 'test']);
    expect(code).toBe(3);
    expect(await keysOf(root, 'raw_tns_compressed/ALPHA')).toEqual([]);
  });

  test('a plan is done as it was, or not at all', async () => {
    const root = await storeOf('ALPHA');
    const limits = ['--store', root, '--env', 'test', '--min-age', 'PT0S', '--immediate'];
    const { hash } = JSON.parse((await cli(['plan', ...limits, '--json'])).out) as { hash: string };
    expect(await keysOf(root, 'raw_tns_compressed/')).toEqual([]);
    await createTapeWriterLine(root, 'ALPHA', 3);
    const refused = await cli(['run', ...limits, '--plan', hash]);
    expect([refused.code, await keysOf(root, 'raw_tns_compressed/ALPHA')]).toEqual([3, []]);

    const again = JSON.parse((await cli(['plan', ...limits, '--json'])).out) as { hash: string };
    expect(again.hash).not.toBe(hash);
    expect((await cli(['run', ...limits, '--plan', again.hash])).code).toBe(0);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
  });

  test('threads make the same archives and the same report', async () => {
    const symbols = ['ALPHA', 'BETA', 'GAMMA', 'DELTA'];
    const [one, many] = [await storeOf(...symbols), await storeOf(...symbols)];
    const alone = JSON.parse((await cli([...run(one), '--json', '--bucket-id', 'b'])).out) as SanityReport;
    const spread = await cli([...run(many), '--json', '--bucket-id', 'b', '--threads', '3']);
    const report = JSON.parse(spread.out) as SanityReport;
    expect(spread.code).toBe(0);
    const cellsOf = ({ cells }: SanityReport): unknown =>
      cells
        .map(({ symbol, state, lines, sha256, deletedSources }) => [symbol, state, lines, sha256, deletedSources])
        .sort();
    expect(cellsOf(report)).toEqual(cellsOf(alone));
    expect(report.totals.deletedSources).toBe(8);
    expect(await keysOf(many, rawPrefix)).toEqual([]);
    expect(spread.err.split('\n').filter((line) => line.includes('archived'))).toHaveLength(4);
  });

  test('a terminal gets one line that is rewritten, and --quiet none', async () => {
    const shown = await cli(run(await storeOf('ALPHA')), {}, true);
    expect(shown.err).toContain('█');
    expect(shown.err).not.toContain('\n');
    expect(shown.err.endsWith('\r\u001B[2K')).toBe(true);
    expect((await cli([...run(await storeOf('ALPHA')), '--quiet'])).err).toBe('');
  });
});

describe('a store that cannot be reached', () => {
  test('is named with its cause, as text and as JSON', { timeout: 60_000 }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const argv = ['run', '--store', 's3://tapekit', '--env', 'test'];
    const told = await cli(argv, env);
    expect(told.code).toBe(1);
    expect(told.err).toContain('The run ended "failed". GET "housecleaning/v1/env.json" got no answer');
    expect(told.err).toContain('ECONNREFUSED');
    const { code, out } = await cli([...argv, '--json'], env);
    const document = JSON.parse(out) as { error: { code: string; message: string }; report: SanityReport };
    expect([code, document.error.code, document.report.run.outcome]).toEqual([1, 'report-not-written', 'failed']);
    expect(document.error.message).toContain('ECONNREFUSED');
  });
});

describe('plan, verify and read', () => {
  test('write nothing, not even folders of their own', async () => {
    const raw = await storeOf('ALPHA');
    await rm(join(raw, '.tapekit-meta'), { recursive: true });
    const plan = ['plan', '--env', 'test', '--min-age', 'PT0S', '--immediate'];
    const archived = await storeOf('ALPHA');
    await cli(run(archived));
    for (const [root, commands] of [
      [raw, [plan, ['read', `ALPHA/${date}`], ['verify'], ['explain', `ALPHA/${date}`, '--env', 'test']]],
      [archived, [plan, ['read', `ALPHA/${date}`], ['verify'], ['report']]],
    ] as const) {
      const before = await treeOf(root);
      for (const command of commands) {
        const { code, err } = await cli([...command, '--store', root, '--quiet']);
        expect([command[0], code, err]).toEqual([command[0], 0, '']);
        expect(await treeOf(root)).toEqual(before);
      }
    }
  });
});

describe('the program', () => {
  const program = fileURLToPath(new URL('bin/tapekit-housecleaning.ts', import.meta.url));
  const start = (argv: readonly string[]): ChildProcessByStdio<null, Readable, Readable> =>
    spawn(process.execPath, ['--conditions=source', program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });

  test('stops at the next step when it is interrupted, and has written its report', async () => {
    const root = await storeOf(...Array.from({ length: 40 }, (_, i) => `S${i}`));
    const child = start(run(root));
    child.stderr.once('data', () => child.kill('SIGINT'));
    const [code] = (await once(child, 'exit')) as [number | null];
    const { code: told, out } = await cli(['report', '--store', root]);
    expect([code, told, out.includes('Stopped by SIGINT.')]).toEqual([5, 5, true]);
    expect((await cli(run(root))).code).toBe(0);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
  });

  test(
    'ends on a signal while a process that was stopped holds a lock, and says which',
    { timeout: 60_000 },
    async () => {
      const root = await storeOf('ALPHA');
      const locks = join(root, '.tapekit-meta', 'lock');
      // A lock that this living process never lets go of: the first put of a run wants it.
      const name = createHash('sha256').update(clockKey).digest('hex').slice(0, 32);
      let release = (): void => undefined;
      const released = new Promise<void>((done) => (release = done));
      let held: Promise<void> | undefined;
      await new Promise<void>((entered) => {
        held = withFileLock(locks, name, () => {
          entered();
          return released;
        });
      });
      const { signal, stop } = createStopping({
        stderr: () => undefined,
        exit: () => undefined,
        later: () => undefined,
      });
      const running = runCli(run(root), {
        ...{ stdout: () => undefined, stderr: () => undefined, isTty: false, env: {}, nowMs: Date.now, signal },
      });
      stop('SIGTERM');
      expect(await running).toBe(1);
      release();
      await held;
      expect((await cli(['report', '--store', root])).out).toContain('Outcome: failed. Stopped by SIGTERM.');
    },
  );

  test('ends without a report where a request does not hear the signal, once and after a stated time', () => {
    const told: string[] = [];
    const ended: number[] = [];
    const asked: number[] = [];
    const { signal, stop } = createStopping({
      stderr: (text) => void told.push(text),
      exit: (code) => void ended.push(code),
      later: (work, ms) => {
        asked.push(ms);
        work();
      },
    });
    stop('SIGTERM');
    stop('SIGINT');
    expect([asked, ended, (signal.reason as Error).message]).toEqual([[20_000], [5], 'Stopped by SIGTERM.']);
    expect(told.join('')).toContain('did not end within 20 seconds: ended without a report.');
  });

  test('is content when its reader has seen enough', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const child = start(['read', `ALPHA/${date}`, '--store', root]);
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('an archive', () => {
  test('is verified, read and restored', async () => {
    const root = await storeOf('ALPHA', 'BETA');
    const raw = await keysOf(root, `${rawPrefix}ALPHA/`);
    await cli(run(root));
    const verified = await cli(['verify', '--store', root]);
    expect([verified.code, verified.out]).toEqual([
      0,
      `ALPHA/${date}  proven, 2 objects, 3 records\nBETA/${date}  proven, 2 objects, 3 records\n2 of 2 archives are proven.\n`,
    ]);
    const sampled = await cli(['verify', '--store', root, '--sample', '0.01']);
    expect([sampled.code, sampled.out.split('\n').at(-2)]).toEqual([0, '1 of 1 archives are proven.']);
    const read = await cli(['read', `ALPHA/${date}`, '--store', root]);
    expect(read.out).toBe([0, 1, 2].map((i) => `${lineOf('ALPHA', i)}\n`).join(''));
    const check = await cli(['restore', `ALPHA/${date}`, '--store', root, '--check', '--json']);
    expect([check.code, JSON.parse(check.out)]).toEqual([
      0,
      { restored: 2, present: 0, differs: 0, superseded: 0, differing: [] },
    ]);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
    expect((await cli(['restore', `ALPHA/${date}`, '--store', root])).code).toBe(0);
    expect(await keysOf(root, rawPrefix)).toEqual(raw);
    expect(raw.every((key) => parseRawKey(key))).toBe(true);
    const drill = await cli(['restore', `BETA/${date}`, '--store', root, '--to', 'drill/']);
    expect([drill.code, (await keysOf(root, 'drill/')).length]).toEqual([0, 2]);
  });

  test('is proven offline from two files', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const archive = join(root, archiveKey({ symbol: 'ALPHA', date }));
    const manifests = join(root, manifestPrefix, 'ALPHA', date);
    const manifest = join(manifests, (await readdir(manifests))[0]!);
    const proven = await cli(['verify', '--archive', archive, '--manifest', manifest]);
    expect([proven.code, proven.out]).toEqual([0, `${archive}  proven, 2 objects, 3 records\n`]);

    const damaged = join(folder, 'damaged.gz');
    const bytes = await readFile(archive);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(damaged, bytes);
    const refused = await cli(['verify', '--archive', damaged, '--manifest', manifest]);
    expect([refused.code, refused.out.includes('NOT PROVEN')]).toEqual([4, true]);
  });

  test('that is damaged is not proven, is explained, and can be put right from its stage', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const path = join(root, archiveKey({ symbol: 'ALPHA', date }));
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    expect((await cli(['verify', '--store', root])).code).toBe(4);
    const cell = `ALPHA/${date}`;
    const explained = await cli(['explain', cell, '--store', root, '--env', 'test']);
    expect(explained.out).toContain(`${cell} is `);
    expect(explained.out).toContain('Next: ');
  });

  test('that is damaged in place and healed is told, with what was replaced by what', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const path = join(root, archiveKey({ symbol: 'ALPHA', date }));
    // Rot keeps the times of a file.
    const { atimeNs, mtimeNs } = await stat(path, { bigint: true });
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    await utimes(path, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9);
    await bindCard(root, archiveKey({ symbol: 'ALPHA', date }));
    const healed = await cli([...run(root), `ALPHA/${date}`]);
    expect([healed.code, healed.out]).toEqual([
      0,
      expect.stringMatching(
        /! Healed: the archive \(etag [0-9a-f]{64}, [\d,]+ bytes\) was replaced from "housecleaning\/v1\/stage\//,
      ) as string,
    ]);
    expect(healed.out).toContain('; 1 archives healed: look at what is said of each');
    expect(healed.err).toContain(`1/1 ALPHA/${date} archived, healed`);
    expect((await cli(['report', '--store', root])).out).toContain('! Healed: ');
    expect((await cli(['verify', '--store', root])).code).toBe(0);
  });

  test('of a folder that was copied without its metadata is named again by a run', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    await rm(join(root, '.tapekit-meta'), { recursive: true });
    expect((await cli(['verify', '--store', root])).code).toBe(4);
    const named = await cli([...run(root), `ALPHA/${date}`]);
    expect([named.code, named.out]).toEqual([
      0,
      expect.stringContaining('names its manifest again, its bytes are unchanged') as string,
    ]);
    expect((await cli(['verify', '--store', root])).code).toBe(0);
  });

  test('that is gone is missed by verify and explain, and published again by a run of the cell', async () => {
    const root = await storeOf('ALPHA', 'BETA');
    await cli(run(root));
    await rm(join(root, archiveKey({ symbol: 'ALPHA', date })));
    const missed = await cli(['verify', '--store', root, '--sample', '0.01']);
    expect(missed.code).toBe(4);
    expect(missed.out).toMatch(
      /^ALPHA\/\S+ {2}NOT PROVEN: There is no archive, though manifest "[^"]+" says that there was one/m,
    );
    const explained = await cli(['explain', '--store', root, `ALPHA/${date}`, '--env', 'test']);
    expect(explained.out).toContain('says that there was one');
    const healed = await cli([...run(root), `ALPHA/${date}`]);
    expect([healed.code, healed.out]).toEqual([
      0,
      expect.stringMatching(/! Healed: the archive was gone and was published again from "housecleaning/) as string,
    ]);
    expect((await cli(['verify', '--store', root])).out).toContain('2 of 2 archives are proven.');
  });

  test('whose staged copy is gone is proven with a warning, until a run of the cell puts it there again', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    await rm(join(root, 'housecleaning/v1/stage'), { recursive: true });
    const warned = await cli(['verify', '--store', root]);
    expect([warned.code, warned.out]).toEqual([
      0,
      expect.stringMatching(/^ {2}! its staged copy ".*" is gone/m) as string,
    ]);
    const staged = await cli([...run(root), `ALPHA/${date}`]);
    expect([staged.code, staged.out]).toEqual([0, expect.stringContaining('! Its staged copy was gone') as string]);
    expect((await cli(['verify', '--store', root])).out).not.toContain('!');
  });

  test('is exported as Parquet, and what does not fit is told', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const to = join(folder, 'alpha.parquet');
    const made = await cli([
      'export',
      `ALPHA/${date}`,
      '--store',
      root,
      '--to',
      to,
      '--columns',
      'T:integer,price=p:decimal(1)',
    ]);
    expect([made.code, made.out.startsWith('3 rows, ')]).toEqual([0, true]);
    const file = await asyncBufferFromFile(to);
    expect(await parquetReadObjects({ file })).toEqual(
      [10, 10.1, 10.2].map((price, i) => ({ T: BigInt(i), price: expect.closeTo(price, 9) as number })),
    );
    const narrow = await cli(['export', `ALPHA/${date}`, '--store', root, '--to', to, '--columns', 'p:decimal(0)']);
    expect([narrow.code, narrow.err]).toEqual([
      5,
      expect.stringContaining('Line 2 is left out: out-of-range in column p') as string,
    ]);
    expect((await cli(['export', `ALPHA/${date}`, '--store', root, '--to', to, '--columns', 'p:float'])).code).toBe(2);
  });

  test('that does not exist is told', async () => {
    const root = await storeOf();
    const { code, err } = await cli(['read', `ALPHA/${date}`, '--store', root]);
    expect([code, err.includes('nothing of ALPHA 2024-08-08')]).toEqual([1, true]);
    expect((await cli(['report', '--store', root])).code).toBe(5);
  });
});

describe('prune', () => {
  const env = { TAPEKIT_DELETE_SECRET: 'a secret of thirty-two characters' };

  test('needs a secret, rules, and the token of its plan', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const config = join(folder, 'retention.json');
    const rules = [{ what: 'objects', prefix: 'exports/daily/', olderThan: 'P1D', keepLast: 0, writers: 'write-once' }];
    await writeFile(config, JSON.stringify({ env: 'test', retention: { allow: ['exports/'], rules } }));
    const to = join(folder, 'plan.json');
    const make = ['prune', '--store', root, '--config', config, '--to', to];
    expect((await cli(make)).err).toContain('TAPEKIT_DELETE_SECRET is not set');
    const made = await cli(make, env);
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).toContain('0 objects');
    expect(await readFile(to, 'utf8')).not.toContain('token');
    const token = /TAPEKIT_DELETE_TOKEN=(\S+)/.exec(made.out)![1]!;

    const carry = ['prune', '--store', root, '--plan', to];
    expect((await cli(carry, env)).err).toContain('TAPEKIT_DELETE_TOKEN is not set');
    const foreign = await cli(carry, { ...env, TAPEKIT_DELETE_TOKEN: 'x' });
    expect([foreign.code, foreign.err.includes('its token is not of this plan')]).toEqual([3, true]);
    const done = await cli(carry, { ...env, TAPEKIT_DELETE_TOKEN: token });
    expect([done.code, done.out]).toEqual([0, '0 deleted (0 B), 0 were gone, 0 are left.\n']);
  });
});

async function createTapeWriterLine(root: string, symbol: string, seq: number): Promise<void> {
  const tape = createTapeWriter({ store: createFsStore({ root }), symbol, startAfterSeq: seq - 1 });
  await tape.append({ date, seq, line: lineOf(symbol, seq) });
  await tape.flush();
}
