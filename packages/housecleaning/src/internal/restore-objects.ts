import { openArchivedSources } from '../archive.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archivePrefix, rawPrefix } from '../keys.ts';
import { assertObjectKey, type ObjectStore } from '../object-store.ts';
import type { ArchiveManifest, ArchiveSource } from './manifest.ts';
import { openObject } from './object-pieces.ts';
import { indexByKey } from './plan.ts';
import { sha256Metadata } from './reading.ts';
import { createSha256 } from './sha256.ts';
import { collect } from './streams.ts';

/**
 * What became of one raw object: `restored` written (or, with `check`, missing), `present` already there with these
 * bytes, `differs` other bytes lie there and were left alone, `superseded` an older content of a key that was archived
 * twice; it is in the archive, but only the newest content can have the key.
 */
export type RestoreOutcome = 'restored' | 'present' | 'differs' | 'superseded';

/** How many raw objects had which outcome. */
export type RestoreResult = Readonly<Record<RestoreOutcome, number>>;

/** How to restore. */
export interface RestoreOptions {
  /**
   * Prefix that is put before every key, ending in a slash: `drill/` makes `drill/raw_tns/{SYMBOL}/{DATE}/…`.
   * @defaultValue none: the keys that the objects had
   */
  readonly to?: string;
  /**
   * Store that is written to.
   * @defaultValue the store of the archive
   */
  readonly into?: ObjectStore;
  /**
   * Compare only; nothing is written.
   * @defaultValue false
   */
  readonly check?: boolean;
  /**
   * Raw objects in memory, and written, at once.
   * @defaultValue 4
   */
  readonly concurrency?: number;
  /** Told of every raw object, in the order of the archive, with the key that it has now. */
  readonly onSource?: (key: string, outcome: RestoreOutcome) => void;
  readonly signal?: AbortSignal;
}

/** Values of options that are left out. */
export const restoreDefaults = { check: false, concurrency: 4 } as const;

/**
 * Writes the raw objects of an archive that is decoded on the way, each after its digest was proven, and never over
 * anything.
 *
 * @throws HousecleaningError `bad-archive`, `bad-option`
 */
export async function restoreObjects(
  gz: AsyncIterable<Uint8Array>,
  manifest: ArchiveManifest,
  store: ObjectStore,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { to = '', check = restoreDefaults.check, concurrency = restoreDefaults.concurrency, signal } = options;
  assertTarget(to);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new HousecleaningError(
      'bad-option',
      `The option concurrency is ${concurrency}; expected 1 or more.`,
      concurrency,
    );
  }
  const byKey = indexByKey(manifest.sources);
  const result = { restored: 0, present: 0, differs: 0, superseded: 0 };
  const writing: { readonly key: string; readonly outcome: Promise<RestoreOutcome> }[] = [];
  const settle = async (): Promise<void> => {
    const { key, outcome } = writing.shift()!;
    const known = await outcome;
    result[known] += 1;
    options.onSource?.(key, known);
  };
  try {
    for await (const archived of openArchivedSources(gz, manifest)) {
      const { source } = archived;
      signal?.throwIfAborted();
      const key = `${to}${source.key}`;
      const superseded = byKey.get(source.key)?.at(-1)?.sha256 !== source.sha256;
      const bytes = superseded ? undefined : await collect(archived.open());
      const outcome = bytes
        ? restoreOne(store, key, source, bytes, check, signal)
        : Promise.resolve('superseded' as const);
      // Looked at in its turn; a failure before that is no unhandled one.
      outcome.catch(() => undefined);
      writing.push({ key, outcome });
      if (writing.length >= concurrency) await settle();
    }
    while (writing.length > 0) await settle();
  } finally {
    // Nothing is written any more once the caller has the error.
    await Promise.allSettled(writing.map(({ outcome }) => outcome));
  }
  return result;
}

async function restoreOne(
  store: ObjectStore,
  key: string,
  { sha256, size }: ArchiveSource,
  bytes: Uint8Array,
  check: boolean,
  signal: AbortSignal | undefined,
): Promise<RestoreOutcome> {
  const options = signal ? { signal } : {};
  for (let attempt = 1; ; attempt++) {
    if (!check) {
      try {
        await store.put(key, bytes, { ifAbsent: true, sha256, metadata: { [sha256Metadata]: sha256 }, ...options });
        return 'restored';
      } catch (error) {
        if (!isObjectStoreError(error, 'precondition-failed')) throw error;
      }
    }
    const there = await openObject(store, key, options);
    if (there) {
      const hash = createSha256();
      for await (const piece of there.pieces) hash.update(piece);
      return there.info.size === size && hash.hex() === sha256 ? 'present' : 'differs';
    }
    if (check) return 'restored';
    if (attempt === 3) {
      throw new HousecleaningError(
        'key-conflict',
        `"${key}" comes and goes while it is restored; stop its writers.`,
        key,
      );
    }
  }
}

/** Refuses a prefix that is half a segment, or that housecleaning would take for its own. */
function assertTarget(to: string): void {
  if (to === '') return;
  const refuse = (expected: string): never => {
    throw new HousecleaningError('bad-option', `The option to is ${JSON.stringify(to)}; expected ${expected}.`, to);
  };
  if (!to.endsWith('/')) refuse('a prefix that ends in a slash');
  assertObjectKey(to.slice(0, -1));
  for (const own of [rawPrefix, archivePrefix, 'housecleaning/']) {
    if (to.startsWith(own)) refuse(`a place outside "${own}"`);
  }
}
