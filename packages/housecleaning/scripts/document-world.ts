/** A store with one of every document that housecleaning believes in, copied for each attempt; and rules to judge by. */
import { gunzipSync } from 'node:zlib';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { isHousecleaningError, isObjectStoreError } from '../src/errors.ts';
import { runHousecleaning, type HousecleaningOptions } from '../src/housecleaning.ts';
import {
  archiveKey,
  envKey,
  journalPrefix,
  manifestPrefix,
  quarantineKey,
  rawCellPrefix,
  reportKey,
  type Cell,
} from '../src/keys.ts';
import type { ObjectStore } from '../src/object-store.ts';
import { planBulkDelete, type DeletePlan } from '../src/retention.ts';
import { keysOf, sha256Of } from './process-ground.ts';

/** The one cell of the store. */
export const cell: Cell = { symbol: 'BTCUSDT', date: '2026-11-19' };

/** An object as it lies in a store. */
export interface StoredCopy {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly uploadedMs: number;
}

/** What a run over a damaged store did. */
export interface DamagedRun {
  readonly outcome: string;
  readonly state: string;
  readonly deleted: number;
  readonly added: number;
  readonly store: ObjectStore;
}

/** The undamaged store: an archive of three raw objects, two of which still lie there, and one that came late. */
export interface PreparedWorld {
  readonly nowMs: number;
  readonly objects: readonly StoredCopy[];
  readonly keys: {
    readonly env: string;
    readonly quarantine: string;
    readonly journal: string;
    readonly report: string;
  };
  readonly manifestBytes: Uint8Array;
  readonly gz: Uint8Array;
  readonly content: Uint8Array;
  readonly plan: DeletePlan;
  readonly secret: Uint8Array;
  bytesOf(key: string): Uint8Array;
  /** All objects, with other bytes under one key. */
  damaged(key: string, bytes: Uint8Array): readonly StoredCopy[];
  /** A store of its own with such objects; `before` are the raw ones and the exports. */
  open(
    objects: readonly StoredCopy[],
  ): Promise<{ readonly store: ObjectStore; readonly before: readonly StoredCopy[] }>;
  /** One run over such a store; an error of ours counts as nothing done. */
  run(objects: readonly StoredCopy[]): Promise<DamagedRun>;
}

const env = { env: 'fuzz', bucketId: 'memory' };
const writtenMs = Date.parse('2026-11-19T12:00:00Z');
const dayMs = 86_400_000;
const secret = new TextEncoder().encode('only for this test, 32 bytes long');

