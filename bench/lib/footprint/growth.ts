/**
 * One size of the growth table, in a process of its own: `node --expose-gc --conditions=source growth.ts TRADES [FORM]`.
 *
 * The tape is generated block by block and given to a reducer block by block; closed bars are counted and dropped. Only
 * the reducer's calls are timed; what is held is read in another pass, after a forced collection every few blocks.
 */
import { createGrid } from '@tapekit/orderflow/grid';
import { createTimeBars } from '@tapekit/footprint/time-bars';
import type { FootprintColumns } from '@tapekit/footprint/footprint-columns';
import { median } from './contest.ts';
import { workspaceModule } from './peers.ts';
import { beginningOf, emptyTape, MINUTE_MS, SeededTape } from './seeded-tape.ts';
import type { Tape } from './seeded-tape.ts';

/** What a run prints, as JSON. */
export interface GrowthRun {
  readonly trades: number;
  readonly bars: number;
  /** Rows of the widest bar that was closed. */
  readonly widestRows: number;
  /** Processor time. */
  readonly nsPerTrade: number;
  /** Heap and array buffers above what the process held before the first trade: the most that was read. */
  readonly highBytes: number;
}

/** A way to take blocks: gives the number of rows of each bar that the block closed. */
interface Reducer {
  readonly push: (block: Tape, firstId: number) => readonly number[];
  readonly flush: () => readonly number[];
}

const BLOCK = 16_384;
const collect = globalThis.gc!;

interface StreamModule {
  createColumnBars(options: { intervalMs: number }): {
    push(trades: Tape): FootprintColumns;
    flush(): FootprintColumns;
  };
}

const forms: Readonly<Record<string, () => Promise<Reducer | undefined>>> = {
  objects: async () => {
    const grid = createGrid({ tickSize: '0.1', lotSize: '0.001' });
    const bars = createTimeBars({ grid, intervalMs: MINUTE_MS });
    return {
      push: ({ timeMs, priceTicks, sizeLots, side }, firstId) => {
        const closed: number[] = [];
        for (let i = 0; i < timeMs.length; i += 1) {
          const emitted = bars.pushTicks({
            timeMs: timeMs[i]!,
            priceTicks: priceTicks[i]!,
            sizeLots: sizeLots[i]!,
            side: side[i] === 1 ? 'buy' : 'sell',
            id: firstId + i,
          });
          for (const bar of emitted) closed.push(bar.rows.length);
        }
        return closed;
      },
      flush: () => bars.flush().map(({ rows }) => rows.length),
    };
  },
  columns: async () => {
    const module = await workspaceModule<StreamModule>('@tapekit/footprint/columns-stream');
    const bars = module?.createColumnBars({ intervalMs: MINUTE_MS });
    return bars && { push: (block) => rowsOf(bars.push(block)), flush: () => rowsOf(bars.flush()) };
  },
};

const trades = Number(process.argv[2]);
const make = forms[process.argv[3] ?? 'objects']!;
// Another one before, so that neither the code nor the tables of the engine count as what the reducer holds.
await grow(1_000_000, false);
// A small tape often enough to time it: what is compiled in the background would weigh on one run of it.
const times: number[] = [];
for (let done = 0; done < 2_000_000; done += trades) times.push((await grow(trades, false))?.nsPerTrade ?? NaN);
// A forced collection slows what comes after it: memory is read in a pass of its own.
const memory = await grow(trades, true);
process.stdout.write(JSON.stringify(memory ? { ...memory, nsPerTrade: median(times) } : null));

async function grow(trades: number, readsMemory: boolean): Promise<GrowthRun | undefined> {
  const reducer = await make();
  if (!reducer) return undefined;
  const tape = new SeededTape();
  const block = emptyTape(BLOCK);
  const sampleEvery = Math.max(1, Math.floor(trades / BLOCK / 100));
  const before = readsMemory ? heldBytes() : 0;
  let [seconds, bars, widestRows, high] = [0, 0, 0, 0];
  const see = (rows: readonly number[]): void => {
    bars += rows.length;
    widestRows = Math.max(widestRows, ...rows);
  };
  for (let at = 0, blocks = 0; at < trades; at += BLOCK, blocks += 1) {
    const next = beginningOf(block, Math.min(BLOCK, trades - at));
    tape.fill(next);
    const start = process.cpuUsage();
    const closed = reducer.push(next, at + 1);
    const { user, system } = process.cpuUsage(start);
    seconds += (user + system) / 1e6;
    see(closed);
    if (readsMemory && blocks % sampleEvery === 0) high = Math.max(high, heldBytes() - before);
  }
  if (readsMemory) high = Math.max(high, heldBytes() - before);
  see(reducer.flush());
  return { trades, bars, widestRows, nsPerTrade: (seconds / trades) * 1e9, highBytes: high };
}

function rowsOf({ bars, firstRow }: FootprintColumns): number[] {
  return Array.from({ length: bars }, (_, i) => firstRow[i + 1]! - firstRow[i]!);
}

function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
