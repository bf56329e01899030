import type { ProvenArchive } from './base.ts';
import { stateOf } from './cell-state.ts';
import type { CellState } from './report-types.ts';

/** What is in the store of one cell. */
export interface CellFacts {
  readonly closed: boolean;
  readonly stopped: boolean;
  readonly fault: string | undefined;
  readonly proven: ProvenArchive | undefined;
  readonly staged: number | undefined;
  readonly raw: number;
  readonly added: number;
  readonly conflicting: number;
  readonly candidates: number;
  /** Candidates under keys of a write-once writer that were written again. */
  readonly overwritten: number;
  readonly deletable: number;
  readonly quarantineKey: string;
  /** Staged copies. */
  readonly stages: number;
  /** What a run may do about an archive that does not name its manifest; `undefined` where it does. */
  readonly unnamed: 'name' | 'replace' | 'nothing' | undefined;
  /** It is sound, but of another configuration. */
  readonly isForeign: boolean;
  /** A manifest tells of more than there is, and whether a staged copy of all of it is there. */
  readonly lost:
    | {
        readonly reason: string;
        /** Keys of what tells of it. */
        readonly objects: readonly string[];
        readonly isStaged: boolean;
      }
    | undefined;
  /** What is wrong with the staged copy of the proven archive. */
  readonly stageFault: string | undefined;
}

/** What somebody who has looked can do. */
function wayOut({ quarantineKey: key, fault, stages, lost, proven }: CellFacts): string {
  if (fault === undefined && lost) return `read "${key}"; ${wayBack(lost, proven)}`;
  if (fault === undefined && !proven)
    return `read "${key}"; no archive lies there, nor does anything tell of one any more: resolveQuarantine "accept-live" says so`;
  const live =
    fault === undefined
      ? 'the archive that lies there is proven: resolveQuarantine "accept-live" says so'
      : 'resolveQuarantine "accept-live" once the right archive and the manifest that it names lie there, or if it only lost its metadata';
  const staged =
    stages > 0
      ? `, "restore-from-stage" to publish the newest sound one of ${stages} staged copies`
      : ', and there is no staged copy: bring one back from a backup';
  return `read "${key}"; ${live}${staged}`;
}

/** What somebody can do where more is known than is there, the best first. */
function wayBack({ isStaged, objects }: NonNullable<CellFacts['lost']>, proven: CellFacts['proven']): string {
  const first = isStaged
    ? 'resolveQuarantine "restore-from-stage" publishes the newest sound staged copy'
    : 'bring what is missing back from a backup: a manifest or its staged copy, then resolveQuarantine "restore-from-stage"; ' +
      'or the archive, or its raw objects with restoreFiles, then "accept-live"';
  const last =
    proven === undefined
      ? `if nothing can be brought back, move all of ${objects.map((name) => `"${name}"`).join(', ')} out of the store first`
      : `without that, "accept-live" gives up what the archive that lies there, of generation ${proven.manifest.generation}, does not hold`;
  return `${first}; ${last}`;
}

/** What a run does about an archive that cannot be proven. */
function whatHeals({ unnamed, isForeign, stages }: CellFacts): string {
  if (isForeign)
    return 'compare the configuration with the one that made it: a run of another env or bucket is halted, of another day it puts it into quarantine';
  if (unnamed === 'name') return 'a run names its manifest again: the bytes are those of the newest one';
  if (unnamed === 'replace')
    return 'a run replaces it by the staged copy of the newest manifest, if that proves itself, and keeps what lies there';
  if (unnamed === 'nothing')
    return (
      'a run puts it into quarantine: the file can be read and is of no manifest, or manifests and staged copies do not say ' +
      'which content is the newest. Then resolveQuarantine decides, with "restore-from-stage" or "accept-live"'
    );
  if (stages === 0) return 'a run puts it into quarantine: there is no staged copy, bring one back from a backup';
  return 'a run heals it from its staged copy, or puts it into quarantine';
}

/** What a run does where a manifest tells of more than there is. */
function whatRestores(isStaged: boolean): string {
  return isStaged
    ? 'a run publishes the staged copy of that generation again, once it proves itself'
    : 'a run puts it into quarantine: no staged copy with a manifest that can be read holds everything. Bring back from a ' +
        'backup what the reason names, or the archive, or the raw objects with restoreFiles; then resolveQuarantine decides';
}

/** The table of states; the first row that fits decides. */
export function deriveCell(facts: CellFacts): {
  readonly state: CellState;
  readonly reasons: readonly string[];
  readonly next: string;
} {
  const { proven, raw, added, conflicting, candidates, deletable, staged } = facts;
  const reasons: string[] = [];
  const end = (state: CellState, why: string, next: string) => ({ state, reasons: [...reasons, why], next });
  if (!facts.closed) return end('open', 'the day is not over, or not for the grace period', 'wait');
  reasons.push('the day is over and the grace period too');
  if (facts.stopped) {
    if (facts.fault !== undefined) reasons.push(facts.fault);
    if (facts.lost) reasons.push(facts.lost.reason);
    return end('quarantined', 'a quarantine record stops it', wayOut(facts));
  }
  if (facts.fault !== undefined) return end('quarantined', facts.fault, whatHeals(facts));
  if (facts.lost) return end('quarantined', facts.lost.reason, whatRestores(facts.lost.isStaged));
  if (!proven) {
    reasons.push('there is no archive');
    if (raw === 0) return end('empty', 'there is no raw object either', 'look at the ingest if the market traded');
    if (staged !== undefined)
      return end('staged', `generation ${staged} is staged and sound`, 'a run publishes, proves and prunes it');
    return end('raw', `${raw} raw objects wait`, 'a run archives them');
  }
  reasons.push(`generation ${proven.manifest.generation} was read back and proven`);
  if (facts.stageFault !== undefined) reasons.push(facts.stageFault);
  if (added > 0) {
    if (staged !== undefined) reasons.push(`generation ${staged} is staged and sound`);
    return end('late', `${added} raw objects are not in it`, 'a run makes the next generation');
  }
  if (conflicting > 0) {
    return end('conflict', `${conflicting} of its keys hold another object`, 'a run reads them; look for their writer');
  }
  if (facts.overwritten > 0) {
    const why = `${facts.overwritten} objects lie under keys that were overwritten; every content is archived, and they are kept`;
    return end('conflict', why, 'look for their writer; delete them by hand once verifyArchive says ok');
  }
  const state = stateOf(proven.manifest, candidates);
  const left = `${candidates} of its ${proven.manifest.sources.length} raw objects are still there`;
  const next =
    candidates === 0
      ? facts.stageFault === undefined
        ? 'nothing'
        : 'see to its staged copy'
      : deletable > 0
        ? `a run deletes ${deletable} of them`
        : 'they stay for now';
  return end(state, left, next);
}
