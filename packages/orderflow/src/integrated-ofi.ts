/**
 * Integrated OFI after Cont, Cucuringu and Zhang 2023 (doi 10.1080/14697688.2023.2236159): the OFI of all levels as one
 * number, `w₁ᵀ·of ÷ ‖w₁‖₁`, where `of` is the normalised OFI by level and `w₁` the first principal component of past
 * such vectors, with the sign that makes Σ w₁ positive.
 *
 * Fit on the past and apply to what follows: weights that have seen what they explain flatter.
 */
import type { NumberColumn } from './columns.ts';
import { OrderflowError } from './errors.ts';
import { requireLevelCount } from './internal/shared/checks.ts';
import { mlofiDefaults } from './internal/flow/mlofi.ts';
import {
  createCovariance,
  principalComponent,
  requireModerate,
  covarianceShape,
} from './internal/numbers/principal-component.ts';
import type { CovarianceState } from './internal/numbers/principal-component.ts';
import { fields } from './internal/shared/shapes.ts';
import { requireSnapshot, restored } from './internal/shared/snapshot.ts';

/** Fitted weights; plain JSON to keep and to send. Made by {@link fitIntegratedOfi}. */
export interface IntegratedOfiModel {
  readonly v: 1;
  readonly kind: 'integrated-ofi';
  /** w₁ by level, best first; of length 1 (Σ w² = 1). */
  readonly weights: readonly number[];
  /** Share of the variance of the vectors along w₁, 0 to 1. */
  readonly explained: number;
  /**
   * Dimensions of the space of largest variance: 1, or more where directions tie and the data does not choose between
   * them; the weights are then those with the largest Σ.
   */
  readonly tied: number;
  /** Vectors that it was fitted on. */
  readonly n: number;
}

/** Options of {@link createIntegratedOfiFit}. */
export interface IntegratedOfiFitOptions {
  /**
   * Entries of a vector: levels a side.
   * @defaultValue 10
   */
  readonly levels?: number;
}

/** What {@link createIntegratedOfiFit} uses where an option is left out. */
export const integratedOfiFitDefaults: Required<IntegratedOfiFitOptions> = { levels: mlofiDefaults.levels };

/** A fit that takes vectors one by one. Made by {@link createIntegratedOfiFit}. */
export interface IntegratedOfiFit {
  /**
   * Takes the normalised OFI of one window; `undefined` where it is unknown is left out. Gives the number of vectors so
   * far.
   * @throws {@link OrderflowError} `bad-value` for a vector of another length or with a value that is not a number from
   *   −1e140 to 1e140; the state is as before.
   */
  push(vector: ArrayLike<number> | undefined): number;
  /**
   * The model of the vectors so far; `undefined` with fewer than two, or where they are all the same: what does not vary
   * has no direction.
   */
  model(): IntegratedOfiModel | undefined;
  /** Gives the model and forgets the vectors. */
  flush(): IntegratedOfiModel | undefined;
  /** The state as plain JSON. */
  snapshot(): IntegratedOfiFitSnapshot;
}

/** The state of an {@link IntegratedOfiFit}. */
export interface IntegratedOfiFitSnapshot {
  readonly v: 1;
  readonly kind: 'integrated-ofi-fit';
  readonly covariance: CovarianceState;
}

/** Vectors as a column: row-major, `levels` entries a row; a row with a `NaN` is unknown. */
export interface OfiVectorColumns {
  /** Entries a row. */
  readonly levels: number;
  /** Normalised OFI, best level first. */
  readonly values: NumberColumn;
}

/**
 * A fit of the weights of integrated OFI: the first eigenvector of the covariance of the vectors. State: the means and
 * the covariance, so its size depends on the levels alone.
 *
 * @example
 * ```ts
 * const fit = createIntegratedOfiFit({ levels: 2 });
 * for (const vector of [[4, 3], [0, 0], [-4, -3]]) fit.push(vector);
 * fit.model()?.explained; // => 1
 * fit.model()?.weights.map((w) => w.toFixed(6)); // => ['0.800000', '0.600000']
 * ```
 * @throws {@link OrderflowError} `bad-option` when `levels` is not a positive integer.
 */
export function createIntegratedOfiFit(options: IntegratedOfiFitOptions = {}): IntegratedOfiFit {
  return startFit(levelsOf(options), undefined);
}

const shape = fields({ covariance: covarianceShape });

/**
 * The fit that a snapshot was taken of; levels that are given must be those of the snapshot.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or number of levels.
 */
export function restoreIntegratedOfiFit(
  snapshot: IntegratedOfiFitSnapshot,
  options?: IntegratedOfiFitOptions,
): IntegratedOfiFit {
  return restored(snapshot, 'integrated-ofi-fit', shape, () => {
    const levels = snapshot.covariance.means.length;
    if (options && levelsOf(options) !== levels) {
      throw new OrderflowError(
        'bad-snapshot',
        `snapshot has ${levels} levels, the options say ${levelsOf(options)}. ` +
          `Restore with the options that the snapshot was made with.`,
        snapshot,
      );
    }
    return startFit(levels, snapshot);
  });
}

/**
 * The weights of integrated OFI for the vectors of past windows, as {@link createIntegratedOfiFit} gives them; the first
 * known vector says how many levels there are.
 * @throws {@link OrderflowError} `bad-value` as `push` does.
 */
