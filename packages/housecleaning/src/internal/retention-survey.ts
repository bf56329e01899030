import { HousecleaningError } from '../errors.ts';
import { journalPrefix, manifestPrefix, parseJournalKey, quarantinePrefix, stagePrefix } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { findKeptCopies } from './kept-copies.ts';
import { listPages } from './listing.ts';
import type { ReadRule } from './retention-rules.ts';
import { findSuperseded, type LeftBehind } from './superseded.ts';

/** One object that may go. */
export interface PlannedDelete {
  readonly key: string;
  readonly etag: string;
  /** Present on stores that number their writes. */
  readonly version?: string;
  readonly size: number;
}

/** What the rules say of a store. */
export interface Survey {
  /** In the order of deletion. */
  readonly targets: readonly PlannedDelete[];
  /** What looked superseded and stays, with the reason. */
  readonly kept: readonly string[];
  /** Etags of the archives whose superseded generations or kept copies are among the targets, by `{SYMBOL}/{DATE}`. */
  readonly archives: ReadonlyMap<string, string>;
}

/** How to look. */
export interface SurveyOptions {
  /** The rules are applied as of this time: objects that came later neither go nor count. */
  readonly asOfMs: number;
  readonly maxObjects: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of every object that is listed. */
  readonly onObject?: ((object: ObjectInfo) => void) | undefined;
}

/**
 * Applies rules to what a store holds now.
 *
 * @throws HousecleaningError `too-large` beyond `maxObjects`, `bad-listing`
 */
export async function surveyStore(
  store: ObjectStore,
  rules: readonly ReadRule[],
  options: SurveyOptions,
): Promise<Survey> {
  const targets: PlannedDelete[] = [];
  const kept: string[] = [];
  const archives = new Map<string, string>();
  const add = ({ key, etag, version, size }: ObjectInfo): void => {
    if (targets.length === options.maxObjects) {
      throw new HousecleaningError(
        'too-large',
        `The rules reach more than ${options.maxObjects} objects, "${key}" being the next; look at the rules, then raise maxObjects or the age.`,
        options.maxObjects,
      );
    }
    targets.push({ key, etag, ...(version === undefined ? {} : { version }), size });
  };
  const addCell = ({ cell, objects, archiveEtag, kept: why }: LeftBehind): void => {
    objects.forEach(add);
    kept.push(...why);
    if (archiveEtag !== undefined && objects.length > 0) archives.set(`${cell.symbol}/${cell.date}`, archiveEtag);
  };
  // Copies first: as long as one is there, a manifest says what it holds.
  const inOrder = [...rules].sort(
    (a, b) => Number(b.rule.what === 'kept-copies') - Number(a.rule.what === 'kept-copies'),
  );
  for (const { rule, olderThanMs } of inOrder) {
    const beforeMs = options.asOfMs - olderThanMs;
    if (rule.what === 'superseded-archives') {
      for await (const found of findSuperseded(store, rule.keepLast, beforeMs, options)) addCell(found);
    } else if (rule.what === 'kept-copies') {
      for await (const found of findKeptCopies(store, rule, beforeMs, options)) addCell(found);
    } else if (rule.what === 'journal') {
      // In the order of their keys, which is the order of the runs.
      const newest: ObjectInfo[] = [];
      for await (const object of objectsBelow(store, journalPrefix, options)) {
        if (parseJournalKey(object.key) === undefined) continue;
        newest.push(object);
        const next = newest.length > rule.keepLast ? newest.shift() : undefined;
        if (next && next.uploadedMs <= beforeMs) add(next);
      }
    } else {
      await surveyPrefix(store, rule.prefix, rule.keepLast, beforeMs, options, add);
    }
  }
  return { targets, kept, archives };
}

/** What a target is counted under. */
export function placeOfTarget(key: string, rules: readonly ReadRule[]): string {
  const own = [manifestPrefix, stagePrefix, quarantinePrefix, journalPrefix].find((prefix) => key.startsWith(prefix));
  if (own !== undefined) return own;
  for (const { rule } of rules) if (rule.what === 'objects' && key.startsWith(rule.prefix)) return rule.prefix;
  return '';
}

async function surveyPrefix(
  store: ObjectStore,
  prefix: string,
  keepLast: number,
  beforeMs: number,
  options: SurveyOptions,
  add: (object: ObjectInfo) => void,
): Promise<void> {
  let younger = 0;
  const old: ObjectInfo[] = [];
  for await (const object of objectsBelow(store, prefix, options)) {
    if (object.uploadedMs > beforeMs) younger += 1;
    else if (old.push(object) > options.maxObjects + keepLast) {
      throw new HousecleaningError(
        'too-large',
        `"${prefix}" holds more than ${options.maxObjects} objects that are old enough; look at the rule, then raise maxObjects or the age.`,
        prefix,
      );
    }
  }
  const staying = Math.max(0, keepLast - younger);
  const newest = new Set(staying === 0 ? [] : [...old].sort((a, b) => b.uploadedMs - a.uploadedMs).slice(0, staying));
  for (const object of old) if (!newest.has(object)) add(object);
}

/** Everything below a prefix that was there at the time of the survey. */
async function* objectsBelow(
  store: ObjectStore,
  prefix: string,
  { asOfMs, signal, onObject }: SurveyOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  for await (const page of listPages(store, prefix, signal)) {
    for (const object of page) {
      onObject?.(object);
      if (object.uploadedMs <= asOfMs) yield object;
    }
  }
}
