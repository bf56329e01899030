/** Solves `matrix · x = right` for one right side after another. */
export type Solve = (right: Float64Array) => Float64Array;

/**
 * Gaussian elimination with partial pivoting (LU) of a square matrix, row-major, which is overwritten. `undefined` when
 * it is singular to working precision.
 */
export function factorise(matrix: Float64Array, n: number): Solve | undefined {
  const order = new Int32Array(n);
  for (let i = 0; i < n; i += 1) order[i] = i;
  let largest = 0;
  for (const value of matrix) largest = Math.max(largest, Math.abs(value));
  for (let column = 0; column < n; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < n; row += 1) {
      if (Math.abs(matrix[row * n + column]!) > Math.abs(matrix[pivot * n + column]!)) pivot = row;
    }
    if (!(Math.abs(matrix[pivot * n + column]!) > largest * n * Number.EPSILON * 1e-3)) return undefined;
    if (pivot !== column) {
      for (let k = 0; k < n; k += 1) {
        const value = matrix[column * n + k]!;
        matrix[column * n + k] = matrix[pivot * n + k]!;
        matrix[pivot * n + k] = value;
      }
      const moved = order[column]!;
      order[column] = order[pivot]!;
      order[pivot] = moved;
    }
    for (let row = column + 1; row < n; row += 1) {
      const factor = matrix[row * n + column]! / matrix[column * n + column]!;
      if (factor === 0) continue;
      matrix[row * n + column] = factor;
      for (let k = column + 1; k < n; k += 1) {
        matrix[row * n + k] = matrix[row * n + k]! - factor * matrix[column * n + k]!;
      }
    }
  }
  return (right) => {
    const x = Float64Array.from(order, (row) => right[row]!);
    for (let row = 0; row < n; row += 1) {
      for (let k = 0; k < row; k += 1) x[row] = x[row]! - matrix[row * n + k]! * x[k]!;
    }
    for (let row = n - 1; row >= 0; row -= 1) {
      for (let k = row + 1; k < n; k += 1) x[row] = x[row]! - matrix[row * n + k]! * x[k]!;
      x[row] = x[row]! / matrix[row * n + row]!;
    }
    return x;
  };
}
