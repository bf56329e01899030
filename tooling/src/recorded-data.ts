/**
 * Recorded market data with independently computed answers. It may not be shipped, so it lives beside the checkout and
 * tests skip, visibly, where it is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../../../shared', import.meta.url));

/** The folder with `data/` and `worked-examples/`: `TAPEKIT_SHARED`, else `../shared` beside the checkout. */
export const sharedDir: string = process.env['TAPEKIT_SHARED'] ?? beside;

/** True when the recorded data is there; use as `test.skipIf(!hasRecordedData)`. */
export const hasRecordedData: boolean = existsSync(`${sharedDir}/data/expected`);

/** Path of a recorded file, for example `trades_books/binance_spot_ethusdt_20240808.gz`. */
export function recordedPath(file: string): string {
  return `${sharedDir}/data/${file}`;
}

/** The parsed answers of `data/expected/{name}.json`. */
export function expectedAnswers<T>(name: string): T {
  return JSON.parse(readFileSync(recordedPath(`expected/${name}.json`), 'utf8')) as T;
}

/** The parsed `worked-examples/worked_examples.json`. */
export function workedExamples<T>(): T {
  return JSON.parse(readFileSync(`${sharedDir}/worked-examples/worked_examples.json`, 'utf8')) as T;
}
