import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore, faultKinds, type FaultKind, type LoggedOperation } from '@tapekit/tooling/fault-store';
import { describe, expect, test } from 'vitest';
import { isHousecleaningError, ObjectStoreError } from './errors.ts';
import { runHousecleaning } from './housecleaning.ts';
import { acquireLease, leaseDefaults, withLease, type Lease, type LeaseOptions } from './lease.ts';
import { journalPrefix, leaseKey, rawCellPrefix, reportKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const shard = 'btc';
const { ttlMs, renewMs } = leaseDefaults;
const stores = [
  { flavour: 'conditional delete', conditionalDelete: true },
  { flavour: 'as R2', conditionalDelete: false },
] as const;

/** A store and hosts that share one clock. */
function createWorld({ conditionalDelete = true } = {}) {
  const clock = { nowMs: Date.parse('2026-11-20T00:00:00Z') };
  const store = createMemoryStore({ clock: () => clock.nowMs, conditionalDelete });
  const ask = (owner: string, through: ObjectStore = store, more: Partial<LeaseOptions> = {}) =>
    acquireLease(through, shard, { owner, nowMs: () => clock.nowMs, ...more });
  return { clock, store, ask };
}

async function documentOf(store: ObjectStore): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await (await store.get(leaseKey(shard)))!.bytes()));
}

/** The code of what a promise was rejected with, or `fulfilled`. */
async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'fulfilled',
    (error: unknown) => (isHousecleaningError(error) ? error.code : (error as Error).name),
  );
}

