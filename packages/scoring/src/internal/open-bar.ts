import { ScoringError } from '../errors.ts';
import { checkValue } from './checks.ts';

/** The numbers that a recursive indicator carries from bar to bar. */
export type State = { count: number } & Record<string, number>;

/** The snapshot of a recursive indicator: where it stands, and where it stood before the open bar. */
export interface TwoStates<S extends State> {
  readonly state: Readonly<S>;
  readonly previous: Readonly<S>;
}

/** Two states and the step between them, so that the open bar can be taken back. */
export interface OpenBar<S extends State> {
  push(value: number): S;
  replaceLast(value: number): S;
  states(): TwoStates<S>;
}

/** Keeps the state before the last push beside the current one; `step` writes `to` from `from` and one value. */
export function createOpenBar<S extends State>(
  initial: TwoStates<S>,
  step: (from: S, to: S, value: number) => void,
): OpenBar<S> {
  let current: S = { ...initial.state };
  let previous: S = { ...initial.previous };
  return {
    push(value) {
      checkValue(value, current.count);
      const next = previous;
      step(current, next, value);
      previous = current;
      current = next;
      return next;
    },
    replaceLast(value) {
      checkReplaceable(current.count);
      checkValue(value, previous.count);
      step(previous, current, value);
      return current;
    },
    states: () => ({ state: tidy(current), previous: tidy(previous) }),
  };
}

/** Throws `no-open-bar` before the first push. */
export function checkReplaceable(count: number): void {
  if (count > 0) return;
  throw new ScoringError('no-open-bar', 'replaceLast was called before the first push. Push the open bar first.');
}

/** A copy without negative zeros, which JSON cannot carry. */
function tidy<S extends State>(state: S): S {
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, value + 0])) as S;
}
