/**
 * The conformance suite of {@link ObjectStore}: what every store must do, as tests that run wherever there is a
 * `describe` and a `test`: vitest, node:test, or workerd.
 *
 * @example
 * ```ts
 * import { describe, test } from 'vitest';
 * import { describeObjectStore } from '@tapekit/housecleaning/testing';
 *
 * describeObjectStore('my store', () => createMyStore(), { describe, test });
 * ```
 */
import type { ObjectStore } from './object-store.ts';
import { deleteCases } from './internal/conformance/delete-cases.ts';
import { listCases } from './internal/conformance/list-cases.ts';
import { putCases } from './internal/conformance/put-cases.ts';
import { readCases } from './internal/conformance/read-cases.ts';
import type { StoreCase } from './internal/conformance/check.ts';

export type { StoreCase } from './internal/conformance/check.ts';

/** The two functions of a test runner that the suite calls. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** What the suite may leave out. */
export interface ConformanceOptions {
  /**
   * Objects of the paging test; above 1 000 more than one page is sure.
   * @defaultValue 1 100
   */
  readonly pagedKeys?: number;
}

/** Values of options that are left out. */
export const conformanceDefaults = { pagedKeys: 1_100 } as const;

/** Every case of the suite: a fact about stores and the function that proves it, given an empty store. */
export function objectStoreCases(options: ConformanceOptions = {}): readonly StoreCase[] {
  const pagedKeys = options.pagedKeys ?? conformanceDefaults.pagedKeys;
  return [...putCases(), ...readCases(), ...deleteCases(), ...listCases(pagedKeys)];
}

/**
 * Declares the suite. `makeStore` is called once per test and must give an empty store each time (a fresh folder, a
 * fresh bucket, or a wrapper that puts a prefix of its own before every key).
 */
export function describeObjectStore(
  name: string,
  makeStore: () => ObjectStore | Promise<ObjectStore>,
  runner: TestRunner,
  options: ConformanceOptions = {},
): void {
  runner.describe(name, () => {
    for (const { fact, prove } of objectStoreCases(options)) {
      runner.test(fact, async () => {
        await prove(await makeStore());
      });
    }
  });
}
