/**
 * The state of the model: one cell of at most three raw objects and three records, its archive, and the cleaners at work
 * on it. Everything is a small number, so that a state fits into a short string and millions of them into memory.
 */

/** Which records, as bits: r1 = 1, r2 = 2, r3 = 4. */
export type Records = number;

/** Which raw keys, as bits: a = 1, b = 2, c = 4. */
export type Keys = number;

/** An archive: 0 none, else {@link archiveOf}. */
export type Archive = number;

/** Where a cleaner is: before which of its requests. */
export type Step = 'start' | 'list' | 'read' | 'stage' | 'verify stage' | 'publish' | 'verify' | 'delete' | 'end';

/** What one cleaner remembers. A crash takes it all; a restart of the cell keeps what is not overwritten. */
export interface Cleaner {
  readonly at: Step;
  /** Runs finished since the process began. */
  readonly runs: number;
  /** The archive that it builds on: 0 not looked yet, 1 there is none, else 1 + {@link Archive}. */
  readonly base: number;
  /** What it listed; 0 before that. */
  readonly listed: Keys;
  /** What it read of each key: {@link readOf}. */
  readonly read: number;
  /** 1 + the records that it archives; 0 before that. */
  readonly want: number;
  /** The archive that it published and has to find again. */
  readonly published: Archive;
  /** 1 + the keys that it still has to delete; 0 before that. */
  readonly todo: number;
  /** 1 + the index of the key that it looked at just before deleting it. */
  readonly looked: number;
}

/** The store, and everybody who works on it. */
export interface State {
  /** Which write lies under each key: {@link writeAt}. */
  readonly raw: number;
  readonly archive: Archive;
  /** Staged archives in the order in which they came; each is named by what it should hold. */
  readonly staged: readonly Archive[];
  /** Puts acknowledged to the writer. */
  readonly written: number;
  /** Crashes that may still happen. */
  readonly crashes: number;
  /** Uploads that may still be damaged. */
  readonly corruptions: number;
  readonly cleaners: readonly Cleaner[];
}

/** A cleaner whose process has just begun. */
export const freshCleaner: Cleaner = {
  at: 'start',
  runs: 0,
  base: 0,
  listed: 0,
  read: 0,
  want: 0,
  published: 0,
  todo: 0,
  looked: 0,
};

const steps: readonly Step[] = ['start', 'list', 'read', 'stage', 'verify stage', 'publish', 'verify', 'delete', 'end'];
const stepCodes = new Map(steps.map((step, code) => [step, code]));
const fieldsOfCleaner = 8;
const fieldsBeforeCleaners = 4;

/** A state as a string; equal states have equal strings. */
export function encodeState(state: State): string {
  const codes = [state.raw, state.archive, state.written, state.crashes * 8 + state.corruptions];
  for (const c of state.cleaners) {
    // The low and the high part of what was read keep every code below 128.
    codes.push(stepCodes.get(c.at)! + 16 * c.runs, c.base, c.listed + 8 * c.looked);
    codes.push(c.read & 63, c.read >> 6, c.want, c.published, c.todo);
  }
  codes.push(...state.staged);
  return String.fromCharCode(...codes);
}

/** The state that a string of {@link encodeState} stands for. */
export function decodeState(text: string, cleanerCount: number): State {
  const code = (at: number): number => text.charCodeAt(at);
  const cleaners: Cleaner[] = [];
  let at = fieldsBeforeCleaners;
  for (let i = 0; i < cleanerCount; i++, at += fieldsOfCleaner) {
    cleaners.push({
      at: steps[code(at) & 15]!,
      runs: code(at) >> 4,
      base: code(at + 1),
      listed: code(at + 2) & 7,
      read: code(at + 3) + (code(at + 4) << 6),
      want: code(at + 5),
      published: code(at + 6),
      todo: code(at + 7),
      looked: code(at + 2) >> 3,
    });
  }
  const staged: Archive[] = [];
  for (; at < text.length; at++) staged.push(code(at));
  return {
    raw: code(0),
    archive: code(1),
    staged,
    written: code(2),
    crashes: code(3) >> 3,
    corruptions: code(3) & 7,
    cleaners,
  };
}

/** Number of the write (from 1) that lies under a key, 0 for none. */
export function writeAt(raw: number, key: number): number {
  return (raw >> (2 * key)) & 3;
}

/** `raw` with another write (0: none) under a key. */
export function withWrite(raw: number, key: number, write: number): number {
  return (raw & ~(3 << (2 * key))) | (write << (2 * key));
}

/** What was read of a key: 0 not read, 1 it was gone, else 1 + the number of the write. */
export function readOf(read: number, key: number): number {
  return (read >> (3 * key)) & 7;
}

/** `read` after the key was read and `write` lay there. */
export function withRead(read: number, key: number, write: number): number {
  return read | ((write + 1) << (3 * key));
}

/** An archive that should hold `records`; a damaged one lacks the last of them. */
export function archiveOf(records: Records, damaged = false): Archive {
  return 1 + 2 * records + Number(damaged);
}

/** What an archive should hold, and is named after. */
export function recordsNamed(archive: Archive): Records {
  return (archive - 1) >> 1;
}

export function isDamaged(archive: Archive): boolean {
  return archive !== 0 && (archive & 1) === 0;
}

/** What a reader gets out of an archive that it does not verify. */
export function recordsHeld(archive: Archive): Records {
  const named = recordsNamed(archive);
  return isDamaged(archive) ? named & ~(1 << (31 - Math.clz32(named))) : named;
}

/** `r1,r2` */
export function nameRecords(records: Records): string {
  return ['r1', 'r2', 'r3'].filter((_, i) => (records >> i) & 1).join();
}

/** `a,b` */
export function nameKeys(keys: Keys): string {
  return ['a', 'b', 'c'].filter((_, i) => (keys >> i) & 1).join();
}

/** A copy of the state in which one cleaner moved on. */
export function withCleaner(state: State, index: number, patch: Partial<Cleaner>): State {
  const cleaners = state.cleaners.slice();
  cleaners[index] = { ...cleaners[index]!, ...patch };
  return { ...state, cleaners };
}
