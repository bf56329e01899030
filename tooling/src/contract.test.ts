import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract, reducerContractChecks, type Reducer, type ReducerContract } from './contract.ts';

interface Print {
  readonly lots: number;
}
interface Pair {
  readonly first: number;
  readonly sum: number;
}
interface State {
  v: number;
  open: number[];
}
type Faults = Partial<
  Record<
    | 'forgets'
    | 'mutates'
    | 'aliasesState'
    | 'reusesOutput'
    | 'random'
    | 'loses'
    | 'noVersion'
    | 'bigint'
    | 'tornRefusal',
    true
  >
>;

/** Sums its inputs two by two; `faults` breaks one promise at a time. */
function createPairs(faults: Faults = {}, state: State = { v: 1, open: [] }): Reducer<Print, Pair> {
  const shared: { first: number; sum: number } = { first: 0, sum: 0 };
  let open = [...state.open];
  const take = (): Pair[] => {
    if (open.length === 0) return [];
    const pair = { first: open[0]!, sum: open.reduce((a, b) => a + b) };
    open = [];
    return faults.reusesOutput ? [Object.assign(shared, pair)] : [pair];
  };
  return {
    push(print) {
      if (faults.tornRefusal) open.push(0);
      if (print.lots < 0) throw new RangeError(`lots ${print.lots}`);
      if (faults.tornRefusal) open.pop();
      if (faults.mutates) (print as { lots: number }).lots += 1;
      open.push(faults.random ? Math.random() : print.lots);
      if (faults.loses && open.length === 2) open[1] = 0;
      return open.length === 2 ? take() : [];
    },
    flush: take,
    snapshot() {
      const kept = faults.forgets ? [] : faults.aliasesState ? open : [...open];
      if (faults.noVersion) return { open: kept };
      return { v: 1, open: kept, ...(faults.bigint ? { total: 1n } : {}) };
    },
  };
}

function pairs(faults: Faults = {}): ReducerContract<Print, Pair> {
  return {
    name: 'createPairs',
    create: () => createPairs(faults),
    restore: (snapshot: State) => createPairs(faults, snapshot),
    inputs: fc.array(fc.record({ lots: fc.integer({ min: 1, max: 9 }) }), { maxLength: 9 }),
    batch: (inputs) => {
      const out: Pair[] = [];
      for (let i = 0; i < inputs.length; i += 2) {
        out.push({ first: inputs[i]!.lots, sum: inputs[i]!.lots + (inputs[i + 1]?.lots ?? 0) });
      }
      return out;
    },
    refused: [{ lots: -1 }],
    conserve: (inputs, outputs) =>
      expect(outputs.reduce((sum, pair) => sum + pair.sum, 0)).toBe(inputs.reduce((sum, print) => sum + print.lots, 0)),
  };
}

/** Names of the promises that a contract breaks. */
function broken(contract: ReducerContract<Print, Pair>): string[] {
  return reducerContractChecks(contract)
    .filter(({ check }) => {
      try {
        check();
        return false;
      } catch {
        return true;
      }
    })
    .map(({ name }) => name);
}

describeReducerContract(pairs());

describe('a broken reducer fails the contract', () => {
  test('a sound reducer breaks no promise', () => {
    expect(broken(pairs())).toEqual([]);
  });

  const cases: readonly [keyof Faults, string][] = [
    ['forgets', 'hides cuts anywhere: snapshot, JSON, restore, go on'],
    ['mutates', 'leaves its inputs untouched'],
    ['aliasesState', 'snapshots to plain JSON with a version, detached from its state'],
    ['reusesOutput', 'never changes an output after it was emitted'],
    ['random', 'gives byte-identical output and state for the same input'],
    ['loses', 'conserves what was put in'],
    ['loses', 'gives in one batch what it gives as a stream'],
    ['noVersion', 'snapshots to plain JSON with a version, detached from its state'],
    ['bigint', 'snapshots to plain JSON with a version, detached from its state'],
    ['tornRefusal', 'refuses bad input 1 and keeps its state'],
  ];
  test.each(cases)('one that "%s" does not: %s', (fault, promise) => {
    expect(broken(pairs({ [fault]: true }))).toContain(promise);
  });

  test('a restore that forgets an option is found by the cut', () => {
    const contract: ReducerContract<Print, Pair> = { ...pairs(), restore: () => createPairs() };
    expect(broken(contract)).toContain('restores to a reducer with the same snapshot');
  });

  test('the message shows where the bytes differ', () => {
    const check = reducerContractChecks(pairs({ loses: true })).find(({ name }) => name.includes('batch'))!.check;
    expect(check).toThrow(/batch against stream: bytes differ at/);
  });
});
