/**
 * Watches the numbers of a connection, where a venue counts every message over all channels (Coinbase Advanced Trade,
 * Bitfinex): whoever sees only the messages of one book cannot tell a lost one from one of another channel.
 */
import { OrderflowError } from './errors.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { count, fields, orNull, whole } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';

/** What a sequence number says. */
export interface SequenceResult {
  /**
   * - `first`: there is nothing to compare with yet.
   * - `next`: the number before plus 1.
   * - `repeat`: the number before once more.
   * - `gap`: anything else, also a number that falls: a message was lost, came too late, or the venue counts anew. The
   *   next number is compared with this one.
   */
  readonly outcome: 'first' | 'next' | 'repeat' | 'gap';
  /** With `gap`: the number that was due and the one that came. */
  readonly gap?: { readonly expected: number; readonly received: number };
}

/** The state of a guard in numbers. */
export interface SequenceGuardStats {
  /** Last number; absent before the first one. */
  readonly last?: number;
  /** Numbers seen. */
  readonly messages: number;
  readonly repeats: number;
  readonly gaps: number;
}

/** The state of a guard as plain JSON. */
export interface SequenceGuardSnapshot {
  readonly v: 1;
  readonly kind: 'sequence-guard';
  /** `null` before the first number. */
  readonly last: number | null;
  readonly messages: number;
  readonly repeats: number;
  readonly gaps: number;
}

/** A running guard. Made by {@link createSequenceGuard}. */
export interface SequenceGuard {
  /**
   * Takes the number of the next message, in order of arrival.
   * @throws {@link OrderflowError} `bad-value` when it is not a whole number; the guard stays as it was.
   */
  push(sequence: number): SequenceResult;
  /** Holds nothing back. */
  flush(): undefined;
  /** Forgets the last number, as a new connection counts anew. The counts stay. */
  reset(): void;
  stats(): SequenceGuardStats;
  /** The state as plain JSON. */
  snapshot(): SequenceGuardSnapshot;
}

const first: SequenceResult = Object.freeze({ outcome: 'first' });
const next: SequenceResult = Object.freeze({ outcome: 'next' });
const repeat: SequenceResult = Object.freeze({ outcome: 'repeat' });

/**
 * A guard for one connection; push the number of every message, whatever its channel.
 *
 * After a `gap` each book of the connection is out of step: call `book.invalidate()`, and reconnect or subscribe anew for
 * a snapshot. State: four numbers.
 *
 * @example
 * ```ts
 * const guard = createSequenceGuard();
 * guard.push(0).outcome; // => 'first'
 * guard.push(1).outcome; // => 'next'
 * guard.push(3); // => { outcome: 'gap', gap: { expected: 2, received: 3 } }
 * ```
 */
export function createSequenceGuard(): SequenceGuard {
  return startGuard({ v: 1, kind: 'sequence-guard', last: null, messages: 0, repeats: 0, gaps: 0 });
}

const shape = fields({ last: orNull(whole), messages: count, repeats: count, gaps: count });

/**
 * The guard that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version.
 */
export function restoreSequenceGuard(snapshot: SequenceGuardSnapshot): SequenceGuard {
  return restored(snapshot, 'sequence-guard', shape, () => startGuard(snapshot));
}

function startGuard(from: SequenceGuardSnapshot): SequenceGuard {
  let { last, messages, repeats, gaps } = from;
  return {
    push(sequence) {
      if (!Number.isSafeInteger(sequence)) {
        throw new OrderflowError(
          'bad-value',
          `sequence number ${excerpt(sequence)} is not a whole number. Pass the number of each message of the connection.`,
          sequence,
        );
      }
      messages += 1;
      const before = last;
      last = sequence;
      if (before === null) return first;
      if (sequence === before + 1) return next;
      if (sequence === before) {
        repeats += 1;
        return repeat;
      }
      gaps += 1;
      return { outcome: 'gap', gap: { expected: before + 1, received: sequence } };
    },
    flush: () => undefined,
    reset() {
      last = null;
    },
    stats: () => ({ ...(last === null ? {} : { last }), messages, repeats, gaps }),
    snapshot: () => ({ v: 1, kind: 'sequence-guard', last, messages, repeats, gaps }),
  };
}
