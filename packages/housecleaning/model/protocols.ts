/**
 * Three ways to clean a cell, each as the requests that it makes: the obvious one, the obvious one repaired, and the one
 * that housecleaning follows.
 */
import { finishRun, listKeys, recordsOfWrite, type Emit, type Protocol, type Rules } from './explore.ts';
import {
  archiveOf,
  isDamaged,
  nameKeys,
  nameRecords,
  readOf,
  recordsHeld,
  recordsNamed,
  withCleaner,
  withRead,
  withWrite,
  writeAt,
  type Cleaner,
  type Records,
  type State,
} from './state.ts';

/** Compress what is listed, see that the archive is what was read, delete what was read. */
export const obvious: Protocol = (state, index, rules, emit) => {
  const cleaner = state.cleaners[index]!;
  switch (cleaner.at) {
    case 'start':
      list(state, index, rules, emit);
      break;
    case 'read':
      read(state, index, emit, 'publish');
      break;
    case 'publish': {
      const records = recordsRead(cleaner, rules);
      const next = withCleaner(state, index, { at: 'verify' });
      emit({ ...next, archive: archiveOf(records) }, `puts archive ${nameRecords(records)}`);
      break;
    }
    case 'verify': {
      const ok = state.archive === archiveOf(recordsRead(cleaner, rules));
      const todo = 1 + (rules.deletesByListing === true ? listKeys(state) : cleaner.listed);
      emit(
        withCleaner(state, index, ok ? { at: 'delete', todo } : { at: 'start' }),
        ok ? 'verifies: ok' : 'verifies: fails, starts over',
      );
      break;
    }
    default:
      deleteNext(state, index, { ...rules, deletes: 'plain' }, emit);
  }
};

/** The same with the archive before merged in and published by compare-and-swap; the old archive is not kept. */
export const merging: Protocol = (state, index, rules, emit) => {
  const cleaner = state.cleaners[index]!;
  switch (cleaner.at) {
    case 'start':
      emit(withCleaner(state, index, { at: 'list', base: 1 + state.archive }), 'looks at the archive');
      break;
    case 'list':
      list(state, index, rules, emit);
      break;
    case 'read':
      read(state, index, emit, 'publish');
      break;
    case 'publish': {
      const base = cleaner.base - 1;
      if (rules.publishesBlindly !== true && state.archive !== base) {
        emit(withCleaner(state, index, { at: 'start' }), 'publishes: lost the race, starts over');
        break;
      }
      const records = (base === 0 ? 0 : recordsHeld(base)) | recordsRead(cleaner, rules);
      publish(state, index, records, true, emit);
      break;
    }
    case 'verify': {
      if (state.archive === cleaner.published && state.archive === archiveOf(cleaner.want - 1)) {
        emit(withCleaner(state, index, { at: 'delete', todo: 1 + cleaner.listed }), 'verifies: ok');
      } else if (state.archive === cleaner.published && isDamaged(state.archive)) {
        const base = cleaner.base - 1;
        const next = withCleaner(state, index, { ...restarted, runs: cleaner.runs });
        const archive = base === 0 ? 0 : archiveOf(recordsHeld(base));
        emit({ ...next, archive }, 'verifies: damaged, puts the old archive back');
      } else {
        emit(withCleaner(state, index, { at: 'start' }), 'verifies: the archive moved on, starts over');
      }
      break;
    }
    default:
      deleteNext(state, index, rules, emit);
  }
};

