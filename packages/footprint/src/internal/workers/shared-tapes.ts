/** The bars of a tape in memory that the threads share: they find them slice by slice, and write them to their places. */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { FootprintColumns } from '../../footprint-columns.ts';
import type { TapeFootprints } from '../../workers.ts';
import { isInSharedMemory } from './column-slices.ts';
import { rangeOf, sliceName, sliceTask } from './cut-tape.ts';
import type { CutTape, TapeOptions } from './cut-tape.ts';
import type { KeepJob, KeepSession, KeptSlice } from './jobs.ts';
import { columnsIn, copyRoom, createRoom, type Room } from './room.ts';
import { SlicePlaces } from './slice-places.ts';
import type { Batch, Task, WorkerPool } from './worker-pool.ts';

/** The rooms of what was made here. */
const rooms = new WeakMap<FootprintColumns, Room>();

/** The bars of the slices; `undefined` where one is not for the fast path. */
export async function slicesInRoom(
  pool: WorkerPool,
  batch: Batch,
  tape: CutTape,
  asked: TapeOptions,
): Promise<TapeFootprints | undefined> {
  const { options, imbalances } = asked;
  const form = { intervalMs: options.intervalMs, rowTicks: options.rowTicks };
  const slices = new SlicePlaces(tape.ends.length);
  const used = usedRoom(asked.used);
  const isShared = isInSharedMemory(tape.trades);
  const session: KeepSession = {
    tape: isShared ? tape.trades : undefined,
    options,
    form,
    imbalances,
    room: used,
    newBytes: newBytesOf(tape.trades),
  };
  /** Where the slices end that were sent to the used room. */
  let usedEnd: KeptSlice = { bars: 0, rows: 0 };
  const room = slices.end.then((end) => end && finalRoom(end, used, usedEnd));

  /** What one thread does: slices as long as there are any. Each goes to its place as soon as that is known. */
  const share = (): Task => {
    /** What the thread keeps. */
    let kept: number[] = [];
    let isFirst = true;
    const placesOfKept = (): KeptSlice[] => {
      const places = kept.map((slice) => slices.startOf(slice)!);
      kept = [];
      return places;
    };
    const placesInUsed = (): readonly KeptSlice[] => {
      const end = kept.length > 0 ? slices.endOf(kept.at(-1)!) : undefined;
      if (!used || !end || !fits(end, used)) return [];
      if (end.bars > usedEnd.bars) usedEnd = end;
      return placesOfKept();
    };
    const keepJob = (trades: KeepJob['trades']): KeepJob => {
      const job = { kind: 'keep', trades, session: isFirst ? session : undefined, places: placesInUsed() } as const;
      isFirst = false;
      return job;
    };
    const keeping = (slice: number): Task => ({
      ...(isShared
        ? { name: sliceName(tape, slice), make: () => [keepJob(rangeOf(tape, slice)), []] as const }
        : sliceTask(tape, slice, keepJob)),
      next: (size) => {
        kept.push(slice);
        slices.note(slice, size as KeptSlice | undefined);
        const next = slices.take();
        return next === undefined ? placingLast() : keeping(next);
      },
    });
    const placingLast = async (): Promise<Task | undefined> => {
      const target = await room;
      if (!target || kept.length === 0) return undefined;
      const job = { kind: 'place', places: placesOfKept(), room: target === used ? undefined : target } as const;
      return { name: `the bars of tape ${tape.index}`, make: () => [job, []] };
    };
    return chosenLater(`the trades of tape ${tape.index}`, () => {
      const first = slices.take();
      return first === undefined ? undefined : keeping(first);
    });
  };

  await Promise.all(Array.from({ length: Math.min(pool.threads, slices.count) }, () => pool.run(share(), batch)));
  const [target, end] = await Promise.all([room, slices.end]);
  if (!target || !end) return undefined;
  const { bars, rows } = end;
  const { columns, flags } = columnsIn(target, bars, rows);
  columns.firstRow[bars] = rows;
  const result = { ...columns, bars, ...form, ...(imbalances ? { imbalances: flags } : {}) };
  rooms.set(result, target);
  return result;
}

/** Tapes that threads have seen, by a buffer of theirs. */
const seen = new WeakSet<object>();

/** The shared memory of a tape that no thread has seen before. */
function newBytesOf({ timeMs, priceTicks, sizeLots, side }: TradeColumns): number {
  let bytes = 0;
  for (const column of [timeMs, priceTicks, sizeLots, side]) {
    const buffer = ArrayBuffer.isView(column) ? column.buffer : undefined;
    if (!(buffer instanceof SharedArrayBuffer) || seen.has(buffer)) continue;
    seen.add(buffer);
    bytes += buffer.byteLength;
  }
  return bytes;
}

/** The room of bars that nobody reads any more; it is given away once. */
function usedRoom(used: FootprintColumns | undefined): Room | undefined {
  if (!used) return undefined;
  const room = rooms.get(used);
  rooms.delete(used);
  return room;
}

/** The used room where all bars fit into it, else a new one, with what is in the used one already. */
function finalRoom(end: KeptSlice, used: Room | undefined, usedEnd: KeptSlice): Room {
  if (used && fits(end, used)) return used;
  const room = createRoom(end.bars, end.rows);
  if (used) copyRoom(used, room, usedEnd.bars, usedEnd.rows);
  return room;
}

function fits({ bars, rows }: KeptSlice, room: Room): boolean {
  return bars <= room.bars && rows <= room.rows;
}

/** A task that is chosen when a thread is free for it. */
function chosenLater(name: string, choose: () => Task | undefined): Task {
  let chosen: Task | undefined;
  return {
    get name() {
      return chosen?.name ?? name;
    },
    make: () => (chosen = choose())?.make(),
    next: (result) => chosen?.next?.(result),
  };
}
