/** The main job as its own process: the bundled session, bad inputs, a second run, Ctrl-C. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { connectPostgres } from '@tapekit/adapters/postgres';
import type { PostgresClient } from '@tapekit/adapters/postgres';
import { startEmbeddedPostgres } from '@tapekit/adapters/postgres/embedded';
import type { EmbeddedPostgres } from '@tapekit/adapters/postgres/embedded';
import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Metrics, Score } from '@tapekit/sdk/schemas';
import { createTapekitClient } from '@tapekit/sdk';
import { generateTape, tapeDefaults } from '@tapekit/tooling/tape-generator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archivedLines, filesOf, readJson, readJsonLines } from './results.test-support.ts';
import { finished, runMain, startMain } from './main-process.test-support.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tapekit-main-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const session = ['--symbol', 'TAPEUSDT', '--tick-size', '0.01', '--lot-size', '0.001'];

describe('the main job on the bundled session', () => {
  const { lines, truth } = generateTape();
  const grid = createGrid(tapeDefaults);
  let out: string;
  let stdout: string;
  let metrics: Metrics;

  beforeAll(async () => {
    out = join(root, 'bundled');
    const run = await runMain(['--out', out, '--once']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    stdout = run.stdout;
    metrics = await readJson<Metrics>(out, 'metrics.json');
  });

  test('replays what the generator makes today', async () => {
    const bundled = gunzipSync(await readFile(new URL('../data/session.jsonl.gz', import.meta.url)));
    expect(bundled.equals(Buffer.from(`${lines.join('\n')}\n`))).toBe(true);
  });

  test('finds every bar of the truth, late trades and all, with every level', async () => {
    const bars = await readJsonLines<FootprintJson>(out, 'footprints.jsonl');
    const found = bars.map(({ t0, t1, open, high, low, close, volume, buy, sell, delta, trades: n }) => {
      return { startMs: t0, endMs: t1, open, high, low, close, volume, buy, sell, delta, n };
    });
    const expected = truth.bars.map(({ startMs, endMs, open, high, low, close, volume, buy, sell, delta, n }) => {
      return { startMs, endMs, open, high, low, close, volume, buy, sell, delta, n };
    });
    expect(found).toEqual(expected);

    for (const [i, bar] of truth.bars.entries()) {
      const rows = new Map<number, { buy: number; sell: number }>();
      for (const level of bar.levels) {
        const ticks = Math.floor(level.priceTicks / 10) * 10;
        const row = rows.get(ticks) ?? { buy: 0, sell: 0 };
        rows.set(ticks, { buy: row.buy + level.buyLots, sell: row.sell + level.sellLots });
      }
      const expectedRows = [...rows].sort(([a], [b]) => a - b);
      expect(bars[i]!.levels.map(({ price, buy, sell }) => [price, buy, sell])).toEqual(
        expectedRows.map(([ticks, row]) => [
          grid.formatPrice(ticks),
          grid.formatSize(row.buy),
          grid.formatSize(row.sell),
        ]),
      );
    }
  });

  test('counts the faults that the generator put in', () => {
    expect(metrics.trades).toMatchObject({
      n: truth.session.n,
      idDuplicates: truth.duplicates.length,
      late: truth.late.length,
      lateRejected: 0,
      idGaps: 0,
      volume: truth.session.volume,
      buy: truth.session.buy,
      sell: truth.session.sell,
      delta: truth.session.delta,
    });
    expect(metrics.book.gaps.map(({ expected, received }) => ({ expected, received }))).toEqual(
      truth.gaps.map((gap) => ({ expected: gap.lastUpdateId + 1, received: gap.nextFirstUpdateId })),
    );
    expect(metrics.book).toMatchObject({
      synced: true,
      lastUpdateId: truth.finalBook.lastUpdateId,
      bids: truth.finalBook.bids,
      asks: truth.finalBook.asks,
    });
    expect(metrics.book.quoteCheck.different).toBe(0);
    expect(metrics.book.quoteCheck.equal).toBeGreaterThan(1_000);
  });

  test('archives every record of the tape and prunes the raw objects', async () => {
    const archived = await archivedLines(out, 'TAPEUSDT', ['2026-01-14', '2026-01-15']);
    expect(archived.map(({ receiveNs, raw }) => `${receiveNs} ${raw}`)).toEqual(lines);
    expect(archived.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1));
    const files = await filesOf(join(out, 'archive'));
    expect(files.filter((file) => file.startsWith('raw_tns/'))).toEqual([]);
  });

  test('scores with every component present, and the contributions add up', async () => {
    const score = await readJson<Score>(out, 'score.json');
    expect(score.coverage).toBe(1);
    const micro = (value: number): number => Math.round(value * 1e6);
    expect(score.components.reduce((sum, { contribution }) => sum + micro(contribution), 0)).toBe(micro(score.score!));
  });

  test('prints a table of what came out', () => {
    expect(stdout).toContain('TAPEUSDT: the tape');
    expect(stdout).toMatch(/2026-01-15 +archived, generation 1/);
    expect(stdout).toContain('Done in');
  });

  test('gives the same results, byte for byte, when it runs again', async () => {
    const names = ['footprints.jsonl', 'metrics.json', 'score.json'];
    const archives = (await filesOf(join(out, 'archive'))).filter(
      (file) => file.endsWith('.gz') || file.includes('manifest'),
    );
    const read = (): Promise<Buffer[]> =>
      Promise.all(
        [...names, ...archives.map((file) => join('archive', file))].map((name) => readFile(join(out, name))),
      );
    const before = await read();
    expect(await runMain(['--out', out, '--once'])).toMatchObject({ code: 0, stderr: '' });
    expect(
      (await filesOf(join(out, 'archive'))).filter((file) => file.endsWith('.gz') || file.includes('manifest')),
    ).toEqual(archives);
    expect(await read()).toEqual(before);
  });
});

describe('the main job on bad input', () => {
  const { lines, truth } = generateTape({
    seed: 'bad input',
    durationMs: 300_000,
    faults: { gaps: 0, duplicates: 0, lateTrades: 0 },
  });
  const text = `${lines.join('\n')}\n`;

  // One server for all, with a database for each folder: what these runs start and stop of their own is proven above.
  let server: EmbeddedPostgres;
  let sql: PostgresClient;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ dataDir: join(root, 'postgres'), durable: false });
    sql = connectPostgres(server.url, { max: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await server.stop();
  });
  const databaseOf = async (name: string): Promise<{ DATABASE_URL: string }> => {
    const [found] = await sql`select 1 from pg_database where datname = ${name}`;
    if (!found) await sql`create database ${sql(name)}`;
    return { DATABASE_URL: server.url.replace(/\/[^/]*$/, `/${name}`) };
  };

  const run = async (name: string, bytes: Uint8Array | string, ...more: string[]) => {
    const dir = join(root, name);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'input'), bytes);
    const out = join(dir, 'out');
    const result = await runMain(
      ['--input', join(dir, 'input'), ...session, '--out', out, '--once', ...more],
      await databaseOf(name),
    );
    return { ...result, out };
  };

  test('keeps every complete line of a gzip file whose tail is cut off', async () => {
    const packed = gzipSync(text);
    const cut = packed.subarray(0, Math.floor(packed.length * 0.7));
    const { code, stdout, out } = await run('truncated', cut);
    expect(code).toBe(0);
    expect(stdout).toContain('INCOMPLETE');
    const metrics = await readJson<Metrics>(out, 'metrics.json');
    expect(metrics.input.truncated).toBe(true);
    const archived = await archivedLines(out, 'TAPEUSDT', ['2026-01-14']);
    const kept = archived.map(({ receiveNs, raw }) => `${receiveNs} ${raw}`);
    expect(kept).toEqual(lines.slice(0, kept.length));
    expect(kept.length).toBeGreaterThan(lines.length * 0.5);
    const [rest] = await readJsonLines<{ reason: string; text: string; line: number }>(out, 'quarantine.jsonl');
    expect(rest).toMatchObject({ reason: 'truncated-line', line: kept.length + 1 });
    expect(lines[kept.length]!.startsWith(rest!.text)).toBe(true);
  });

  test('adds what was missing when the whole capture follows a cut one, and repeats nothing', async () => {
    const packed = gzipSync(text);
    const cut = await run('cut-then-whole', packed.subarray(0, Math.floor(packed.length * 0.6)));
    expect(cut.code).toBe(0);
    const whole = await run('cut-then-whole', packed);
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    const archived = await archivedLines(whole.out, 'TAPEUSDT', ['2026-01-14']);
    expect(archived.map(({ receiveNs, raw }) => `${receiveNs} ${raw}`)).toEqual(lines);
    const metrics = await readJson<Metrics>(whole.out, 'metrics.json');
    expect(metrics.trades.volume).toBe(truth.session.volume);
  });

  test('sets a broken line aside with its line number and takes all others', async () => {
    const broken = [...lines.slice(0, 100), lines[100]!.slice(0, 60), 'no envelope', ...lines.slice(100)];
    const { code, out } = await run('broken-json', `${broken.join('\n')}\n`);
    expect(code).toBe(0);
    const metrics = await readJson<Metrics>(out, 'metrics.json');
    expect(metrics.input).toMatchObject({ lines: lines.length + 2, accepted: lines.length, quarantined: 2 });
    expect(metrics.trades.volume).toBe(truth.session.volume);
    expect(await readJsonLines(out, 'quarantine.jsonl')).toMatchObject([
      { reason: 'bad-json', line: 101 },
      { reason: 'bad-envelope', line: 102, text: 'no envelope' },
    ]);
  });

  test('counts a gap of the book, leaves book metrics unknown and every trade in place', async () => {
    const depth = lines.flatMap((line, i) => (line.includes('depthUpdate') ? [i] : []));
    const gone = depth.at(-20)!;
    const { code, out } = await run('gap', `${lines.filter((_, i) => i !== gone).join('\n')}\n`);
    expect(code).toBe(0);
    const metrics = await readJson<Metrics>(out, 'metrics.json');
    expect(metrics.book).toMatchObject({ synced: false, bids: [], asks: [], lastUpdateId: null });
    expect(metrics.book.gaps).toMatchObject([{ line: depth.at(-19)! }]);
    expect(metrics.obi).toEqual({ top1: null, top5: null, top20: null });
    expect(metrics.trades.volume).toBe(truth.session.volume);
    const score = await readJson<Score>(out, 'score.json');
    expect(score.components.find(({ name }) => name === 'order-flow')?.quality).toBe('proxy');
  });

  test('quarantines a price off the grid, and the raw tape keeps it', async () => {
    const at = lines.findIndex((line) => line.includes('@trade'));
    const off = lines[at]!.replace(/"p":"[^"]+"/, '"p":"100.005"').replace(/"t":\d+/, '"t":999999999');
    const mixed = [...lines.slice(0, at + 1), off, ...lines.slice(at + 1)];
    const { code, out } = await run('off-grid', `${mixed.join('\n')}\n`);
    expect(code).toBe(0);
    const metrics = await readJson<Metrics>(out, 'metrics.json');
    expect(metrics.input).toMatchObject({ quarantined: 1, quarantinedBy: { 'off-grid': 1 } });
    expect(metrics.trades.volume).toBe(truth.session.volume);
    const [entry] = await readJsonLines<{ detail: string; line: number }>(out, 'quarantine.jsonl');
    expect(entry).toMatchObject({ line: at + 2 });
    expect(entry!.detail).toContain('"100.005" is not a multiple of tickSize 0.01');
    expect(await archivedLines(out, 'TAPEUSDT', ['2026-01-14'])).toHaveLength(mixed.length);
  });

  test('sets records of another symbol aside, by name', async () => {
    const other = lines
      .slice(0, 50)
      .map((line) => line.replaceAll('TAPEUSDT', 'OTHER').replaceAll('tapeusdt', 'other'));
    const { code, out } = await run('other-symbol', `${[...other, ...lines].join('\n')}\n`);
    expect(code).toBe(0);
    const metrics = await readJson<Metrics>(out, 'metrics.json');
    expect(metrics.input.otherSymbols['OTHER']).toBeGreaterThan(0);
    expect(metrics.trades.volume).toBe(truth.session.volume);
  });

  test('says which symbols are there when the one asked for is not', async () => {
    const { code, stderr } = await run(
      'unknown-symbol',
      text.replaceAll('TAPEUSDT', 'OTHER').replaceAll('tapeusdt', 'other'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/symbol "TAPEUSDT" is not in ".*input": of \d+ lines, there are OTHER \(\d+\)/);
    expect(stderr).not.toContain('    at ');
  });

  test('exits 4 under --strict when something was set aside', async () => {
    expect(await run('strict', `${lines.join('\n')}\nbroken\n`, '--strict')).toMatchObject({ code: 4 });
  });

  test('names a file that is not there', async () => {
    const missing = join(root, 'nowhere.gz');
    const { code, stderr } = await runMain(
      ['--input', missing, ...session, '--out', join(root, 'missing'), '--once'],
      await databaseOf('missing'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`Input "${missing}" cannot be opened. Check the path that was given with --input.`);
  });

  test('explains a wrong command line and exits 2', async () => {
    const { code, stderr } = await runMain(['--bar', '60']);
    expect(code).toBe(2);
    expect(stderr).toBe('--bar "60" is no bar length. Expected 1s to 24h, for example 60s or 5m.\n');
  });
});

describe('the main job without --once', () => {
  test('serves the results until Ctrl-C, then ends cleanly', async () => {
    const child = startMain(['--out', join(root, 'served'), '--port', '0']);
    const end = finished(child);
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout!.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const match = /Serving (http:\S+)/.exec(text);
        if (match) resolve(match[1]!);
      });
      void end.then((run) => reject(new Error(`ended early: ${run.stdout}${run.stderr}`)));
    });

    const client = createTapekitClient({ baseUrl: url });
    expect(await client.getHealth()).toMatchObject({ status: 'ok', checks: { job: { stage: 'done' } } });
    const bars: FootprintJson[] = [];
    for await (const bar of client.footprints({ symbol: 'TAPEUSDT', limit: 50 })) bars.push(bar);
    expect(bars).toEqual(await readJsonLines(join(root, 'served'), 'footprints.jsonl'));
    expect(await client.getMetrics({ symbol: 'TAPEUSDT' })).toEqual(
      await readJson(join(root, 'served'), 'metrics.json'),
    );
    expect(await client.getScore({ symbol: 'TAPEUSDT' })).toEqual(await readJson(join(root, 'served'), 'score.json'));
    expect((await client.getArchive()).cells.map(({ state }) => state)).toEqual(['archived', 'archived']);
    expect((await fetch(url)).headers.get('content-type')).toContain('text/html');

    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(url)).rejects.toThrow();
  });
});
