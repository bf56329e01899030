// The protocol as a model, every interleaving of it. `scripts/model.ts` explores the largest case too.
import { describe, expect, test } from 'vitest';
import { losingCases, mutantCase, safeCases } from '../model/cases.ts';
import { explore } from '../model/explore.ts';

/** The largest one has 2.8 million states and is for the script. */
const cases = safeCases.filter(({ states }) => states < 1_000_000);

describe('the model of the protocol', () => {
  test.each(losingCases)('$name: loses a record after $states states', (model) => {
    const found = explore(model);
    expect(found.violation).toMatch(/^r[1-3](,r[1-3])* is lost$/);
    expect(found.states).toBe(model.states);
    expect(found.trace[0]).toBe('writer puts a = r1');
  });

  test('loses a record too when it looks before it deletes instead of deleting conditionally', () => {
    expect(explore(mutantCase)).toEqual({
      states: 92,
      safe: false,
      violation: 'r2 is lost',
      trace: [
        'writer puts a = r1',
        'cleaner 1: proves the archive',
        'cleaner 1: lists a',
        'cleaner 1: reads a',
        'cleaner 1: stages r1',
        'cleaner 1: verifies the stage: ok',
        'cleaner 1: publishes r1',
        'cleaner 1: verifies: ok',
        'cleaner 1: looks at a: as it was read',
        'writer puts a = r1,r2',
        'cleaner 1: deletes a',
      ],
    });
  });

  test('finds the way of the original to lose a record: a crash between two deletes', () => {
    expect(explore(losingCases[0]!).trace.slice(-5)).toEqual([
      'cleaner 1: deletes a',
      'cleaner 1 crashes and starts again',
      'cleaner 1: lists b',
      'cleaner 1: reads b',
      'cleaner 1: puts archive r2',
    ]);
  });

  test.each(cases)('$name: $states states, none loses a record or shrinks the archive', (model) => {
    expect(explore(model)).toEqual({ states: model.states, safe: true, trace: [], violation: undefined });
  });

  test('covers more than 280,000 states', () => {
    expect(cases.reduce((sum, { states }) => sum + states, 0)).toBeGreaterThan(280_000);
  });

  test('sees an archive that drops a record before the record is lost', () => {
    const found = explore({ ...losingCases[4]!, neverShrinks: true });
    expect(found.violation).toBe('the archive drops r2 when cleaner 1: publishes r1');
    expect(found.states).toBeLessThan(losingCases[4]!.states);
  });

  test('is not called safe when it was not explored to its end', () => {
    expect(explore(cases[0]!, 1_000)).toMatchObject({ states: 1_000, safe: false, violation: undefined });
  });
});
