/**
 * Queue imbalance as a predictor: the probability that the next move of the mid is up, by logistic regression on the
 * imbalance of the best quote, after Gould and Bonart 2016 (doi 10.1142/S2382626616500064).
 */
import { OrderflowError } from './errors.ts';
import type { TickQuote } from './market.ts';
import { requireQuote } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { fitLogistic, logistic } from './internal/numbers/logistic.ts';
import { requireSnapshot } from './internal/shared/snapshot.ts';

export {
  createQueueImbalanceSamples,
  queueImbalanceSamplesDefaults,
  queueImbalanceSamplesOfColumns,
  restoreQueueImbalanceSamples,
} from './internal/fits/queue-imbalance-samples.ts';
export type {
  QueueImbalanceCounts,
  QueueImbalanceSample,
  QueueImbalanceSamples,
  QueueImbalanceSamplesOptions,
  QueueImbalanceSamplesSnapshot,
} from './internal/fits/queue-imbalance-samples.ts';

/** A fitted regression; plain JSON. */
export interface QueueImbalanceModel {
  readonly v: 1;
  readonly kind: 'queue-imbalance';
  /** Log-odds of an up-move at imbalance 0. */
  readonly intercept: number;
  /** Log-odds of an up-move per unit of imbalance. */
  readonly slope: number;
  /** Standard error of the intercept, from the curvature of the likelihood at the fit. */
  readonly interceptError: number;
  /** Standard error of the slope. */
  readonly slopeError: number;
  /** Samples. */
  readonly n: number;
  /** Samples that went up. */
  readonly ups: number;
  /** Mean of −ln(probability given to what happened), in nats: lower is better. */
  readonly logLoss: number;
  /** The same of a model that knows the share of ups and nothing else. */
  readonly nullLogLoss: number;
  /** Share of the samples whose direction has the larger probability, 0 to 1; a probability of one half counts half. */
  readonly accuracy: number;
  /** Steps of Newton's method taken. */
  readonly iterations: number;
}

/**
 * Queue imbalance `(Qb − Qa) ÷ (Qb + Qa)` of a best quote, from −1 to 1; `undefined` without a quote or size.
 *
 * @example
 * ```ts
 * queueImbalance({ bidTicks: 100, bidLots: 3, askTicks: 101, askLots: 1 }); // => 0.5
 * ```
 * @throws {@link OrderflowError} `bad-quote` for a quote that no grid gives.
 */
export function queueImbalance(quote: TickQuote | undefined): number | undefined {
  if (!quote) return undefined;
  requireQuote(quote);
  const { bidLots, askLots } = quote;
  return bidLots + askLots > 0 ? (bidLots - askLots) / (bidLots + askLots) : undefined;
}

/**
 * The regression `P(up) = 1 ÷ (1 + exp(−(intercept + slope · imbalance)))` of greatest likelihood, by Newton's method
 * (iteratively reweighted least squares) with halved steps where a full one would lose likelihood.
 *
 * There is no such fit when one imbalance separates the ups from the downs, which any one-sided or very small set does:
 * the likelihood then grows for ever with the slope. That is found exactly, before any step, and is an error: collect
 * more samples.
 *
 * @example
 * ```ts
 * const samples = [-0.5, -0.5, 0.5].map((imbalance) => ({ imbalance, up: imbalance > 0 }));
 * const model = fitQueueImbalance([...samples, { imbalance: -0.5, up: true }, { imbalance: 0.5, up: true }, { imbalance: 0.5, up: false }]);
 * // One of three went up at −0.5, two of three at 0.5: log-odds of −ln 2 and ln 2, so a slope of 2·ln 2.
 * model.slope.toFixed(9); // => '1.386294361'
 * upProbability(model, 0.5)?.toFixed(9); // => '0.666666667'
 * ```
 * @throws {@link OrderflowError} `bad-value` for an imbalance outside of −1 to 1, for samples that an imbalance
 *   separates.
 */
export function fitQueueImbalance(
  samples: readonly { readonly imbalance: number; readonly up: boolean }[],
): QueueImbalanceModel {
  const n = samples.length;
  const x = new Float64Array(n);
  const y = new Uint8Array(n);
  const downs = { low: Infinity, high: -Infinity };
  const rises = { low: Infinity, high: -Infinity };
  for (const [i, { imbalance, up }] of samples.entries()) {
    if (!(imbalance >= -1 && imbalance <= 1)) throw badImbalance(imbalance);
    x[i] = imbalance;
    y[i] = up ? 1 : 0;
    const range = up ? rises : downs;
    range.low = Math.min(range.low, imbalance);
    range.high = Math.max(range.high, imbalance);
  }
  const ups = y.reduce((sum, up) => sum + up, 0);
  if (!(downs.high > rises.low && rises.high > downs.low)) {
    const where = (name: string, { low, high }: typeof downs): string =>
      low <= high ? `${name} from ${low} to ${high}` : `no ${name}`;
    throw new OrderflowError(
      'bad-value',
      `${n} samples with ${where('downs', downs)} and ${where('ups', rises)} are separated by one imbalance, ` +
        `so no finite slope is the best. Collect more samples.`,
      n,
    );
  }
  const { intercept, slope, interceptError, slopeError, logLoss, iterations } = fitLogistic(x, y);
  const share = ups / n;
  let right = 0;
  for (let i = 0; i < n; i += 1) {
    const odds = intercept + slope * x[i]!;
    right += odds === 0 ? 0.5 : odds > 0 === (y[i] === 1) ? 1 : 0;
  }
  return {
    v: 1,
    kind: 'queue-imbalance',
    intercept,
    slope,
    interceptError,
    slopeError,
    n,
    ups,
    logLoss,
    nullLogLoss: -(share * Math.log(share) + (1 - share) * Math.log(1 - share)),
    accuracy: right / n,
    iterations,
  };
}

/**
 * The probability, 0 to 1, that the next move of the mid is up at a queue imbalance of −1 to 1; `undefined` where the
 * imbalance is.
 * @throws {@link OrderflowError} `bad-value` for an imbalance outside of −1 to 1, `bad-snapshot` for a model that
 *   {@link fitQueueImbalance} did not make.
 */
export function upProbability(
  model: Pick<QueueImbalanceModel, 'v' | 'kind' | 'intercept' | 'slope'>,
  imbalance: number | undefined,
): number | undefined {
  requireSnapshot(model, 'queue-imbalance');
  if (imbalance === undefined) return undefined;
  if (!(imbalance >= -1 && imbalance <= 1)) throw badImbalance(imbalance);
  return logistic(model.intercept + model.slope * imbalance);
}

function badImbalance(imbalance: number): OrderflowError {
  return new OrderflowError(
    'bad-value',
    `imbalance ${excerpt(imbalance)} is not a number from -1 to 1. Pass what queueImbalance gives.`,
    imbalance,
  );
}
