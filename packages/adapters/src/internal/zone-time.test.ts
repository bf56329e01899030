import { describe, expect, test } from 'vitest';
import { zonedInstant } from './zone-time.ts';

describe('zonedInstant', () => {
  test('nine in Jakarta is two in UTC', () => {
    expect(zonedInstant(Date.UTC(2026, 1, 19, 9), 'Asia/Jakarta')).toBe(Date.UTC(2026, 1, 19, 2));
  });

  test('half past nine in New York is 14:30 in winter and 13:30 in summer', () => {
    expect(zonedInstant(Date.UTC(2026, 0, 15, 9, 30), 'America/New_York')).toBe(Date.UTC(2026, 0, 15, 14, 30));
    expect(zonedInstant(Date.UTC(2026, 6, 15, 9, 30), 'America/New_York')).toBe(Date.UTC(2026, 6, 15, 13, 30));
  });

  test('of an hour that comes twice the first is taken; one that is skipped becomes an hour later', () => {
    // 2026-11-01 01:30 in New York is 05:30 and 06:30 UTC; 2026-03-08 02:30 does not exist.
    expect(zonedInstant(Date.UTC(2026, 10, 1, 1, 30), 'America/New_York')).toBe(Date.UTC(2026, 10, 1, 5, 30));
    expect(zonedInstant(Date.UTC(2026, 2, 8, 2, 30), 'America/New_York')).toBe(Date.UTC(2026, 2, 8, 7, 30));
  });

  test('no other zone is taken for one', () => {
    for (const zone of ['', 'Mars/Olympus', '__proto__', 'a b']) expect(zonedInstant(0, zone)).toBeUndefined();
  });
});
