import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { tradeColumns, type TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { footprintsOfColumns } from './footprint-columns.ts';
import { barCuts, taperedShares } from './internal/workers/column-slices.ts';
import { kernelOfPackage } from './internal/workers/kernel-file.ts';
import { createWork } from './internal/workers/work.ts';
import { createTradeLines, tradeLineFields, type MalformedLine } from './trade-lines.ts';
import { createFootprintWorkers, footprintsInParallel, footprintsOfFiles, sharedTradeColumns } from './workers.ts';
import type { FootprintWorkers, LinesFootprintsOptions } from './workers.ts';

/** `TAPEKIT_LONG=1` asks for the long form. */
const cases = { numRuns: process.env['TAPEKIT_LONG'] ? 1000 : 200 };
const minute = { intervalMs: 60_000 };
const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
const linesOptions: LinesFootprintsOptions = { grid, fields: tradeLineFields.binance, intervalMs: 1000 };

let folder = '';
/** Pools of 1 to 4 threads for the properties. */
const pools: FootprintWorkers[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footprint-workers-'));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(folder, { recursive: true });
});

const sides = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);
const tapesOf = (pause: fc.Arbitrary<number>, size: fc.Arbitrary<number>): fc.Arbitrary<readonly TickTrade[]> =>
  fc.array(fc.tuple(pause, fc.integer({ min: -30, max: 30 }), size, sides), { maxLength: 120 }).map((steps) => {
    let timeMs = 1_700_000_000_000;
    return steps.map(([step, priceTicks, sizeLots, side]) => ({
      timeMs: (timeMs += step),
      priceTicks,
      sizeLots,
      side,
    }));
  });
const inOrder = tapesOf(fc.nat({ max: 40_000 }), fc.integer({ min: 1, max: 99 }));
const anyTape = tapesOf(
  fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -2000, max: 40_000 }) }, fc.constant(-600_000)),
  fc.nat({ max: 30 }),
);
const form = fc.constantFrom<(trades: readonly TickTrade[]) => TradeColumns>(
  tradeColumns,
  (trades) => sharedTradeColumns(tradeColumns(trades)),
  (trades) => {
    const { timeMs, priceTicks, sizeLots, side } = tradeColumns(trades);
    return { timeMs: [...timeMs], priceTicks: Int32Array.from(priceTicks), sizeLots: [...sizeLots], side: [...side] };
  },
);
const options = fc.record({ intervalMs: fc.constantFrom(1000, 60_000, 3_600_000), rowTicks: fc.constantFrom(1, 3) });

