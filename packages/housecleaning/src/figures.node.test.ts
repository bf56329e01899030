import { expect, test } from 'vitest';
import { rows } from '../scripts/figure-rows.ts';
import { blockOfReadme, documentsIn, readFigures, render } from '../scripts/figures.ts';

test('the README says what figures.json holds, and nothing that nobody ran', () => {
  expect(blockOfReadme()).toBe(render(readFigures()));
  expect(Object.keys(readFigures()).filter((name) => !rows.some((row) => row.name === name))).toEqual([]);
});

test('what was not run is called so', () => {
  const lines = render({}).split('\n');
  expect(lines).toHaveLength(rows.length + 2);
  expect(lines.slice(2).every((line) => line.includes(' not run '))).toBe(true);
});

test('documents are found in the output of scripts, on one line or on several', () => {
  expect(documentsIn('cases\n{"a":{"b":1}}\nmore\n{\n  "c": {\n    "d": 2\n  }\n}\n{"e":3}\n')).toEqual([
    { a: { b: 1 } },
    { c: { d: 2 } },
    { e: 3 },
  ]);
});
