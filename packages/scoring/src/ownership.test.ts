import { describe, expect, test } from 'vitest';
import type { HolderKind, Holding, HoldingReport } from './ownership.ts';
import { freeFloatPercent, holdingChanges, scoreOwnership } from './ownership.ts';

const held = (kind: HolderKind, holder: string, percent: number): Holding => ({ holder, kind, percent });
const report = (publishedMs: number, ...holdings: Holding[]): HoldingReport => ({ publishedMs, holdings });

const partsOf = (...reports: HoldingReport[]): Record<string, number | undefined> =>
  Object.fromEntries((scoreOwnership(reports).parts ?? []).map(({ name, score }) => [name, score]));

describe('holdingChanges', () => {
  test('adds up what was bought and sold, and sees who entered and who left', () => {
    const before = [held('institution', 'A', 5), held('institution', 'B', 3), held('insider', 'C', 9)];
    const after = [held('institution', 'A', 7), held('institution', 'D', 1)];
    expect(holdingChanges(before, after, ['institution'])).toEqual({
      bought: 3,
      sold: 3,
      significantBuys: 1,
      significantSells: 1,
      entered: 1,
      left: 1,
    });
  });
});

describe('scoreOwnership', () => {
  const before = report(
    1,
    held('insider', 'Dir', 10),
    held('institution', 'Fund', 5),
    held('strategic', 'Holding', 45),
  );

  test('a director who buys 2 points: 50 + 25 + 8; a fund that buys: 50 + 25; 43 % to be had: 86', () => {
    const after = report(
      2,
      held('insider', 'Dir', 12),
      held('institution', 'Fund', 6),
      held('strategic', 'Holding', 45),
    );
    expect(partsOf(before, after)).toEqual({ insiders: 83, institutions: 75, 'free-float': 86 });
    expect(scoreOwnership([after, before]).score).toBe(81.1);
  });

  test('sales count like purchases: what was 83 and 75 becomes 17 and 25', () => {
    const after = report(
      2,
      held('insider', 'Dir', 8),
      held('institution', 'Fund', 4),
      held('strategic', 'Holding', 45),
    );
    expect(partsOf(before, after)).toMatchObject({ insiders: 17, institutions: 25 });
  });

  test('more funds that enter than leave are 10 points; nothing changed is 50', () => {
    const entered = report(2, ...before.holdings, held('institution', 'New', 1));
    expect(partsOf(before, entered)).toMatchObject({ insiders: 50, institutions: 85 });
    expect(partsOf(before, report(2, ...before.holdings))).toMatchObject({ insiders: 50, institutions: 50 });
  });

  test('one report says who owns, not who trades: coverage .3', () => {
    expect(scoreOwnership([before])).toMatchObject({ score: 90, coverage: 0.3 });
    expect(scoreOwnership([])).toMatchObject({ score: undefined, quality: 'missing' });
  });

  test('a report that was not published yet is not known', () => {
    const after = report(5, held('insider', 'Dir', 50));
    expect(scoreOwnership([before, after], { asOfMs: 4 })).toEqual(scoreOwnership([before]));
  });

  test('founders and holding companies are not free float', () => {
    expect(
      freeFloatPercent([held('strategic', 'A', 55), held('institution', 'B', 20), held('government', 'C', 5)]),
    ).toBe(40);
  });

  test('the same report twice is one; two that differ at the same moment are refused, in either order', () => {
    const after = report(2, held('insider', 'Dir', 12), held('institution', 'Fund', 6));
    const turned = report(2, ...[...after.holdings].reverse());
    expect(scoreOwnership([after, before, turned])).toEqual(scoreOwnership([before, after]));
    const other = report(2, held('insider', 'Dir', 8));
    for (const list of [
      [before, after, other],
      [before, other, after],
    ]) {
      expect(() => scoreOwnership(list)).toThrow(
        'two reports published at "2" differ, expected one. Merge them, or give the correction its own time.',
      );
    }
  });

  test('a report counts for 400 days, and only with a moment that is one', () => {
    const day = 86_400_000;
    const at = (asOfMs: number): unknown => scoreOwnership([before], { asOfMs }).score;
    expect([at(400 * day + 1), at(400 * day + 2)]).toEqual([90, undefined]);
    expect(scoreOwnership([before], { asOfMs: 500 * day }).reasons).toEqual([
      'the last report of holdings is 499 days old, more than 400',
    ]);
    expect(scoreOwnership([before], { asOfMs: 500 * day, maxAgeDays: 500 }).score).toBe(90);
    expect(() => at(Number.NaN)).toThrow('asOfMs "NaN" is not a finite number.');
    expect(() => scoreOwnership([{ ...before, publishedMs: Number.NaN }])).toThrow(
      'publishedMs "NaN" of a report is not a finite number.',
    );
  });

  test('holdings of more than all shares are refused, roundings are not', () => {
    expect(() => scoreOwnership([report(1, held('public', 'A', 80), held('insider', 'B', 80))])).toThrow(
      'holdings of the report published at "1" add up to "160" percent, expected at most 100. Mend the report.',
    );
    expect(scoreOwnership([report(1, held('public', 'A', 50.02), held('other', 'B', 50))]).score).toBe(100);
  });

  test('a percentage that cannot be, or a holder that is there twice, is refused by name', () => {
    expect(() => scoreOwnership([report(1, held('public', 'P', 101))])).toThrow(
      'percent "101" of holder "P" is not a number from 0 to 100. Mend the report.',
    );
    expect(() => scoreOwnership([report(1, held('public', 'P', 1), held('insider', 'P', 1))])).toThrow('is twice');
  });
});
