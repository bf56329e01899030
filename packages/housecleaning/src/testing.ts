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
import { assertionsMade, type StoreCase } from './internal/conformance/check.ts';
import { conditionCases } from './internal/conformance/condition-cases.ts';
import { deleteCases } from './internal/conformance/delete-cases.ts';
import { listCases } from './internal/conformance/list-cases.ts';
import { metadataCases } from './internal/conformance/metadata-cases.ts';
import { putCases } from './internal/conformance/put-cases.ts';
import { raceCases } from './internal/conformance/race-cases.ts';
import { readCases } from './internal/conformance/read-cases.ts';
import { requestCases } from './internal/conformance/request-cases.ts';
import { streamCases } from './internal/conformance/stream-cases.ts';

export type { StoreCase } from './internal/conformance/check.ts';

/** The two functions of a test runner that the suite calls. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** What the suite is told of the store. */
export interface ConformanceOptions {
  /**
   * Objects of the paging test; above 1 000 more than one page is sure.
   * @defaultValue 1 100
   */
  readonly pagedKeys?: number;
  /**
   * Bytes of the long streams; more than two parts of the store show how it joins them.
   * @defaultValue 11 534 336
   */
  readonly streamBytes?: number;
  /**
   * Bytes of the longest key, for stores that put something of their own before every key.
   * @defaultValue 1 024
   */
  readonly keyBytes?: number;
  /**
   * How long a put may go on after its signal was aborted, ms; one that never ends fails its test and not the whole suite.
   * @defaultValue 10 000
   */
  readonly abortMs?: number;
  /** Tells how many requests the store has sent so far; with it the suite also looks at what operations cost. */
  readonly requests?: () => number;
}

/** Values of options that are left out. */
export const conformanceDefaults = {
  pagedKeys: 1_100,
  streamBytes: 11 * 1024 ** 2,
  keyBytes: 1_024,
  abortMs: 10_000,
} as const;

/** Every case of the suite: a fact about stores and the function that proves it, given an empty store. */
export function objectStoreCases(options: ConformanceOptions = {}): readonly StoreCase[] {
  const settings = { ...conformanceDefaults, requests: undefined, ...options };
  return [
    ...putCases(settings),
    ...conditionCases(),
    ...streamCases(settings),
    ...metadataCases(settings),
    ...readCases(),
    ...deleteCases(),
    ...listCases(settings),
    ...raceCases(),
    ...requestCases(settings),
  ];
}

/** Assertions that this copy of the suite has made so far, over all stores. */
export function conformanceAssertions(): number {
  return assertionsMade();
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
