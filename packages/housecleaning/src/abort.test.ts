import { describe, expect, test } from 'vitest';
import { readLastRun } from './housecleaning.ts';
import { archiveKey, envKey, journalPrefix, manifestPrefix, reportKey, stagePrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { cell, createWorld, damage, type TestWorld } from './internal/world.fixture.ts';

/** A store that never answers the first put below this prefix; aborts as soon as it is asked for. */
function silentFor(world: TestWorld, prefix: string, abort: () => void): ObjectStore {
  let isSilent = false;
  return {
    ...world.store,
    put(key, body, options) {
      if (isSilent || !key.startsWith(prefix)) return world.store.put(key, body, options);
      isSilent = true;
      abort();
      return new Promise((_, reject) => {
        const stop = (): void => reject(options!.signal!.reason as Error);
        if (options?.signal?.aborted) stop();
        else options?.signal?.addEventListener('abort', stop);
      });
    },
  };
}

describe('an abort', () => {
  test.each([
    ['the stamp of a new store', envKey, {}],
    ['the consent', journalPrefix, {}],
    ['the manifest', manifestPrefix, {}],
    ['the staged copy', stagePrefix, {}],
    ['the staged copy that is streamed', stagePrefix, { bufferBytes: 0 }],
    ['the archive', archiveKey(cell), {}],
  ])('ends the wait for a put of %s, and the report is written', async (_, prefix, options) => {
    const world = createWorld();
    await world.put(0);
    const given = new AbortController();
    const store = silentFor(world, prefix, () => setImmediate(() => given.abort(new Error('enough'))));
    const report = await world.run({ ...options, store, signal: given.signal });
    expect(['failed', 'partial']).toContain(report.run.outcome);
    expect(`${report.run.reason} ${report.cells[0]?.problem}`).toContain('enough');
    expect(await world.keys('raw_tns/')).toHaveLength(1);
    expect(await world.store.head(reportKey)).toBeDefined();
  });

  test('ends the wait for the put that heals, and a later run heals', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    await damage(world.store, archiveKey(cell));
    const given = new AbortController();
    const store = silentFor(world, archiveKey(cell), () => setImmediate(() => given.abort(new Error('enough'))));
    const report = await world.run({ cells: [cell], store, signal: given.signal });
    expect(`${report.run.reason} ${report.cells[0]?.problem}`).toContain('enough');
    expect((await world.run({ cells: [cell] })).totals).toMatchObject({ healed: 1 });
    expect(await readLastRun(world.store)).toMatchObject({ totals: { healed: 1 } });
  });
});
