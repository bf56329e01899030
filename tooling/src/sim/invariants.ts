/**
 * The invariants of housecleaning, all of them, as one function that looks at a world from outside. I10 (convergence),
 * I13 (restore), I16 (plan = run) and I19 (an archive that was healed is told) need a quiet world: see `quiesce`.
 */
import {
  archiveKey,
  clockKey,
  envKey,
  journalPrefix,
  leasePrefix,
  manifestPrefix,
  parseRawKey,
  quarantineKey,
  quarantinePrefix,
  rawCellPrefix,
  reportKey,
  stagePrefix,
  type Cell,
} from '@tapekit/housecleaning/keys';
import type { SanityReport } from '@tapekit/housecleaning/housecleaning';
import type { ObjectInfo } from '@tapekit/housecleaning/object-store';
import type { Change, SimObject } from './sim-store.ts';
import { archiveCellOf, rawCellOf } from './parsed-keys.ts';
import { holdingOf, readAs, type Holding } from './truth.ts';
import type { RunRecord, Violation, World } from './world.ts';

/** Checks every change since the last call; what is new is also added to `world.violations`. */
export function checkInvariants(world: World): readonly Violation[] {
  const { changes } = world.store;
  if (world.checked === changes.length) return [];
  const found: Violation[] = [];
  for (; world.checked < changes.length; world.checked++) {
    const change = changes[world.checked]!;
    const say = (invariant: string, message: string): void => {
      found.push({ invariant, message: `${change.by} at change ${change.number}: ${message}` });
    };
    const run = world.runs.get(change.by);
    if (run) checkChangeOfRun(world, run, change, say);
    else forgetOverwritten(world, change);
    checkNothingLost(world, change, say);
    if (change.key === reportKey && run?.deceived !== true) checkNewerReport(change, say);
    noteArchive(world, change);
  }
  world.violations.push(...found);
  return found;
}

/** A writer that puts a key again gives up what lay there before, unless it is archived already. */
function forgetOverwritten(world: World, { key, before, after }: Change): void {
  const digests = world.required.get(key);
  if (!before || !after || !digests) return;
  const cell = rawCellOf(key);
  const holding = cell && holdingOf(world.store, cell);
  for (const sha256 of digests) {
    if (!sha256.startsWith(after.info.etag) && holding?.contents.has(`${key} ${sha256}`) !== true)
      digests.delete(sha256);
  }
}

type Say = (invariant: string, message: string) => void;

/** Where a run may put, besides the archives. */
const ownKeys = [clockKey, envKey, reportKey];
const ownPrefixes = [manifestPrefix, stagePrefix, quarantinePrefix, journalPrefix, leasePrefix];
/** What a halted run may put. */
const haltedKeys = [clockKey, reportKey];
const haltedPrefixes = [journalPrefix, leasePrefix];

function checkChangeOfRun(world: World, run: RunRecord, change: Change, say: Say): void {
  const { key, after } = change;
  run.changed.add(key);
  const archived = archiveCellOf(key);
  if (after === undefined) checkDelete(world, run, change, say);
  else if (archived) checkPublish(world, archived, change, say);
  else if (!ownKeys.includes(key) && !ownPrefixes.some((prefix) => key.startsWith(prefix)))
    say('I5', `it put "${key}", which is none of its keys`);
  const cell = archived ?? rawCellOf(key) ?? cellOfControl(key);
  // A record that was there before the run began: nothing is built on such a cell either.
  const stopped = cell && world.store.objects.has(quarantineKey(cell));
  const record = stopped ? recordBefore(world, quarantineKey(cell), change.number) : undefined;
  if (record?.after && record.number <= run.beganAfter && !run.deceived && isInForce(record.after.bytes))
    say('I17', `it changed "${key}" of a quarantined cell`);
  if (cell && world.clock.nowMs < endOfDay(cell) + run.options.graceMs)
    say('I7', `it changed "${key}" of the open day ${cell.date}`);
}

