import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { createSequenceGuard, restoreSequenceGuard } from './sequence-guard.ts';
import type { SequenceGuard, SequenceResult } from './sequence-guard.ts';

describeReducerContract<number, SequenceResult, SequenceGuard>({
  name: 'createSequenceGuard',
  create: createSequenceGuard,
  restore: restoreSequenceGuard,
  inputs: fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 20 }),
  refused: [NaN, 0.5, Infinity, 2 ** 53, undefined as unknown as number],
  conserve: (inputs, outputs, guard) => {
    const { messages, repeats, gaps } = guard.stats();
    expect(messages).toBe(inputs.length);
    expect(repeats).toBe(outputs.filter(({ outcome }) => outcome === 'repeat').length);
    expect(gaps).toBe(outputs.filter(({ outcome }) => outcome === 'gap').length);
  },
});

describe('createSequenceGuard', () => {
  test('tells the next number from a repeat and from a gap, and goes on from the last one', () => {
    const guard = createSequenceGuard();
    const outcomes = [5, 6, 6, 9, 7, 8, 0, 1].map((n) => guard.push(n).outcome);
    expect(outcomes).toEqual(['first', 'next', 'repeat', 'gap', 'gap', 'next', 'gap', 'next']);
    expect(guard.stats()).toEqual({ last: 1, messages: 8, repeats: 1, gaps: 3 });
    expect(guard.push(3)).toEqual({ outcome: 'gap', gap: { expected: 2, received: 3 } });
  });

  test('starts anew with a connection and keeps its counts', () => {
    const guard = createSequenceGuard();
    expect(guard.stats()).toEqual({ messages: 0, repeats: 0, gaps: 0 });
    guard.push(5);
    guard.reset();
    expect(guard.push(0).outcome).toBe('first');
    expect(guard.stats()).toEqual({ last: 0, messages: 2, repeats: 0, gaps: 0 });
  });

  test('refuses the snapshot of another module', () => {
    expect(() => restoreSequenceGuard({ v: 1, kind: 'book' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });

  test('says what a bad number is', () => {
    expect(() => createSequenceGuard().push(NaN)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: sequence number NaN is not a whole number. Pass the number of each message of the connection.]`,
    );
  });
});
