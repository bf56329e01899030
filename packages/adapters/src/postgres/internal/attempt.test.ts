import { describe, expect, test } from 'vitest';
import { attempt } from './attempt.ts';

const refusal = (fields: object): Error => Object.assign(new Error('refused'), fields);

/** Fails with these in turn, then says how often it was asked. */
function failing(...errors: readonly Error[]): () => Promise<number> {
  let asked = 0;
  return async () => {
    const error = errors[asked++];
    if (error) throw error;
    return asked;
  };
}

describe('attempt', () => {
  test('tries again when a row lost its partition to one that was attached meanwhile', async () => {
    const moved = refusal({ code: '23514', table_name: 'orderbook_l1_rest' });
    expect(await attempt('storing', failing(moved, moved))).toBe(3);
  });

  test('does not when a rule of the table refuses the row', async () => {
    const rule = refusal({ code: '23514', constraint_name: 'bars_high_check' });
    await expect(attempt('storing', failing(rule))).rejects.toMatchObject({ code: 'database-refused', cause: rule });
  });

  test('tells the first failure where the transaction of the caller is over', async () => {
    const moved = refusal({ code: '23514' });
    const aborted = refusal({ code: '25P02' });
    await expect(attempt('storing', failing(moved, aborted))).rejects.toMatchObject({ cause: moved });
  });

  test('gives up on a row that never finds a partition', async () => {
    const moved = refusal({ code: '23514' });
    await expect(attempt('storing', failing(...Array<Error>(200).fill(moved)))).rejects.toMatchObject({ cause: moved });
  });
});
