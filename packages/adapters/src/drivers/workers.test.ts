import { readReport, type HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { rawPrefix } from '@tapekit/housecleaning/keys';
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

  test('reports a store where nothing is due', async () => {
    const { options } = await worldOf([]);
    const report = await runWorkflow(stepsOf().step, { options, runId: 'instance-1' });
    expect(report).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 0 } });
  });
});
