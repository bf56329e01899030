import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rows } from '../scripts/figure-rows.ts';
import { blockOfReadme, collect, documentsIn, readFigures, render } from '../scripts/figures.ts';

test('the README says what figures.json holds, and nothing that nobody ran', () => {
  expect(blockOfReadme()).toBe(render(readFigures()));
  expect(Object.keys(readFigures()).filter((name) => !rows.some((row) => row.name === name))).toEqual([]);
});

test('what was not run is called so', () => {
  const lines = render({}).split('\n');
  expect(lines).toHaveLength(rows.length + 2);
  expect(lines.slice(2).every((line) => line.includes(' not run '))).toBe(true);
});

test('every night makes all rows anew but those that need a quiet machine, credentials or days', () => {
  const workflow = readFileSync(new URL('../../../.github/workflows/nightly.yml', import.meta.url), 'utf8');
  const nightly = [...workflow.matchAll(/^ {10}- (.+)$/gm)].map(([, name]) => name);
  const isOfAnotherKind = /bench\/|^# | for 72 hours$/;
  expect(nightly).toEqual(rows.filter(({ command }) => !isOfAnotherKind.test(command)).map(({ name }) => name));
});

test('documents are found in the output of scripts, on one line or on several', () => {
  expect(documentsIn('cases\n{"a":{"b":1}}\nmore\n{\n  "c": {\n    "d": 2\n  }\n}\n{"e":3}\n')).toEqual([
    { a: { b: 1 } },
    { c: { d: 2 } },
    { e: 3 },
  ]);
});

/** A folder of files, each changed so many seconds after midnight of a day. */
function folderOf(files: Readonly<Record<string, readonly [seconds: number, text: string]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'figures-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, [seconds, text]] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, text);
    const at = new Date(Date.parse('2026-11-19T00:00:00Z') + seconds * 1_000);
    utimesSync(path, at, at);
  }
  return folder;
}

test('figures carry the commit that the folder names, and the day of their file; the newest stay', () => {
  const mutants = (killed: number): string => JSON.stringify({ schema: 'hc-figures-mutants/1', mutants: 40, killed });
  const folder = folderOf({
    commit: [10, '0123abc-dirty\n'],
    'b.json': [11, mutants(39)],
    'a.txt': [86_400, `some output\n${mutants(40)}\n`],
  });
  const file = collect({}, folder, 'a machine');
  expect(file['seeded bugs caught']).toMatchObject({
    on: 'a machine',
    commit: '0123abc-dirty',
    day: '2026-11-20',
    figures: { killed: 40 },
  });
  expect(render(file)).toMatch(/\| seeded bugs caught +\| 40 of 40 +\| 40 of 40 +\| 0123abc-dirty, 2026-11-20 \|/);
});

test('figures of which nobody knows the commit are refused, unless it is said', () => {
  const text = '{"schema":"hc-figures-mutants/1","mutants":40,"killed":40}';
  const none = folderOf({ 'a.json': [5, text] });
  expect(() => collect({}, none, 'a machine')).toThrow('say --commit');
  const late = folderOf({ 'a.json': [5, text], commit: [6, '0123abc'] });
  expect(() => collect({}, late, 'a machine')).toThrow('was made before "0123abc" was written down');
  const said = collect({}, none, 'a machine', { name: '0123abc', sinceMs: -Infinity });
  expect(said['seeded bugs caught']).toMatchObject({ commit: '0123abc', day: '2026-11-19' });
});

test('one document of the bench fills every row that is about it, and only those that it has figures for', () => {
  const document = { schema: 'hc-figures-bench/1', archiveRatio: 8.65, classA: 113, classB: 340, peakMiB: 88.3 };
  const folder = folderOf({ commit: [0, '0123abc'], 'bench.json': [1, JSON.stringify(document)] });
  const file = collect({}, folder, 'a machine');
  expect(Object.values(file).map(({ figures }) => figures)).toEqual([
    { schema: 'hc-figures-bench/1', archiveRatio: 8.65 },
    { schema: 'hc-figures-bench/1', classA: 113, classB: 340 },
  ]);
  expect(render(file)).toContain('113 of class A, 340 of class B');
});

test('every row that was run says by which commit and when', () => {
  for (const [name, { commit, day }] of Object.entries(readFigures())) {
    expect(commit, name).toMatch(/[0-9a-f]{7}/);
    expect(day, name).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});
