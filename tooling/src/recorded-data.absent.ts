/** Recorded data for runtimes without files: there is none, so tests skip, visibly. */
import type * as recorded from './recorded-data.ts';

export const sharedDir: typeof recorded.sharedDir = '';
export const hasRecordedData: typeof recorded.hasRecordedData = false;
export const recordedPath: typeof recorded.recordedPath = absent;
export const expectedAnswers: typeof recorded.expectedAnswers = absent;
export const workedExamples: typeof recorded.workedExamples = absent;

function absent(name?: string): never {
  throw new Error(
    `Recorded data "${name ?? 'worked examples'}" needs files. Skip the test where hasRecordedData is false.`,
  );
}
