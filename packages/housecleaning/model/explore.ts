/**
 * Breadth-first search through every interleaving of a writer, cleaners, crashes and damaged uploads, one request at a
 * time, until nothing new is found or a record is lost.
 */
import {
  decodeState,
  encodeState,
  freshCleaner,
  isDamaged,
  nameKeys,
  nameRecords,
  recordsHeld,
  recordsNamed,
  withCleaner,
  withWrite,
  writeAt,
  type Keys,
  type Records,
  type State,
} from './state.ts';

/** Takes a state that may come next, and what happened in between. */
export type Emit = (next: State, happened: string) => void;

/** The requests that cleaner `index` may make next, each as the state after it. */
export type Protocol = (state: State, index: number, rules: Rules, emit: Emit) => void;

/** One put of the writer: index of the key, and the records that lie there afterwards. */
export interface Write {
  readonly key: number;
  readonly records: Records;
}

/** What is explored. */
export interface Rules {
  readonly protocol: Protocol;
  /** The puts of the writer, in this order; each may come at any time. A key that comes twice is overwritten. */
  readonly writes: readonly Write[];
  /** Runs of each cleaner. */
  readonly runs: readonly number[];
  readonly crashes: number;
  readonly corruptions?: number;
  /** `conditional`: only the write that was read; `look first`: by a head request before it. */
  readonly deletes?: 'plain' | 'conditional' | 'look first';
  /** Cleaners begin after the last put. */
  readonly writesFirst?: boolean;
  /** What is deleted is listed anew instead of remembered. */
  readonly deletesByListing?: boolean;
  /** The archive is replaced whatever it has become in the meantime. */
  readonly publishesBlindly?: boolean;
  /** Also a violation: an archive that should hold less than the one before. */
  readonly neverShrinks?: boolean;
}

/** What an exploration found. */
export interface Exploration {
  /** Distinct states visited. */
  readonly states: number;
  /** Every reachable state was visited, and none of them violates anything. */
  readonly safe: boolean;
  /** The shortest way to a violation, step by step; empty without one. */
  readonly trace: readonly string[];
  /** What is wrong at its end; `undefined` without a violation. */
  readonly violation: string | undefined;
}

/** Visits every reachable state, or stops at the first violation or after `maxStates`. */
export function explore(rules: Rules, maxStates = Infinity): Exploration {
  const initial: State = {
    raw: 0,
    archive: 0,
    staged: [],
    written: 0,
    crashes: rules.crashes,
    corruptions: rules.corruptions ?? 0,
    cleaners: rules.runs.map(() => freshCleaner),
  };
  const acknowledged = [0];
  for (const { records } of rules.writes) acknowledged.push(acknowledged.at(-1)! | records);
  // A Map visits what is added while it is walked through: it is the queue as well, and each value the state before.
  const parents = new Map([[encodeState(initial), '']]);
  let states = 0;
  for (const key of parents.keys()) {
    if (states === maxStates) return { states, safe: false, trace: [], violation: undefined };
    states += 1;
    const state = decodeState(key, rules.runs.length);
    const loss = findLoss(state, acknowledged[state.written]!, rules);
    const violations = loss === undefined ? [] : [loss];
    if (loss === undefined) {
      successors(state, rules, (next, happened) => {
        const encoded = encodeState(next);
        if (!parents.has(encoded)) parents.set(encoded, key);
        const shrinkage = rules.neverShrinks === true ? findShrinkage(state, next) : undefined;
        if (shrinkage !== undefined) violations.push(`${shrinkage} when ${happened}`);
      });
    }
    if (violations.length > 0) {
      return { states, safe: false, trace: traceTo(key, parents, rules), violation: violations[0] };
    }
  }
  return { states, safe: true, trace: [], violation: undefined };
}

/** The records of the write that lies under a key; none if it is 0. */
export function recordsOfWrite(rules: Rules, write: number): Records {
  return write === 0 ? 0 : rules.writes[write - 1]!.records;
}

/** The keys under which something lies. */
export function listKeys(state: State): Keys {
  let keys = 0;
  for (let key = 0; key < 3; key++) if (writeAt(state.raw, key) !== 0) keys |= 1 << key;
  return keys;
}

/** The end of a run: the next one begins, or the cleaner stops for good. */
export function finishRun(state: State, index: number, rules: Rules): State {
  const runs = state.cleaners[index]!.runs + 1;
  return withCleaner(state, index, { ...freshCleaner, ...(runs >= rules.runs[index]! ? { at: 'end' } : { runs }) });
}

function successors(state: State, rules: Rules, emit: Emit): void {
  const write = rules.writes[state.written];
  if (write) {
    const written = state.written + 1;
    const next = { ...state, raw: withWrite(state.raw, write.key, written), written };
    emit(next, `writer puts ${nameKeys(1 << write.key)} = ${nameRecords(write.records)}`);
    if (rules.writesFirst === true) return;
  }
  for (const [index, { at }] of state.cleaners.entries()) {
    if (at === 'end') continue;
    rules.protocol(state, index, rules, (next, happened) => emit(next, `cleaner ${index + 1}: ${happened}`));
    if (state.crashes > 0 && at !== 'start') {
      const next = withCleaner({ ...state, crashes: state.crashes - 1 }, index, freshCleaner);
      emit(next, `cleaner ${index + 1} crashes and starts again`);
    }
  }
}

/** I1: every acknowledged record is raw, archived, or in the stage that heals the archive. */
function findLoss(state: State, acknowledged: Records, rules: Rules): string | undefined {
  let found = 0;
  for (let key = 0; key < 3; key++) found |= recordsOfWrite(rules, writeAt(state.raw, key));
  if (state.archive !== 0) {
    if (!isDamaged(state.archive)) found |= recordsHeld(state.archive);
    else if (state.staged.includes(state.archive - 1)) found |= recordsNamed(state.archive);
  }
  const lost = acknowledged & ~found;
  return lost === 0 ? undefined : `${nameRecords(lost)} is lost`;
}

/** I3: no archive should hold less than the one before. */
function findShrinkage(before: State, after: State): string | undefined {
  if (before.archive === 0) return undefined;
  const kept = after.archive === 0 ? 0 : recordsNamed(after.archive);
  const dropped = recordsNamed(before.archive) & ~kept;
  return dropped === 0 ? undefined : `the archive drops ${nameRecords(dropped)}`;
}

function traceTo(key: string, parents: ReadonlyMap<string, string>, rules: Rules): readonly string[] {
  const trace: string[] = [];
  for (let at = key, before = parents.get(at)!; before !== ''; at = before, before = parents.get(at)!) {
    let label: string | undefined;
    successors(decodeState(before, rules.runs.length), rules, (next, happened) => {
      if (encodeState(next) === at) label ??= happened;
    });
    trace.unshift(label!);
  }
  return trace;
}
