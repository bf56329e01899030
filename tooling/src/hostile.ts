/** Numbers that no market sends, and what storage does to a snapshot: for tests of every reducer of a package. */
import * as fc from 'fast-check';

/** Mostly small numbers that a feed may send, among them those that none should. */
export const hostileNumbers: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 2000 }) },
  fc.constantFrom(-0, 0.5, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1e308, 5e-324, 8.64e15, -1e300),
);

/** What is asked of a reducer here. */
export interface HostileReducer {
  snapshot(): unknown;
  flush?(): unknown;
}

/** One thing done to a reducer: a push of whatever it takes. */
export type HostileStep = (reducer: never) => unknown;

/**
 * Holds when every step is either refused with an error of the package, and then the state is as it was, or taken, and then
 * nothing that comes out holds a NaN or an infinity.
 *
 * @throws the first step's error that is not the package's, or a description of what came out.
 */
export function checkHostile(
  reducer: HostileReducer,
  steps: readonly HostileStep[],
  isOwnError: (error: unknown) => boolean,
): void {
  for (const step of steps) {
    const before = JSON.stringify(reducer.snapshot());
    try {
      refuseNotFinite('output', step(reducer as never));
    } catch (error) {
      if (!isOwnError(error)) throw error;
      if (JSON.stringify(reducer.snapshot()) !== before)
        throw new Error('A refused input changed the state.', { cause: error });
    }
    refuseNotFinite('snapshot', reducer.snapshot());
  }
  refuseNotFinite('flush', reducer.flush?.());
}

/** A copy of some JSON in which the `place`-th of its values (round again from the last) is missing or another. */
export function damaged(json: object, place: number, value: unknown): object {
  const copy = JSON.parse(JSON.stringify(json)) as object;
  const places: (readonly [parent: object, key: string])[] = [];
  const visit = (node: object): void => {
    for (const [key, inner] of Object.entries(node)) {
      places.push([node, key]);
      if (typeof inner === 'object' && inner !== null) visit(inner as object);
    }
  };
  visit(copy);
  const [parent, key] = places[place % places.length]!;
  if (value === undefined) Reflect.deleteProperty(parent, key);
  else Reflect.set(parent, key, value);
  return copy;
}

function refuseNotFinite(path: string, value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${path} is ${value}.`);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) refuseNotFinite(`${path}.${key}`, inner);
}
