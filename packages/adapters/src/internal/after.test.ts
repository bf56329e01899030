import { describe, expect, test } from 'vitest';
import { after, sleep } from './after.ts';
import { createManualClock } from './live/manual-clock.ts';

const dayMs = 86_400_000;

describe('after', () => {
  test('calls back after 30 days, though no timer of the platform is as long', () => {
    const clock = createManualClock();
    const asked: number[] = [];
    let calls = 0;
    const timers = {
      ...clock,
      setTimeout(run: () => void, ms: number) {
        asked.push(ms);
        return clock.setTimeout(run, ms);
      },
    };
    after(30 * dayMs, () => (calls += 1), timers);
    clock.advance(30 * dayMs - 1);
    expect(calls).toBe(0);
    clock.advance(1);
    expect([calls, asked]).toEqual([1, [2_000_000_000, 592_000_000]]);
  });

  test('never calls back after Infinity, nor once it was taken back, also between two parts', () => {
    const clock = createManualClock();
    let calls = 0;
    after(Infinity, () => (calls += 1), clock);
    const cancel = after(30 * dayMs, () => (calls += 1), clock);
    clock.advance(25 * dayMs);
    cancel();
    clock.advance(1_000 * dayMs);
    expect(calls).toBe(0);
  });
});

test('sleep rejects with the reason of its signal, before and while it waits', async () => {
  const controller = new AbortController();
  const waiting = sleep(dayMs, controller.signal, createManualClock());
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(sleep(0, controller.signal)).rejects.toThrow('enough');
});
