import type { Mutation } from './recorded-store.ts';
import type { RunConfig } from './run-options.ts';
import type { ResolvedOptions } from './run-types.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

/**
 * SHA-256 over everything that a consent is about: which store, what may be deleted, how much, and the changes in their
 * order. A plan of no change is one of these options all the same.
 */
export function hashPlan(
  { maxDeletes, limits: { medianFactor, floor }, share }: Pick<ResolvedOptions, 'maxDeletes' | 'limits' | 'share'>,
  config: RunConfig,
  mutations: readonly Mutation[],
): Promise<string> {
  const limits = { maxDeletes, medianFactor, floor, share };
  return sha256Hex(toUtf8(JSON.stringify({ schema: 'hc-plan/2', config, limits, mutations })));
}
