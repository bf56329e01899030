import {
  readLastRun,
  readReport,
  runHousecleaning,
  type HousecleaningOptions,
} from '@tapekit/housecleaning/housecleaning';
import { archiveKey, parseJournalKey, rawPrefix, type Cell } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memory.ts';
import {
  createQueueDriver,
  runWorkflow,
  type HousecleaningMessage,
  type MessageOutcome,
  type WorkflowStepLike,
} from './workers.ts';

const symbols = ['ALPHA', 'BETA', 'GAMMA'];
const nowMs = Date.parse('2026-01-15T12:00:00Z');

async function worldOf(given = symbols): Promise<{ store: ObjectStore; options: () => HousecleaningOptions }> {
  const store = createMemoryStore({ clock: () => nowMs });
  for (const symbol of given) {
    const tape = createTapeWriter({ store, symbol });
    await tape.append({ date: '2024-08-08', seq: 0, line: `{"symbol":"${symbol}"}` });
    await tape.flush();
  }
  const options = (): HousecleaningOptions => ({
    ...{ store, nowMs, writers: 'write-once', minAgeMs: 0, allowImmediate: true, approve: 'first-run' },
    env: { env: 'test', bucketId: 'memory' },
  });
  return { store, options };
}

const keysOf = async (store: ObjectStore, prefix: string): Promise<readonly string[]> =>
  (await store.list({ prefix })).objects.map(({ key }) => key);

/** A world of one cell whose archive is gone, with a raw object that came late. */
async function worldOfLost(): Promise<Awaited<ReturnType<typeof worldOf>>> {
  const world = await worldOf(['ALPHA']);
  const { store, options } = world;
  await runHousecleaning({ ...options(), nowMs: nowMs - 1, runId: 'before' });
  await store.delete([{ key: archiveKey({ symbol: 'ALPHA', date: '2024-08-08' }) }]);
  const tape = createTapeWriter({ store, symbol: 'ALPHA' });
  await tape.append({ date: '2024-08-08', seq: 1, line: '{"late":true}' });
  await tape.flush();
  return world;
}

/** What a run over {@link worldOfLost} has to tell, in its report and in the journal. */
async function expectHealingTold(store: ObjectStore, runId: string): Promise<void> {
  const totals = { cells: 1, healed: 1, addedSources: 1, deletedSources: 1 };
  expect(await readReport(store)).toMatchObject({
    ...{ run: { id: runId, outcome: 'ok' }, totals },
    cells: [{ state: 'archived', lines: 2, healed: { replaced: null } }],
  });
  expect(await readLastRun(store)).toMatchObject({ run: { id: runId }, totals, healed: [{ symbol: 'ALPHA' }] });
  const runs = (await keysOf(store, 'housecleaning/v1/journal/')).map((key) => parseJournalKey(key)?.runId);
  expect(runs.filter((id) => id === runId)).toHaveLength(1);
}

/** A queue that delivers in the order that a test asks for. */
function queueOf(): {
  readonly waiting: HousecleaningMessage[];
  sendBatch: (messages: Iterable<{ body: HousecleaningMessage }>) => Promise<void>;
} {
  const waiting: HousecleaningMessage[] = [];
  return {
    waiting,
    async sendBatch(messages) {
      for (const { body } of messages) waiting.push(body);
    },
  };
}