/** Makes the store, once; its raw objects have so many records, and one less newline than that in the first. */
export async function prepareWorld(records = 2): Promise<PreparedWorld> {
  const clock = { nowMs: writtenMs };
  const store = createMemoryStore({ clock: () => clock.nowMs });
  const put = async (n: number): Promise<void> => {
    const lines = Array.from(
      { length: records },
      (_, i) => `{"seq":${n},"i":${i},"p":"${sha256Of(Buffer.from([n, i])).slice(0, i % 9)}"}\n`,
    );
    const bytes = new TextEncoder().encode(lines.join('').slice(0, n === 1 ? -1 : undefined));
    await store.put(`${rawCellPrefix(cell)}${n}.json`, bytes);
  };
  for (const n of [1, 2, 3]) await put(n);
  for (const n of [1, 2, 3]) await store.put(`exports/daily/${n}`, new Uint8Array([n]));
  const optionsAt = (nowMs: number, of: ObjectStore): HousecleaningOptions => ({
    ...{ store: of, nowMs, writers: 'overwriting', env, cells: [cell], runId: 'fuzz' },
  });
  clock.nowMs = writtenMs + 2 * dayMs;
  await runHousecleaning({ ...optionsAt(clock.nowMs, store), approve: 'first-run', maxDeletes: 1 });
  await put(4);
  const nowMs = writtenMs + 4 * dayMs;
  clock.nowMs = nowMs;
  const plan = await planBulkDelete(
    store,
    [{ what: 'objects', prefix: 'exports/daily/', olderThan: 'P1D', keepLast: 1 }],
    {
      ...{ allow: ['exports/'], minDepth: 2, env, nowMs, secret },
    },
  );
  const objects = await Promise.all(
    (await keysOf(store, '')).map(async (key): Promise<StoredCopy> => {
      const object = (await store.get(key))!;
      return { key, bytes: await object.bytes(), metadata: object.metadata, uploadedMs: object.uploadedMs };
    }),
  );
  const only = (prefix: string): StoredCopy => objects.find(({ key }) => key.startsWith(prefix))!;
  const gz = only(archiveKey(cell)).bytes;

  async function open(copies: readonly StoredCopy[]): ReturnType<PreparedWorld['open']> {
    const own = { nowMs: 0 };
    const copy = createMemoryStore({ clock: () => own.nowMs });
    for (const { key, bytes, metadata, uploadedMs } of copies) {
      own.nowMs = uploadedMs;
      await copy.put(key, bytes, { metadata });
    }
    own.nowMs = nowMs;
    return { store: copy, before: copies.filter(({ key }) => /^(raw_tns|exports)\//.test(key)) };
  }

  return {
    ...{ nowMs, objects, plan, secret, gz, content: gunzipSync(gz), open },
    keys: { env: envKey, quarantine: quarantineKey(cell), journal: only(journalPrefix).key, report: reportKey },
    manifestBytes: only(manifestPrefix).bytes,
    bytesOf: (key) => only(key).bytes,
    damaged(key, bytes) {
      const { metadata, uploadedMs } = objects.find((object) => object.key === key) ?? {
        metadata: {},
        uploadedMs: nowMs,
      };
      return [...objects.filter((object) => object.key !== key), { key, bytes, metadata, uploadedMs }];
    },
    async run(copies) {
      const { store: copy, before } = await open(copies);
      let said: Pick<DamagedRun, 'outcome' | 'state' | 'added'>;
      try {
        const report = await runHousecleaning(optionsAt(nowMs, copy));
        const { state = 'none', addedSources: added = 0 } = report.cells[0] ?? {};
        said = { outcome: report.run.outcome, state, added };
      } catch (error) {
        if (!isOurError(error)) throw error;
        said = { outcome: 'refused', state: 'none', added: 0 };
      }
      const left = await Promise.all(before.map(({ key }) => copy.head(key)));
      // Counted in the store, not in the report.
      return { ...said, deleted: left.filter((info) => info === undefined).length, store: copy };
    },
  };
}

/** True for the errors that the package promises. */
export function isOurError(error: unknown): boolean {
  return isHousecleaningError(error) || isObjectStoreError(error);
}

interface ManifestText {
  readonly cell: Cell;
  readonly archive: Readonly<Record<string, unknown>>;
  readonly multiset: { readonly alg: unknown; readonly value: unknown; readonly count: unknown };
  readonly sources: readonly {
    readonly key: string;
    readonly size: number;
    readonly offset: number;
    readonly length: number;
    readonly lines: number;
    readonly sha256: string;
    readonly addedNewline: boolean;
  }[];
}

/** Whether a manifest says of an archive nothing but the truth, as far as the archive's bytes can tell. */
export function describes(manifest: Uint8Array, gz: Uint8Array, content: Uint8Array): boolean {
  const { cell: of, archive, multiset, sources } = JSON.parse(new TextDecoder().decode(manifest)) as ManifestText;
  const records = linesOf(content);
  let sum = 0n;
  for (const record of records) sum += BigInt(`0x${sha256Of(record)}`);
  const truth: Record<string, unknown> = {
    ...{ key: archiveKey(cell), gzSha256: sha256Of(gz), gzBytes: gz.length, sha256: sha256Of(content) },
    ...{ bytes: content.length, lines: records.length, members: 1 },
  };
  if (of.symbol !== cell.symbol || of.date !== cell.date) return false;
  if (Object.entries(truth).some(([name, value]) => archive[name] !== value)) return false;
  if (multiset.value !== (sum % 2n ** 256n).toString(16).padStart(64, '0') || multiset.count !== records.length)
    return false;
  let at = 0;
  for (const source of sources) {
    const { key, size, offset, length, addedNewline, sha256, lines } = source;
    const bytes = content.subarray(offset, offset + size);
    if (!key.startsWith(rawCellPrefix(cell)) || offset !== at || length !== size + Number(addedNewline)) return false;
    if (sha256Of(bytes) !== sha256 || linesOf(bytes).length !== lines) return false;
    if (addedNewline && content[offset + size] !== 10) return false;
    at += length;
  }
  return at === content.length;
}

/** Non-empty lines, without what ends them. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 10) continue;
    if (at > start) lines.push(bytes.subarray(start, at));
    start = at + 1;
  }
  return lines;
}

/** Whether a record says, soundly and of this cell, that its quarantine is over. */
export function isResolved(bytes: Uint8Array): boolean {
  try {
    const record = JSON.parse(new TextDecoder().decode(bytes)) as { schema: string; state: string; cell: Cell };
    const { symbol, date } = record.cell;
    return (
      record.schema === 'hc-quarantine/1' && record.state === 'resolved' && symbol === cell.symbol && date === cell.date
    );
  } catch {
    return false;
  }
}

/** Whether a journal entry is sound, and says the same of the configuration as the one before it was damaged. */
export function isJournalEntry(bytes: Uint8Array, before: Uint8Array): boolean {
  try {
    const [entry, sound] = [bytes, before].map(
      (text) =>
        JSON.parse(new TextDecoder().decode(text)) as { [name: string]: unknown; config: Record<string, unknown> },
    );
    const { schema, number, history } = entry!;
    return (
      schema === 'hc-journal/1' &&
      Number.isSafeInteger(number) &&
      Array.isArray(history) &&
      history.every((count) => Number.isSafeInteger(count) && (count as number) > 0) &&
      Object.entries(sound!.config).every(([name, value]) => entry!.config[name] === value)
    );
  } catch {
    return false;
  }
}
