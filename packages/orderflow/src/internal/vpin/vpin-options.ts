import { NO_DEFAULT, requireWhole } from '../shared/checks.ts';

/** Options of {@link createVpin}. */
export interface VpinOptions {
  /** Volume of a bucket, in whole lots. Customary: a fiftieth of the average volume of a day. */
  readonly bucketLots: number;
  /**
   * Number of buckets that a value is taken over.
   * @defaultValue 50
   */
  readonly buckets?: number;
}

/** What {@link createVpin} uses where an option is left out. */
export const vpinDefaults: { readonly buckets: number } = { buckets: 50 };

/**
 * The options with their defaults.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function vpinOptions(options: VpinOptions): Required<VpinOptions> {
  const { bucketLots, buckets } = { ...vpinDefaults, ...options };
  requireWhole('bucketLots', bucketLots, 1, NO_DEFAULT);
  requireWhole('buckets', buckets);
  return { bucketLots, buckets };
}