describe('footprintsOfTapes', () => {
  test.each([1, 2, 3, 4])('gives every column of one core with %i threads, whatever the slices', async (count) => {
    const bySize = [1, 3, 10, 40].map((minSliceTrades) => createFootprintWorkers({ threads: count, minSliceTrades }));
    pools.push(...bySize);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 3, arbitrary: inOrder }, anyTape), { maxLength: 3 }),
        form,
        options,
        fc.constantFrom(...bySize),
        async (tapes, columnsOf, asked, pool) => {
          const columns = tapes.map(columnsOf);
          const expected = columns.map((trades) => footprintsOfColumns(trades, asked));
          expect(await pool.footprintsOfTapes(columns, asked)).toStrictEqual(expected);
        },
      ),
      { numRuns: cases.numRuns / 4 },
    );
    await Promise.all(bySize.map((pool) => pool.close()));
  });

  test('leaves the columns as they were', async () => {
    const trades = tradeColumns([
      { timeMs: 0, priceTicks: 21, sizeLots: 3, side: 'buy' },
      { timeMs: 61_000, priceTicks: 20, sizeLots: 1, side: 'sell' },
    ]);
    const before = structuredClone(trades);
    const [bars] = await footprintsInParallel([trades], minute, { threads: 2, minSliceTrades: 1 });
    expect([...bars!.buyLots]).toEqual([3, 0]);
    expect(trades).toEqual(before);
  });

  test('cuts between bars', () => {
    const timeMs = [0, 10, 20, 100, 110, 200, 300, 310];
    expect(barCuts(timeMs, 100, 1)).toEqual([]);
    expect(barCuts(timeMs, 100, 2)).toEqual([3]);
    expect(barCuts(timeMs, 100, 8)).toEqual([3, 5, 6]);
    // One bar, longer than any slice.
    expect(barCuts([0, 1, 2, 3, 4, 150], 100, 3)).toEqual([5]);
    expect(barCuts([0, 1, 2, 3], 100, 3)).toEqual([]);
    expect(barCuts([0, 1, NaN, 300], 100, 3)).toBeUndefined();
    expect(barCuts([], 100, 3)).toEqual([]);
    // The last slice of each of two threads is cut in a half and two quarters.
    const shares = taperedShares(4, 2);
    expect(shares).toEqual([0.25, 0.5, 0.625, 0.75, 0.8125, 0.875, 0.9375, 1]);
    const hundreds = Array.from({ length: 160 }, (_, i) => 10 * i);
    expect(barCuts(hundreds, 100, shares.length, (first) => shares[first - 1]!)).toEqual([
      40, 80, 100, 120, 130, 140, 150,
    ]);
  });

  test('keeps the code of an error', async () => {
    const pool = createFootprintWorkers({ threads: 2, minSliceTrades: 1 });
    const half = { timeMs: [0, 1000], priceTicks: [1, 0.5], sizeLots: [1, 1], side: [1, 1] };
    const alone = (): unknown => footprintsOfColumns(half, { intervalMs: 1000 });
    const { message } = grabError(alone);
    await expect(pool.footprintsOfTapes([half], { intervalMs: 1000 })).rejects.toMatchObject({
      name: 'FootprintError',
      code: 'bad-trade',
      value: 0.5,
      message,
    });
    await expect(pool.footprintsOfTapes([{ ...half, side: [1] }], minute)).rejects.toMatchObject({
      code: 'bad-columns',
    });
    await expect(pool.footprintsOfTapes([], { intervalMs: 0 })).rejects.toMatchObject({ code: 'bad-option' });
    const huge = { timeMs: [0, 0, 0], priceTicks: [1, 1, 1], sizeLots: [2 ** 52, 2 ** 52, 2 ** 52], side: [1, 1, 1] };
    await expect(pool.footprintsOfTapes([huge], minute)).rejects.toMatchObject({ code: 'out-of-range' });
    // The pool is as good as new.
    expect(await pool.footprintsOfTapes([], minute)).toEqual([]);
    await pool.close();
  });
});

interface LineShape {
  readonly step: number;
  readonly price: number;
  readonly size: number;
  readonly isSell: boolean;
  readonly kind: 'trade' | 'other order' | 'blank' | 'broken' | 'off grid';
}
const lineShapes = (steps: fc.Arbitrary<number>, sizes: fc.Arbitrary<number>): fc.Arbitrary<LineShape> =>
  fc.record({
    step: steps,
    price: fc.integer({ min: 90, max: 120 }),
    size: sizes,
    isSell: fc.boolean(),
    kind: fc.oneof(
      { weight: 20, arbitrary: fc.constant('trade' as const) },
      fc.constantFrom('other order' as const, 'blank' as const, 'broken' as const, 'off grid' as const),
    ),
  });
function textOf(lines: readonly LineShape[], newline: string, hasLastNewline: boolean): string {
  let timeMs = 1_700_000_000_000;
  const texts = lines.map(({ step, price, size, isSell, kind }) => {
    timeMs += step;
    const [p, q] = [`"${price / 2}"`, `"${size / 10}"`];
    if (kind === 'blank') return '';
    if (kind === 'broken') return '{"T":';
    if (kind === 'off grid') return `{"T":${timeMs},"p":"1.3","q":${q},"m":${isSell}}`;
    if (kind === 'other order') return `{"m":${isSell},"q":${q},"p":${p},"T":${timeMs}}`;
    return `{"e":"trade","T":${timeMs},"p":${p},"q":${q},"m":${isSell}}`;
  });
  return texts.join(newline) + (hasLastNewline ? newline : '');
}
/** What one core makes of the bytes. */
function onOneCore(bytes: Uint8Array): [object, object, MalformedLine[]] {
  const malformed: MalformedLine[] = [];
  const lines = createTradeLines({ ...linesOptions, onMalformed: (line) => malformed.push(line) });
  const parts = [lines.push(bytes), lines.flush()];
  const both = (name: keyof TradeColumns): number[] => parts.flatMap((part) => [...part[name]]);
  const trades = {
    timeMs: both('timeMs'),
    priceTicks: both('priceTicks'),
    sizeLots: both('sizeLots'),
    side: both('side'),
  };
  const { lines: seen, learned, parsed, blank, malformed: bad } = lines.stats();
  const stats = { lines: seen, trades: learned + parsed, blank, malformed: bad };
  return [footprintsOfColumns(trades, linesOptions), stats, malformed];
}
const shared = (bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
};

