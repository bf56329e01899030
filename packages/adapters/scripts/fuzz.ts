/**
 * Runs the fuzz of every decoder and parser over its corpus, file by file, and fails when one of them fails.
 *
 *     node scripts/fuzz.ts [--count 100000] [--only kraken]
 *
 * Each run over a corpus has so many damaged frames; a file has one run for each decoder or parser. The seeds are those of
 * the tests, so a failure comes again with the same count: TAPEKIT_FUZZ=100000 npx vitest run --project adapters FILE
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FuzzReport } from '../src/internal/fuzz-report.ts';

const { values: args } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, only: { type: 'string', default: '' } },
});
const count = Number(args.count);
if (!(Number.isSafeInteger(count) && count > 0)) {
  throw new Error(`--count "${args.count}" is not a positive whole number.`);
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources = fileURLToPath(new URL('../src', import.meta.url));
const vitest = join(dirname(createRequire(join(root, 'package.json')).resolve('vitest/package.json')), 'vitest.mjs');

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file.includes(args.only))
  .filter((file) => /\bfuzzCount\(/.test(readFileSync(join(sources, file), 'utf8')))
  .sort();
if (files.length === 0) throw new Error(`No fuzz test file has "${args.only}" in its name.`);

const folder = mkdtempSync(join(tmpdir(), 'tapekit-fuzz-'));
const failed: string[] = [];
try {
  const report = join(folder, 'report.ndjson');
  for (const file of files) {
    writeFileSync(report, '');
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [vitest, 'run', '--project', 'adapters', join(sources, file), '--testTimeout', '0'],
      {
        cwd: root,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, TAPEKIT_FUZZ: String(count), TAPEKIT_FUZZ_REPORT: report },
      },
    );
    const seconds = (performance.now() - started) / 1000;
    const runs = readFileSync(report, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as FuzzReport);
    const sum = (field: keyof FuzzReport): number => runs.reduce((total, run) => total + run[field], 0);
    // A file whose loop is its own has no figures to report.
    const said = (field: keyof FuzzReport): string => (runs.length === 0 ? '–' : String(sum(field)));
    const figures = `${said('frames').padStart(9)} frames ${said('rejected').padStart(10)} rejected`;
    const verdict = status === 0 ? 'ok    ' : 'FAILED';
    console.log(`${verdict} ${file.padEnd(44)} ${figures} ${seconds.toFixed(0).padStart(5)} s`);
    if (status === 0) continue;
    failed.push(file);
    console.error(stdout.slice(-8000), stderr.slice(-4000));
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (failed.length > 0) {
  console.error(`${failed.length} of ${files.length} files failed: ${failed.join(', ')}`);
  process.exitCode = 1;
} else console.log(`${files.length} files, ${count} damaged frames for each corpus: none lost, none impossible.`);