describe.each(stores)('a lease ($flavour)', ({ conditionalDelete }) => {
  test('goes to exactly one of eight that ask at once, for every generation', async () => {
    const { clock, store, ask } = createWorld({ conditionalDelete });
    const generations: number[] = [];
    for (let round = 0; round < 20; round++) {
      const asked = await Promise.all(Array.from({ length: 8 }, (_, i) => ask(`run-${round}-${i}`)));
      const winners = asked.filter((lease) => lease !== undefined);
      expect(winners, `round ${round}`).toHaveLength(1);
      const [winner] = winners as [Lease];
      expect(await documentOf(store)).toMatchObject({ owner: winner.owner, state: 'held' });
      generations.push(winner.generation);
      // Given back in even rounds; in odd ones its holder dies.
      if (round % 2 === 0) await winner.release();
      else clock.nowMs += ttlMs;
    }
    expect(generations).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test('is refused to others until it was not renewed for its whole time', async () => {
    const { clock, ask } = createWorld({ conditionalDelete });
    const first = await ask('a');
    clock.nowMs += ttlMs - 1;
    expect(await ask('b')).toBeUndefined();
    await first!.renew();
    clock.nowMs += ttlMs - 1;
    expect(await ask('b')).toBeUndefined();
    expect(first!.held).toBe(true);
    clock.nowMs += 1;
    expect(first!.held).toBe(false);
    expect(await ask('b')).toMatchObject({ generation: 2, held: true });
  });

  test('is refused to its own holder under the same name: a twin is somebody else', async () => {
    const { ask } = createWorld({ conditionalDelete });
    expect(await ask('a')).toBeDefined();
    expect(await ask('a')).toBeUndefined();
  });

  test('that was frozen past its time stops its holder at the next operation', async () => {
    const { clock, store, ask } = createWorld({ conditionalDelete });
    const frozen = (await ask('a'))!;
    const { store: counted, log } = createFaultStore(store);
    const guarded = withLease(counted, frozen);
    await guarded.put('raw_tns/x', new Uint8Array());
    clock.nowMs += ttlMs;
    const peer = (await ask('b'))!;
    const before = log.length;
    const attempts = [
      guarded.get('k'),
      guarded.head('k'),
      guarded.put('k', new Uint8Array()),
      guarded.delete([{ key: 'raw_tns/x' }]),
      guarded.list(),
    ];
    expect(await Promise.all(attempts.map(codeOf))).toEqual(Array(5).fill('lease-lost'));
    expect(log.length).toBe(before);
    await expect(guarded.head('k')).rejects.toThrow(
      'The lease of the shard "btc" (generation 1, owner "a") was not renewed for 120000 ms; stop and ask for it again.',
    );
    expect(peer.held).toBe(true);
    await frozen.release();
    expect(await documentOf(store)).toMatchObject({ generation: 2, owner: 'b', state: 'held' });
  });

  test('cannot be renewed into life again by a holder whose clock stood still', async () => {
    const { clock, store, ask } = createWorld({ conditionalDelete });
    const stopped = { nowMs: clock.nowMs };
    const old = (await ask('a', store, { nowMs: () => stopped.nowMs }))!;
    clock.nowMs += ttlMs;
    await ask('b');
    expect(old.held).toBe(true);
    await expect(old.renew()).rejects.toThrow('(generation 1, owner "a") was taken; stop and ask for it again.');
    expect(old.held).toBe(false);
    stopped.nowMs += 1;
    expect(await codeOf(old.renew())).toBe('lease-lost');
  });

  test('is put back as free and never deleted, and the next holder counts on', async () => {
    const { store, ask } = createWorld({ conditionalDelete });
    const { store: counted, log } = createFaultStore(store);
    const first = (await ask('a', counted))!;
    await first.release();
    await first.release();
    expect(first.held).toBe(false);
    expect(await documentOf(store)).toMatchObject({ state: 'free', generation: 1, owner: 'a' });
    expect(await codeOf(first.renew())).toBe('lease-lost');
    expect(await ask('b', counted)).toMatchObject({ generation: 2 });
    expect(log.map(({ op }) => op)).toEqual(['get', 'put', 'put', 'get', 'put']);
  });

  test('never stores the same bytes twice, so that no old state passes for the present one', async () => {
    const { clock, store } = createWorld({ conditionalDelete });
    const seen: string[] = [];
    const spied: ObjectStore = {
      ...store,
      put: async (key, body, options) => {
        seen.push(new TextDecoder().decode(body as Uint8Array));
        return store.put(key, body, options);
      },
    };
    for (let round = 0; round < 5; round++) {
      const lease = (await acquireLease(spied, shard, { owner: 'same', nowMs: () => clock.nowMs }))!;
      await lease.renew();
      await lease.renew();
      await lease.release();
    }
    expect(seen).toHaveLength(20);
    expect(new Set(seen).size).toBe(20);
  });

  test('survives any single fault: one holder at most, and after it has run out there is a next one', async () => {
    let cases = 0;
    // One round: ask, renew twice, release.
    const round = async (through: ObjectStore, world: ReturnType<typeof createWorld>) => {
      const lease = await world.ask('a', through);
      await lease?.renew().catch(() => undefined);
      if (lease?.held) await lease.renew();
      await lease?.release();
    };
    const kinds: readonly FaultKind[] = faultKinds;
    for (const kind of kinds) {
      for (let at = 0; at < 5; at++) {
        cases += 1;
        const world = createWorld({ conditionalDelete });
        const faulty = createFaultStore(world.store, { at, kind });
        await round(faulty.store, world).catch(() => undefined);
        const next = await world.ask('b');
        if (next === undefined) world.clock.nowMs += ttlMs;
        const later = (next ?? (await world.ask('b')))!;
        expect(later.held, `${kind} at ${at}`).toBe(true);
        const { generation } = later;
        await later.release();
        expect((await world.ask('c'))?.generation, `${kind} at ${at}`).toBe(generation + 1);
      }
    }
    expect(cases).toBe(35);
  });
});

describe('an answer that was lost', () => {
  test('is looked up: a put that came through gives the lease', async () => {
    const { store, ask } = createWorld();
    for (const at of [1, 2]) {
      const { store: faulty } = createFaultStore(store, { at: 1, kind: at === 1 ? 'error-after' : 'duplicate' });
      const lease = await ask(`run-${at}`, faulty);
      expect(lease).toMatchObject({ generation: at, held: true });
      await lease!.release();
    }
  });

  test('of a renewal leaves the lease as it was, and the next one finds out', async () => {
    const { clock, store, ask } = createWorld();
    const lease = (await ask('a'))!;
    let failing = true;
    const guarded = withLease(
      { ...store, head: async () => undefined },
      {
        get held() {
          return lease.held;
        },
        get due() {
          return lease.due;
        },
        renew: () => (failing ? Promise.reject(new Error('unreachable')) : lease.renew()),
      },
    );
    clock.nowMs += renewMs;
    expect(lease.due).toBe(true);
    expect(await codeOf(guarded.head('k'))).toBe('fulfilled');
    failing = false;
    await guarded.head('k');
    expect(lease.due).toBe(false);
    failing = true;
    clock.nowMs += ttlMs;
    expect(await codeOf(guarded.head('k'))).toBe('Error');
  });

  test.each(['error-before', 'error-after'] as const)('(%s) does not end the lease', async (kind) => {
    const { clock, store, ask } = createWorld();
    // 0 get, 1 put: asked; 2 put: renewed; 3 get: looked.
    const { store: faulty, log } = createFaultStore(store, { at: 2, kind });
    const lease = (await ask('a', faulty))!;
    clock.nowMs += renewMs;
    const first = await codeOf(lease.renew());
    expect(first).toBe(kind === 'error-before' ? 'InjectedError' : 'fulfilled');
    expect(lease.held).toBe(true);
    await lease.renew();
    clock.nowMs += ttlMs - 1;
    expect(lease.held).toBe(true);
    expect(await ask('b')).toBeUndefined();
    expect(log.some(({ op }) => op === 'delete')).toBe(false);
  });

  test('of a store that wants fewer requests is no error where somebody else was faster', async () => {
    const { store, ask } = createWorld();
    const busy: ObjectStore = {
      ...store,
      put: async (key) => {
        await ask('faster');
        throw new ObjectStoreError('throttled', key, 'Slow down.');
      },
    };
    expect(await ask('slower', busy)).toBeUndefined();
  });

  test('of an older renewal that arrives late does not pass for a thief', async () => {
    const { store, ask } = createWorld();
    let late: (() => Promise<unknown>) | undefined;
    let puts = 0;
    const slow: ObjectStore = {
      ...store,
      put: async (key, body, options) => {
        puts += 1;
        if (puts !== 2) {
          const isRenewal = puts === 3;
          if (isRenewal) await late!();
          return store.put(key, body, options);
        }
        late = () => store.put(key, body, options);
        throw new Error('timeout');
      },
    };
    const lease = (await ask('a', slow))!;
    expect(await codeOf(lease.renew())).toBe('Error');
    await lease.renew();
    expect(lease.held).toBe(true);
    expect(await documentOf(store)).toMatchObject({ generation: 1, beat: 3 });
  });
});

test('a run that was frozen at any operation changes nothing more once another run has its lease', async () => {
  const cell = { symbol: 'BTC', date: '2026-11-18' };
  const runAt = async (at: number) => {
    const world = createWorld();
    world.clock.nowMs -= 48 * 3_600_000;
    await world.store.put(`${rawCellPrefix(cell)}a.jsonl`, new TextEncoder().encode('{"n":1}\n'));
    world.clock.nowMs += 48 * 3_600_000;
    const lease = (await world.ask('frozen'))!;
    const freeze = async () => {
      world.clock.nowMs += ttlMs;
      expect(await world.ask('peer')).toMatchObject({ generation: 2 });
    };
    const { store, log } = createFaultStore(world.store, { at, kind: 'interlude', interlude: freeze });
    const report = await runHousecleaning({
      ...{ store, lease, cells: [cell], nowMs: world.clock.nowMs, writers: 'write-once', approve: 'first-run' },
      ...{ env: { env: 'test', bucketId: 'tape' } },
    });
    return { log, report };
  };
  const isChange = ({ op, subject }: LoggedOperation): boolean =>
    (op === 'put' || op === 'delete') && subject !== reportKey && !subject.startsWith(journalPrefix);
  const clean = await runAt(Infinity);
  expect(clean.report.run.outcome).toBe('ok');
  expect(clean.log.some(({ op }) => op === 'delete')).toBe(true);
  const last = clean.log.findLastIndex(isChange);
  expect(last).toBeGreaterThan(12);
  for (let at = 0; at < last; at++) {
    const { log, report } = await runAt(at);
    expect(report.run.outcome, `frozen at ${at}`).not.toBe('ok');
    expect(log.slice(at + 1).filter(isChange), `frozen at ${at}`).toEqual([]);
  }
});

describe('the holder of a lease', () => {
  test('renews it once when it is due, however many operations come at once', async () => {
    const { clock, store, ask } = createWorld();
    const { store: counted, log } = createFaultStore(store);
    const lease = (await ask('a', counted))!;
    const guarded = withLease(store, lease);
    clock.nowMs += renewMs;
    await Promise.all(Array.from({ length: 8 }, () => guarded.head('k')));
    expect(log.map(({ op }) => op)).toEqual(['get', 'put', 'put']);
    clock.nowMs += renewMs - 1;
    await guarded.head('k');
    expect(log).toHaveLength(3);
  });

  test('loses it when its clock is put back, for then it cannot tell how long ago it was renewed', async () => {
    const { clock, ask } = createWorld();
    const lease = (await ask('a'))!;
    clock.nowMs -= 1_000;
    expect(lease.held).toBe(true);
    clock.nowMs -= 48 * 3_600_000;
    expect(lease.held).toBe(false);
    clock.nowMs += 48 * 3_600_000;
    expect(lease.held).toBe(false);
  });

  test('may try to release it again after the store failed', async () => {
    const { store, ask } = createWorld();
    const { store: faulty } = createFaultStore(store, { at: 2, kind: 'error-before' });
    const lease = (await ask('a', faulty))!;
    expect(await codeOf(lease.release())).toBe('InjectedError');
    expect(lease.held).toBe(false);
    await lease.release();
    expect(await documentOf(store)).toMatchObject({ state: 'free' });
  });
});

describe('refused are', () => {
  test('other things under the key of the lease', async () => {
    const { store, ask } = createWorld();
    const wrong = [
      'no JSON',
      'null',
      '{}',
      JSON.stringify({ schema: 'hc-lease/1', shard, state: 'held', generation: 0, owner: 'a', beat: 0, ttlMs }),
      JSON.stringify({ schema: 'hc-lease/1', shard: 'eth', state: 'held', generation: 1, owner: 'a', beat: 0, ttlMs }),
      // Nobody could ever take this one.
      JSON.stringify({ schema: 'hc-lease/1', shard, state: 'held', generation: 1, owner: 'a', beat: 0, ttlMs: 1e15 }),
    ];
    for (const text of wrong) {
      await store.put(leaseKey(shard), new TextEncoder().encode(text));
      await expect(ask('b'), text).rejects.toThrow(
        '"housecleaning/v1/lease/btc.json" holds no lease of the shard "btc"; look at it, and put it right or use another shard name.',
      );
      expect(await (await store.get(leaseKey(shard)))!.bytes()).toEqual(new TextEncoder().encode(text));
    }
  });

  test('options outside their domain', async () => {
    const { ask } = createWorld();
    await expect(ask('')).rejects.toThrow('The option owner is ""; expected a name of 1 to 200 characters.');
    await expect(ask('a', undefined, { ttlMs: 999 })).rejects.toThrow(
      'The option ttlMs is 999; expected milliseconds from 1000 (1 second) to 3600000 (1 hour).',
    );
    await expect(ask('a', undefined, { ttlMs: 10_000, renewMs: 5_001 })).rejects.toThrow(
      'The option renewMs is 5001; expected milliseconds up to half of ttlMs.',
    );
    await expect(ask('a', undefined, { nowMs: () => NaN })).rejects.toThrow(
      'The option nowMs is NaN; expected a function that returns epoch milliseconds.',
    );
  });
});
