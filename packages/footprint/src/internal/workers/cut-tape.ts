/** A tape that threads share out, and how its slices become tasks. */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import type { ImbalanceRule } from '../imbalance-rule.ts';
import { sendableSlice } from './column-slices.ts';
import type { Job } from './jobs.ts';
import type { Task } from './worker-pool.ts';

/** A tape that is cut between bars. */
export interface CutTape {
  readonly trades: TradeColumns;
  /** Its index in the call, for messages. */
  readonly index: number;
  /** Where its slices end. */
  readonly ends: readonly number[];
}

/** What is made of a tape. */
export interface TapeOptions {
  /** Every one set, and checked. */
  readonly options: Required<FootprintColumnsOptions>;
  readonly imbalances: ImbalanceRule | undefined;
  /** Whether the bars go into shared memory. */
  readonly isShared: boolean;
  /** Bars whose shared memory may be taken for them. */
  readonly used: FootprintColumns | undefined;
}

/** Where a slice begins and ends. */
export function rangeOf({ ends }: CutTape, slice: number): readonly [number, number] {
  return [slice === 0 ? 0 : ends[slice - 1]!, ends[slice]!];
}

/** A slice of the tape as a task for any thread. */
export function sliceTask(tape: CutTape, slice: number, jobOf: (trades: TradeColumns) => Job): Task {
  const [from, to] = rangeOf(tape, slice);
  return {
    name: sliceName(tape, slice),
    make: () => {
      const [part, copies] = sendableSlice(tape.trades, from, to);
      return [jobOf(part), copies];
    },
  };
}

/** How messages call a slice. */
export function sliceName(tape: CutTape, slice: number): string {
  const [from, to] = rangeOf(tape, slice);
  return `trades ${from} to ${to} of tape ${tape.index}`;
}