export function fitIntegratedOfi(vectors: readonly (ArrayLike<number> | undefined)[]): IntegratedOfiModel | undefined {
  const first = vectors.find((vector) => vector !== undefined);
  if (!first) return undefined;
  const fit = createIntegratedOfiFit({ levels: first.length });
  for (const vector of vectors) fit.push(vector);
  return fit.flush();
}

/**
 * {@link fitIntegratedOfi} over a column of vectors.
 * @throws {@link OrderflowError} `bad-columns` when the column holds no whole number of rows, `bad-value` as `push`.
 */
export function fitIntegratedOfiOfColumns(columns: OfiVectorColumns): IntegratedOfiModel | undefined {
  const fit = createIntegratedOfiFit({ levels: columns.levels });
  forEachVector(columns, (vector) => fit.push(vector));
  return fit.flush();
}

/**
 * The OFI of all levels as one number: `wᵀ·of ÷ ‖w‖₁`, in the unit of the vector.
 *
 * @example
 * ```ts
 * const model = { v: 1, kind: 'integrated-ofi', weights: [0.8, 0.6], explained: 0.9, tied: 1, n: 100 } as const;
 * integratedOfi(model, [3, -1]).toFixed(6); // => '1.285714'
 * ```
 * @returns `undefined` for an unknown vector.
 * @throws {@link OrderflowError} `bad-snapshot` for a model that is none, `bad-value` for a vector of another length
 *   than the model's or with a value that is not a number from −1e140 to 1e140.
 */
export function integratedOfi(model: IntegratedOfiModel, vector: ArrayLike<number>): number;
export function integratedOfi(model: IntegratedOfiModel, vector: ArrayLike<number> | undefined): number | undefined;
export function integratedOfi(model: IntegratedOfiModel, vector: ArrayLike<number> | undefined): number | undefined {
  const norm = normOf(model);
  if (!vector) return undefined;
  const { weights } = model;
  requireVector(vector, weights.length);
  let sum = 0;
  for (let m = 0; m < weights.length; m += 1) sum += weights[m]! * vector[m]!;
  return sum / norm + 0;
}

/**
 * {@link integratedOfi} over a column of vectors, row by row.
 * @throws {@link OrderflowError} as {@link integratedOfi}, and `bad-columns` when the column holds no whole number of rows.
 */
export function integratedOfiOfColumns(model: IntegratedOfiModel, columns: OfiVectorColumns): (number | undefined)[] {
  const values: (number | undefined)[] = [];
  forEachVector(columns, (vector) => values.push(integratedOfi(model, vector)));
  return values;
}

/** ‖w‖₁ of a model that came back from storage. */
function normOf(model: IntegratedOfiModel): number {
  requireSnapshot(model, 'integrated-ofi');
  let norm = 0;
  for (const weight of model.weights) norm += Math.abs(weight);
  if (norm > 0 && norm < Infinity) return norm;
  throw new OrderflowError(
    'bad-snapshot',
    `weights of the model sum to ${norm} in magnitude. Pass what fitIntegratedOfi gave.`,
    model,
  );
}

function levelsOf(options: IntegratedOfiFitOptions): number {
  const { levels } = { ...integratedOfiFitDefaults, ...options };
  requireLevelCount('levels', levels);
  return levels;
}

function requireVector(vector: ArrayLike<number>, levels: number): void {
  if (vector.length !== levels) {
    throw new OrderflowError(
      'bad-value',
      `vector has ${vector.length} levels, expected ${levels}. Pass normalised OFI of the same number of levels.`,
      vector,
    );
  }
  for (let m = 0; m < levels; m += 1) requireModerate(`level ${m} of a vector,`, vector[m]!);
}

function forEachVector({ levels, values }: OfiVectorColumns, take: (vector: Float64Array | undefined) => void): void {
  requireLevelCount('levels', levels);
  const rows = values.length / levels;
  if (!Number.isInteger(rows)) {
    throw new OrderflowError(
      'bad-columns',
      `column values has ${values.length} entries, no multiple of ${levels} levels. Pass ${levels} entries a row.`,
      values.length,
    );
  }
  const vector = new Float64Array(levels);
  for (let row = 0; row < rows; row += 1) {
    for (let m = 0; m < levels; m += 1) vector[m] = values[row * levels + m]!;
    take(vector.some(Number.isNaN) ? undefined : vector);
  }
}

function startFit(levels: number, from: IntegratedOfiFitSnapshot | undefined): IntegratedOfiFit {
  const covariance = createCovariance(levels, from?.covariance);
  const model = (): IntegratedOfiModel | undefined => {
    if (covariance.n < 2) return undefined;
    const component = principalComponent(covariance.matrix());
    return component && { v: 1, kind: 'integrated-ofi', ...component, n: covariance.n };
  };
  return {
    push(vector) {
      if (vector) {
        requireVector(vector, levels);
        covariance.push(vector);
      }
      return covariance.n;
    },
    model,
    flush() {
      const fitted = model();
      covariance.clear();
      return fitted;
    },
    snapshot: () => ({ v: 1, kind: 'integrated-ofi-fit', covariance: covariance.state() }),
  };
}
