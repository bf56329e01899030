/**
 * What every reducer of the suite promises, as one test suite: streaming equals batch, a cut with a restore is
 * invisible, inputs stay untouched, the same input gives byte-identical output, nothing is lost.
 */
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { bytesOf, deepFreeze, sameBytes } from './internal/bytes.ts';

/** What `push` and `flush` may return: one output, several, or nothing. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a `push` that never emits returns void
export type Emitted<Output> = Output | readonly Output[] | undefined | void;

/** The shape of a stateful module: `create…(options) → { push, flush, snapshot }`. */
export interface Reducer<Input, Output> {
  /** Takes one input and gives what it completed. */
  push(input: Input): Emitted<Output>;
  /** Gives what is still open at the end of the stream. */
  flush?(): Emitted<Output>;
  /** The state as plain JSON with a version `v`. */
  snapshot(): unknown;
}

/** The least that the contract needs to see; `push` and `flush` may go by other names. */
export type Snapshots = Pick<Reducer<never, never>, 'snapshot'>;

/** How {@link describeReducerContract} makes, feeds and judges a reducer. */
export interface ReducerContract<Input, Output, R extends Snapshots = Reducer<Input, Output>> {
  /** Title of the suite, for example `createTimeBars`. */
  readonly name: string;
  /** A fresh reducer with the options under test. */
  readonly create: () => R;
  /** A reducer that carries on from a snapshot that went through JSON; same options as {@link create}. */
  readonly restore: (snapshot: never) => R;
  /** The tape that is fed: a list, or a fast-check arbitrary of lists. */
  readonly inputs: readonly Input[] | fc.Arbitrary<readonly Input[]>;
  /** Feeds one input where that is not `reducer.push(input)`; also the place to read a current value after the push. */
  readonly push?: (reducer: R, input: Input) => Emitted<Output>;
  /** Ends the stream where that is not `reducer.flush()`. */
  readonly flush?: (reducer: R) => Emitted<Output>;
  /** The one-call form of the module, where there is one; must give what streaming gives. */
  readonly batch?: (inputs: readonly Input[]) => readonly Output[];
  /** Inputs that `push` must refuse with an error, leaving the state as it was. */
  readonly refused?: readonly Input[];
  /** Asserts that nothing was lost between what went in and what came out; throws when something was. */
  readonly conserve?: (inputs: readonly Input[], outputs: readonly Output[], reducer: R) => void;
  /**
   * Number of random tapes and cuts per promise.
   * @defaultValue 40
   */
  readonly runs?: number;
}

/** One promise of the contract. `check` throws when it is broken. */
export interface ContractCheck {
  readonly name: string;
  readonly check: () => void;
}

/**
 * Declares a vitest suite with one test per promise of the contract.
 *
 * @example
 * ```ts
 * describeReducerContract({
 *   name: 'createTimeBars',
 *   create: () => createTimeBars(options),
 *   restore: (snapshot) => restoreTimeBars(snapshot, options),
 *   inputs: trades,
 *   conserve: (inputs, outputs) => expect(volumeOf(outputs)).toBe(volumeOf(inputs)),
 * });
 * ```
 */
export function describeReducerContract<Input, Output, R extends Snapshots>(
  contract: ReducerContract<Input, Output, R>,
): void {
  describe(`${contract.name} keeps the reducer contract`, () => {
    for (const { name, check } of reducerContractChecks(contract)) test(name, check);
  });
}

