import { describe, expect, test } from 'vitest';
import { canDelete, isDayClosed, type DeleteFacts } from './plan.ts';

const names = [
  'halted',
  'verifiedThisRun',
  'quarantined',
  'dayClosed',
  'ageOk',
  'inManifest',
  'identityMatches',
  'withinBudget',
  'cannotBeOverwritten',
] as const satisfies readonly (keyof DeleteFacts)[];

describe('canDelete', () => {
  test('says yes in exactly one of the 512 rows of its truth table', () => {
    const allowed: DeleteFacts[] = [];
    for (let row = 0; row < 512; row++) {
      const facts = Object.fromEntries(
        names.map((name, bit) => [name, ((row >> bit) & 1) === 1]),
      ) as unknown as DeleteFacts;
      if (canDelete(facts)) allowed.push(facts);
    }
    expect(allowed).toEqual([
      {
        halted: false,
        verifiedThisRun: true,
        quarantined: false,
        dayClosed: true,
        ageOk: true,
        inManifest: true,
        identityMatches: true,
        withinBudget: true,
        cannotBeOverwritten: true,
      },
    ]);
  });
});

describe('isDayClosed', () => {
  test('closes a UTC day when the grace period after its end is over, not a millisecond earlier', () => {
    const grace = 6 * 3_600_000;
    expect(isDayClosed('2026-11-19', Date.parse('2026-11-20T05:59:59.999Z'), grace)).toBe(false);
    expect(isDayClosed('2026-11-19', Date.parse('2026-11-20T06:00:00.000Z'), grace)).toBe(true);
  });

  test('never closes a day of the future', () => {
    expect(isDayClosed('2026-11-21', Date.parse('2026-11-20T06:00:00.000Z'), 0)).toBe(false);
  });
});
