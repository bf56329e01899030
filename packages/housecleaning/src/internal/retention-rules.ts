import { durationMs } from '../days.ts';
import { HousecleaningError } from '../errors.ts';
import { archivePrefix, rawPrefix } from '../keys.ts';
import { assertObjectKey, type ObjectStoreCapabilities } from '../object-store.ts';
import { parseKeptCopyKey } from './keep-copy.ts';
import type { WriterPromise } from './run-types.ts';

/**
 * What may go, as data. `olderThan` is an ISO-8601 duration of weeks, days, hours, minutes and seconds (`P30D`, `PT36H`);
 * months and years have no fixed length and are refused.
 * - `superseded-archives`: manifests and staged copies of generations that an archive has left behind, and of attempts
 *   that were overtaken, per symbol and day. `olderThan` counts from the day on which they were superseded, at least 30
 *   days; the last `keepLast` superseded generations (at least 2) stay, whatever their age.
 * - `kept-copies`: what lay in the place of an archive before it was healed or restored, kept beside the quarantine record.
 *   At least 30 days; the newest `keepLast` of every symbol and day stay. A copy goes only while the archive of its cell is
 *   proven and holds every source of the manifest that names the copy's content; of damaged bytes the one that their metadata
 *   name, if its archive or a staged copy of it shows that they are that, cut short or with a few of them flipped. Content that
 *   no manifest names stays and is told in the plan's `kept`: once somebody has looked at it, its key in `lookedAt` lets it go
 *   too. Give it the same age as `superseded-archives` or less: a manifest or a staged copy that went before says nothing any
 *   more.
 * - `journal`: entries of runs. At least 30 days; the newest `keepLast` (at least 14) stay.
 * - `objects`: what else lies below `prefix`, which ends in a slash. At least one day; the newest `keepLast` stay. A
 *   store that cannot delete conditionally (R2) would delete an object that was overwritten a moment before, so there the
 *   rule must say that its `writers` are `write-once`.
 *
 * Raw objects are deleted by `runHousecleaning` alone. Archives, current manifests and the stamps of the store are deleted
 * by nothing in this package.
 */
export type RetentionRule =
  | { readonly what: 'superseded-archives'; readonly olderThan: string; readonly keepLast: number }
  | {
      readonly what: 'kept-copies';
      readonly olderThan: string;
      readonly keepLast: number;
      /** Keys of copies that no manifest names, and that somebody has looked at and does not need. */
      readonly lookedAt?: readonly string[];
    }
  | { readonly what: 'journal'; readonly olderThan: string; readonly keepLast: number }
  | {
      readonly what: 'objects';
      readonly prefix: string;
      readonly olderThan: string;
      readonly keepLast: number;
      /** @defaultValue 'overwriting' */
      readonly writers?: WriterPromise;
    };

/** A rule whose numbers were read and found to be within bounds. */
export interface ReadRule {
  readonly rule: RetentionRule;
  readonly olderThanMs: number;
}

/** Where prefixes of `objects` may lie. */
export interface PrefixLimits {
  /** Prefixes, each ending in a slash, below which a rule may reach. */
  readonly allow: readonly string[];
  /** Fewest segments of a rule's prefix. */
  readonly minDepth: number;
}

const dayMs = 86_400_000;
const bounds = {
  'superseded-archives': { olderThanMs: 30 * dayMs, olderThan: 'P30D', keepLast: 2 },
  'kept-copies': { olderThanMs: 30 * dayMs, olderThan: 'P30D', keepLast: 0 },
  journal: { olderThanMs: 30 * dayMs, olderThan: 'P30D', keepLast: 14 },
  objects: { olderThanMs: dayMs, olderThan: 'P1D', keepLast: 0 },
} as const;
/** Nothing below these is an `objects` rule's business. */
const protectedPrefixes = [rawPrefix, archivePrefix, 'housecleaning/'] as const;

