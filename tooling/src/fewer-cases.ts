/**
 * The `fast-check` of test projects that run in another runtime what Node runs already: a property is tried there with
 * a fifth of its cases. Engine and code are the same; what may differ are the globals around them.
 */
import * as fc from 'fast-check';

export * from 'fast-check';

/** Cases in Node for one here. */
const share = 5;
const assertAll = fc.assert as (property: unknown, parameters: object) => Promise<void> | undefined;

/** `assert` of fast-check with fewer cases. */
export function assert<Ts>(property: fc.IAsyncProperty<Ts>, parameters?: fc.Parameters<Ts>): Promise<void>;
export function assert<Ts>(property: fc.IProperty<Ts>, parameters?: fc.Parameters<Ts>): void;
export function assert<Ts>(property: unknown, parameters: fc.Parameters<Ts> = {}): Promise<void> | undefined {
  return assertAll(property, { ...parameters, numRuns: Math.ceil((parameters.numRuns ?? 100) / share) });
}

export default { ...fc.default, assert };
