/** Damaged bodies for the parsers of answers and files: refused with a reason or read, never anything else. For tests. */
import { isAdaptersError } from '../errors.ts';
import { mutateFrame, seededRandom } from './fuzz-frames.ts';
import { reportFuzz, sumOf } from './fuzz-report.ts';
import type { Rejection } from './rest-records.ts';

/** What came out. */
export interface FuzzedBodies {
  /** Bodies that were read, with or without refused rows. */
  readonly read: number;
  /** Bodies that were refused whole, by error code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly rejectedRows: number;
}

/**
 * Reads damaged copies of good bodies.
 * @throws Error with seed, number and body when the parser throws anything but an `AdaptersError` or leaves a refused row
 *   without a reason, or when `check` finds fault with what was read.
 */
export function fuzzBodies<T>(
  parse: (body: string) => T,
  corpus: readonly string[],
  options: { readonly seed: number; readonly count: number; readonly check?: (result: T) => string | undefined },
): FuzzedBodies {
  const { seed, count, check } = options;
  const random = seededRandom(seed);
  const result = { read: 0, refused: {} as Record<string, number>, rejectedRows: 0 };
  for (let i = 0; i < count; i += 1) {
    const body = damaged(corpus[i % corpus.length]!, random);
    const fail = (why: string): never => {
      throw new Error(`seed ${seed}, body ${i}: ${why}\n${body.slice(0, 2000)}`);
    };
    let out: T;
    try {
      out = parse(body);
    } catch (error) {
      if (!isAdaptersError(error)) return fail(error instanceof Error ? (error.stack ?? '') : String(error));
      if (error.message.length > 2000) fail(`a message of ${error.message.length} characters`);
      result.refused[error.code] = (result.refused[error.code] ?? 0) + 1;
      continue;
    }
    result.read += 1;
    const rejected = (out as { rejected?: readonly Rejection[] }).rejected ?? [];
    result.rejectedRows += rejected.length;
    const silent = rejected.find(({ at, detail }) => detail === '' || detail.length > 500 || !(at >= 1));
    if (silent) fail(`a rejection without a reason: ${JSON.stringify(silent)}`);
    const fault = notFinite(out, 0) ?? check?.(out);
    if (fault !== undefined) fail(fault);
  }
  reportFuzz({ frames: count, rejected: sumOf(result.refused) + result.rejectedRows });
  return result;
}

/** Nesting that is too deep for the damaging itself is damaged anew. */
function damaged(body: string, random: () => number): string {
  for (;;) {
    try {
      return mutateFrame(body, random) as string;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** The first number of a result that is no number: `NaN` and `Infinity` are never an answer. */
function notFinite(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `a value is ${value}`;
  if (typeof value !== 'object' || value === null || depth > 6) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const fault = notFinite(inner, depth + 1);
    if (fault !== undefined) return `${key}: ${fault}`;
  }
  return undefined;
}
