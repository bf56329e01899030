/**
 * What archives really hold, found out without the code under test: Node's own gunzip, the manifest as plain JSON, and a
 * digest of every range.
 */
import { gunzipSync } from 'node:zlib';
import { archiveKey, manifestKey, type Cell } from '@tapekit/housecleaning/keys';
import { digestOf, type SimObject, type SimStore } from './sim-store.ts';

/** One raw object inside an archive. */
export interface HeldSource {
  readonly key: string;
  readonly etag: string;
  readonly version?: string;
  readonly size: number;
  readonly sha256: string;
}

/** What an intact archive holds. */
export interface Holding {
  readonly generation: number;
  /** SHA-256 of the compressed bytes. */
  readonly gzSha256: string;
  readonly sources: readonly HeldSource[];
  readonly byKey: ReadonlyMap<string, readonly HeldSource[]>;
  /** Every `key sha256` inside. */
  readonly contents: ReadonlySet<string>;
  /** Non-empty lines in their order. */
  readonly lines: readonly string[];
}

interface Manifest {
  readonly generation: number;
  readonly archive: { readonly gzSha256: string; readonly sha256: string };
  readonly sources: readonly (HeldSource & { readonly offset: number })[];
}

/** What an object was found to hold by a manifest. */
interface Finding {
  readonly cell: Cell;
  readonly name: string;
  readonly key: string;
  readonly manifest: SimObject;
  readonly holding: Holding | undefined;
}

/** By the object as it lies there, whose bytes never change: a bit that rots makes another one of it. */
const findings = new WeakMap<SimObject, Finding>();
const known = new Map<string, Holding | undefined>();
const maxKnown = 5_000;

/** What the archive of a cell holds, or the staged copy that would heal it; `undefined` if neither is intact. */
export function holdingOf(
  store: SimStore,
  cell: Cell,
  archive = store.objects.get(archiveKey(cell)),
): Holding | undefined {
  if (archive === undefined) return undefined;
  const { manifest, stage } = archive.info.metadata;
  if (manifest === undefined) return undefined;
  const staged = stage === undefined ? undefined : store.objects.get(stage);
  return readAs(store, cell, archive, manifest) ?? readAs(store, cell, staged, manifest);
}

/** What an object holds by the manifest with this digest; `undefined` if anything contradicts it. */
export function readAs(store: SimStore, cell: Cell, object: SimObject | undefined, name: string): Holding | undefined {
  if (object === undefined) return undefined;
  const last = findings.get(object);
  const isAsked = last?.name === name && last.cell.symbol === cell.symbol && last.cell.date === cell.date;
  const key = isAsked ? last.key : manifestKey(cell, name);
  const manifest = store.objects.get(key);
  if (manifest === undefined) return undefined;
  if (isAsked && last.manifest === manifest) return last.holding;
  const holding = find(object, manifest, name);
  findings.set(object, { cell, name, key, manifest, holding });
  return holding;
}

function find(object: SimObject, manifest: SimObject, name: string): Holding | undefined {
  // The same bytes hold the same: most worlds of an enumeration differ in little.
  if (object.rottenFrom || manifest.rottenFrom) return decode(object.bytes, manifest.bytes, name);
  const id = `${object.info.etag} ${manifest.info.etag} ${name}`;
  if (known.has(id)) return known.get(id);
  if (known.size >= maxKnown) known.clear();
  const holding = decode(object.bytes, manifest.bytes, name);
  known.set(id, holding);
  return holding;
}

function decode(gz: Uint8Array, manifestBytes: Uint8Array, name: string): Holding | undefined {
  if (digestOf(manifestBytes) !== name) return undefined;
  try {
    const plain = manifestBytes[0] === 0x1f ? gunzipSync(manifestBytes) : manifestBytes;
    const manifest = JSON.parse(Buffer.from(plain).toString()) as Manifest;
    if (digestOf(gz) !== manifest.archive.gzSha256) return undefined;
    const content = gunzipSync(gz);
    if (digestOf(content) !== manifest.archive.sha256) return undefined;
    const contents = new Set<string>();
    const byKey = new Map<string, HeldSource[]>();
    for (const source of manifest.sources) {
      const { key, offset, size, sha256 } = source;
      if (digestOf(content.subarray(offset, offset + size)) !== sha256) return undefined;
      contents.add(`${key} ${sha256}`);
      byKey.set(key, [...(byKey.get(key) ?? []), source]);
    }
    const lines = content.toString().split('\n').filter(Boolean);
    return {
      generation: manifest.generation,
      gzSha256: manifest.archive.gzSha256,
      sources: manifest.sources,
      byKey,
      contents,
      lines,
    };
  } catch {
    return undefined;
  }
}
