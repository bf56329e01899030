import { expect, test } from 'vitest';
import { fromDisk } from './fs-errors.ts';

const failure = (code: string): Error => Object.assign(new Error(`${code}: open '/x'`), { code });

test.each([
  ['ENOSPC', 'unavailable'],
  ['EDQUOT', 'unavailable'],
  ['EMFILE', 'unavailable'],
  ['EIO', 'unavailable'],
  ['EACCES', 'refused'],
  ['EROFS', 'refused'],
])('tells %s as %s, with what it may have done', (code, expected) => {
  for (const effect of ['none', 'unknown'] as const) {
    expect(fromDisk(failure(code), 'put', 'k', effect)).toMatchObject({ code: expected, effect, key: 'k' });
  }
});

test('leaves other errors as they are', () => {
  const error = failure('ENOENT');
  expect(fromDisk(error, 'put', 'k', 'none')).toBe(error);
});
