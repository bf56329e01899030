/**
 * Leases: who works on which shard. They only save double work. Nothing in this package becomes unsafe when two holders
 * work at once, so a lease may be lost at any time; its holder then stops at its next operation.
 *
 * A lease is one object, `housecleaning/v1/lease/{shard}.json`, changed by compare-and-swap alone. It is never deleted:
 * its generation goes up with every holder and never comes back, so nobody can take an old state for the present one.
 */
import { HousecleaningError, isHousecleaningError } from './errors.ts';
import { isTtl, readLease, swapLease, type LeaseDocument } from './internal/lease-object.ts';
import { leaseKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** How {@link acquireLease} works. */
export interface LeaseOptions {
  /** Who asks: a name that no other process uses, best the id of the run. 1 to 200 characters. */
  readonly owner: string;
  /** The host's clock, epoch ms. It may be off by less than `ttlMs - renewMs`. */
  readonly nowMs: () => number;
  /**
   * How long the lease holds without renewal, ms, 1 second to 1 hour.
   * @defaultValue 120 seconds
   */
  readonly ttlMs?: number;
  /**
   * After which time {@link withLease} renews it, ms, up to half of `ttlMs`.
   * @defaultValue 30 seconds, or a quarter of `ttlMs` where that is less
   */
  readonly renewMs?: number;
}

/** A lease that was given to us. */
export interface Lease {
  readonly shard: string;
  readonly owner: string;
  /** Number of this holder among all holders that the shard ever had, from 1. */
  readonly generation: number;
  /** False once it was released, taken, or not renewed in time; it never becomes true again. */
  readonly held: boolean;
  /** True when it is time for {@link Lease.renew}. */
  readonly due: boolean;
  /**
   * Holds it for another `ttlMs`. When the store fails, the lease holds as long as it did before, and may be renewed again.
   *
   * @throws HousecleaningError `lease-lost`; what the store throws
   */
  renew(): Promise<void>;
  /** Lets the next one have it at once; nothing happens if it was taken. May be repeated when the store fails. */
  release(): Promise<void>;
}

/** Values of options that are left out. */
export const leaseDefaults = { ttlMs: 120_000, renewMs: 30_000 } as const;

/**
 * Asks for the lease of a shard. Of any number that ask at once exactly one gets it.
 *
 * A lease of somebody else is over when `nowMs()` is `ttlMs` past the store's time of its last renewal.
 *
 * @returns `undefined` while somebody else holds it
 * @throws HousecleaningError `bad-key` for a malformed shard, `bad-option`, `key-conflict` if something else lies under
 * the key; what the store throws
 */
export async function acquireLease(
  store: ObjectStore,
  shard: string,
  options: LeaseOptions,
): Promise<Lease | undefined> {
  const key = leaseKey(shard);
  const { owner, nowMs } = options;
  const { ttlMs, renewMs } = resolveTimes(options);
  if (typeof owner !== 'string' || owner.length < 1 || owner.length > 200)
    throw badOption('owner', owner, 'a name of 1 to 200 characters');

  const askedMs = readClock(nowMs);
  const before = await readLease(store, key, shard);
  if (before?.document.state === 'held' && askedMs < before.uploadedMs + before.document.ttlMs) return undefined;
  const generation = (before?.document.generation ?? 0) + 1;
  const base = { schema: 'hc-lease/1', shard, state: 'held', generation, owner, beat: 0, ttlMs } as const;
  const first = await swapLease(store, key, shard, before?.etag, base);
  if (first === undefined) return undefined;

  let etag: string | undefined = first;
  let beat = 0;
  let state: 'held' | 'lost' | 'released' = 'held';
  let freed = false;
  let renewedMs = askedMs;
  let renewal: Promise<void> | undefined;

  /** Time alone may end it: a process that was frozen learns here that others took it for dead. */
  const isHeld = (): boolean => {
    const now = nowMs();
    // A clock that was put back no longer tells how long ago the renewal was; a small step of it does no harm.
    if (state === 'held' && !(now > renewedMs - renewMs && now < renewedMs + ttlMs)) state = 'lost';
    return state === 'held';
  };
  const lose = (why: string): never => {
    if (state === 'held') state = 'lost';
    throw new HousecleaningError(
      'lease-lost',
      `The lease of the shard "${shard}" (generation ${generation}, owner "${owner}") ${why}; stop and ask for it again.`,
      shard,
    );
  };

  /** The etag to swap against; looks where the answer to the last put was lost. */
  async function currentEtag(): Promise<string> {
    if (etag !== undefined) return etag;
    const now = await readLease(store, key, shard);
    if (now?.document.generation !== generation || now.document.owner !== owner) return lose('was taken');
    beat = Math.max(beat, now.document.beat);
    etag = now.etag;
    return etag;
  }

  async function write(document: LeaseDocument): Promise<void> {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const expected = await currentEtag();
      etag = undefined;
      etag = await swapLease(store, key, shard, expected, { ...document, beat: ++beat });
      // Refused: taken by somebody, or an earlier put of ours has arrived after all. The next look tells.
      if (etag !== undefined) return;
    }
    lose('could not be renewed: its object keeps changing');
  }

  async function renewNow(): Promise<void> {
    if (!isHeld()) return lose(state === 'released' ? 'was released' : `was not renewed for ${ttlMs} ms`);
    const startedMs = readClock(nowMs);
    await write(base);
    // Counted from before the put: the store's own time of it cannot be earlier.
    renewedMs = startedMs;
  }

  return {
    shard,
    owner,
    generation,
    get held() {
      return isHeld();
    },
    get due() {
      return isHeld() && nowMs() >= renewedMs + renewMs;
    },
    renew() {
      renewal ??= renewNow().finally(() => (renewal = undefined));
      return renewal;
    },
    async release() {
      await renewal?.catch(() => undefined);
      if (freed) return;
      state = 'released';
      try {
        await write({ ...base, state: 'free' });
      } catch (error) {
        // What was taken needs no release.
        if (!isHousecleaningError(error, 'lease-lost')) throw error;
      }
      freed = true;
    },
  };
}

