/** Tapes in columns, over the threads of a pool. */
import { rowCount } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { timeBarsDefaults } from '../../time-bars.ts';
import type { FootprintColumns, FootprintColumnsOptions } from '../../footprint-columns.ts';
import { concatFootprintColumns } from '../stream/concat.ts';
import { barCuts, sendableSlice } from './column-slices.ts';
import type { TradesJob, TradesResult } from './jobs.ts';
import type { Batch, Task, WorkerPool } from './worker-pool.ts';

/** How finely tapes are cut. */
export interface SliceSize {
  readonly slices: number;
  readonly minSliceTrades: number;
}

/** The bars of one tape, byte for byte those of `footprintsOfColumns`. */
export async function footprintsOfTape(
  pool: WorkerPool,
  batch: Batch,
  trades: TradeColumns,
  tape: number,
  options: FootprintColumnsOptions,
  { slices, minSliceTrades }: SliceSize,
): Promise<FootprintColumns> {
  const rows = rowCount(trades);
  const wanted = Math.min(slices, Math.floor(rows / minSliceTrades));
  const cuts = barCuts(trades.timeMs, options.intervalMs, wanted);
  if (cuts && cuts.length > 0 && !leapsAt(trades, cuts, options.maxJumpMs)) {
    const ends = [...cuts, rows];
    let isRefused = false;
    const parts = await Promise.all(
      ends.map(async (to, i) => {
        const task = taskOf('slice', trades, i === 0 ? 0 : ends[i - 1]!, to, tape, options);
        const make = (): ReturnType<Task['make']> => (isRefused ? undefined : task.make());
        const part = await pool.run<TradesResult>({ ...task, make }, batch);
        if (!part) isRefused = true;
        return part;
      }),
    );
    if (parts.every((part) => part !== undefined)) return concatFootprintColumns(parts);
  }
  // Late prints change bars anywhere: such a tape is one part.
  const whole = await pool.run<TradesResult>(taskOf('tape', trades, 0, rows, tape, options), batch);
  return whole!;
}

function taskOf(
  kind: TradesJob['kind'],
  trades: TradeColumns,
  from: number,
  to: number,
  tape: number,
  options: FootprintColumnsOptions,
): Task {
  return {
    name: `trades ${from} to ${to} of tape ${tape}`,
    make: () => {
      const [slice, copies] = sendableSlice(trades, from, to);
      return [{ kind, trades: slice, options }, copies];
    },
  };
}

/** True when a pause between two slices is longer than any tape may have. */
function leapsAt(
  { timeMs }: TradeColumns,
  cuts: readonly number[],
  maxJumpMs: number = timeBarsDefaults.maxJumpMs,
): boolean {
  return cuts.some((cut) => timeMs[cut]! - timeMs[cut - 1]! > maxJumpMs);
}
