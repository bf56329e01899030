import { housecleaningDefaults } from '@tapekit/housecleaning/housecleaning';
import { ApiError } from '../shared/errors.ts';
import { wholeVar, type NumberVar } from '../shared/settings.ts';

/** Bindings, variables and secrets, as `wrangler.jsonc` and `wrangler secret put` give them. */
export interface HousecleaningEnv {
  /** Raw segments and archives. */
  readonly TAPE: R2Bucket;
  /** Runs of the cron. */
  readonly RUN: Workflow<Tick>;
  /** Who may call the routes from outside of a service binding. */
  readonly SERVICE_TOKEN?: string;
  /** Stamped into the bucket on the first run; a run against a bucket with another stamp does nothing. */
  readonly ENVIRONMENT?: string;
  /** The same for the bucket. */
  readonly BUCKET_ID?: string;
  readonly HC_GRACE_MS?: NumberVar;
  readonly HC_MIN_AGE_MS?: NumberVar;
  readonly HC_MAX_CELL_BYTES?: NumberVar;
  readonly HC_PROVES_PER_DAY?: NumberVar;
}

/** What the cron tells a run; one that somebody creates by hand has none of it. */
export interface Tick {
  /** Epoch ms. */
  readonly scheduledTime?: number;
}

/** The variables of {@link HousecleaningEnv}, checked. */
export interface HousecleaningSettings {
  readonly env: { readonly env: string; readonly bucketId: string };
  readonly graceMs: number;
  readonly minAgeMs: number;
  readonly allowImmediate: boolean;
  readonly maxCellBytes: number;
}

/** A worker has 128 MB of memory and a bounded time of CPU, so the cap is lower than the package's own. */
const maxCellBytes = 128 * 1024 * 1024;

/**
 * Reads the variables. Less than an hour of grace or age is for `ENVIRONMENT` "local" only.
 *
 * @throws ApiError `not-configured`
 */
export function readHousecleaningSettings(vars: HousecleaningEnv): HousecleaningSettings {
  const { ENVIRONMENT, BUCKET_ID } = vars;
  if (!ENVIRONMENT || !BUCKET_ID) {
    throw new ApiError(
      503,
      'not-configured',
      'ENVIRONMENT and BUCKET_ID must be set; they are stamped into the bucket.',
    );
  }
  const hour = 3_600_000;
  const allowImmediate = ENVIRONMENT === 'local';
  const range: readonly [number, number] = [allowImmediate ? 0 : hour, 366 * 24 * hour];
  return {
    env: { env: ENVIRONMENT, bucketId: BUCKET_ID },
    graceMs: wholeVar('HC_GRACE_MS', vars.HC_GRACE_MS, housecleaningDefaults.graceMs, range),
    minAgeMs: wholeVar('HC_MIN_AGE_MS', vars.HC_MIN_AGE_MS, housecleaningDefaults.minAgeMs, range),
    allowImmediate,
    maxCellBytes: wholeVar('HC_MAX_CELL_BYTES', vars.HC_MAX_CELL_BYTES, maxCellBytes, [1, 4 * maxCellBytes]),
  };
}

/**
 * Archives without raw objects that are proven each day, about; 0 for none.
 *
 * @throws ApiError `not-configured`
 */
export function readProvesPerDay(vars: HousecleaningEnv): number {
  return wholeVar('HC_PROVES_PER_DAY', vars.HC_PROVES_PER_DAY, 24, [0, 1_000]);
}
