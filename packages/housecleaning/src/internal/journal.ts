import { HousecleaningError } from '../errors.ts';
import { journalKey, journalPrefix, parseJournalKey, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
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
  /** Deletes of the last runs that deleted something, this one included, newest last. */
  readonly history: readonly number[];
}

/** The entry of the latest run; `undefined` for a store in which no run changed anything. */
export async function readLastEntry(
  store: Pick<ObjectStore, 'get' | 'list'>,
  signal?: AbortSignal,
): Promise<JournalEntry | undefined> {
  // Runs that started in the same millisecond have keys in no particular order.
  let latest: string[] = [];
  for await (const page of listPages(store, journalPrefix, signal)) {
    for (const { key } of page) {
      const startedAtMs = parseJournalKey(key)?.startedAtMs;
      if (startedAtMs === undefined) continue;
      latest = parseJournalKey(latest[0] ?? '')?.startedAtMs === startedAtMs ? [...latest, key] : [key];
    }
  }
  const entries = await Promise.all(latest.map((key) => readEntry(store, key, signal)));
  return entries.sort((a, b) => a.number - b.number).at(-1);
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
      raw.history.every((count) => Number.isSafeInteger(count) && count > 0);
    return sound ? raw : undefined;
  } catch {
    return undefined;
  }
}
