import { describe, expect, test } from 'vitest';
import { mergeReports, type HousecleaningOptions, type RecordFacts } from './housecleaning.ts';
import { createMarketCalendar } from './calendar.ts';
import { archiveKey, manifestKey, reportKey } from './keys.ts';
import { readArchiveManifest } from './restore.ts';
import { utcDay } from './days.ts';
import type { SafetyOptions } from './safety.ts';
import { encodeManifest, parseManifest, type ArchiveManifest } from './internal/manifest.ts';
import { createRecordReader } from './internal/records.ts';
import { sha256Hex } from './internal/sha256.ts';
import { toUtf8 } from './internal/utf8.ts';
import { cell, createWorld, dueMs, mutationsOf, writtenMs } from './internal/world.fixture.ts';

const safety: SafetyOptions = {
  ...{ day: utcDay, roster: ['BTCUSDT'], warmUpMs: 30 * 60_000, freshMs: 30 * 60_000, quorum: 0.8 },
  onUnsafe: 'halt',
};

describe('the safety check of the ingest', () => {
  test('halts a run in a store without today’s data, before anything is changed', async () => {
    const world = createWorld();
    await world.put(0);
    const { counted, mutations } = mutationsOf(world.store);
    const report = await world.run({ store: counted, safety });
    expect(report.run.outcome).toBe('halted');
    expect(report.safety).toMatchObject({ ok: false, verdict: 'halt', evidence: { alive: 0, required: 1 } });
    expect(report.run.reason).toMatch(/At most 0 of 1 symbols have data of the session 2026-11-21/);
    expect(mutations()).toEqual(['put housecleaning/v1/clock.json', `put ${reportKey}`]);
  });

  test('lets a run archive and delete nothing where that is wanted', async () => {
    const world = createWorld();
    await world.put(0);
    const report = await world.run({ safety: { ...safety, onUnsafe: 'archive-only' } });
    expect(report.run.outcome).toBe('partial');
    expect(report.safety).toMatchObject({ ok: true, verdict: 'archive-only' });
    expect(report.cells).toMatchObject([{ state: 'verified', generation: 1, deletedSources: 0 }]);
    expect(report.cells[0]?.problem).toMatch(/the safety check let nothing be deleted/);
    expect(await world.keys('raw_tns/')).toHaveLength(1);
  });

  test('is passed with data of today', async () => {
    const world = createWorld();
    await world.put(0);
    world.clock.nowMs = dueMs - 60_000;
    await world.put(0, { symbol: 'BTCUSDT', date: '2026-11-21' });
    const report = await world.run({ safety });
    expect(report.run.outcome).toBe('ok');
    expect(report.safety).toMatchObject({ verdict: 'go', evidence: { alive: 1, session: '2026-11-21' } });
    expect(report.cells.map(({ state }) => state)).toEqual(['archived', 'open']);
  });

  test('asks for one meaning of a day', async () => {
    const world = createWorld();
    await expect(world.run({ safety, day: { tz: 'Asia/Jakarta', dayStart: '00:00' } })).rejects.toThrow(
      'expected the same day as safety.day, or to be left out',
    );
  });
});

describe('a gap', () => {
  const calendar = createMarketCalendar({
    ...{ tz: 'UTC', from: '2026-01-01', to: '2026-12-31', closed: ['2026-11-18'] },
    hours: [{ name: 'day', from: '00:00', to: '24:00' }],
  });
  test('is a day without data on which the market traded', async () => {
    const world = createWorld();
    world.clock.nowMs = dueMs - 60_000;
    await world.put(0, { symbol: 'BTCUSDT', date: '2026-11-21' });
    const asked = ['2026-11-17', '2026-11-18'].map((date) => ({ symbol: 'BTCUSDT', date }));
    const report = await world.run({
      safety: { ...safety, calendar },
      cells: [...asked, { ...asked[0]!, symbol: 'NEW' }],
    });
    expect(report.cells.map(({ state, gap }) => [state, gap])).toEqual([
      ['empty', true],
      ['empty', false],
      ['empty', false],
    ]);
    expect(report.totals).toMatchObject({ gaps: 1, problems: 1 });
    expect(report.run.outcome).toBe('partial');
    expect(report.cells[0]?.problem).toMatch(/^Gap: the market traded on this day/);
    expect(mergeReports([report, report]).totals.gaps).toBe(2);
  });
});

