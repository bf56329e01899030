import { expect, test } from 'vitest';
import { excerpt } from './excerpt.ts';

test('shows a value in quotes, cut when it is long', () => {
  expect(excerpt(0.5)).toBe('"0.5"');
  expect(excerpt('7'.repeat(61))).toBe(`"${'7'.repeat(60)}…" (61 characters)`);
});

test('shows what refuses to be text by its kind', () => {
  expect(excerpt(JSON.parse('{"toString":1,"valueOf":1}'))).toBe('"[object Object]"');
  expect(excerpt(Object.create(null))).toBe('"[object Object]"');
  expect(excerpt(Symbol('x'))).toBe('"Symbol(x)"');
});
