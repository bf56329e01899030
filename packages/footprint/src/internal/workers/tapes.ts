/** Tapes in columns, over the threads of a pool. */
import { rowCount } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { TapeFootprints } from '../../workers.ts';
import { concatFootprintColumns } from '../stream/concat.ts';
import { barCuts, taperedShares } from './column-slices.ts';
import { sliceTask } from './cut-tape.ts';
import type { CutTape, TapeOptions } from './cut-tape.ts';
import type { TradesResult } from './jobs.ts';
import { slicesInRoom } from './shared-tapes.ts';
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
  index: number,
  asked: TapeOptions,
  { slices, minSliceTrades }: SliceSize,
): Promise<TapeFootprints> {
  const { options, imbalances } = asked;
  const rows = rowCount(trades);
  const most = Math.floor(rows / minSliceTrades);
  const shares = asked.isShared && 4 * slices <= most ? taperedShares(slices, pool.threads) : undefined;
  const cuts = barCuts(
    trades.timeMs,
    options.intervalMs,
    shares?.length ?? Math.min(slices, most),
    shares && ((first) => shares[first - 1]!),
  );
  if (cuts && cuts.length > 0 && !leapsAt(trades, cuts, options.maxJumpMs)) {
    const tape = { trades, index, ends: [...cuts, rows] };
    const result = await (asked.isShared ? slicesInRoom : slicesJoined)(pool, batch, tape, asked);
    if (result) return result;
  }
  // Late prints change bars anywhere: such a tape is one part.
  const tape = { trades, index, ends: [rows] };
  const task = sliceTask(tape, 0, (all) => ({ kind: 'tape', trades: all, options, imbalances }));
  return (await pool.run<TradesResult>(task, batch))!;
}

/** The bars of the slices, put together here; `undefined` where one is not for the fast path. */
async function slicesJoined(
  pool: WorkerPool,
  batch: Batch,
  tape: CutTape,
  { options, imbalances }: TapeOptions,
): Promise<TapeFootprints | undefined> {
  let isRefused = false;
  const found = await Promise.all(
    tape.ends.map(async (_, i) => {
      const task = sliceTask(tape, i, (trades) => ({ kind: 'slice', trades, options, imbalances }));
      const make = (): ReturnType<Task['make']> => (isRefused ? undefined : task.make());
      const part = await pool.run<TradesResult>({ ...task, make }, batch);
      if (!part) isRefused = true;
      return part;
    }),
  );
  const parts = found.filter((part) => part !== undefined);
  if (parts.length < found.length) return undefined;
  const columns = concatFootprintColumns(parts);
  return imbalances ? { ...columns, imbalances: flagsOf(parts, columns.rowPriceTicks.length) } : columns;
}

function flagsOf(parts: readonly TapeFootprints[], rows: number): Uint8Array {
  const all = new Uint8Array(rows);
  let at = 0;
  for (const { imbalances } of parts) {
    all.set(imbalances!, at);
    at += imbalances!.length;
  }
  return all;
}

/** True when a pause between two slices is longer than any tape may have. */
function leapsAt({ timeMs }: TradeColumns, cuts: readonly number[], maxJumpMs: number): boolean {
  return cuts.some((cut) => timeMs[cut]! - timeMs[cut - 1]! > maxJumpMs);
}