function checkDelete(world: World, run: RunRecord, { key, before, number }: Change, say: Say): void {
  const cell = rawCellOf(key);
  if (!cell || !before) {
    say('I14', `it deleted "${key}", which is no raw object`);
    return;
  }
  run.deletes += 1;
  if (run.deletes > run.options.maxDeletes) say('I11', `it deleted more than ${run.options.maxDeletes} objects`);
  if (number > (run.refused.get(rawCellPrefix(cell)) ?? Infinity))
    say('I6', `it deleted "${key}" after a delete in this cell was refused`);
  const proof = proofOf(world, run, cell);
  if (!proof) say('I2', `it deleted "${key}" without having read back an intact archive in this run`);
  const { etag, version, size, uploadedMs } = before.info;
  const named = proof?.byKey.get(key) ?? [];
  if (proof && named.length === 0) say('I5', `it deleted "${key}", which is not in the archive that it proved`);
  // The same bytes that somebody put back while the run was at work: neither a listing nor an etag can tell them apart.
  const isPutBack = (): boolean => wasPutBack(world, run, before.info);
  const isNamed = named.some((s) => s.etag === etag && s.version === version && s.size === size);
  if (named.length > 0 && !isNamed && !isPutBack())
    say('I6', `it deleted another object under "${key}" than the one that was archived`);
  if (uploadedMs > world.clock.nowMs - run.options.minAgeMs && !isPutBack())
    say('I7', `it deleted "${key}" ${world.clock.nowMs - uploadedMs} ms after it was put`);
  const byHand = run.options.writers === 'overwriting' || parseRawKey(key) === undefined;
  if (world.options.flavour === 'r2' && byHand)
    say('I6', `it deleted "${key}", which may be overwritten, from a store that cannot delete conditionally`);
  const record = world.store.objects.has(quarantineKey(cell))
    ? recordBefore(world, quarantineKey(cell), number)
    : undefined;
  // Its last chance to see the record: between what it did before this delete and the delete.
  const looked = run.lookedAt.get(rawCellPrefix(cell))?.findLast((changes) => changes < number) ?? 0;
  if (record?.after && isInForce(record.after.bytes) && record.number <= looked && !run.deceived)
    say('I17', `it deleted "${key}" of a quarantined cell`);
}

function wasPutBack({ store }: World, run: RunRecord, { key, etag }: ObjectInfo): boolean {
  const puts = store.changes.filter((change) => change.key === key && change.after?.info.etag === etag);
  return puts.length > 1 && puts.at(-1)!.number > run.beganAfter;
}

function recordBefore(world: World, key: string, number: number): Change | undefined {
  return world.store.changes.findLast((change) => change.number < number && change.key === key);
}

/** The intact archive that this run has read back, if the one that it read is of the generation that lies there or older. */
function proofOf(world: World, run: RunRecord, cell: Cell): Holding | undefined {
  const read = run.archivesRead.get(archiveKey(cell));
  return world.published.get(archiveKey(cell))?.findLast(({ gzSha256 }) => read?.has(gzSha256));
}

function checkPublish(world: World, cell: Cell, { key, before, after, conditional }: Change, say: Say): void {
  if (!conditional) say('I4', `it put "${key}" without comparing`);
  const name = after?.info.metadata['manifest'];
  const next = name === undefined ? undefined : readAs(world.store, cell, after, name);
  if (!next) {
    say('I12', `it published "${key}", which is not what its manifest says`);
    return;
  }
  const invented = [...next.contents].find((content) => !world.everPut.has(content));
  if (invented !== undefined) say('I12', `it published "${invented}", which nobody ever put`);
  const last = before && (holdingOf(world.store, cell, before) ?? world.published.get(key)?.at(-1));
  if (!last) return;
  const dropped = [...last.contents].find((content) => !next.contents.has(content));
  if (dropped !== undefined) say('I3', `it published a generation without "${dropped}"`);
  const left = new Map<string, number>();
  for (const line of next.lines) left.set(line, (left.get(line) ?? 0) + 1);
  for (const line of last.lines) left.set(line, (left.get(line) ?? 0) - 1);
  if ([...left.values()].some((count) => count < 0)) say('I3', 'it published a generation with fewer records');
}

/** A run that began earlier does not cover the report of a later one. */
function checkNewerReport({ before, after }: Change, say: Say): void {
  if (startOf(after) < startOf(before)) say('I18', 'it put its report over one of a later run');
}

/** Of reports that are looked at again when the next one comes. */
const starts = new WeakMap<SimObject, number>();

function startOf(report: SimObject | undefined): number {
  if (report === undefined) return 0;
  let startedAtMs = starts.get(report);
  if (startedAtMs === undefined) {
    startedAtMs = (JSON.parse(Buffer.from(report.bytes).toString()) as SanityReport).run.startedAtMs;
    starts.set(report, startedAtMs);
  }
  return startedAtMs;
}

/** I1: what is acknowledged is raw, in an intact archive, or in the staged copy that the archive names. */
function checkNothingLost(world: World, { key, after }: Change, say: Say): void {
  const archived = archiveCellOf(key) ?? cellOfControl(key);
  if (archived && (after === undefined || archiveCellOf(key))) {
    for (const lost of lostContents(world, archived)) say('I1', `"${lost}" is lost`);
    return;
  }
  const cell = after === undefined ? rawCellOf(key) : undefined;
  if (!cell) return;
  const holding = holdingOf(world.store, cell);
  for (const sha256 of world.required.get(key) ?? []) {
    if (holding?.contents.has(`${key} ${sha256}`) !== true) say('I1', `"${key} ${sha256}" is lost`);
  }
}

