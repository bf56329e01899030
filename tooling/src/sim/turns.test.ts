// Turns: the seed alone decides who is next, and turns that somebody lets go by are turns like all others.
import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';
import { takeTurns, type Pause } from './turns.ts';

/** Who did what at which step, where everybody waits by `wait` before each of three deeds. */
async function play(seed: number, wait: (pause: Pause, turns: number) => Promise<void>) {
  const log: string[] = [];
  let steps = 0;
  const actors = [4, 1, 2].map((turns, actor) => async (pause: Pause) => {
    for (let i = 0; i < 3; i++) {
      await wait(pause, turns);
      log.push(`${actor} at step ${steps}`);
    }
  });
  const counted = await takeTurns(createRandom(seed), actors, () => (steps += 1));
  return { log, steps, counted };
}

describe('takeTurns', () => {
  test.each([1, 2, 3, 4, 5])('seed %i: to let turns go by is to wait for each of them', async (seed) => {
    const atOnce = await play(seed, (pause, turns) => pause(turns));
    const oneByOne = await play(seed, async (pause, turns) => {
      for (let i = 0; i < turns; i++) await pause();
    });
    expect(atOnce).toEqual(oneByOne);
    // One step to begin, then 3 × (4 + 1 + 2) turns.
    expect(atOnce.counted).toBe(3 + 21);
    expect(atOnce.steps).toBe(24);
  });

  test('one with several requests open goes on with whichever has its turn', async () => {
    const log: string[] = [];
    const two = async (pause: Pause): Promise<void> => {
      const one = async (name: string): Promise<void> => {
        await pause();
        log.push(name);
      };
      await Promise.all([one('first'), one('second')]);
      log.push('both');
    };
    expect(await takeTurns(createRandom(1), [two], () => undefined)).toBe(3);
    expect(log.slice(0, 2).sort()).toEqual(['first', 'second']);
    expect(log[2]).toBe('both');
  });

  test('a failure of somebody is told when all the others are done', async () => {
    const failing = async (pause: Pause): Promise<void> => {
      await pause();
      throw new Error('defect');
    };
    await expect(takeTurns(createRandom(1), [failing], () => undefined)).rejects.toThrow('in a way that no fault');
  });
});
