import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  abbreviate,
  compressionRatio,
  digitGroups,
  formatBytes,
  formatDateTime,
  formatPercent,
  formatTime,
} from './format.ts';

describe('digitGroups', () => {
  test('groups from the right and leaves short numbers alone', () => {
    expect(digitGroups('-1234567.89')).toEqual({ groups: ['-1', '234', '567'], fraction: '.89' });
    expect(digitGroups('2683.8')).toEqual({ groups: ['2683'], fraction: '.8' });
    expect(digitGroups('123456')).toEqual({ groups: ['123', '456'], fraction: '' });
  });

  test('gives the text back when joined, whatever the text', () => {
    const decimals = fc
      .tuple(fc.bigInt(), fc.option(fc.stringMatching(/^\d{1,12}$/)))
      .map(([whole, fraction]) => (fraction === null ? String(whole) : `${whole}.${fraction}`));
    fc.assert(
      fc.property(fc.oneof(decimals, fc.string()), (text) => {
        const { groups, fraction } = digitGroups(text);
        expect(groups.join('') + fraction).toBe(text);
      }),
    );
  });
});

describe('abbreviate', () => {
  test.each([
    [0, '0'],
    [0.004, '<.01'],
    [0.05, '0.05'],
    [1.5, '1.5'],
    [9.996, '10'],
    [12.34, '12.3'],
    [999.4, '999'],
    [999.7, '1k'],
    [1_234, '1.23k'],
    [999_960, '1M'],
    [-45_600_000, '-45.6M'],
  ])('%d reads %s', (value, text) => {
    expect(abbreviate(value)).toBe(text);
  });

  test('two digits where the room is small', () => {
    expect([1_234, 12.34, 1.84e6, 0.0551, 0.0481, 99.97].map((value) => abbreviate(value, 2))).toEqual([
      '1.2k',
      '12',
      '1.8M',
      '0.1',
      '<.1',
      '100',
    ]);
  });

  test('never needs more than seven characters below a quadrillion', () => {
    fc.assert(
      fc.property(fc.double({ min: -9e14, max: 9e14, noNaN: true }), (value) => {
        expect(abbreviate(value).length).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe('times and sizes', () => {
  test('bytes have binary units', () => {
    expect(formatBytes(512)).toBe('512 B');
    expect(formatBytes(1_237_319)).toBe('1.18 MiB');
  });

  test('a ratio needs both sides', () => {
    expect(compressionRatio(1000, 80)).toBe('12.5×');
    expect(compressionRatio(0, 20)).toBeUndefined();
  });

  test('times are UTC and only as long as they must be', () => {
    expect(formatTime(1_723_161_240_000)).toBe('23:54');
    expect(formatTime(1_723_161_255_000)).toBe('23:54:15');
    expect(formatTime(1_723_161_255_611)).toBe('23:54:15.611');
    expect(formatDateTime(1_723_161_240_000)).toBe('2024-08-08 23:54');
  });

  test('a share is a percentage', () => {
    expect(formatPercent(0.825)).toBe('82.5 %');
  });
});
