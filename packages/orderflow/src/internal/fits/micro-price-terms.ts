import { factorise } from '../numbers/linear-system.ts';

/** The terms g¹, g², … of a micro-price. */
export interface MicroPriceTerms {
  /** `terms[k][state]`, in the unit of the jumps. */
  readonly terms: readonly Float64Array[];
  /** Σ of the terms by state. */
  readonly sum: Float64Array;
}

/**
 * `g¹ = (1 − Q)⁻¹ R¹k` and `gⁿ⁺¹ = B gⁿ` with `B = (1 − Q)⁻¹ R²`, of transition probabilities: Q without and R² with a
 * move of the mid (row-major), `r1k` the expected jump of the next step.
 *
 * States that never reach a move have the terms 0: there (1 − Q) has no inverse, and the mid stays where it is.
 * `undefined` when moves are so rare that the system is singular to working precision.
 */
export function microPriceTerms(
  q: ArrayLike<number>,
  r1k: ArrayLike<number>,
  r2: ArrayLike<number>,
  terms: number,
): MicroPriceTerms | undefined {
  const n = r1k.length;
  return termsOf({ rows: new Float64Array(n).fill(1), stay: q, jumps: r1k, move: r2 }, n, terms);
}

/** Transition counts in place of probabilities: each row times the number of its transitions. */
export interface TransitionCounts {
  /** Transitions out of a state. */
  readonly rows: ArrayLike<number>;
  /** Transitions without a move, row-major. */
  readonly stay: ArrayLike<number>;
  /** Transitions with a move, row-major. */
  readonly move: ArrayLike<number>;
  /** Σ of the jumps out of a state. */
  readonly jumps: ArrayLike<number>;
}

/** {@link microPriceTerms} of counts: the same system with whole numbers, so that no probability is rounded. */
export function termsOf(
  { rows, stay, move, jumps }: TransitionCounts,
  n: number,
  terms: number,
): MicroPriceTerms | undefined {
  const moves = reachMove(stay, move, n);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < n; j += 1) matrix[i * n + j] = (i === j ? rows[i]! : 0) - stay[i * n + j]!;
    // An identity row with a right side of 0.
    if (!moves[i]) for (let j = 0; j < n; j += 1) matrix[i * n + j] = i === j ? 1 : 0;
  }
  const solve = factorise(matrix, n);
  if (!solve) return undefined;
  const found: Float64Array[] = [];
  const sum = new Float64Array(n);
  let right = Float64Array.from({ length: n }, (_, i) => (moves[i] ? jumps[i]! : 0));
  for (let term = 0; term < terms; term += 1) {
    const g = solve(right);
    found.push(g);
    for (let i = 0; i < n; i += 1) sum[i] = sum[i]! + g[i]!;
    right = new Float64Array(n);
    for (let i = 0; i < n; i += 1) {
      if (moves[i]) for (let j = 0; j < n; j += 1) right[i] = right[i]! + move[i * n + j]! * g[j]!;
    }
  }
  return { terms: found, sum };
}

/** Which states a move can be reached from: backwards from those that move. */
function reachMove(stay: ArrayLike<number>, move: ArrayLike<number>, n: number): boolean[] {
  const reached = Array.from({ length: n }, (_, i) => {
    for (let j = 0; j < n; j += 1) if (move[i * n + j]! > 0) return true;
    return false;
  });
  for (let grown = true; grown;) {
    grown = false;
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j < n && !reached[i]; j += 1) {
        if (stay[i * n + j]! > 0 && reached[j]) grown = reached[i] = true;
      }
    }
  }
  return reached;
}