describe('footprintsOfFiles', () => {
  test.each([1, 2, 3, 4])('gives every column of one core with %i threads, cut anywhere', async (count) => {
    const bySize = [1, 90, 300, 5000].map((chunkBytes) => createFootprintWorkers({ threads: count, chunkBytes }));
    pools.push(...bySize);
    const path = join(folder, `tape-${count}.jsonl`);
    const ordered = lineShapes(fc.nat({ max: 700 }), fc.integer({ min: 1, max: 50 }));
    const steps = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -50, max: 700 }) }, fc.constant(-6000));
    const any = lineShapes(steps, fc.nat({ max: 50 }));
    const tapes = fc.oneof(
      { weight: 3, arbitrary: fc.array(ordered, { maxLength: 60 }) },
      fc.array(any, { maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(
        tapes,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.constantFrom('bytes', 'Buffer', 'shared', 'path', 'URL'),
        fc.constantFrom(...bySize),
        async (lines, newline, hasLastNewline, door, pool) => {
          const bytes = new TextEncoder().encode(textOf(lines, newline, hasLastNewline));
          if (door === 'path' || door === 'URL') await writeFile(path, bytes);
          const doors = { bytes, Buffer: Buffer.from(bytes), shared: shared(bytes), path, URL: pathToFileURL(path) };
          const malformed: MalformedLine[] = [];
          const onMalformed = (line: MalformedLine): unknown => malformed.push(line);
          const [file] = await pool.footprintsOfFiles([doors[door]], { ...linesOptions, onMalformed });
          const [footprints, stats, expectedMalformed] = onOneCore(bytes);
          expect(file).toStrictEqual({ footprints, stats });
          expect(malformed).toEqual(expectedMalformed);
          expect(doors.Buffer).toHaveLength(bytes.length);
        },
      ),
      { numRuns: cases.numRuns / 4 },
    );
    await Promise.all(bySize.map((pool) => pool.close()));
  });

  test('gives each file its own bars, and says whose a malformed line is', async () => {
    const line = (timeMs: number, price: string): string => `{"T":${timeMs},"p":"${price}","q":"1","m":false}\n`;
    const files = [line(0, '10') + line(1, '11'), '', line(5, '10') + 'x\n'].map((text) =>
      new TextEncoder().encode(text),
    );
    const seen: [number, number, string][] = [];
    const result = await footprintsOfFiles(
      files,
      { ...linesOptions, onMalformed: ({ line: number, reason }, file) => seen.push([file, number, reason]) },
      { threads: 2 },
    );
    expect(result.map(({ footprints, stats }) => [footprints.bars, stats.lines, stats.trades])).toEqual([
      [1, 2, 2],
      [0, 0, 0],
      [1, 2, 1],
    ]);
    expect(seen).toEqual([[2, 2, 'not-json']]);
  });

  test('names a file that cannot be read', async () => {
    const missing = join(folder, 'missing.jsonl');
    await expect(footprintsOfFiles([missing], linesOptions, { threads: 1 })).rejects.toMatchObject({
      code: 'ENOENT',
      path: missing,
    });
  });
});

describe('a file that is no regular one', () => {
  test.skipIf(process.platform === 'win32')('is refused, also without anybody who writes to it', async () => {
    const pipe = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/null', folder]) {
      await expect(footprintsOfFiles([path], linesOptions, { threads: 1 })).rejects.toMatchObject({
        code: 'bad-option',
        message: expect.stringContaining(`"${path}" is no regular file`) as string,
      });
    }
  });

  test.skipIf(process.platform !== 'linux')('is refused where its size hides what it holds', async () => {
    await expect(footprintsOfFiles(['/proc/self/status'], linesOptions)).rejects.toThrow('is no regular file');
  });

  test('may be empty', async () => {
    const path = join(folder, 'empty.jsonl');
    await writeFile(path, '');
    const [file] = await footprintsOfFiles([path], linesOptions, { threads: 1 });
    expect(file!.stats).toEqual({ lines: 0, trades: 0, blank: 0, malformed: 0 });
  });

  test('became shorter while it was read: the error says at which byte', async () => {
    const path = join(folder, 'short.jsonl');
    await writeFile(path, '{"T":5,"p":"10.5","q":"0.2","m":true}\n');
    const job = {
      ...linesOptions,
      kind: 'lines-tape',
      maxLineBytes: 100,
      keepsMalformed: false,
      options: minute,
    } as const;
    expect(() => createWork()({ ...job, bytes: { path, from: 0, to: 50 } })).toThrow(
      expect.objectContaining({
        code: 'file-changed',
        message: `File "${path}" ended at byte 38 while it was read, expected 50 bytes. Read files that nobody writes.`,
      }),
    );
  });
});

