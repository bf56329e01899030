import { verifyArchiveStream } from '../archive.ts';
import { isDayClosed } from '../days.ts';
import {
  archiveKey,
  assertCell,
  manifestPrefix,
  quarantineKey,
  rawCellPrefix,
  stageKey,
  stagePrefix,
  type Cell,
} from '../keys.ts';
import { isDigestFault, readManifest, readProvenArchive, type ProvenArchive } from './base.ts';
import { stateOf } from './cell-state.ts';
import { listAll } from './listing.ts';
import type { ArchiveManifest } from './manifest.ts';
import { classifySources } from './plan.ts';
import { findForeign, hasStamp } from './prove-base.ts';
import { weighSources, whyKept } from './prune.ts';
import { readQuarantine, type QuarantineRecord } from './quarantine.ts';
import type { CellState } from './report-types.ts';
import { resolveOptions } from './run-options.ts';
import type { HousecleaningOptions, ResolvedOptions } from './run-types.ts';
import { piecesOfBody } from './streams.ts';

/** Where one cell stands, and why. */
export interface CellExplanation {
  readonly symbol: string;
  readonly date: string;
  readonly state: CellState;
  /** How the state follows from what is in the store, step by step. */
  readonly reasons: readonly string[];
  /** Generation of the archive, 0 without one. */
  readonly generation: number;
  /** Raw objects listed. */
  readonly raw: number;
  /** Those that the archive does not hold. */
  readonly added: number;
  /** Those that lie under a key of the archive and are another object. */
  readonly conflicting: number;
  /** Archived raw objects that a run could delete now, if its budget allows it. */
  readonly deletable: number;
  /** Archived raw objects that it could not delete, by reason. */
  readonly blocked: Readonly<Record<string, number>>;
  /** Keys of staged copies. */
  readonly stages: readonly string[];
  readonly manifests: number;
  readonly quarantine: QuarantineRecord | null;
  /** What a run would do with it, or what somebody has to do. */
  readonly next: string;
}

/**
 * Derives the state of one cell from the store, by the same functions as a run, and says how. Reads everything that the
 * state depends on, the archive included; changes nothing.
 *
 * @throws HousecleaningError `bad-option`, `bad-key`, `bad-listing`
 */
export async function explainCell(options: HousecleaningOptions, cell: Cell): Promise<CellExplanation> {
  assertCell(cell);
  const resolved = resolveOptions(options);
  const { store, signal } = resolved;
  const path = `${cell.symbol}/${cell.date}/`;
  const quarantine = await readQuarantine(store, cell, signal);
  const listed = await listAll(store, rawCellPrefix(cell), resolved.maxSources, signal);
  const stages = (await listAll(store, `${stagePrefix}${path}`, resolved.maxSources, signal)).map(({ key }) => key);
  const manifests = await listAll(store, `${manifestPrefix}${path}`, resolved.maxSources, signal);
  const base = await proof(resolved, cell);
  const proven = base.proven;
  const { added, conflicting } = classifySources(proven?.manifest, listed);
  const blocked: Record<string, number> = {};
  let deletable = 0;
  let candidates = 0;
  if (proven) {
    const about = { cell, listed, options: resolved, manifest: proven.manifest, safeTimeMs: resolved.nowMs };
    const state = quarantine?.stops === true ? 'quarantined' : 'verified';
    for (const candidate of weighSources({
      ...{ ...about, state, verified: true, archiveOnly: false, capabilities: store.capabilities },
    })) {
      candidates += 1;
      const why = whyKept(candidate, resolved.minAgeMs);
      if (why === undefined) deletable += 1;
      else blocked[why] = (blocked[why] ?? 0) + 1;
    }
  }
  const staged = await findStaged(
    resolved,
    cell,
    proven,
    stages,
    manifests.map(({ key }) => key),
  );
  const derived = derive({
    closed: isDayClosed(cell.date, resolved.day, resolved.nowMs, resolved.graceMs),
    stopped: quarantine?.stops === true,
    fault: base.fault,
    proven,
    staged,
    ...{ raw: listed.length, added: added.length, conflicting: conflicting.length, candidates, deletable },
    quarantineKey: quarantineKey(cell),
    ...{ stages: stages.length, isNamed: base.isNamed !== false, isForeign: base.isForeign === true },
  });
  return {
    ...{ symbol: cell.symbol, date: cell.date, ...derived, generation: proven?.manifest.generation ?? 0 },
    ...{ raw: listed.length, added: added.length, conflicting: conflicting.length, deletable, blocked },
    ...{ stages, manifests: manifests.length, quarantine: quarantine?.record ?? null },
  };
}

async function proof(
  options: ResolvedOptions,
  cell: Cell,
): Promise<{
  readonly proven?: ProvenArchive;
  readonly fault?: string;
  readonly isNamed?: boolean;
  readonly isForeign?: boolean;
}> {
  const { store, signal } = options;
  try {
    const proven = await readProvenArchive(store, cell, signal ? { signal } : {});
    if (proven === undefined) return {};
    const foreign = findForeign(proven.manifest, options);
    return foreign ? { fault: foreign.message, isForeign: true } : { proven };
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    const info = await store.head(archiveKey(cell), signal ? { signal } : {});
    return { fault: error instanceof Error ? error.message : String(error), isNamed: !info || hasStamp(info, cell) };
  }
}

