import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { footprintsOfColumns } from './footprint-columns.ts';
import { tradeLineFields } from './trade-lines.ts';
import { createFootprintWorkers } from './workers.ts';
import type { LinesFootprintsOptions } from './workers.ts';

const minute = { intervalMs: 60_000 };
const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
const linesOptions: LinesFootprintsOptions = { grid, fields: tradeLineFields.binance, intervalMs: 1000 };

let folder = '';
/** Threads that run, of every pool in this file. */
let threads = 0;
const countThread = (worker: Worker): void => {
  threads += 1;
  worker.once('exit', () => (threads -= 1));
};

beforeAll(async () => {
  process.on('worker', countThread);
  folder = await mkdtemp(join(tmpdir(), 'footprint-threads-'));
});
afterAll(async () => {
  process.off('worker', countThread);
  await rm(folder, { recursive: true });
});

describe('threads', () => {
  test('do not start for options that are refused', async () => {
    const before = threads;
    const pool = createFootprintWorkers({ threads: 2 });
    await expect(pool.footprintsOfFiles([], { ...linesOptions, maxLineBytes: 0 })).rejects.toMatchObject({
      code: 'bad-option',
    });
    await expect(pool.footprintsOfFiles([], { ...linesOptions, grid: null as never })).rejects.toMatchObject({
      code: 'bad-option',
    });
    expect(() => createFootprintWorkers({ threads: 0 })).toThrow('threads "0" is not a whole number');
    for (const workerUrl of ['/worker.js', new URL('https://example.com/worker.js'), null]) {
      expect(() => createFootprintWorkers({ workerUrl: workerUrl as never })).toThrow('is no file URL');
    }
    await expect(pool.footprintsOfFiles('one.jsonl' as never, linesOptions)).rejects.toThrow('files "one.jsonl" is no');
    await expect(pool.footprintsOfFiles([], undefined as never)).rejects.toThrow('options "undefined" are none');
    await expect(pool.footprintsOfTapes([], undefined as never)).rejects.toThrow('options "undefined" are none');
    await expect(pool.footprintsOfTapes({} as never, minute)).rejects.toThrow('tapes "[object Object]" is no array');
    expect(threads).toBe(before);
    await pool.close();
  });

  const trades = (timeMs: number): TradeColumns => ({
    timeMs: [timeMs, timeMs + 60_000],
    priceTicks: [1, 1],
    sizeLots: [1, 1],
    side: [1, 1],
  });
  /** A worker that does `code` with a job that begins at 666 and its work with any other. */
  const scriptOf = async (name: string, code: string): Promise<URL> => {
    const real = new URL('./internal/workers/slice-worker.ts', import.meta.url).href;
    const path = join(folder, `${name}.ts`);
    await writeFile(
      path,
      `import { parentPort } from 'node:worker_threads';
       parentPort.once('message', async (job) => {
         if (job.trades.timeMs[0] === 666) { ${code} }
         await import('${real}');
         parentPort.emit('message', job);
       });`,
    );
    return pathToFileURL(path);
  };

  test('are none before the first call, and none after close', async () => {
    const before = threads;
    const pool = createFootprintWorkers({ threads: 2, minSliceTrades: 1 });
    expect(threads).toBe(before);
    await pool.footprintsOfTapes([trades(0), trades(0)], minute);
    expect(threads).toBe(before + 2);
    await pool.close();
    expect(threads).toBe(before);
    await pool.close();
    await expect(pool.footprintsOfTapes([trades(0)], minute)).rejects.toMatchObject({ code: 'worker-lost' });
    expect(threads).toBe(before);
  });

  test('end with their block', async () => {
    const before = threads;
    {
      await using pool = createFootprintWorkers({ threads: 1 });
      await pool.footprintsOfTapes([trades(0)], minute);
      expect(threads).toBe(before + 1);
    }
    expect(threads).toBe(before);
  });

  test.each([
    ['exits', 'process.exit(7);', 'exit code "7" before it was done.'],
    ['throws', "throw new Error('out of luck');", 'exit code "1" before it was done: out of luck.'],
  ])('that %s reject with what they worked on, and another takes the next call', async (name, code, why) => {
    const before = threads;
    const pool = createFootprintWorkers({ threads: 2, workerUrl: await scriptOf(name, code) });
    await expect(pool.footprintsOfTapes([trades(0), trades(666)], minute)).rejects.toMatchObject({
      code: 'worker-lost',
      message: expect.stringContaining(`The worker thread of trades 0 to 2 of tape 1 ended with ${why}`) as string,
    });
    const [bars] = await pool.footprintsOfTapes([trades(0)], minute);
    expect(bars).toEqual(footprintsOfColumns(trades(0), minute));
    await pool.close();
    expect(threads).toBe(before);
  });

  test.each([
    ['answers null', 'parentPort.postMessage(null); return;', 'gave an answer that is none'],
    ['ends', 'return;', 'ended without an answer'],
  ])('of a script that %s are not ours, and the error says so', async (name, code, why) => {
    const workerUrl = await scriptOf(name.replace(' ', '-'), code);
    const pool = createFootprintWorkers({ threads: 1, workerUrl });
    await expect(pool.footprintsOfTapes([trades(666)], minute)).rejects.toMatchObject({
      code: 'worker-lost',
      message: expect.stringContaining(`${why}. Is workerUrl the internal/workers/slice-worker.js`) as string,
    });
    await pool.close();
  });

  test('that cannot start reject', async () => {
    const pool = createFootprintWorkers({ threads: 1, workerUrl: pathToFileURL(join(folder, 'no-such-worker.js')) });
    await expect(pool.footprintsOfTapes([trades(0)], minute)).rejects.toMatchObject({ code: 'worker-lost' });
    await pool.close();
  });

  test('that hang are ended by the signal, with its reason, and by close', async () => {
    const before = threads;
    const workerUrl = await scriptOf('hangs', 'for (;;);');
    const pool = createFootprintWorkers({ threads: 1, workerUrl });
    const stop = new AbortController();
    const running = pool.footprintsOfTapes([trades(666), trades(0)], minute, { signal: stop.signal });
    const waiting = pool.footprintsOfTapes([trades(0)], minute);
    const reason = new Error('no longer wanted');
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(await waiting).toEqual([footprintsOfColumns(trades(0), minute)]);
    await expect(pool.footprintsOfTapes([], minute, { signal: stop.signal })).rejects.toBe(reason);

    const hanging = pool.footprintsOfTapes([trades(666)], minute);
    const lost = expect(hanging).rejects.toMatchObject({
      code: 'worker-lost',
      message:
        'The workers were closed before trades 0 to 2 of tape 0 were done. Await what you asked for before close().',
    });
    await pool.close();
    await lost;
    expect(threads).toBe(before);
  });

  test('that wait for a slice of another one end with it, and the error names that slice', async () => {
    const before = threads;
    // Two bars, each a slice; the second one begins at 666.
    const slow = { timeMs: [0, 1, 666, 700], priceTicks: [1, 1, 1, 1], sizeLots: [1, 1, 1, 1], side: [1, 1, 1, 1] };
    const asked = { intervalMs: 666, reuse: [] };
    const lost = createFootprintWorkers({
      threads: 2,
      minSliceTrades: 2,
      workerUrl: await scriptOf('exits-late', 'process.exit(7);'),
    });
    await expect(lost.footprintsOfTapes([slow], asked)).rejects.toMatchObject({
      code: 'worker-lost',
      message: expect.stringContaining('The worker thread of trades 2 to 4 of tape 0 ended') as string,
    });
    expect(await lost.footprintsOfTapes([trades(0)], { ...minute, reuse: [] })).toEqual([
      footprintsOfColumns(trades(0), minute),
    ]);
    await lost.close();

    const pool = createFootprintWorkers({
      threads: 2,
      minSliceTrades: 2,
      workerUrl: await scriptOf('hangs-late', 'for (;;);'),
    });
    const stop = new AbortController();
    const running = pool.footprintsOfTapes([slow], asked, { signal: stop.signal });
    const reason = new Error('no longer wanted');
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    const hanging = pool.footprintsOfTapes([slow], asked);
    const closed = expect(hanging).rejects.toMatchObject({ code: 'worker-lost' });
    // The other slice is done long before.
    await pool.footprintsOfTapes([], minute);
    await pool.close();
    await closed;
    expect(threads).toBe(before);
  });

  test('get nothing that cannot be sent', async () => {
    const pool = createFootprintWorkers({ threads: 1 });
    const fields = { ...tradeLineFields.binance, more: () => 1 };
    await expect(pool.footprintsOfFiles([new Uint8Array(1)], { ...linesOptions, fields })).rejects.toMatchObject({
      name: 'DataCloneError',
    });
    expect(await pool.footprintsOfTapes([trades(0)], minute)).toHaveLength(1);
    await pool.close();
  });
});

