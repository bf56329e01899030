/** What models say of the price to come: a port, and the component that their answers make. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { scoreFromOffset, words } from './internal/micro-points.ts';
import { checkList, checkObject } from './internal/objects.ts';

/** A model's answer. The three probabilities add up to 1. */
export interface Prediction {
  /** Name and version of the model. */
  readonly model: string;
  /** The moment that the answer was made for, epoch milliseconds UTC: nothing later was used. */
  readonly asOfMs: number;
  /** Trading days that it looks ahead. */
  readonly horizonDays: number;
  readonly up: number;
  readonly flat: number;
  readonly down: number;
  /**
   * The last moment of the data that the model was trained on, epoch milliseconds UTC. An answer for a moment before it
   * has seen its own future and is not used.
   */
  readonly trainedUntilMs?: number | null | undefined;
}

/** A port: anything that predicts. Rejects, or gives `undefined`, when it has no answer; never a made-up one. */
export interface Predictor {
  /** Name and version. */
  readonly id: string;
  predict(
    input: { readonly symbol: string; readonly asOfMs: number; readonly closes: readonly number[] },
    options?: { readonly signal?: AbortSignal },
  ): Promise<Prediction | undefined>;
}

/** Options of {@link scorePredictions}. */
export interface PredictionOptions {
  /** The moment that the score is for, epoch milliseconds UTC. */
  readonly asOfMs: number;
  /**
   * Age from which an answer is too old, hours.
   * @defaultValue 72
   */
  readonly maxAgeHours?: number;
  /**
   * The models that were asked, by the names that their answers carry: those that answered ÷ those asked is the coverage,
   * and answers of others are left out.
   * @defaultValue whoever answered; a model that did not answer is not seen then, and the coverage is 1
   */
  readonly models?: readonly string[] | undefined;
}

/** The options that apply where none are given. */
export const predictionDefaults: Required<Omit<PredictionOptions, 'asOfMs' | 'models'>> = { maxAgeHours: 72 };

const msPerHour = 3_600_000;

/**
 * The `prediction` component: 50 + 50 × mean of (up − down) over the newest answer of each model; the mean of its answers
 * where it gave several for one moment. Answers for a later moment, too old ones, and those of a model that was trained on
 * what it predicts are left out; with none left the component is `missing`.
 *
 * @example
 * ```ts
 * const answer = { model: 'm/1', asOfMs: 0, horizonDays: 5, up: 0.5, flat: 0.3, down: 0.2 };
 * scorePredictions([answer], { asOfMs: 0 }).score; // => 65
 * ```
 * @throws {@link ScoringError} `bad-value` for probabilities that are not from 0 to 1 or do not add up to 1, an answer
 * without a model or horizon; `bad-option`.
 */
export function scorePredictions(predictions: readonly Prediction[], options: PredictionOptions): ComponentScore {
  const { asOfMs, maxAgeHours = predictionDefaults.maxAgeHours } = options;
  const asked = options.models && checkModels(options.models);
  if (!Number.isFinite(asOfMs) || !(typeof maxAgeHours === 'number' && maxAgeHours >= 0)) {
    throw new ScoringError(
      'bad-option',
      `asOfMs "${String(asOfMs)}" or maxAgeHours "${String(maxAgeHours)}" is none, expected a time and hours of at least 0. ` +
        'Pass for example 72 hours.',
      options,
    );
  }
  checkList('predictions', predictions);
  predictions.forEach(checkPrediction);
  const newest = new Map<string, Prediction[]>();
  let left = 0;
  for (const one of predictions) {
    const before = newest.get(one.model) ?? [];
    const beforeMs = before[0]?.asOfMs ?? -Infinity;
    const ageHours = (asOfMs - one.asOfMs) / msPerHour;
    const sawItself = (one.trainedUntilMs ?? -Infinity) > one.asOfMs;
    const isStranger = asked?.has(one.model) === false;
    if (isStranger || sawItself || !(ageHours >= 0 && ageHours <= maxAgeHours) || beforeMs > one.asOfMs) left++;
    else if (beforeMs === one.asOfMs) before.push(one);
    else {
      left += before.length;
      newest.set(one.model, [one]);
    }
  }
  if (newest.size === 0) {
    return missingComponent('prediction', left > 0 ? `none of ${left} answers can be used` : 'no model answered');
  }
  const silent = [...(asked ?? [])].filter((model) => !newest.has(model)).sort();
  const models = [...newest.values()].sort(([a], [b]) => (a!.model < b!.model ? -1 : 1));
  for (const answers of models) answers.sort((a, b) => a.horizonDays - b.horizonDays || a.up - b.up || a.down - b.down);
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = (of: (one: Prediction) => number): number => meanOf(models.map((answers) => meanOf(answers.map(of))));
  const lean = mean(({ up, down }) => up - down);
  return {
    name: 'prediction',
    score: scoreFromOffset(50 * lean),
    quality: 'measured',
    reasons: [
      ...models
        .flat()
        .map(
          ({ model, up, down, horizonDays }) => `${model}: up ${words(up)}, down ${words(down)} in ${horizonDays} days`,
        ),
      ...(left > 0 ? [`${left} answers left out`] : []),
      ...(silent.length > 0 ? [`no answer from ${silent.join(', ')}`] : []),
    ],
    inputs: { models: models.length, up: mean(({ up }) => up), down: mean(({ down }) => down) },
    rule: '50 + 50 × (up − down)',
    coverage: asked ? models.length / asked.size : 1,
  };
}

function checkModels(models: readonly string[]): ReadonlySet<string> {
  const isSound = Array.isArray(models) && models.length > 0 && models.every((one: unknown) => typeof one === 'string');
  if (isSound) return new Set(models);
  throw new ScoringError(
    'bad-option',
    `models "${String(models)}" is not a list of names. Pass those that were asked, or leave it out.`,
    models,
  );
}

function checkPrediction(prediction: Prediction, i: number): void {
  checkObject(`prediction ${i}`, prediction);
  const { model, asOfMs, horizonDays, up, flat, down, trainedUntilMs } = prediction;
  if (typeof model !== 'string' || model === '') {
    const message = `model "${model}" of prediction ${i} is not a name. Say which model and version answered.`;
    throw new ScoringError('bad-value', message, model);
  }
  if (!(Number.isFinite(horizonDays) && horizonDays > 0)) {
    throw new ScoringError(
      'bad-value',
      `horizonDays "${String(horizonDays)}" of "${model}" is not a number above 0. Say how many trading days it looks ahead.`,
      horizonDays,
    );
  }
  if (trainedUntilMs !== undefined && trainedUntilMs !== null && !Number.isFinite(trainedUntilMs)) {
    throw new ScoringError(
      'bad-value',
      `trainedUntilMs "${String(trainedUntilMs)}" of "${model}" is not a finite number. Leave it out when it is unknown.`,
      trainedUntilMs,
    );
  }
  const fits =
    [up, flat, down].every((share) => typeof share === 'number' && share >= 0 && share <= 1) &&
    Math.abs(up + flat + down - 1) <= 1e-6;
  if (fits && Number.isFinite(asOfMs)) return;
  throw new ScoringError(
    'bad-value',
    `prediction "${up}, ${flat}, ${down}" of "${model}" at "${asOfMs}" is not three probabilities that add up to 1 and a ` +
      'time. Leave it out.',
    [up, flat, down],
  );
}
