import { expect, test } from 'vitest';
import { snapshotDifference } from './snapshot-difference.ts';

test('snapshots with the same values are the same, in whatever order their keys are', () => {
  expect(snapshotDifference({ v: 1, rows: [[7, '9']] }, { rows: [[7, '9']], v: 1 })).toBeUndefined();
});

test.each([
  [{ v: 1, rows: [[7, 3]] }, { v: 1, rows: [[7, 4]] }, 'rows.0.1'],
  [{ v: 1 }, { v: 1, open: null }, 'open'],
  [{ v: 1, extra: 0 }, { v: 1 }, 'extra'],
  [{ rows: { 0: 1 } }, { rows: [1] }, 'rows'],
  [{ span: [] }, { span: [undefined] }, 'span'],
  [{ sum: NaN }, { sum: NaN }, 'sum'],
  [null, { v: 1 }, ''],
])('%j differs from %j at "%s"', (given, own, path) => {
  expect(snapshotDifference(given, own)).toBe(path);
});