/** Uses the module as a program does; says what is left of it, and must come to its end by itself. */
const programOf = (entry: string, isClosed: boolean): string => `
  import { createFootprintWorkers } from ${JSON.stringify(entry)};
  const pool = createFootprintWorkers({ threads: 2, minSliceTrades: 1 });
  const trades = { timeMs: [0, 1, 60000], priceTicks: [1, 2, 2], sizeLots: [1, 2, 4], side: [1, -1, 0] };
  const [one, two] = await pool.footprintsOfTapes([trades, trades], { intervalMs: 60000 });
  ${isClosed ? 'await pool.close();' : ''}
  const left = process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name));
  console.log(JSON.stringify([one.bars, [...two.pocTicks], ${isClosed ? 'left' : '[]'}]));
`;

describe('workers.ts as a program loads it', () => {
  const run = promisify(execFile);
  const entries: [string, () => Promise<[string, string[]]>][] = [
    ['from its source', async () => [new URL('./workers.ts', import.meta.url).href, ['--conditions=source']]],
    [
      'from its build',
      async () => {
        const root = fileURLToPath(new URL('../', import.meta.url));
        const outdir = join(folder, 'dist');
        await build({
          absWorkingDir: root,
          entryPoints: {
            workers: 'src/workers.ts',
            'internal/workers/slice-worker': 'src/internal/workers/slice-worker.ts',
          },
          bundle: true,
          splitting: true,
          format: 'esm',
          platform: 'node',
          target: 'es2023',
          conditions: ['source'],
          outdir,
          logLevel: 'error',
        });
        await writeFile(join(outdir, 'package.json'), '{"type":"module"}');
        return [pathToFileURL(join(outdir, 'workers.js')).href, []];
      },
    ],
  ];

  test.each(entries)('runs %s, and ends', async (_, entryOf) => {
    const [entry, flags] = await entryOf();
    for (const isClosed of [true, false]) {
      const program = join(folder, `program-${isClosed}.mjs`);
      await writeFile(program, programOf(entry, isClosed));
      const { stdout } = await run(process.execPath, [...flags, program]);
      expect(JSON.parse(stdout)).toEqual([2, [2, 2], []]);
    }
  });
});
