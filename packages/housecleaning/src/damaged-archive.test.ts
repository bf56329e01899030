import { describe, expect, test } from 'vitest';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import {
  applyPlan,
  explainCell,
  finishParts,
  planHousecleaning,
  readLastRun,
  readReport,
  resolveQuarantine,
  runPart,
} from './housecleaning.ts';
import { archiveKey, clockKey, envKey, manifestKey, quarantineKey, reportKey } from './keys.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';
import { sha256Hex } from './internal/sha256.ts';
import { cell, createWorld, damage, dueMs, env, writtenMs } from './internal/world.fixture.ts';

describe('a damaged archive', () => {
  test('is healed from its staged copy', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    await damage(world.store, archiveKey(cell));
    const report = await world.run({ cells: [cell] });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 1, problem: null }]);
    expect(await world.lines()).toEqual(['{"seq":0}', '{"seq":1}']);
  });

  test('that was healed is told: in the report, the totals and the journal, with what was replaced by what', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    expect(await readReport(world.store)).toMatchObject({ cells: [{ healed: null }], totals: { healed: 0 } });
    await damage(world.store, archiveKey(cell));
    const rotten = (await world.store.head(archiveKey(cell)))!;
    const stage = (await world.keys('housecleaning/v1/stage/'))[0]!;
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    const healed = {
      fault: expect.stringMatching(/gzip|SHA-256|deflate|digest/) as string,
      replaced: { etag: rotten.etag, bytes: rotten.size },
      stage,
      gzSha256: await sha256Hex(await (await world.store.get(stage))!.bytes()),
    };
    expect(report.run.outcome).toBe('ok');
    expect(report.cells).toMatchObject([{ healed }]);
    expect(report.totals).toMatchObject({ healed: 1, problems: 0 });
    expect(await readReport(world.store)).toMatchObject({ cells: [{ healed }], totals: { healed: 1 } });
    expect(await readLastRun(world.store)).toMatchObject({ totals: { healed: 1 }, healed: [{ ...cell, ...healed }] });
    expect((await world.run({ cells: [cell], nowMs: dueMs + 2 })).totals).toMatchObject({ healed: 0 });
  });

  test('that was healed by a part of a run is told by the whole', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    await damage(world.store, archiveKey(cell));
    const options = world.options({ cells: [cell], runId: 'parts', nowMs: dueMs + 1 });
    const report = await finishParts(options, [await runPart(options), await runPart({ ...options, cells: [] })]);
    expect(report.totals).toMatchObject({ healed: 1 });
    expect(await readLastRun(world.store)).toMatchObject({ run: { id: 'parts' }, healed: [cell] });
  });

  test('that only lost its metadata gets it back, where its bytes are those of the one newest manifest', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    world.clock.nowMs = writtenMs;
    await world.put(2);
    await world.run();
    const { metadata } = (await world.store.head(archiveKey(cell)))!;
    await world.store.put(archiveKey(cell), await (await world.store.get(archiveKey(cell)))!.bytes());
    expect(await explainCell(world.options(), cell)).toMatchObject({
      next: expect.stringContaining('a run names its manifest again') as string,
    });
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    expect(report.cells).toMatchObject([{ state: 'archived', generation: 2, healed: { stage: null }, problem: null }]);
    expect((await world.store.head(archiveKey(cell)))!.metadata).toEqual(metadata);
    expect(await world.lines()).toHaveLength(4);
  });

  test('that lost its metadata and is of an older generation is quarantined: newer records may be gone', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const older = await (await world.store.get(archiveKey(cell)))!.bytes();
    world.clock.nowMs = writtenMs;
    await world.put(2);
    await world.run();
    await world.store.put(archiveKey(cell), older);
    const report = await world.run({ cells: [cell], nowMs: dueMs + 1 });
    expect(report.cells).toMatchObject([{ state: 'quarantined', healed: null }]);
    expect(report.cells[0]?.problem).toContain('"restore-from-stage"');
    const explained = await explainCell(world.options(), cell);
    expect(explained.next).toContain('"restore-from-stage"');
    await resolveQuarantine(world.store, cell, 'restore-from-stage');
    expect((await world.run({ cells: [cell], nowMs: dueMs + 2 })).cells).toMatchObject([
      { state: 'archived', generation: 2 },
    ]);
    expect(await world.lines()).toHaveLength(4);
  });

  test('whose staged copy is damaged too is quarantined: nothing is built on it, nothing deleted, until an operator has looked', async () => {
    const world = createWorld();
    await world.put(0);
    const whole = await world.run();
    const stage = (await world.keys('housecleaning/v1/stage/'))[0]!;
    const copy = await (await world.store.get(stage))!.bytes();
    await damage(world.store, archiveKey(cell));
    await damage(world.store, stage);
    world.clock.nowMs = writtenMs;
    await world.put(2);
    for (let i = 0; i < 2; i++) {
      const report = await world.run();
      expect(report.run.outcome).toBe('partial');
      expect(report.cells).toMatchObject([{ state: 'quarantined', deletedSources: 0, verifiedAtMs: null }]);
      expect(await world.keys('raw_tns/')).toHaveLength(1);
    }
    // The operator puts the right bytes back and takes the record away.
    await world.store.put(archiveKey(cell), copy, { metadata: (await world.store.head(archiveKey(cell)))!.metadata });
    await world.store.delete([{ key: quarantineKey(cell) }]);
    const healed = await world.run();
    expect(healed.cells).toMatchObject([{ state: 'archived', generation: 2, sources: 2, deletedSources: 1 }]);
    expect(whole.cells[0]?.sha256).not.toBe(healed.cells[0]?.sha256);
  });

  test.each(['manifest', 'own manifest', 'metadata', 'environment'] as const)(
    'without its %s is quarantined',
    async (what) => {
      const world = createWorld();
      await world.put(0);
      await world.run();
      const manifest = (await world.keys('housecleaning/v1/manifest/'))[0]!;
      expect(manifest).toBe(manifestKey(cell, (await readReport(world.store))!.cells[0]!.manifestSha256!));
      if (what === 'manifest') await world.store.delete([{ key: manifest }]);
      if (what === 'own manifest') {
        // Another manifest under the name of the right one, sound in itself.
        const text = fromUtf8(await (await world.store.get(manifest))!.bytes());
        await world.store.put(manifest, toUtf8(text.replace(/"uploadedMs":\d+/, '"uploadedMs":7')));
      }
      if (what === 'metadata') {
        await world.store.put(archiveKey(cell), new Uint8Array(9));
        // Else a run heals it: see unnamed-archive.test.ts.
        await world.store.delete((await world.keys('housecleaning/v1/stage/')).map((key) => ({ key })));
      }
      let env2 = env;
      if (what === 'environment') {
        env2 = { env: 'test', bucketId: 'other' };
        await world.store.delete([{ key: envKey }]);
      }
      world.clock.nowMs = writtenMs;
      await world.put(2);
      const { hash } = await planHousecleaning(world.options({ env: env2 }));
      const report = await applyPlan({ ...world.options({ env: env2 }), plan: hash });
      expect(report.cells).toMatchObject([{ state: 'quarantined' }]);
      expect(await world.keys('raw_tns/')).toHaveLength(1);
    },
  );

  test('is no bit that flips on the way: a second look decides', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const clean = createFaultStore(world.store);
    await world.run({ store: clean.store, cells: [cell] });
    const at = clean.log.findIndex(({ op, subject }) => op === 'get' && subject === archiveKey(cell));
    const flipped = createFaultStore(world.store, { at, kind: 'bit-flip' });
    const report = await world.run({ store: flipped.store, cells: [cell] });
    expect(report.cells).toMatchObject([{ state: 'archived', problem: null }]);
    const changed = flipped.log.filter(({ op }) => op === 'put' || op === 'delete').map(({ subject }) => subject);
    expect(changed).toEqual([clockKey, reportKey]);
  });
});