/**
 * Reads rules and refuses what could reach too far.
 *
 * @throws HousecleaningError `bad-option`
 */
export function readRules(
  rules: readonly RetentionRule[],
  limits: PrefixLimits,
  store: Pick<ObjectStoreCapabilities, 'conditionalDelete'>,
): readonly ReadRule[] {
  if (rules.length === 0) throw refused('rules', rules, 'at least one rule');
  for (const [i, rule] of rules.entries()) {
    // Two rules for one object would have to agree on what is kept.
    const twice = rules.slice(0, i).some((other) => placesOverlap(placeOf(rule), placeOf(other)));
    if (twice) throw refused('rules', placeOf(rule), 'rules that do not overlap: one for each place');
  }
  if (!Number.isInteger(limits.minDepth) || limits.minDepth < 1) {
    throw refused('minDepth', limits.minDepth, 'a whole number from 1 on');
  }
  return rules.map((rule) => {
    const bound = (bounds as Readonly<Record<string, (typeof bounds)[RetentionRule['what']] | undefined>>)[rule.what];
    if (bound === undefined) throw refused('what', rule.what, 'superseded-archives, kept-copies, journal or objects');
    const olderThanMs = durationMs(rule.olderThan);
    if (olderThanMs < bound.olderThanMs) {
      throw refused(`olderThan of ${rule.what}`, rule.olderThan, `${bound.olderThan} or longer`);
    }
    if (!Number.isInteger(rule.keepLast) || rule.keepLast < bound.keepLast) {
      throw refused(`keepLast of ${rule.what}`, rule.keepLast, `a whole number from ${bound.keepLast} on`);
    }
    if (rule.what === 'kept-copies') assertLookedAt(rule.lookedAt ?? []);
    if (rule.what === 'objects') {
      assertPrefix(rule.prefix, limits);
      if (!store.conditionalDelete && rule.writers !== 'write-once') {
        throw refused(
          `writers of "${rule.prefix}"`,
          rule.writers ?? 'overwriting',
          'write-once: this store cannot delete conditionally, so an object overwritten meanwhile would be lost',
        );
      }
    }
    return { rule, olderThanMs };
  });
}

/**
 * Refuses a prefix that is protected, too shallow, outside the allow-list, or one that names half a segment.
 *
 * @throws HousecleaningError `bad-option`
 */
function assertPrefix(prefix: string, { allow, minDepth }: PrefixLimits): void {
  if (typeof prefix !== 'string' || !prefix.endsWith('/')) {
    throw refused('prefix', prefix, 'whole segments and a slash at the end: "logs" would also match "logs-of-others"');
  }
  assertObjectKey(prefix.slice(0, -1));
  if (prefix.split('/').length - 1 < minDepth) throw refused('prefix', prefix, `at least ${minDepth} segments`);
  for (const kept of protectedPrefixes) {
    if (prefix.startsWith(kept) || kept.startsWith(prefix)) {
      throw refused('prefix', prefix, `a place outside "${kept}", where only housecleaning itself deletes`);
    }
  }
  const within = allow.some((allowed) => allowed.endsWith('/') && prefix.startsWith(allowed));
  if (!within) throw refused('prefix', prefix, `a place below one of ${JSON.stringify(allow)} (each ends in a slash)`);
}

/** Refuses a text that names no copy: a misspelt key would silently let nothing go. */
function assertLookedAt(keys: readonly string[]): void {
  const other = keys.find((key) => parseKeptCopyKey(key) === undefined);
  if (other === undefined) return;
  throw refused(
    'lookedAt of kept-copies',
    other,
    'the key of a copy, as the plan tells it: housecleaning/v1/quarantine/….damaged',
  );
}

function placeOf(rule: RetentionRule): string {
  return rule.what === 'objects' ? rule.prefix : rule.what;
}

function placesOverlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function refused(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError('bad-option', `The ${name} is ${JSON.stringify(value)}; expected ${expected}.`, value);
}