describe('describeRecord', () => {
  const describeRecord = (line: string): RecordFacts | undefined => {
    const { t, id, m, q } = JSON.parse(line) as { t: number; id: number; m: boolean; q: string };
    return { timeMs: t, id: String(id), side: m ? 'sell' : 'buy', size: q };
  };
  const lines = [
    { t: writtenMs, id: 7, m: true, q: '0.1' },
    { t: writtenMs + 5, id: 8, m: false, q: '0.2' },
    { t: writtenMs - 86_400_000, id: 9, m: true, q: '12.30' },
  ].map((record) => JSON.stringify(record));

  test.each<Partial<HousecleaningOptions>>([{}, { bufferBytes: 0 }])(
    'puts times, ids and volume into the manifest and misdated records into the report: %o',
    async (more) => {
      const world = createWorld();
      const key = `raw_tns/BTCUSDT/2026-11-19/a.jsonl`;
      await world.store.put(key, toUtf8(`${lines.join('\n')}\nno record\n`));
      const report = await world.run({ describeRecord, writers: 'overwriting', ...more });
      expect(report.cells).toMatchObject([{ state: 'archived', lines: 4, misdated: 1 }]);
      const manifest = await readArchiveManifest(world.store, cell);
      expect(manifest?.sources[0]?.records).toEqual({
        ...{ minTimeMs: writtenMs - 86_400_000, maxTimeMs: writtenMs + 5, firstId: '7', lastId: '9' },
        ...{ volume: { buy: '0.2', sell: '12.4', unknown: '0' }, undescribed: 1, misdated: 1 },
      });
      expect(manifest?.multiset.volume).toEqual({ buy: '0.2', sell: '12.4', unknown: '0' });
      // A later generation keeps what the one before knew.
      world.clock.nowMs = writtenMs;
      await world.store.put(`${key}.b`, toUtf8(`${lines[1]!}\n`));
      await world.run({ describeRecord, writers: 'overwriting', ...more });
      const next = await readArchiveManifest(world.store, cell);
      expect(next?.sources.map(({ records }) => records?.volume.buy)).toEqual(['0.2', '0.2']);
      expect(next?.multiset.volume).toEqual({ buy: '0.4', sell: '12.4', unknown: '0' });
    },
  );

  test('leaves out what nobody described', async () => {
    const world = createWorld();
    await world.put(0);
    const report = await world.run();
    expect(report.cells[0]?.misdated).toBeNull();
    const manifest = await readArchiveManifest(world.store, cell);
    expect(manifest?.sources[0]).not.toHaveProperty('records');
    expect(manifest?.multiset).not.toHaveProperty('volume');
  });

  test('reads records however the bytes are cut', () => {
    const bytes = toUtf8(lines.join('\n'));
    const day = { startMs: writtenMs, endMs: writtenMs + 10 };
    const whole = createRecordReader(describeRecord, day);
    whole.push(bytes);
    const expected = whole.finish();
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = createRecordReader(describeRecord, day);
      // The owner of a piece uses it again.
      const piece = bytes.slice(0, cut);
      reader.push(piece);
      piece.fill(0);
      reader.push(bytes.subarray(cut));
      expect(reader.finish()).toEqual(expected);
    }
  });
});

describe('hc-manifest/1', () => {
  test('is read for ever, and the next generation is hc-manifest/2', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const day = { ...(await readArchiveManifest(world.store, cell))!.day };
    delete (day as { dayStart?: unknown }).dayStart;
    const old: ArchiveManifest = { ...(await readArchiveManifest(world.store, cell))!, schema: 'hc-manifest/1', day };
    const bytes = encodeManifest(old);
    const sha256 = await sha256Hex(bytes);
    await world.store.put(manifestKey(cell, sha256), bytes);
    const archive = (await world.store.get(archiveKey(cell)))!;
    await world.store.put(archiveKey(cell), await archive.bytes(), {
      metadata: { ...archive.metadata, manifest: sha256 },
    });
    world.clock.nowMs = writtenMs;
    await world.put(2);
    expect((await world.run()).cells).toMatchObject([{ state: 'archived', generation: 2 }]);
    const next = await readArchiveManifest(world.store, cell);
    expect([next?.schema, next?.supersedes]).toEqual(['hc-manifest/2', sha256]);
  });

  test('has the day of UTC and no other; hc-manifest/2 the day of its own zone', async () => {
    const world = createWorld();
    await world.put(0);
    await world.run();
    const manifest = (await readArchiveManifest(world.store, cell))!;
    const parse = (more: object) => () => parseManifest(encodeManifest({ ...manifest, ...more }), cell);
    expect(parse({})).not.toThrow();
    expect(parse({ schema: 'hc-manifest/1' })).toThrow('its day is not the one of its date');
    expect(parse({ schema: 'hc-manifest/3' })).toThrow('its schema is "hc-manifest/3"');
    expect(parse({ day: { ...manifest.day, tz: 'Asia/Jakarta' } })).toThrow('its day is not the one of its date');
    expect(parse({ day: { ...manifest.day, tz: '' } })).toThrow('a part of it is missing');
    expect(parse({ day: { ...manifest.day, endMs: manifest.day.endMs + 1 } })).toThrow('its day is not');
  });
});