describe('createQueueDriver', () => {
  test('makes a tick one message a cell and one that reports', async () => {
    const { store, options } = await worldOf();
    const queue = queueOf();
    const outcomes: (MessageOutcome | { readonly type: 'failed' })[] = [];
    const driver = createQueueDriver({ options, queue, onMessage: (outcome) => outcomes.push(outcome) });
    expect(await driver.start('tick-1')).toHaveLength(3);
    const deliver = (body: unknown): Promise<'acked' | 'again'> =>
      new Promise((resolve) => {
        void driver.consume({
          messages: [{ body, attempts: 1, ack: () => resolve('acked'), retry: () => resolve('again') }],
        });
      });
    // The last message comes too early: it waits for the parts.
    expect(await deliver(queue.waiting[3])).toBe('acked');
    expect(outcomes).toEqual([{ type: 'waiting', missing: 3 }]);
    for (const message of queue.waiting.slice(0, 3)) expect(await deliver(message)).toBe('acked');
    expect(await deliver(queue.waiting[0])).toBe('acked');
    expect(await keysOf(store, rawPrefix)).toEqual([]);
    expect(queue.waiting[4]).toEqual({ v: 1, kind: 'finish', runId: 'tick-1', round: 1 });
    expect(await deliver(queue.waiting[4])).toBe('acked');
    expect(outcomes.at(-1)).toMatchObject({
      type: 'finished',
      report: { run: { id: 'tick-1' }, totals: { cells: 3 } },
    });
    expect(await readReport(store)).toMatchObject({ run: { id: 'tick-1', outcome: 'ok' }, totals: { cells: 3 } });
    expect(await keysOf(store, 'housecleaning-parts/')).toEqual([]);
    expect(await deliver(queue.waiting[4])).toBe('acked');
    expect(outcomes.at(-1)).toEqual({ type: 'nothing' });
  });

  test('reports the cells whose message never came', async () => {
    const { store, options } = await worldOf();
    const queue = queueOf();
    const driver = createQueueDriver({ options, queue, maxRounds: 0 });
    await driver.start('tick-1');
    const none = (): undefined => undefined;
    await driver.consume({
      messages: [queue.waiting[1]!, queue.waiting[3]!].map((body) => ({ body, attempts: 1, ack: none, retry: none })),
    });
    const report = await readReport(store);
    expect([report?.run.outcome, report?.run.reason?.includes('No part of them came within 0 looks.')]).toEqual([
      'partial',
      true,
    ]);
    expect((await keysOf(store, rawPrefix)).map((key) => key.split('/')[1])).toEqual(['ALPHA', 'GAMMA']);
  });

  test('names what no run touches, and goes on with a run that an earlier release began', async () => {
    const { store, options } = await worldOf();
    await store.put(`${rawPrefix}ALPHA/notes.txt`, new Uint8Array(1));
    const queue = queueOf();
    const driver = createQueueDriver({ options, queue });
    const none = (): undefined => undefined;
    const deliver = async (bodies: readonly HousecleaningMessage[]): Promise<void> =>
      driver.consume({ messages: bodies.map((body) => ({ body, attempts: 1, ack: none, retry: none })) });
    await driver.start('tick-1');
    await deliver(queue.waiting.splice(0));
    expect((await readReport(store))?.safety).toMatchObject({ foreignKeys: 1, foreign: ['"raw_tns/ALPHA/notes.txt"'] });
    // It remembered its cells alone.
    const cells = new TextEncoder().encode('[{"symbol":"ALPHA","date":"2024-08-08"}]');
    await store.put('housecleaning-parts/tick-0/cells.json', cells);
    expect(await driver.start('tick-0')).toEqual([{ symbol: 'ALPHA', date: '2024-08-08' }]);
    await deliver(queue.waiting.splice(0));
    expect(await readReport(store)).toMatchObject({ run: { id: 'tick-0' }, safety: { foreignKeys: 0 } });
  });

  test.each([
    ['after the other', false],
    ['while the other is worked on', true],
  ])('a message that comes twice, one %s, takes nothing back of what the first one did', async (_, atOnce) => {
    const { store, options } = await worldOfLost();
    const queue = queueOf();
    const outcomes: unknown[] = [];
    const driver = createQueueDriver({ options, queue, onMessage: (outcome) => outcomes.push(outcome) });
    const deliver = async (body: unknown): Promise<void> =>
      driver.consume({ messages: [{ body, attempts: 1, ack: () => undefined, retry: () => undefined }] });
    await driver.start('tick-1');
    const [cell, finish] = queue.waiting;
    if (atOnce) await Promise.all([deliver(cell), deliver(cell)]);
    else for (let times = 0; times < 3; times += 1) await deliver(cell);
    expect(outcomes.at(-1)).toMatchObject({ type: 'cell', report: { totals: { healed: 1, addedSources: 1 } } });
    await deliver(finish);
    await expectHealingTold(store, 'tick-1');
  });

  test('counts a part once whose answer was lost on the way', async () => {
    const { store, options } = await worldOfLost();
    const lossy: ObjectStore = {
      ...store,
      async put(key, ...rest) {
        const info = await store.put(key, ...rest);
        // As a store does that asks again by itself: the second request finds the first one.
        return key.includes('/part/') ? store.put(key, ...rest) : info;
      },
    };
    const queue = queueOf();
    const driver = createQueueDriver({ options: () => ({ ...options(), store: lossy }), queue });
    await driver.start('tick-1');
    const none = (): undefined => undefined;
    for (const body of queue.waiting)
      await driver.consume({ messages: [{ body, attempts: 1, ack: none, retry: none }] });
    await expectHealingTold(store, 'tick-1');
  });

  test('does nothing for a cell whose run is over: no report would tell of it', async () => {
    const { store, options } = await worldOf(['ALPHA']);
    const queue = queueOf();
    const outcomes: unknown[] = [];
    const driver = createQueueDriver({
      ...{ options, queue, maxRounds: 0 },
      onMessage: (outcome) => outcomes.push(outcome),
    });
    await driver.start('tick-1');
    const none = (): undefined => undefined;
    for (const body of [queue.waiting[1], queue.waiting[0]])
      await driver.consume({ messages: [{ body, attempts: 1, ack: none, retry: none }] });
    expect(outcomes).toMatchObject([{ type: 'finished', report: { run: { outcome: 'failed' } } }, { type: 'nothing' }]);
    expect(await keysOf(store, rawPrefix)).toHaveLength(1);
    expect(await keysOf(store, 'housecleaning-parts/')).toEqual([]);
  });

  test('a tick that came twice is one run', async () => {
    const { options } = await worldOf();
    const queue = queueOf();
    const driver = createQueueDriver({ options, queue });
    expect(await driver.start('tick-1')).toEqual(await driver.start('tick-1'));
    expect(queue.waiting).toHaveLength(8);
  });

  test('a tick without anything due reports that', async () => {
    const { store, options } = await worldOf([]);
    const queue = queueOf();
    const driver = createQueueDriver({ options, queue });
    expect(await driver.start('tick-1')).toEqual([]);
    const none = (): undefined => undefined;
    await driver.consume({ messages: queue.waiting.map((body) => ({ body, attempts: 1, ack: none, retry: none })) });
    expect(await readReport(store)).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 0 } });
  });

  test('asks again, later and later, for a message that it could not deal with', async () => {
    const { options } = await worldOf();
    const delays: (number | undefined)[] = [];
    const driver = createQueueDriver({ options, queue: queueOf() });
    const hostile = [
      null,
      'x',
      {},
      { v: 2, kind: 'cell' },
      { v: 1, kind: 'cell', runId: '../x', cell: { symbol: 'A', date: '2024-08-08' }, cells: 1 },
    ];
    await driver.consume({
      messages: hostile.map((body, i) => ({
        ...{ body, attempts: 1 + i * 5 },
        ack: () => delays.push(-1),
        retry: (options) => delays.push(options?.delaySeconds),
      })),
    });
    expect(delays).toEqual([15, 480, 3600, 3600, 3600]);
    await expect(driver.start('a/b')).rejects.toMatchObject({ code: 'bad-option' });
  });
});

