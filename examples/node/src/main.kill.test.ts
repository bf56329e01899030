/** Kills at any moment: no raw record is lost, and running again gives the result of a run that was never killed. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '@tapekit/adapters/postgres/embedded';
import type { EmbeddedPostgres } from '@tapekit/adapters/postgres/embedded';
import { generateTape } from '@tapekit/tooling/tape-generator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finished, runMain, startMain } from './main-process.test-support.ts';
import type { FinishedRun } from './main-process.test-support.ts';
import { archivedLines, filesOf } from './results.test-support.ts';

/** Kills per test run; `TAPEKIT_KILLS` asks for more. */
const kills = Number(process.env['TAPEKIT_KILLS'] ?? 10);
const dates = ['2026-01-14', '2026-01-15'];
const { lines } = generateTape({
  seed: 'kill',
  startMs: Date.UTC(2026, 0, 14, 23, 59),
  durationMs: 120_000,
  faults: { gaps: 0, duplicates: 2, lateTrades: 2, bursts: 1 },
});

let root: string;
let input: string;
let database: EmbeddedPostgres;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tapekit-kill-'));
  input = join(root, 'tape');
  await writeFile(input, `${lines.join('\n')}\n`);
  database = await startEmbeddedPostgres({ dataDir: join(root, 'postgres'), durable: false });
});
afterAll(async () => {
  await database.stop();
  await rm(root, { recursive: true, force: true });
});

function runToDeath(out: string, at: number, when: 'before' | 'after'): Promise<FinishedRun> {
  const script = fileURLToPath(new URL('./killed-run.test-support.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=source', script, out, input, String(at), when], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DATABASE_URL: database.url },
  });
  return finished(child);
}

const job = (out: string): string[] => [
  ...['--input', input, '--symbol', 'TAPEUSDT', '--tick-size', '0.01', '--lot-size', '0.001', '--out', out],
];
const args = (out: string): string[] => [...job(out), '--once'];

/** The result files and the archives, as text and bytes. */
async function resultsOf(out: string): Promise<Record<string, string>> {
  const names = (await filesOf(join(out, 'archive'))).filter(
    (name) => name.startsWith('raw_tns') && name.endsWith('.gz'),
  );
  const files = ['footprints.jsonl', 'metrics.json', 'score.json', ...names.map((name) => `archive/${name}`)];
  const contents = await Promise.all(files.map((name) => readFile(join(out, name), 'base64')));
  return Object.fromEntries(files.map((name, i) => [name, contents[i]!]));
}

async function expectWhole(out: string): Promise<void> {
  const archived = await archivedLines(out, 'TAPEUSDT', dates);
  expect(archived.map(({ receiveNs, raw }) => `${receiveNs} ${raw}`)).toEqual(lines);
}

describe('the main job, killed', () => {
  test('at operations of the object store spread over the whole run', async () => {
    const whole = join(root, 'whole');
    const calm = await runToDeath(whole, 0, 'before');
    expect(calm.stderr).toBe('');
    const operations = Number(/operations (\d+)/.exec(calm.stdout)![1]);
    const expected = await resultsOf(whole);
    await expectWhole(whole);

    for (let k = 0; k < kills; k += 1) {
      const at = 1 + Math.floor((k * operations) / kills);
      const when = k % 2 === 0 ? 'after' : 'before';
      const out = join(root, `killed-${k}`);
      expect(await runToDeath(out, at, when), `operation ${at}, ${when}`).toMatchObject({ signal: 'SIGKILL' });
      const again = await runMain(args(out), { DATABASE_URL: database.url });
      expect(again, `after a kill at operation ${at}, ${when}`).toMatchObject({ code: 0, stderr: '' });
      expect(await resultsOf(out)).toEqual(expected);
      await expectWhole(out);
      await rm(out, { recursive: true });
    }
  });

  test('with its embedded database, which the next run takes over', async () => {
    const out = join(root, 'embedded');
    // It would go on to serve: however late the kill comes, it finds a process.
    const child = startMain([...job(out), '--port', '0']);
    const end = finished(child);
    child.stdout!.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('housecleaning')) child.kill('SIGKILL');
    });
    expect(await end).toMatchObject({ signal: 'SIGKILL' });
    expect(await runMain(args(out))).toMatchObject({ code: 0, stderr: '' });
    await expectWhole(out);
  });
});