/** The generation that lies staged and proven and is not published. */
async function findStaged(
  { store, signal }: ResolvedOptions,
  cell: Cell,
  proven: ProvenArchive | undefined,
  stages: readonly string[],
  manifestKeys: readonly string[],
): Promise<number | undefined> {
  for (const key of manifestKeys) {
    const sha256 = key.slice(key.lastIndexOf('/') + 1, -'.json'.length);
    let manifest: ArchiveManifest;
    try {
      manifest = await readManifest(store, cell, sha256, signal);
    } catch (error) {
      if (!isDigestFault(error)) throw error;
      continue;
    }
    if (manifest.supersedes !== (proven?.manifestSha256 ?? null)) continue;
    for (let attempt = 0; attempt < 10; attempt++) {
      const stage = stageKey(cell, manifest.archive.sha256, attempt);
      if (!stages.includes(stage)) continue;
      const object = await store.get(stage, signal ? { signal } : {});
      if (object === undefined) continue;
      try {
        await verifyArchiveStream(piecesOfBody(object.body), manifest);
        return manifest.generation;
      } catch (error) {
        if (!isDigestFault(error)) throw error;
      }
    }
  }
  return undefined;
}

interface CellFacts {
  readonly closed: boolean;
  readonly stopped: boolean;
  readonly fault: string | undefined;
  readonly proven: ProvenArchive | undefined;
  readonly staged: number | undefined;
  readonly raw: number;
  readonly added: number;
  readonly conflicting: number;
  readonly candidates: number;
  readonly deletable: number;
  readonly quarantineKey: string;
  /** Staged copies. */
  readonly stages: number;
  /** The archive names its manifest. */
  readonly isNamed: boolean;
  /** It is sound, but of another configuration. */
  readonly isForeign: boolean;
}

/** What somebody who has looked can do. */
function wayOut({ quarantineKey: key, fault, stages }: CellFacts): string {
  const live =
    fault === undefined
      ? 'the archive that lies there is proven: resolveQuarantine "accept-live" says so'
      : 'resolveQuarantine "accept-live" once the right archive lies there, or if it only lost its metadata';
  const staged =
    stages > 0
      ? `, "restore-from-stage" to publish the newest sound one of ${stages} staged copies`
      : ', and there is no staged copy: bring one back from a backup';
  return `read "${key}"; ${live}${staged}`;
}

/** What a run does about an archive that cannot be proven. */
function whatHeals({ isNamed, isForeign, stages }: CellFacts): string {
  if (isForeign)
    return 'compare the configuration with the one that made it: a run of another env or bucket is halted, of another day it puts it into quarantine';
  if (!isNamed)
    return (
      'a run names its manifest again if the bytes are still those of the newest one, else it puts it into quarantine; then ' +
      'resolveQuarantine decides, with "restore-from-stage" or "accept-live"'
    );
  if (stages === 0) return 'a run puts it into quarantine: there is no staged copy, bring one back from a backup';
  return 'a run heals it from its staged copy, or puts it into quarantine';
}

/** The table of states; the first row that fits decides. */
function derive(facts: CellFacts): Pick<CellExplanation, 'state' | 'reasons' | 'next'> {
  const { proven, raw, added, conflicting, candidates, deletable, staged } = facts;
  const reasons: string[] = [];
  const end = (state: CellState, why: string, next: string) => ({ state, reasons: [...reasons, why], next });
  if (!facts.closed) return end('open', 'the day is not over, or not for the grace period', 'wait');
  reasons.push('the day is over and the grace period too');
  if (facts.stopped) {
    if (facts.fault !== undefined) reasons.push(facts.fault);
    return end('quarantined', 'a quarantine record stops it', wayOut(facts));
  }
  if (facts.fault !== undefined) return end('quarantined', facts.fault, whatHeals(facts));
  if (!proven) {
    reasons.push('there is no archive');
    if (raw === 0) return end('empty', 'there is no raw object either', 'look at the ingest if the market traded');
    if (staged !== undefined)
      return end('staged', `generation ${staged} is staged and sound`, 'a run publishes, proves and prunes it');
    return end('raw', `${raw} raw objects wait`, 'a run archives them');
  }
  reasons.push(`generation ${proven.manifest.generation} was read back and proven`);
  if (added > 0) {
    if (staged !== undefined) reasons.push(`generation ${staged} is staged and sound`);
    return end('late', `${added} raw objects are not in it`, 'a run makes the next generation');
  }
  if (conflicting > 0) {
    return end('conflict', `${conflicting} of its keys hold another object`, 'a run reads them; look for their writer');
  }
  const state = stateOf(proven.manifest, candidates);
  const left = `${candidates} of its ${proven.manifest.sources.length} raw objects are still there`;
  const next =
    candidates === 0 ? 'nothing' : deletable > 0 ? `a run deletes ${deletable} of them` : 'they stay for now';
  return end(state, left, next);
}
