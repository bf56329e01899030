import { describe, expect, test } from 'vitest';
import { canDelete, type DeleteFacts } from './plan.ts';

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