/** The promises of {@link describeReducerContract} as plain functions, for use outside a vitest suite. */
export function reducerContractChecks<Input, Output, R extends Snapshots>(
  contract: ReducerContract<Input, Output, R>,
): readonly ContractCheck[] {
  const { create, restore, batch, conserve, refused, runs = 40 } = contract;
  const inputs: fc.Arbitrary<readonly Input[]> = isTape(contract.inputs)
    ? fc.constant(contract.inputs)
    : contract.inputs;
  const plain = (reducer: R): Reducer<Input, Output> => reducer as unknown as Reducer<Input, Output>;
  const push = contract.push ?? ((reducer: R, input: Input) => plain(reducer).push(input));
  const flush = contract.flush ?? ((reducer: R) => plain(reducer).flush?.());

  const feed = (reducer: R, tape: readonly Input[], out: Output[] = []): Output[] => {
    for (const input of tape) collect(out, push(reducer, input));
    return out;
  };
  const end = (reducer: R, out: Output[]): Output[] => collect(out, flush(reducer));
  const run = (tape: readonly Input[], reducer: R = create()): Output[] => end(reducer, feed(reducer, tape));
  const restoreJson = (json: string): R => restore(deepFreeze(JSON.parse(json)) as never);
  const cutOf = (tape: readonly Input[], cut: number): number => cut % (tape.length + 1);

  const property = (check: (tape: readonly Input[], cut: number, cut2: number) => void) => (): void =>
    fc.assert(
      fc.property(inputs, fc.nat(1_000_000), fc.nat(1_000_000), (tape, a, b) =>
        check(tape, cutOf(tape, a), cutOf(tape, b)),
      ),
      { numRuns: runs, seed: 20_260_101, includeErrorInReport: true },
    );

  const checks: ContractCheck[] = [
    {
      name: 'gives byte-identical output and state for the same input',
      check: property((tape) => {
        const [one, two] = [create(), create()];
        sameBytes(feed(two, tape), feed(one, tape), 'second run against the first');
        sameBytes(two.snapshot(), one.snapshot(), 'state of the second run against the first');
        sameBytes(end(two, []), end(one, []), 'flush of the second run against the first');
      }),
    },
    {
      name: 'leaves its inputs untouched',
      check: property((tape) => {
        const before = bytesOf(tape);
        run(deepFreeze(tape));
        if (bytesOf(tape) !== before) throw new Error('an input was changed by push or flush');
      }),
    },
    {
      name: 'never changes an output after it was emitted',
      check: property((tape) => {
        const reducer = create();
        const outputs: Output[] = [];
        const asEmitted: string[] = [];
        const note = (): void => {
          while (asEmitted.length < outputs.length) asEmitted.push(bytesOf(outputs[asEmitted.length]));
        };
        for (const input of tape) {
          collect(outputs, push(reducer, input));
          note();
        }
        end(reducer, outputs);
        note();
        outputs.forEach((output, i) => {
          if (bytesOf(output) !== asEmitted[i]) throw new Error(`output ${i} changed after it was emitted`);
        });
      }),
    },
    {
      name: 'snapshots to plain JSON with a version, detached from its state',
      check: property((tape, cut) => {
        const reducer = create();
        feed(reducer, tape.slice(0, cut));
        const snapshot = reducer.snapshot();
        const json = JSON.stringify(snapshot);
        sameBytes(JSON.parse(json), snapshot, 'snapshot after JSON against the snapshot');
        const version: unknown = (snapshot as { v?: unknown } | null)?.v;
        if (!Number.isInteger(version))
          throw new Error(`snapshot has version "${String(version)}", expected an integer v`);
        run(tape.slice(cut), reducer);
        sameBytes(snapshot, JSON.parse(json), 'an old snapshot after more input');
      }),
    },
    {
      name: 'restores to a reducer with the same snapshot',
      check: property((tape, cut) => {
        const reducer = create();
        feed(reducer, tape.slice(0, cut));
        const json = JSON.stringify(reducer.snapshot());
        sameBytes(
          restoreJson(json).snapshot(),
          JSON.parse(json),
          'snapshot of the restored reducer against the one before',
        );
      }),
    },
    {
      name: 'hides cuts anywhere: snapshot, JSON, restore, go on',
      check: property((tape, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const outputs: Output[] = [];
        const one = create();
        feed(one, tape.slice(0, first), outputs);
        const two = restoreJson(JSON.stringify(one.snapshot()));
        feed(two, tape.slice(first, second), outputs);
        const three = restoreJson(JSON.stringify(two.snapshot()));
        end(three, feed(three, tape.slice(second), outputs));
        sameBytes(outputs, run(tape), `outputs with cuts at ${first} and ${second} against one run`);
        const whole = create();
        feed(whole, tape);
        collect([], flush(whole));
        sameBytes(
          three.snapshot(),
          whole.snapshot(),
          `final state with cuts at ${first} and ${second} against one run`,
        );
      }),
    },
    {
      name: 'is not disturbed by snapshots along the way',
      check: property((tape) => {
        const reducer = create();
        const outputs: Output[] = [];
        for (const input of tape) {
          reducer.snapshot();
          collect(outputs, push(reducer, input));
        }
        sameBytes(end(reducer, outputs), run(tape), 'outputs with snapshots against outputs without');
      }),
    },
  ];

  if (batch) {
    checks.push({
      name: 'gives in one batch what it gives as a stream',
      check: property((tape) => sameBytes(batch(tape), run(tape), 'batch against stream')),
    });
  }
  if (conserve) {
    checks.push({
      name: 'conserves what was put in',
      check: property((tape) => {
        const reducer = create();
        conserve(tape, run(tape, reducer), reducer);
      }),
    });
  }
  for (const [i, input] of (refused ?? []).entries()) {
    checks.push({
      name: `refuses bad input ${i + 1} and keeps its state`,
      check: property((tape, cut) => {
        const reducer = create();
        feed(reducer, tape.slice(0, cut));
        const before = bytesOf(reducer.snapshot());
        let refusedIt = false;
        try {
          push(reducer, input);
        } catch {
          refusedIt = true;
        }
        if (!refusedIt) throw new Error(`push accepted ${bytesOf(input)}, expected an error`);
        if (bytesOf(reducer.snapshot()) !== before)
          throw new Error(`the state changed although ${bytesOf(input)} was refused`);
      }),
    });
  }
  return checks;
}

function collect<Output>(out: Output[], emitted: Emitted<Output>): Output[] {
  if (emitted === undefined) return out;
  if (Array.isArray(emitted)) for (const output of emitted as readonly Output[]) out.push(output);
  else out.push(emitted as Output);
  return out;
}

function isTape<Input>(inputs: readonly Input[] | fc.Arbitrary<readonly Input[]>): inputs is readonly Input[] {
  return Array.isArray(inputs);
}
