/** What `scripts/fuzz.ts` reads: a line for each run over damaged input, where `TAPEKIT_FUZZ_REPORT` names a file. */
import { appendFileSync } from 'node:fs';

/** One run over damaged input. */
export interface FuzzReport {
  /** Damaged frames, lines or bodies. */
  readonly frames: number;
  /** How many times something was refused with a reason. */
  readonly rejected: number;
}

/** Adds a run to the report, if one is asked for. */
export function reportFuzz(report: FuzzReport): void {
  const file = process.env['TAPEKIT_FUZZ_REPORT'];
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(report)}\n`);
}

/** The sum of counts by reason. */
export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
