import { createHash } from 'node:crypto';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { clockKey, rawPrefix } from '@tapekit/housecleaning/keys';
import { describe, expect, test } from 'vitest';
import { runCli } from './housecleaning-cli.ts';
import { cli, date, inFolder, keysOf, run, storeOf, treeOf } from './internal/cli/days.fixture.ts';
import { createStopping } from './internal/cli/stopping.ts';
import { withFileLock } from './internal/file-lock.ts';

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
    const file = inFolder('wrong.json');
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