/** Acknowledged contents of a cell that are nowhere. */
export function lostContents(world: World, cell: Cell): readonly string[] {
  const holding = holdingOf(world.store, cell);
  const prefix = rawCellPrefix(cell);
  const lost: string[] = [];
  for (const [key, digests] of world.required) {
    if (!key.startsWith(prefix)) continue;
    const etag = world.store.objects.get(key)?.info.etag;
    for (const sha256 of digests) {
      const live = etag !== undefined && sha256.startsWith(etag);
      if (!live && holding?.contents.has(`${key} ${sha256}`) !== true) lost.push(`${key} ${sha256}`);
    }
  }
  return lost;
}

function noteArchive(world: World, { key, after }: Change): void {
  const cell = archiveCellOf(key);
  const name = after?.info.metadata['manifest'];
  const holding = cell && name !== undefined ? readAs(world.store, cell, after, name) : undefined;
  if (!holding) return;
  const published = world.published.get(key);
  if (published) published.push(holding);
  else world.published.set(key, [holding]);
}

const clockToleranceMs = 60_000;

/** Checks what a finished run says against what it did. */
export function checkReport(world: World, run: RunRecord): readonly Violation[] {
  const { report, by } = run;
  if (!report) return [];
  const found: Violation[] = [];
  const say = (invariant: string, message: string): void => {
    found.push({ invariant, message: `report of ${by}: ${message}` });
  };
  const probe = world.store.changes.findLast((change) => change.by === by && change.key === clockKey);
  const skewMs = probe?.after ? Math.abs(probe.after.info.uploadedMs - run.options.nowMs) : 0;
  // Stores tell their time in whole seconds, some of them.
  if (report.run.outcome === 'halted' || skewMs > clockToleranceMs + 1_000) {
    for (const key of run.changed) {
      if (!haltedKeys.includes(key) && !haltedPrefixes.some((prefix) => key.startsWith(prefix)))
        say('I8', `the run was halted, or its clock ${skewMs} ms off, but it changed "${key}"`);
    }
  }
  for (const cell of report.cells) {
    const proof = proofOf(world, run, cell);
    if (cell.verifiedAtMs !== null && (!proof || proof.generation < cell.generation))
      say('I18', `${cell.symbol} ${cell.date} is called verified, but generation ${cell.generation} was not read back`);
  }
  for (const cell of report.cells) {
    const prefix = rawCellPrefix(cell);
    const untouched = (key: string): boolean =>
      key.startsWith(prefix) && !world.store.changes.slice(run.beganAfter).some((change) => change.key === key);
    if (cell.state === 'empty' && !run.deceived && [...world.store.objects.keys()].some(untouched))
      say('I9', `${cell.symbol} ${cell.date} is called empty, but it is not`);
  }
  const deleted = report.cells.reduce((sum, cell) => sum + cell.deletedSources, 0);
  if (deleted > run.deletes) say('I5', `it counts ${deleted} deleted objects, but deleted ${run.deletes}`);
  world.violations.push(...found);
  return found;
}

/** I19: where a run put an archive there again that lay there before, some report says so; of a world at rest. */
export function checkHealed(world: World): readonly Violation[] {
  const found: Violation[] = [];
  const { changes } = world.store;
  const nameOf = (object: SimObject | undefined): string | undefined => object?.info.metadata['manifest'];
  const heals = changes.filter(({ key, by, before, after, number }) => {
    const name = nameOf(after);
    if (!archiveCellOf(key) || name === undefined || !world.runs.has(by)) return false;
    return (
      nameOf(before) === name ||
      changes.some((one) => one.number < number && one.key === key && nameOf(one.after) === name)
    );
  });
  for (const { key, by, number } of heals) {
    const isTold = [...world.runs.values()].some((run) => {
      const cell = run.report?.cells.find((one) => archiveKey(one) === key);
      if (run.by === by) return cell !== undefined && (cell.healed !== null || cell.problem !== null);
      const isOwn = heals.some((other) => other.by === run.by && other.key === key);
      return (cell?.healed != null && !isOwn) || (cell?.problem != null && run.beganAfter >= number);
    });
    if (!isTold)
      found.push({ invariant: 'I19', message: `${by} healed "${key}" at change ${number}: no report tells` });
  }
  world.violations.push(...found);
  return found;
}

function cellOfControl(key: string): Cell | undefined {
  const match = /^housecleaning\/v1\/(?:stage|manifest)\/([^/]+)\/([^/]+)\//.exec(key);
  return match ? { symbol: match[1]!, date: match[2]! } : undefined;
}

function endOfDay({ date }: Cell): number {
  return Date.parse(`${date}T00:00:00Z`) + 86_400_000;
}

/** A record that an operator resolved stops nothing. */
function isInForce(bytes: Uint8Array): boolean {
  return !Buffer.from(bytes).toString().includes('"resolved"');
}
