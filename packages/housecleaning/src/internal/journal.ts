import { HousecleaningError, isHousecleaningError } from '../errors.ts';
import { healingKey, journalKey, journalPrefix, parseHealingKey, parseJournalKey, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import type { HealingNote } from './healing-notes.ts';
import { listPages } from './listing.ts';
import { historyRuns } from './limits.ts';
import { readObject } from './reading.ts';
import type { HealedArchive, SanityReport } from './report-types.ts';
import type { RunConfig } from './run-options.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** One run that changed something, or that somebody consented to. */
export interface JournalEntry {
  readonly schema: 'hc-journal/1';
  /** 1 for the first entry of a store, and so on; two runs at once may have the same. */
  readonly number: number;
  /** `outcome` is `null` from the consent to the end of the run: if it stays so, the run was cut off. */
  readonly run: Omit<SanityReport['run'], 'outcome'> & { readonly outcome: SanityReport['run']['outcome'] | null };
  readonly config: RunConfig;
  /** How the run was consented to; `null` for a run like those before. */
  readonly approvedBy: 'first-run' | 'plan' | null;
  /** `null` as long as `run.outcome` is. */
  readonly totals: SanityReport['totals'] | null;
  /** Archives that the run repaired; left out where there was none. */
  readonly healed?: readonly (Cell & HealedArchive)[];
  /**
   * The first 16 characters of the name of each manifest whose archive the run published, or of which it deleted raw objects;
   * left out where there was none. Where that archive is gone one day, they tell it from an attempt that died before.
   */
  readonly archived?: readonly string[];
  /** Deletes of the last runs that deleted something, this one included, newest last. */
  readonly history: readonly number[];
}

/** The entry of the latest run; `undefined` for a store in which no run changed anything. */
export async function readLastEntry(
  store: Pick<ObjectStore, 'get' | 'list'>,
  signal?: AbortSignal,
): Promise<JournalEntry | undefined> {
  return (await readJournal(store, signal)).last;
}

/** The entry of the latest run, and what runs noted that they would heal and no report told, in the order of their cells. */
export async function readJournal(
  store: Pick<ObjectStore, 'get' | 'list'>,
  signal?: AbortSignal,
): Promise<{ readonly last: JournalEntry | undefined; readonly untold: readonly HealingNote[] }> {
  // Runs that started in the same millisecond have keys in no particular order.
  let latest: string[] = [];
  const untold = new Map<string, HealingNote>();
  for await (const page of listPages(store, journalPrefix, signal)) {
    for (const { key } of page) {
      const healing = parseHealingKey(key);
      if (healing) {
        const { isTold, ...note } = healing;
        // A note comes before its mark.
        if (isTold) untold.delete(healingKey(note.cell, note.startedAtMs, note.runId));
        else untold.set(key, note);
        continue;
      }
      const startedAtMs = parseJournalKey(key)?.startedAtMs;
      if (startedAtMs === undefined) continue;
      latest = parseJournalKey(latest[0] ?? '')?.startedAtMs === startedAtMs ? [...latest, key] : [key];
    }
  }
  const entries = await Promise.all(latest.map((key) => readEntry(store, key, signal)));
  return { last: entries.sort((a, b) => a.number - b.number).at(-1), untold: [...untold.values()] };
}

async function readEntry(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  signal: AbortSignal | undefined,
): Promise<JournalEntry> {
  const read = await readObject(store, key, signal ? { signal } : {});
  const entry = read && parseEntry(fromUtf8(read.bytes));
  if (entry) return entry;
  throw new HousecleaningError(
    'key-conflict',
    `"${key}" is no journal entry of this package; look at it and move it away.`,
    key,
  );
}

/** Characters of the name of a manifest in {@link JournalEntry.archived}. */
const archivedChars = 16;

/** What the journal keeps of the cells of a run: those that it healed, with what was replaced by what, and its archives. */
export function cellsOfEntry({ cells }: SanityReport): Pick<JournalEntry, 'healed' | 'archived'> {
  const healed = cells.flatMap((cell) =>
    cell.healed ? [{ ...cell.healed, symbol: cell.symbol, date: cell.date }] : [],
  );
  const archived = cells.flatMap(({ manifestSha256, ...did }) =>
    manifestSha256 !== null && (did.addedSources > 0 || did.deletedSources > 0 || did.healed !== null)
      ? [manifestSha256.slice(0, archivedChars)]
      : [],
  );
  return { ...(healed.length === 0 ? {} : { healed }), ...(archived.length === 0 ? {} : { archived }) };
}

/** A run may have begun so long before the last raw object of an archive that it made. */
const longestRunMs = 86_400_000;
/** Most do not take so long, and clocks differ. */
const usualRunMs = 3_600_000;
/** Entries that are read for a doubt, of which one tells of a publish or of a prune. */
const mostEntriesRead = 400;

/**
 * Those of the manifests of whose archive the journal tells that it was published. Reads the entries of the runs after the raw
 * objects came, and then, going back, those of runs that may have lasted until then. No answer is no evidence.
 */
export async function findPublished(
  store: Pick<ObjectStore, 'get' | 'list'>,
  manifests: readonly { readonly name: string; readonly sinceMs: number }[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  if (manifests.length === 0) return found;
  const sinceMs = Math.min(...manifests.map((one) => one.sinceMs));
  const before: string[] = [];
  const after: string[] = [];
  for await (const page of listPages(store, journalPrefix, signal)) {
    for (const { key } of page) {
      const startedAtMs = parseJournalKey(key)?.startedAtMs ?? -Infinity;
      if (startedAtMs >= sinceMs - usualRunMs) after.push(key);
      else if (startedAtMs >= sinceMs - longestRunMs) before.push(key);
    }
  }
  const keys = [...after, ...before.reverse()].slice(0, mostEntriesRead);
  for (const key of keys) {
    if (found.size === manifests.length) break;
    try {
      const { archived = [] } = await readEntry(store, key, signal);
      for (const { name } of manifests) if (archived.includes(name.slice(0, archivedChars))) found.add(name);
    } catch (error) {
      // One that cannot be read says nothing.
      if (!isHousecleaningError(error)) throw error;
    }
  }
  return found;
}

/** The deletes of a run added to those before it. */
export function nextHistory(before: readonly number[], deleted: number): readonly number[] {
  return deleted === 0 ? before : [...before, deleted].slice(-historyRuns);
}

/**
 * Stores an entry over the one of the same run that was seen, or where there is none; returns its etag. `signal` is for the
 * consent before a run: the entry after it is stored also where the run was stopped.
 */
export async function writeEntry(
  store: Pick<ObjectStore, 'get' | 'put'>,
  entry: JournalEntry,
  { over, signal }: { readonly over?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const key = journalKey(entry.run.startedAtMs, entry.run.id);
  const text = `${JSON.stringify(entry)}\n`;
  const bytes = toUtf8(text);
  const sha256 = await sha256Hex(bytes);
  try {
    const info = await store.put(key, bytes, {
      ...(over === undefined ? { ifAbsent: true } : { ifMatch: over }),
      sha256,
      ...(signal ? { signal } : {}),
    });
    return info.etag;
  } catch (error) {
    // The answer may have been lost, and the request not.
    const now = await readObject(store, key).catch(() => undefined);
    if (now && fromUtf8(now.bytes) === text) return now.info.etag;
    throw error;
  }
}

function parseEntry(text: string): JournalEntry | undefined {
  try {
    const raw = JSON.parse(text) as JournalEntry | null;
    const sound =
      raw?.schema === 'hc-journal/1' &&
      Number.isSafeInteger(raw.number) &&
      typeof raw.run.id === 'string' &&
      typeof raw.config.env === 'string' &&
      Array.isArray(raw.history) &&
      raw.history.length <= historyRuns &&
      raw.history.every((count) => Number.isSafeInteger(count) && count > 0) &&
      (raw.archived === undefined ||
        (Array.isArray(raw.archived) && raw.archived.every((name) => typeof name === 'string')));
    return sound ? raw : undefined;
  } catch {
    return undefined;
  }
}