describe('ordered tapes', () => {
  test('are done in parts, never as a whole', async () => {
    const path = join(folder, 'parts-only.ts');
    const work = new URL('./internal/workers/work.ts', import.meta.url).href;
    await writeFile(
      path,
      `import { parentPort } from 'node:worker_threads';
       import { createWork } from '${work}';
       const workOn = createWork();
       parentPort.on('message', (job) => {
         if (job.kind === 'tape' || job.kind === 'lines-tape') process.exit(9);
         const [result, buffers] = workOn(job);
         parentPort.postMessage({ ok: true, result }, buffers);
       });`,
    );
    const workerUrl = pathToFileURL(path);
    const pool = createFootprintWorkers({ threads: 2, minSliceTrades: 7, chunkBytes: 300, workerUrl });
    const tape: TickTrade[] = Array.from({ length: 200 }, (_, i) => {
      return { timeMs: i * 130, priceTicks: 100 + (i % 9), sizeLots: 1 + (i % 5), side: i % 2 ? 'buy' : 'sell' };
    });
    const columns = tradeColumns(tape);
    expect(await pool.footprintsOfTapes([columns], linesOptions)).toEqual([footprintsOfColumns(columns, linesOptions)]);
    const lines = tape.map((_, i): LineShape => ({
      step: i % 9 ? 50 : 700,
      price: 100,
      size: 1,
      isSell: false,
      kind: 'trade',
    }));
    for (const newlines of ['\n', '\r\n']) {
      const bytes = new TextEncoder().encode(textOf(lines, newlines, true));
      const [footprints, stats] = onOneCore(bytes);
      expect(await pool.footprintsOfFiles([bytes], linesOptions)).toEqual([{ footprints, stats }]);
    }
    await pool.close();
  });
});

function grabError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('a thread with the kernel', () => {
  const kernel = kernelOfPackage();
  const byKernel = createWork(kernel);
  const byTypeScript = createWork();

  test('finds it beside its script', () => {
    expect(kernel).toBeDefined();
  });

  test('gives what TypeScript gives, of any tape and of any cut of it', () => {
    fc.assert(
      fc.property(fc.oneof(inOrder, anyTape), fc.constantFrom('slice' as const, 'tape' as const), (trades, kind) => {
        const job = { kind, trades: tradeColumns(trades), options: minute, imbalances: undefined };
        expect(byKernel(job)[0]).toEqual(byTypeScript(job)[0]);
      }),
      cases,
    );
  });

  test('gives what TypeScript gives of lines, and says which are malformed', () => {
    const lines = ['{"T":5,"p":"10.5","q":"0.2","m":true}', 'x', '', '{"T":1007,"p":"10","q":"0.1","m":false}', '{}'];
    const bytes = new TextEncoder().encode(lines.join('\n'));
    const { fields, intervalMs } = linesOptions;
    const sizes = { tickSize: '0.5', lotSize: '0.1' };
    for (const kind of ['lines-slice', 'lines-tape'] as const) {
      const job = {
        kind,
        bytes,
        grid: sizes,
        fields,
        maxLineBytes: 1024,
        keepsMalformed: true,
        options: { intervalMs },
      };
      const [made] = byKernel(job);
      expect(made).toMatchObject({ stats: { lines: 5, malformed: 2, blank: 1 } });
      const { stats, ...rest } = byTypeScript(job)[0] as object & { stats: { learned: number; parsed: number } };
      expect(made).toMatchObject(rest);
      const { learned, parsed } = (made as { stats: { learned: number; parsed: number } }).stats;
      expect(learned + parsed).toBe(stats.learned + stats.parsed);
    }
  });
});
