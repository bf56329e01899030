import { expect, test } from 'vitest';
import { isOrderflowError, OrderflowError } from './errors.ts';

test('isOrderflowError knows its errors, also from another copy of the package', () => {
  const ours = new OrderflowError('off-grid', 'message', '0.005');
  const foreign = Object.assign(new Error('message'), { name: 'OrderflowError', code: 'off-grid' });
  for (const error of [ours, foreign]) {
    expect(isOrderflowError(error)).toBe(true);
    expect(isOrderflowError(error, 'off-grid')).toBe(true);
    expect(isOrderflowError(error, 'bad-bar')).toBe(false);
  }
  expect(ours.value).toBe('0.005');
});

test('isOrderflowError refuses everything else', () => {
  for (const other of [
    new Error('off-grid'),
    { name: 'OrderflowError', code: 'off-grid' },
    'off-grid',
    null,
    undefined,
  ]) {
    expect(isOrderflowError(other)).toBe(false);
  }
});
