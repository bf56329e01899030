import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readReport, type HousecleaningEvent, type HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { rawPrefix } from '@tapekit/housecleaning/keys';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFsStore } from '../stores/fs.ts';
import { runInThreads } from './threads.ts';

let folder = '';
let worlds = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'housecleaning-threads-'));
});
afterAll(() => rm(folder, { recursive: true }));

const symbols = ['ALPHA', 'BETA', 'GAMMA'];
const dates = ['2024-08-08', '2024-08-09'];

/** A store with raw days, and a module whose threads run `before` with each key that they read. */
async function worldOf(before = ''): Promise<{ root: string; module: URL; options: HousecleaningOptions }> {
  const root = join(folder, `world-${(worlds += 1)}`);
  await mkdir(root);
  const store = createFsStore({ root });
  for (const symbol of symbols) {
    for (const date of dates) {
      const tape = createTapeWriter({ store, symbol });
      await tape.append({ date, seq: 0, line: `{"symbol":"${symbol}"}` });
      await tape.flush();
    }
  }
  const rest: Omit<HousecleaningOptions, 'store' | 'nowMs'> = {
    ...{ writers: 'write-once', minAgeMs: 0, allowImmediate: true, approve: 'first-run' },
    env: { env: 'test', bucketId: 'threads' },
  };
  const path = join(folder, `options-${worlds}.ts`);
  const here = new URL('../stores/fs.ts', import.meta.url).href;
  await writeFile(
    path,
    `import { createFsStore } from '${here}';
     export const createOptions = (root) => {
       const store = createFsStore({ root });
       const get = (key, options) => { ${before} return store.get(key, options); };
       return { store: { ...store, get }, nowMs: Date.now(), ...${JSON.stringify(rest)} };
     };`,
  );
  return { root, module: pathToFileURL(path), options: { ...rest, store, nowMs: Date.now() } };
}

describe('runInThreads', () => {
  test('does every cell once, tells of each, and leaves one report', async () => {
    const { root, module, options } = await worldOf();
    const events: HousecleaningEvent[] = [];
    const report = await runInThreads(
      { ...options, onEvent: (event) => events.push(event) },
      { threads: 2, module, data: root },
    );
    expect(report.run.outcome).toBe('ok');
    expect(report.cells.map(({ symbol, date, state }) => `${symbol} ${date} ${state}`)).toEqual(
      symbols.flatMap((symbol) => dates.map((date) => `${symbol} ${date} archived`)),
    );
    expect((await options.store.list({ prefix: rawPrefix })).objects).toEqual([]);
    expect(await readReport(options.store)).toMatchObject({ run: { id: report.run.id }, totals: { cells: 6 } });
    const finished = events.filter((event) => event.type === 'cell-finished');
    expect(finished.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(events[0]).toEqual({ type: 'run-started', cells: 6 });
  });

  test.each([
    ['dies', 'process.exit(9);', 'The thread of BETA ended with exit code'],
    ['throws', 'throw new Error("no more");', 'no more'],
  ])('reports the cells of a thread that %s; the others are done, and the next run does them', async (_, code, why) => {
    const { root, module, options } = await worldOf(`if (key.includes('raw_tns/BETA/')) { ${code} }`);
    const report = await runInThreads(options, { threads: 2, module, data: root });
    expect(report.run.outcome).toBe('partial');
    expect(JSON.stringify(report)).toContain(why);
    const states = Object.fromEntries(report.cells.map(({ symbol, state }) => [symbol, state]));
    expect([states['ALPHA'], states['GAMMA']]).toEqual(['archived', 'archived']);
    const left = (await options.store.list({ prefix: rawPrefix })).objects;
    expect(left.map(({ key }) => key.split('/')[1])).toEqual(['BETA', 'BETA']);

    const sound = await worldOf();
    const again = await runInThreads(options, { threads: 2, module: sound.module, data: root });
    expect([again.run.outcome, (await options.store.list({ prefix: rawPrefix })).objects]).toEqual(['ok', []]);
  });

  test('says what is wrong with a module', async () => {
    const { root, options } = await worldOf();
    const path = join(folder, 'empty.ts');
    await writeFile(path, 'export {};');
    const report = await runInThreads(options, { threads: 2, module: pathToFileURL(path), data: root });
    expect([report.run.outcome === 'ok', JSON.stringify(report).includes('exports no createOptions')]).toEqual([
      false,
      true,
    ]);
    expect((await options.store.list({ prefix: rawPrefix })).objects).toHaveLength(6);
  });

  test('ends with its signal, and reports that', async () => {
    const { root, module, options } = await worldOf();
    const stop = new AbortController();
    const onEvent = (event: HousecleaningEvent): void => {
      if (event.type === 'cell-finished') stop.abort(new Error('enough'));
    };
    const report = await runInThreads({ ...options, signal: stop.signal, onEvent }, { threads: 1, module, data: root });
    expect([report.run.outcome, report.run.reason?.includes('enough')]).toEqual(['partial', true]);
  });

  test('goes to its end when a listener throws, and then says so', async () => {
    const { root, module, options } = await worldOf();
    const onEvent = (): void => {
      throw new Error('the listener is broken');
    };
    await expect(runInThreads({ ...options, onEvent }, { threads: 2, module, data: root })).rejects.toThrow(
      'is broken',
    );
    expect(await readReport(options.store)).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 6 } });
  });

  test('refuses what is no number of threads', async () => {
    const { module, options } = await worldOf();
    for (const threads of [0, 1.5, 257, NaN]) {
      await expect(runInThreads(options, { threads, module })).rejects.toMatchObject({ code: 'bad-option' });
    }
  });
});