/** P1 to P10: proven base, stage named by its content, proven stage, compare-and-swap, proven archive, delete. */
export const staged: Protocol = (state, index, rules, emit) => {
  const cleaner = state.cleaners[index]!;
  switch (cleaner.at) {
    case 'start':
      if (!isDamaged(state.archive)) {
        emit(withCleaner(state, index, { at: 'list', base: 1 + state.archive }), 'proves the archive');
      } else if (state.staged.includes(state.archive - 1)) {
        emit({ ...state, archive: state.archive - 1 }, 'heals the archive from its stage');
      } else {
        emit(withCleaner(state, index, { at: 'end' }), 'quarantines the cell: archive and stage are damaged');
      }
      break;
    case 'list':
      list(state, index, rules, emit);
      break;
    case 'read':
      read(state, index, emit, 'stage');
      break;
    case 'stage': {
      const base = cleaner.base - 1;
      const records = (base === 0 ? 0 : recordsHeld(base)) | recordsRead(cleaner, rules);
      const next = withCleaner(state, index, { at: 'verify stage', want: 1 + records });
      const at = state.staged.findIndex((archive) => recordsNamed(archive) === records);
      emit({ ...next, staged: put(state.staged, at, archiveOf(records)) }, `stages ${nameRecords(records)}`);
      if (state.corruptions > 0 && at < 0) {
        const damaged = { ...next, corruptions: state.corruptions - 1 };
        const archives = put(state.staged, at, archiveOf(records, true));
        emit({ ...damaged, staged: archives }, `stages ${nameRecords(records)}, damaged on the way`);
      }
      break;
    }
    case 'verify stage': {
      const ok = state.staged.includes(archiveOf(cleaner.want - 1));
      emit(withCleaner(state, index, { at: ok ? 'publish' : 'stage' }), `verifies the stage: ${ok ? 'ok' : 'damaged'}`);
      break;
    }
    case 'publish': {
      const base = cleaner.base - 1;
      // Damage does not change the name of an archive: the swap may go over one that was damaged since it was proven.
      if (base === 0 ? state.archive !== 0 : !hasName(state.archive, recordsNamed(base))) {
        emit(withCleaner(state, index, { at: 'start' }), 'publishes: lost the race, starts over');
      } else {
        publish(state, index, cleaner.want - 1, false, emit);
      }
      break;
    }
    case 'verify': {
      const ok = state.archive === archiveOf(cleaner.want - 1);
      emit(
        withCleaner(state, index, ok ? { at: 'delete', todo: 1 + cleaner.listed } : { at: 'start' }),
        ok ? 'verifies: ok' : 'verifies: damaged or moved on, starts over',
      );
      break;
    }
    default:
      deleteNext(state, index, rules, emit);
  }
};

/** What is left of a cleaner that gave its run up. */
const restarted: Partial<Cleaner> = {
  at: 'start',
  base: 0,
  listed: 0,
  read: 0,
  want: 0,
  published: 0,
  todo: 0,
  looked: 0,
};

function list(state: State, index: number, rules: Rules, emit: Emit): void {
  const listed = listKeys(state);
  if (listed === 0) emit(finishRun(state, index, rules), 'lists nothing');
  else emit(withCleaner(state, index, { at: 'read', listed, read: 0 }), `lists ${nameKeys(listed)}`);
}

function read(state: State, index: number, emit: Emit, after: Cleaner['at']): void {
  const { listed, read: before } = state.cleaners[index]!;
  const unread = (key: number): boolean => ((listed >> key) & 1) === 1 && readOf(before, key) === 0;
  const key = [0, 1, 2].find(unread)!;
  const now = withRead(before, key, writeAt(state.raw, key));
  const more = [0, 1, 2].some((other) => other > key && unread(other));
  emit(withCleaner(state, index, { at: more ? 'read' : after, read: now }), `reads ${nameKeys(1 << key)}`);
}

function recordsRead(cleaner: Cleaner, rules: Rules): Records {
  let records = 0;
  for (let key = 0; key < 3; key++) records |= recordsOfWrite(rules, Math.max(0, readOf(cleaner.read, key) - 1));
  return records;
}

function publish(state: State, index: number, records: Records, remember: boolean, emit: Emit): void {
  const as = (damaged: boolean): State => {
    const archive = archiveOf(records, damaged);
    const patch = remember ? { want: 1 + records, published: archive } : {};
    return { ...withCleaner(state, index, { at: 'verify', ...patch }), archive };
  };
  emit(as(false), `publishes ${nameRecords(records)}`);
  if (state.corruptions > 0) {
    emit({ ...as(true), corruptions: state.corruptions - 1 }, `publishes ${nameRecords(records)}, damaged on the way`);
  }
}

function deleteNext(state: State, index: number, rules: Rules, emit: Emit): void {
  const { todo: left, looked, read: seen } = state.cleaners[index]!;
  const todo = left - 1;
  if (todo === 0) {
    emit(finishRun(state, index, rules), 'is done');
    return;
  }
  const key = 31 - Math.clz32(todo & -todo);
  const name = nameKeys(1 << key);
  const same = writeAt(state.raw, key) !== 0 && writeAt(state.raw, key) === readOf(seen, key) - 1;
  const rest = 1 + (todo & (todo - 1));
  if (rules.deletes === 'look first' && looked !== 1 + key) {
    emit(
      withCleaner(state, index, same ? { looked: 1 + key } : { todo: rest }),
      `looks at ${name}: ${same ? 'as it was read' : 'changed or gone'}`,
    );
    return;
  }
  const refused = rules.deletes === 'conditional' && !same;
  const next = withCleaner(state, index, { todo: rest, looked: 0 });
  emit(
    refused ? next : { ...next, raw: withWrite(state.raw, key, 0) },
    refused ? `may not delete ${name}: changed or gone` : `deletes ${name}`,
  );
}

function hasName(archive: number, records: Records): boolean {
  return archive !== 0 && recordsNamed(archive) === records;
}

function put(archives: readonly number[], at: number, archive: number): readonly number[] {
  return at < 0 ? [...archives, archive] : archives.map((old, i) => (i === at ? archive : old));
}