/**
 * The store for the holder of a lease: every operation first renews a lease that is due, and is refused once the lease
 * is lost. A renewal that the store fails is tried again with the next operation, as long as the lease holds.
 *
 * Every operation throws HousecleaningError `lease-lost` when it is.
 */
export function withLease(store: ObjectStore, lease: Pick<Lease, 'held' | 'due' | 'renew'>): ObjectStore {
  const check = async (): Promise<void> => {
    if (lease.due) {
      await lease.renew().catch((error: unknown) => {
        if (!lease.held) throw error;
      });
    }
    if (!lease.held) await lease.renew();
  };
  return {
    capabilities: store.capabilities,
    get: async (key, options) => (await check(), store.get(key, options)),
    head: async (key, options) => (await check(), store.head(key, options)),
    put: async (key, body, options) => (await check(), store.put(key, body, options)),
    delete: async (targets, options) => (await check(), store.delete(targets, options)),
    list: async (options) => (await check(), store.list(options)),
  };
}

function resolveTimes(options: LeaseOptions): { readonly ttlMs: number; readonly renewMs: number } {
  const { ttlMs = leaseDefaults.ttlMs } = options;
  const renewMs = options.renewMs ?? Math.min(leaseDefaults.renewMs, ttlMs / 4);
  if (!isTtl(ttlMs)) throw badOption('ttlMs', ttlMs, 'milliseconds from 1000 (1 second) to 3600000 (1 hour)');
  if (!(renewMs > 0 && renewMs <= ttlMs / 2)) throw badOption('renewMs', renewMs, 'milliseconds up to half of ttlMs');
  return { ttlMs, renewMs };
}

function readClock(nowMs: () => number): number {
  const now = nowMs();
  if (!Number.isFinite(now)) throw badOption('nowMs', now, 'a function that returns epoch milliseconds');
  return now;
}

function badOption(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError(
    'bad-option',
    `The option ${name} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; expected ${expected}.`,
    value,
  );
}
