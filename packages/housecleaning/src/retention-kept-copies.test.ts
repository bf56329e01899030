import { beforeEach, describe, expect, test } from 'vitest';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { defaultCodec } from './codec.ts';
import { archiveKey, manifestKey, manifestPrefix, quarantineKey, quarantinePrefix } from './keys.ts';
import { verifyArchive } from './restore.ts';
import type { ObjectStore } from './object-store.ts';
import { planBulkDelete, type RetentionRule } from './retention.ts';
import { keepCopy } from './internal/keep-copy.ts';
import { asPieces } from './internal/open-archive.ts';
import {
  cell,
  createWorld,
  dayMs,
  env,
  secret,
  superseded,
  type RetentionWorld,
} from './internal/retention.fixture.ts';
import { collect } from './internal/streams.ts';
import { toUtf8 } from './internal/utf8.ts';

const key = archiveKey(cell);
const rule = (over: Partial<Extract<RetentionRule, { what: 'kept-copies' }>> = {}): RetentionRule => ({
  ...{ what: 'kept-copies', olderThan: 'P30D', keepLast: 0 },
  ...over,
});
const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));

let world: RetentionWorld;
beforeEach(async () => {
  world = createWorld();
  await world.generation('a.jsonl');
});

/** What a healing leaves of `bytes` that lay in the place of the archive, in which the right one lies again afterwards. */
async function keep(bytes: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<string> {
  const archive = (await world.store.get(key))!;
  const right = await archive.bytes();
  const { etag } = await world.store.put(key, bytes, { metadata: metadata ?? archive.metadata });
  const name = await keepCopy(world.store, cell, etag);
  await world.store.put(key, right, { metadata: archive.metadata });
  return name!;
}
const gzipOf = async (text: string): Promise<Uint8Array> => collect(defaultCodec().deflate(asPieces(toUtf8(text))));
const live = async (): Promise<Uint8Array> => (await world.store.get(key))!.bytes();
const planned = async (of = rule()): Promise<readonly string[]> =>
  (await world.plan([of])).targets.map(({ key: name }) => name);

describe('a kept copy', () => {
  test('of a healed archive goes 30 days after it was made, with a plan and its token, and nothing else does', async () => {
    const archive = (await world.store.get(key))!;
    await world.store.put(key, flip(await archive.bytes()), { metadata: archive.metadata });
    const [healed] = (await world.generation('b.jsonl')).cells;
    const { keptAs } = healed!.healed!.replaced!;
    world.clock.nowMs += 30 * dayMs - 1;
    expect(await planned()).toEqual([]);
    world.clock.nowMs += 1;
    const plan = await world.plan([rule()]);
    expect(plan.targets.map((target) => target.key)).toEqual([keptAs]);
    expect(plan.byPrefix).toMatchObject({ [quarantinePrefix]: { objects: 1 } });
    const before = await world.keys('');
    expect(await world.run(plan)).toMatchObject({ deleted: 1, kept: [], remaining: 0 });
    const after = await world.keys('');
    expect(before.filter((name) => !after.includes(name))).toEqual([keptAs]);
    expect(await verifyArchive(world.store, cell)).toMatchObject({ ok: true });
  });

  test('of an archive that was rolled back goes: the archive holds what its generation did', async () => {
    const first = await live();
    await world.generation('b.jsonl');
    const names = [await keep(first, {}), await keep(flip(await live()))];
    world.clock.nowMs += 30 * dayMs;
    expect([...(await planned())].sort()).toEqual(names.sort());
  });

  test('of a generation that holds more than the archive stays, whether it can be read or not', async () => {
    const first = (await world.store.get(key))!;
    const bytes = await first.bytes();
    await world.generation('b.jsonl');
    const second = (await world.store.get(key))!;
    const more = await second.bytes();
    // Somebody puts generation 1 back.
    await world.store.put(key, bytes, { metadata: first.metadata });
    const names = [await keep(more, {}), await keep(flip(more), second.metadata)];
    world.clock.nowMs += 300 * dayMs;
    const plan = await world.plan([rule()]);
    expect(plan.objects).toBe(0);
    expect([...plan.kept].sort()).toEqual(
      names
        .map(
          (name) =>
            `BTCUSDT/2026-01-02: "${name}" holds what manifest "${manifestPrefix}BTCUSDT/2026-01-02/` +
            `${second.metadata['manifest']}.json" names, and the archive does not`,
        )
        .sort(),
    );
  });

  test('of unknown content stays and is told, until its key is in lookedAt', async () => {
    const archive = await live();
    const contents = [
      // A file of another system; damaged bytes that nothing names; more bytes than the manifest names.
      await keep(toUtf8('{"of":"somebody else"}\n'), {}),
      await keep(flip(archive), {}),
      await keep(new Uint8Array([...flip(archive), 0])),
      await keep(flip(archive), { ...(await world.store.head(key))!.metadata, manifest: '0'.repeat(64) }),
      // What never was an archive is not a damaged one, whatever its metadata say.
      await keep(toUtf8('{"of":"a plain file"}\n')),
      await keep(await gzipOf('{"of":"a whole file"}\n')),
    ];
    const names = [...new Set(contents)].sort();
    expect(names).toHaveLength(5);
    world.clock.nowMs += 300 * dayMs;
    const plan = await world.plan([rule()]);
    expect(plan.objects).toBe(0);
    expect(plan.kept[0]).toMatch(
      /"housecleaning.*\.damaged" holds what no manifest names, nor is it what manifest ".*" names, .*; look at it, then put its key into "lookedAt" of the rule$/,
    );
    expect(plan.kept).toHaveLength(5);
    expect(await planned(rule({ lookedAt: [names[1]!] }))).toEqual([names[1]]);
    const all = await world.plan([rule({ lookedAt: names })]);
    expect(await world.run(all)).toMatchObject({ deleted: 5 });
    expect((await world.keys(quarantinePrefix)).filter((name) => name.endsWith('.damaged'))).toEqual([]);
  });

  test('stays as long as the archive is not proven, is gone, or its cell is in quarantine, also one that was looked at', async () => {
    const name = await keep(flip(await live()));
    world.clock.nowMs += 300 * dayMs;
    const looked = rule({ lookedAt: [name] });
    const plan = await world.plan([looked]);
    expect(plan.objects).toBe(1);
    const archive = (await world.store.get(key))!;
    const right = await archive.bytes();
    const why = async () => {
      const { targets, kept } = await world.plan([looked]);
      expect(targets).toEqual([]);
      await expect(world.run(plan)).rejects.toMatchObject({ code: 'plan-changed' });
      return kept[0];
    };
    await world.store.put(key, flip(right), { metadata: archive.metadata });
    expect(await why()).toMatch(/^BTCUSDT\/2026-01-02: its kept copies: /);
    await world.store.delete([{ key }]);
    expect(await why()).toBe('BTCUSDT/2026-01-02: its kept copies: has no archive');
    await world.store.put(key, right, { metadata: archive.metadata });
    await world.put(quarantineKey(cell), '{}');
    expect(await why()).toBe('BTCUSDT/2026-01-02: its kept copies: in quarantine');
  });

  test('stays if it is not what its name says, and if it arrives wrong', async () => {
    const archive = await live();
    const name = await keep(flip(archive));
    world.clock.nowMs += 30 * dayMs;
    for (const kind of ['bit-flip', 'short-body'] as const) {
      const { store } = createFaultStore(world.store, ({ op, subject }) =>
        op === 'get' && subject === name ? { kind } : undefined,
      );
      const limits = { allow: [], minDepth: 1, nowMs: world.clock.nowMs, secret, env };
      expect(await planBulkDelete(store, [rule()], limits)).toMatchObject({ objects: 0, kept: [expect.anything()] });
    }
    await world.put(name, 'overwritten');
    world.clock.nowMs += 30 * dayMs;
    const { targets, kept } = await world.plan([rule({ lookedAt: [name] })]);
    expect(targets).toEqual([]);
    expect(kept[0]).toMatch(/does not have the digest of its name/);
  });

  test('is left alone if its archive is another one by the time of the batch', async () => {
    const name = await keep(flip(await live()));
    world.clock.nowMs += 30 * dayMs;
    const plan = await world.plan([rule()]);
    let isListed = false;
    const racing: ObjectStore = {
      ...world.store,
      async head(subject, options) {
        // The first look at the archive is that of the batch.
        if (subject === key && isListed) await world.generation('late.jsonl');
        return world.store.head(subject, options);
      },
      list(options) {
        isListed = true;
        return world.store.list(options);
      },
    };
    const result = await world.run(plan, {}, racing);
    expect(result).toMatchObject({ deleted: 0 });
    expect(result.kept).toEqual([`"${name}": its archive is another one by now; plan again`]);
  });

  test('goes before the manifest that names it, whatever the order of the rules, and a killed run goes on', async () => {
    const first = await live();
    for (const name of ['b', 'c', 'd']) {
      world.clock.nowMs += dayMs;
      await world.generation(`${name}.jsonl`);
    }
    const copy = await keep(first, {});
    world.clock.nowMs += 31 * dayMs;
    const plan = await world.plan([superseded, rule()]);
    expect(plan.targets.map(({ key: name }) => name)[0]).toBe(copy);
    expect(plan.objects).toBe(3);
    expect(await world.run(plan, { maxDeletes: 1 })).toMatchObject({ deleted: 1, remaining: 2 });
    expect(await world.run(plan)).toMatchObject({ deleted: 2, absent: 1, remaining: 0 });
  });

  test('is one of the newest that stay, cell by cell', async () => {
    const other = { symbol: 'BTCUSD', date: cell.date };
    await world.generation('a.jsonl', other);
    const names: string[] = [];
    for (let i = 0; i < 3; i++) {
      world.clock.nowMs += dayMs;
      const bytes = await live();
      bytes[20 + i]! ^= 1;
      names.push(await keep(bytes));
    }
    world.clock.nowMs += 40 * dayMs;
    expect(await planned(rule({ keepLast: 2 }))).toEqual([names[0]]);
    expect(await planned(rule({ keepLast: 3 }))).toEqual([]);
  });
});

describe('a kept copy that is no whole archive, under the metadata of one', () => {
  const stampOf = async () => (await world.store.head(key))!.metadata;
  const isToldOf = async (names: readonly string[], why: RegExp): Promise<void> => {
    const { targets, kept } = await world.plan([rule()]);
    expect(targets).toEqual([]);
    expect(kept).toHaveLength(names.length);
    for (const [i, told] of [...kept].sort().entries()) {
      expect(told).toMatch(why);
      expect(told).toContain([...names].sort()[i]);
    }
    expect([...(await planned(rule({ lookedAt: names })))].sort()).toEqual([...names].sort());
  };

  test('stays if it may be of something else, and is told: a text, other lines, whole or not, a later generation cut short', async () => {
    const stamp = await stampOf();
    const { size } = (await world.store.head(key))!;
    await world.generation('b.jsonl');
    const later = await live();
    const alien = await gzipOf('{"of":"somebody"}\n');
    const names = [
      await keep(toUtf8('{"of":"somebody else"}\n')),
      await keep(alien.subarray(0, -8)),
      await keep(flip(alien)),
      await keep(alien),
      await keep(new Uint8Array([...alien.subarray(0, -9), ...alien])),
      await keep(later.subarray(0, size), stamp),
    ];
    world.clock.nowMs += 300 * dayMs;
    await isToldOf(
      names,
      /" holds what no manifest names, nor is it what manifest ".*" names, cut short or with a few bytes flipped; look at it, then put its key into "lookedAt" of the rule$/,
    );
  });

  test('goes if it is that archive, cut short, with a flipped bit or with an end that was never written', async () => {
    const archive = await live();
    const names: string[] = [];
    for (const bytes of [
      flip(archive),
      flip(archive).map((byte, i) => (i === 12 ? byte ^ 64 : byte)),
      archive.subarray(0, -1),
      archive.subarray(0, 15),
      archive.subarray(0, 0),
      // Its only block ends at once, and all the rest comes after its end.
      archive.map((byte, i) => (i === 10 ? 3 : i === 11 ? 0 : byte)),
      archive.map((byte, i) => (i < 30 ? byte : 0)),
      // Its content in the frame of another tool, with a time and another system.
      archive.map((byte, i) => ((i > 3 && i < 8) || i === 9 ? byte ^ 1 : byte)),
    ])
      names.push(await keep(bytes));
    world.clock.nowMs += 30 * dayMs;
    expect([...(await planned())].sort()).toEqual(names.sort());
  });

  test('goes without metadata too, as a folder leaves a file that was cut short, and only if it is the archive', async () => {
    const archive = await live();
    const own = [archive.subarray(0, -1), archive.subarray(0, 20), flip(archive), new Uint8Array(archive.length)];
    const names: string[] = [];
    for (const bytes of own) names.push(await keep(bytes, {}));
    const alien = await keep((await gzipOf('{"of":"somebody"}\n')).subarray(0, -8), {});
    world.clock.nowMs += 30 * dayMs;
    const { kept } = await world.plan([rule()]);
    expect([...(await planned())].sort()).toEqual(names.sort());
    expect(kept).toHaveLength(1);
    expect(kept[0]).toContain(alien);
  });

  test('is compared with the staged copy of a generation that came before, as long as there is a sound one', async () => {
    const [stamp, first] = [await stampOf(), await live()];
    await world.generation('b.jsonl');
    const name = await keep(flip(first), stamp);
    world.clock.nowMs += 30 * dayMs;
    expect(await planned()).toEqual([name]);
    const stage = (await world.store.get(stamp['stage']!))!;
    await world.store.put(stage.key, flip(first));
    const why = new RegExp(
      `may hold what no manifest names: no sound staged copy of manifest "${manifestKey(cell, stamp['manifest']!)}" is there to compare it with`,
    );
    await isToldOf([name], why);
    await world.store.delete([{ key: stage.key }]);
    await isToldOf([name], why);
    await world.store.put(stage.key, first);
    expect(await planned()).toEqual([name]);
  });

  test('stays if it arrives otherwise when it is compared', async () => {
    const name = await keep(flip(await live()));
    world.clock.nowMs += 30 * dayMs;
    for (const at of [2, 3]) {
      let reads = 0;
      const { store } = createFaultStore(world.store, ({ op, subject }) => {
        if (op !== 'get' || (subject !== name && subject !== key)) return undefined;
        reads += 1;
        // The archive is proven, the copy read, then both once more.
        return reads === at + 1 ? { kind: 'bit-flip' } : undefined;
      });
      const limits = { allow: [], minDepth: 1, nowMs: world.clock.nowMs, secret, env };
      expect(await planBulkDelete(store, [rule()], limits)).toMatchObject({ objects: 0, kept: [expect.anything()] });
      expect(reads).toBe(4);
    }
  });
});

test('the rule refuses a short age and keys of anything but copies; its plan is bound to them', async () => {
  const name = await keep(toUtf8('unknown'), {});
  world.clock.nowMs += 30 * dayMs;
  await expect(world.plan([rule({ olderThan: 'P29D' })])).rejects.toThrow(/P30D or longer/);
  await expect(world.plan([rule({ keepLast: -1 })])).rejects.toThrow(/a whole number from 0 on/);
  for (const other of [
    key,
    quarantineKey(cell),
    `${quarantinePrefix}BTCUSDT/2026-01-02.0.damaged`,
    `${name}/x.damaged`,
  ]) {
    await expect(world.plan([rule({ lookedAt: [other] })])).rejects.toThrow(
      `The lookedAt of kept-copies is "${other}"; expected the key of a copy, as the plan tells it`,
    );
  }
  const plan = await world.plan([rule({ lookedAt: [name] })]);
  await expect(world.run({ ...plan, rules: [rule()] })).rejects.toMatchObject({ code: 'bad-token' });
  expect(await world.run(plan)).toMatchObject({ deleted: 1 });
});
