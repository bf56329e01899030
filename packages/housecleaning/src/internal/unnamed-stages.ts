/**
 * Staged copies that no manifest names. A manifest is put before its staged copy is finished, and retention deletes the copy
 * first: so such a copy says that a manifest is gone, perhaps that of the newest generation.
 */
import type { Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { compareContent } from './held-content.ts';
import type { KnownManifest, NamedManifest } from './lost-generations.ts';
import { stageKeysOf } from './stage-keys.ts';

/** A staged copy without a manifest. */
export interface UnnamedStage {
  readonly key: string;
  /** The digest that it is named by: SHA-256 of what it should hold. */
  readonly content: string;
  /** False where nobody can read it. */
  readonly isReadable: boolean;
}

/**
 * Finds those whose lines are not all in `within`. Manifests that nobody had to read until now are read, and listed once
 * more, before a copy counts: a listing may leave something out, and other runs and retention are at work.
 */
export async function findUnnamedStages(
  store: Pick<ObjectStore, 'get' | 'head'>,
  sources: {
    readonly stages: readonly string[];
    readonly names: readonly string[];
    readonly accepted: readonly string[];
    /** Manifests that were read; others are added. */
    readonly known: Map<string, KnownManifest>;
    /** Manifests that cannot be read. */
    readonly unread: readonly string[];
    readonly look: (name: string) => Promise<KnownManifest | undefined>;
    readonly relist: () => Promise<readonly string[]>;
    /** Key of the archive, where it was proven. */
    readonly within: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly UnnamedStage[]> {
  const { stages, names, accepted, known, unread, look, relist, within, signal } = sources;
  const named = (): Set<string> => new Set([...accepted, ...[...known.values()].map(({ content }) => content)]);
  const unnamedOf = (all: ReadonlySet<string>): readonly string[] => stages.filter((key) => !all.has(digestOf(key)));
  if (unnamedOf(named()).length === 0) return [];
  for (const list of [() => names, relist]) {
    for (const name of await list()) {
      if (known.has(name) || unread.includes(name)) continue;
      const facts = await look(name);
      if (facts) known.set(name, facts);
    }
    if (unnamedOf(named()).length === 0) return [];
  }
  const found: UnnamedStage[] = [];
  for (const key of unnamedOf(named())) {
    // Without an archive nothing holds it, but whether it is there and can be read is to be known.
    const verdict = await compareContent(store, key, within ?? key, { sha256: digestOf(key), signal });
    if (within !== undefined && verdict === 'held') continue;
    if (verdict === 'gone' && (await store.head(key, signal ? { signal } : {})) === undefined) continue;
    found.push({ key, content: digestOf(key), isReadable: verdict === 'held' || verdict === 'not-held' });
  }
  return found;
}

/** The manifests with a staged copy that holds the lines of all of them. */
export async function areHeldIn(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  unnamed: readonly UnnamedStage[],
  candidates: readonly NamedManifest[],
  stages: readonly string[],
  signal?: AbortSignal,
): Promise<readonly NamedManifest[]> {
  const holding: NamedManifest[] = [];
  for (const candidate of candidates) {
    const copies = stageKeysOf(cell, candidate.manifest.archive.sha256).filter((key) => stages.includes(key));
    for (const copy of copies) {
      let isHeld = true;
      for (const { key } of unnamed)
        isHeld &&= (await compareContent(store, key, copy, { sha256: digestOf(key), signal })) === 'held';
      if (!isHeld) continue;
      holding.push(candidate);
      break;
    }
  }
  return holding;
}

/** The last segment up to its first dot. */
function digestOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1).split('.')[0]!;
}