describe('runWorkflow', () => {
  /** Steps that are remembered by their name, and fail as often as asked. */
  const stepsOf = (failures: Readonly<Record<string, number>> = {}): { step: WorkflowStepLike; names: string[] } => {
    const names: string[] = [];
    const failed = new Map<string, number>();
    const step: WorkflowStepLike = {
      async do(name, { retries }, work) {
        for (let attempt = 0; ; attempt += 1) {
          try {
            const due = (failed.get(name) ?? 0) < (failures[name] ?? 0);
            failed.set(name, (failed.get(name) ?? 0) + 1);
            if (due) throw new Error(`${name} failed`);
            const result = structuredClone(await work());
            names.push(name);
            return result;
          } catch (error) {
            if (attempt === retries.limit) throw error;
          }
        }
      },
    };
    return { step, names };
  };

  test('has two steps a cell, and reports', async () => {
    const { store, options } = await worldOf();
    const { step, names } = stepsOf({ 'BETA 2024-08-08: archive': 1, 'list cells': 1, report: 1 });
    const report = await runWorkflow(step, { options, runId: 'instance-1', lanes: 1 });
    expect(names).toEqual([
      'list cells',
      ...symbols.flatMap((symbol) => [`${symbol} 2024-08-08: archive`, `${symbol} 2024-08-08: prune`]),
      'report',
    ]);
    expect(report).toMatchObject({ run: { id: 'instance-1', outcome: 'ok' }, totals: { cells: 3, deletedSources: 3 } });
    expect(await keysOf(store, rawPrefix)).toEqual([]);
  });

  test('goes on when a cell fails for good', async () => {
    const { store, options } = await worldOf();
    const { step } = stepsOf({ 'BETA 2024-08-08: archive': 99 });
    const report = await runWorkflow(step, { options, runId: 'instance-1' });
    expect([report.run.outcome, report.run.reason?.includes('BETA 2024-08-08: archive failed')]).toEqual([
      'partial',
      true,
    ]);
    expect((await keysOf(store, rawPrefix)).map((key) => key.split('/')[1])).toEqual(['BETA']);
  });

  test.each([
    ['whose steps go well', {}],
    ['whose every step fails once', { 'ALPHA 2024-08-08: archive': 1, 'ALPHA 2024-08-08: prune': 1, report: 1 }],
  ])('tells what either step of a cell did, in a run %s', async (_, failures) => {
    const { store, options } = await worldOfLost();
    await runWorkflow(stepsOf(failures).step, { options, runId: 'instance-1' });
    await expectHealingTold(store, 'instance-1');
  });

  test('tells what was archived also where the step that prunes fails for good', async () => {
    const { store, options } = await worldOfLost();
    const { step } = stepsOf({ 'ALPHA 2024-08-08: prune': 99 });
    const report = await runWorkflow(step, { options, runId: 'instance-1' });
    expect(report).toMatchObject({
      run: { outcome: 'partial', reason: expect.stringContaining('ALPHA 2024-08-08: prune failed') as string },
      totals: { cells: 1, healed: 1, addedSources: 1, deletedSources: 0 },
    });
    expect(await readLastRun(store)).toMatchObject({ run: { id: 'instance-1' }, healed: [{ symbol: 'ALPHA' }] });
  });

  test('goes on with an instance whose step of an earlier release remembered the outcome alone', async () => {
    const { options } = await worldOf(['ALPHA']);
    const { step } = stepsOf();
    const old: WorkflowStepLike = {
      async do<Result>(
        name: string,
        config: Parameters<WorkflowStepLike['do']>[1],
        work: () => Promise<Result>,
      ): Promise<Result> {
        const result = await step.do(name, config, work);
        return name.endsWith(': archive') ? ('ok' as Result) : result;
      },
    };
    const report = await runWorkflow(old, { options, runId: 'instance-1' });
    expect(report).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 1, deletedSources: 1 } });
  });

  test('looks at archives beside, heals what is gone, and deletes nothing of them', async () => {
    const { store, options } = await worldOf();
    await runHousecleaning({ ...options(), nowMs: nowMs - 1, runId: 'before' });
    const [alpha, beta] = symbols.map((symbol) => ({ symbol, date: '2024-08-08' }));
    await store.delete([{ key: archiveKey(beta!) }]);
    for (const symbol of ['ALPHA', 'BETA']) {
      const tape = createTapeWriter({ store, symbol });
      await tape.append({ date: symbol === 'ALPHA' ? '2024-08-08' : '2024-08-09', seq: 1, line: '{"late":true}' });
      await tape.flush();
    }
    const { step, names } = stepsOf();
    const nothing = { symbol: 'NOTHING', date: '2024-08-08' };
    const beside = (): Cell[] => [alpha!, beta!, nothing];
    const report = await runWorkflow(step, { options, runId: 'instance-1', lanes: 1, beside });
    expect(names.slice(1, -1)).toEqual([
      ...['ALPHA 2024-08-08: archive', 'ALPHA 2024-08-08: prune', 'BETA 2024-08-09: archive', 'BETA 2024-08-09: prune'],
      ...['BETA 2024-08-08: prove', 'NOTHING 2024-08-08: prove'],
    ]);
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([
      { ...alpha, state: 'archived', generation: 2, deletedSources: 1 },
      { symbol: 'BETA', date: '2024-08-09', state: 'archived', deletedSources: 1 },
      { ...beta, state: 'archived', generation: 1, healed: { replaced: null } },
      { ...nothing, state: 'empty' },
    ]);
    expect(await readLastRun(store)).toMatchObject({ healed: [beta] });
  });

  test('reports an archive beside that cannot be proven', async () => {
    const { store, options } = await worldOf();
    await runHousecleaning({ ...options(), nowMs: nowMs - 1, runId: 'before' });
    const cell = { symbol: 'ALPHA', date: '2024-08-08' };
    await store.put(archiveKey(cell), new Uint8Array(9));
    for (const key of await keysOf(store, 'housecleaning/v1/stage/ALPHA/')) await store.delete([{ key }]);
    const given = { options, runId: 'instance-1' };
    const report = await runWorkflow(stepsOf().step, { ...given, beside: () => [cell] });
    expect(report).toMatchObject({
      run: { outcome: 'partial' },
      cells: [{ ...cell, state: 'quarantined', problem: expect.stringMatching(/./) as string }],
    });
    const { step } = stepsOf({ 'BETA 2024-08-08: prove': 99 });
    const beside = (): Cell[] => [{ ...cell, symbol: 'BETA' }];
    const next = await runWorkflow(step, { ...given, runId: 'instance-2', beside });
    expect(next.run.reason).toContain('BETA 2024-08-08: prove failed');
  });

  test('names what no run touches', async () => {
    const { store, options } = await worldOf();
    await store.put(`${rawPrefix}sanity-info.json`, new Uint8Array(1));
    const report = await runWorkflow(stepsOf().step, { options, runId: 'instance-1' });
    expect(report.safety).toMatchObject({ foreignKeys: 1, foreign: ['"raw_tns/sanity-info.json"'] });
    const [cell] = report.cells;
    const given = () => ({ ...options(), cells: [cell!] });
    expect((await runWorkflow(stepsOf().step, { options: given, runId: 'instance-2' })).safety.foreign).toEqual([]);
  });

  test('reports a store where nothing is due', async () => {
    const { options } = await worldOf([]);
    const report = await runWorkflow(stepsOf().step, { options, runId: 'instance-1' });
    expect(report).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 0 } });
  });
});
