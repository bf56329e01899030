/**
 * Integer sums that never round: a `number` while it is a safe integer, a `bigint` from the first step beyond.
 *
 * The fast path costs one comparison; the slow path is taken by sums beyond 2^53 − 1 only.
 */
export type ExactInt = number | bigint;

/** The JSON form of an {@link ExactInt}: a number while safe, else its decimal digits. */
export type ExactIntJson = number | string;

/** `a + b`, exact. */
export function addExact(a: ExactInt, b: ExactInt): ExactInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return narrow(BigInt(a) + BigInt(b));
}

/** `a − b`, exact. */
export function subtractExact(a: ExactInt, b: ExactInt): ExactInt {
  return addExact(a, -b);
}

/** `a × b`, exact. */
export function multiplyExact(a: ExactInt, b: ExactInt): ExactInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product;
  }
  return narrow(BigInt(a) * BigInt(b));
}

/** Below 0 when `a < b`, 0 when equal, above 0 when `a > b`; for sorting and for maxima. */
export function compareExact(a: ExactInt, b: ExactInt): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Plain JSON of an exact integer; read back by {@link exactFromJson}. */
export function exactToJson(value: ExactInt): ExactIntJson {
  return typeof value === 'number' ? value : value.toString();
}

/** The exact integer of {@link exactToJson}'s output. */
export function exactFromJson(value: ExactIntJson): ExactInt {
  return typeof value === 'number' ? value : narrow(BigInt(value));
}

function narrow(value: bigint): ExactInt {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
