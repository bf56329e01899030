import { expect, test } from 'vitest';
import { excerpt } from './excerpt.ts';

test('shows text in quotes and all else bare, so that a number can be told from its digits', () => {
  expect(excerpt('0.5')).toBe('"0.5"');
  expect(excerpt(0.5)).toBe('0.5');
  expect(excerpt(undefined)).toBe('undefined');
  expect(excerpt(['5', 6])).toBe('["5",6]');
  expect(excerpt({ a: '5' })).toBe('{"a":"5"}');
});

test('cuts what is long', () => {
  expect(excerpt('7'.repeat(61))).toBe(`"${'7'.repeat(60)}…" (61 characters)`);
  expect(excerpt(10n ** 60n)).toBe(`1${'0'.repeat(59)}… (61 characters)`);
});

test('shows what refuses to be text by its kind', () => {
  expect(excerpt({ toJSON: () => 1n })).toBe('[object Object]');
  expect(excerpt(Object.create(null))).toBe('[object Object]');
  expect(excerpt(Symbol('x'))).toBe('Symbol(x)');
});
