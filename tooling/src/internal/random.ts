/**
 * Seeded random numbers that are the same on every engine: only integer operations and + − × ÷ are used, because the
 * last digits of `Math.exp` and `Math.log` differ between engines.
 */

/** A stream of random values; the same seed gives the same stream. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  below(below: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Normal with mean 0 and variance 1, within ±6. */
  normal(): number;
  /** Failures before the first success: mean `mean`, at most 200. */
  geometric(mean: number): number;
}

/** sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded through FNV-1a of the seed's text. */
export function createRandom(seed: string | number): Random {
  let a = fnv1a(`a${seed}`);
  let b = fnv1a(`b${seed}`);
  let c = fnv1a(`c${seed}`);
  let counter = 1;

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  // Similar seeds start with similar state; a few rounds part them.
  for (let i = 0; i < 16; i++) next();

  return {
    next,
    below: (below) => Math.floor(next() * below),
    chance: (probability) => next() < probability,
    normal() {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += next();
      return sum;
    },
    geometric(mean) {
      const stop = 1 / (1 + mean);
      let n = 0;
      while (n < 200 && next() >= stop) n++;
      return n;
    },
  };
}

/** e^x to about six digits for |x| ≤ 8, by (1 + x/4096)^4096: twelve squarings. */
export function exponential(x: number): number {
  let power = 1 + x / 4096;
  for (let i = 0; i < 12; i++) power *= power;
  return power;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
