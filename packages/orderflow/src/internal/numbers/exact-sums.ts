import { exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';

/** Running sums that never round and, below 2^53, never allocate. */
export interface ExactSums {
  /** Adds a safe integer to sum `i`. */
  add(i: number, value: number): void;
  /** Sum `i`. */
  at(i: number): ExactInt;
  /** All sums. */
  values(): ExactInt[];
  /** Sets all sums to zero. */
  clear(): void;
  /** All sums as plain JSON. */
  toJson(): ExactIntJson[];
}

/** Sums that start at zero, or where {@link ExactSums.toJson} left off. */
export function createExactSums(count: number, from: readonly ExactIntJson[] = []): ExactSums {
  // A sum is its double plus, after the first step beyond 2^53 − 1, its carry.
  const low = new Float64Array(count);
  let carry: bigint[] | undefined;
  const spill = (i: number, value: number): void => {
    carry ??= new Array<bigint>(count).fill(0n);
    carry[i]! += BigInt(low[i]!);
    low[i] = value;
  };
  const at = (i: number): ExactInt => {
    if (!carry?.[i]) return low[i]!;
    const sum = carry[i] + BigInt(low[i]!);
    return sum >= MIN_SAFE && sum <= MAX_SAFE ? Number(sum) : sum;
  };
  for (const [i, json] of from.entries()) {
    const value = exactFromJson(json);
    if (typeof value === 'number') low[i] = value;
    else {
      carry ??= new Array<bigint>(count).fill(0n);
      carry[i] = value;
    }
  }
  const values = (): ExactInt[] => Array.from(low, (_, i) => at(i));
  return {
    add(i, value) {
      const sum = low[i]! + value;
      // + 0: a sum of −0 would not survive JSON.
      if (Number.isSafeInteger(sum)) low[i] = sum + 0;
      else spill(i, value);
    },
    at,
    values,
    clear() {
      low.fill(0);
      carry = undefined;
    },
    toJson: () => values().map(exactToJson),
  };
}

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER);
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
