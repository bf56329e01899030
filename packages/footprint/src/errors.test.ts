import { expect, test } from 'vitest';
import { FootprintError, isFootprintError } from './errors.ts';

test('an error is told by its name and code, also across two copies of the package', () => {
  const error = new FootprintError('bad-option', 'rowTicks "0" is not a whole number of at least 1.', 0);
  expect(isFootprintError(error)).toBe(true);
  expect(isFootprintError(error, 'bad-option')).toBe(true);
  expect(isFootprintError(error, 'bad-trade')).toBe(false);
  expect(
    isFootprintError(Object.assign(new Error('x'), { name: 'FootprintError', code: 'bad-json' }), 'bad-json'),
  ).toBe(true);
  expect(isFootprintError(new Error('x'))).toBe(false);
  expect(error.value).toBe(0);
});
