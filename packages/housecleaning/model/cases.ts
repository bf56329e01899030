/**
 * What is explored: eight obvious ways that lose data, the protocol, and the protocol with one step weakened. The numbers
 * of states were found independently by another implementation of the same model.
 */
import type { Rules, Write } from './explore.ts';
import { merging, obvious, staged } from './protocols.ts';

/** One exploration and what it must give. */
export interface ModelCase extends Rules {
  readonly name: string;
  /** States visited: all of them, or those up to the first violation. */
  readonly states: number;
}

/** Three objects of one record each, written once. */
const writtenOnce: readonly Write[] = [
  { key: 0, records: 1 },
  { key: 1, records: 2 },
  { key: 2, records: 4 },
];
/** An object that is written again with one record more, then another object. */
const overwritten: readonly Write[] = [
  { key: 0, records: 1 },
  { key: 0, records: 3 },
  { key: 1, records: 4 },
];
const twoObjects = writtenOnce.slice(0, 2);

/** T1 to T8: each loses an acknowledged record. */
export const losingCases: readonly ModelCase[] = [
  {
    name: 'T1 obvious protocol, one crash, all objects there before',
    protocol: obvious,
    writes: twoObjects,
    runs: [3],
    crashes: 1,
    writesFirst: true,
    states: 32,
  },
  {
    name: 'T2 obvious protocol, a late object',
    protocol: obvious,
    writes: writtenOnce,
    runs: [2],
    crashes: 0,
    states: 99,
  },
  {
    name: 'T3 obvious protocol, deletes what it lists at the end',
    protocol: obvious,
    writes: twoObjects,
    runs: [1],
    crashes: 0,
    deletesByListing: true,
    states: 26,
  },
  {
    name: 'T4 obvious protocol, two cleaners',
    protocol: obvious,
    writes: twoObjects,
    runs: [1, 1],
    crashes: 0,
    states: 191,
  },
  {
    name: 'T5 merges, but publishes without compare-and-swap, two cleaners',
    protocol: merging,
    writes: writtenOnce,
    runs: [2, 1],
    crashes: 0,
    publishesBlindly: true,
    deletes: 'conditional',
    states: 870,
  },
  {
    name: 'T6 merges, an object is overwritten, plain delete',
    protocol: merging,
    writes: overwritten,
    runs: [2],
    crashes: 0,
    deletes: 'plain',
    states: 53,
  },
  {
    name: 'T7 merges, an object is overwritten, looks before it deletes',
    protocol: merging,
    writes: overwritten,
    runs: [2],
    crashes: 0,
    deletes: 'look first',
    states: 68,
  },
  {
    name: 'T8 merges, replaces an archive before the next is proven, one damaged upload, one crash',
    protocol: merging,
    writes: writtenOnce,
    runs: [3],
    crashes: 1,
    corruptions: 1,
    deletes: 'plain',
    states: 499,
  },
];

/** The protocol with the delete of {@link losingCases} T7: it loses a record too. */
export const mutantCase: ModelCase = {
  name: 'mutant: the protocol, an object is overwritten, looks before it deletes',
  protocol: staged,
  writes: overwritten,
  runs: [2],
  crashes: 0,
  deletes: 'look first',
  states: 92,
};

/** The protocol: nothing is lost and no archive holds less than the one before, in every reachable state. */
export const safeCases: readonly ModelCase[] = [
  {
    name: 'R2: 3 objects, 1 cleaner of 3 runs, 2 damaged uploads, 2 crashes',
    protocol: staged,
    writes: writtenOnce,
    runs: [3],
    crashes: 2,
    corruptions: 2,
    deletes: 'plain',
    neverShrinks: true,
    states: 11_063,
  },
  {
    name: 'R2: 2 objects, 2 cleaners of 2 runs, 1 damaged upload, 1 crash',
    protocol: staged,
    writes: twoObjects,
    runs: [2, 2],
    crashes: 1,
    corruptions: 1,
    deletes: 'plain',
    neverShrinks: true,
    states: 284_185,
  },
  {
    name: 'S3: 2 puts of one object, 2 cleaners of 2 runs, 1 damaged upload, 1 crash',
    protocol: staged,
    writes: overwritten.slice(0, 2),
    runs: [2, 2],
    crashes: 1,
    corruptions: 1,
    deletes: 'conditional',
    neverShrinks: true,
    states: 110_491,
  },
  {
    name: 'S3: 3 puts of two objects, 2 cleaners of 2 and 1 runs, 1 crash',
    protocol: staged,
    writes: overwritten,
    runs: [2, 1],
    crashes: 1,
    deletes: 'conditional',
    neverShrinks: true,
    states: 196_986,
  },
  {
    name: 'R2: 3 objects, 2 cleaners of 2 runs, 2 crashes',
    protocol: staged,
    writes: writtenOnce,
    runs: [2, 2],
    crashes: 2,
    deletes: 'plain',
    neverShrinks: true,
    states: 2_755_253,
  },
];
