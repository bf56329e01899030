/**
 * Bars of 2,600 rows in a process of their own: how long closing one takes, and what an open one holds.
 * `node --expose-gc --conditions=source wide-bars.ts`.
 */
import { createGrid } from '@tapekit/orderflow/grid';
import { imbalances } from '@tapekit/footprint/imbalances';
import { createTimeBars } from '@tapekit/footprint/time-bars';
import type { TimeBars } from '@tapekit/footprint/time-bars';
import { median } from './contest.ts';
import { MINUTE_MS } from './seeded-tape.ts';

/** What a run prints, as JSON. */
export interface WideBars {
  readonly rows: number;
  /** Of the call that closes a bar: rows, point of control, value area. Milliseconds. */
  readonly closeMs: Spread;
  /** Of that call and of `imbalances` over the bar. */
  readonly closeAndMarkMs: Spread;
  /** Rows × 6 columns × 8 bytes. */
  readonly ladderBytes: number;
  /** Heap and array buffers of a reducer with an open bar and no other. */
  readonly openBytes: number;
  /** The same with two closed bars kept for late prints, as by default. */
  readonly retainingBytes: number;
  /** Characters of the JSON of a snapshot with an open bar and no other, and of the rows in it. */
  readonly snapshotChars: number;
  readonly snapshotRowsChars: number;
}

export interface Spread {
  readonly median: number;
  readonly worstOfHundred: number;
}

const ROWS = 2_600;
const BARS = 300;
const REDUCERS = 100;
const collect = globalThis.gc!;
const grid = createGrid({ tickSize: '0.1', lotSize: '0.001' });

/** Reducers stay for good: what is freed late, by a collection of before, would be missing from the next reading. */
const kept: TimeBars[] = [];

const close = closeTimes(false);
const closeAndMark = closeTimes(true);
const one = openReducer(0, 1);
const snapshot = one.snapshot();
const result: WideBars = {
  rows: ROWS,
  closeMs: close,
  closeAndMarkMs: closeAndMark,
  ladderBytes: ROWS * 6 * 8,
  openBytes: heldBy(() => openReducer(0, 1)),
  retainingBytes: heldBy(() => openReducer(2, 3)),
  snapshotChars: JSON.stringify(snapshot).length,
  snapshotRowsChars: JSON.stringify(snapshot.open!.rows).length,
};
process.stdout.write(JSON.stringify(result));

/** Fills a bar from the middle outwards, two prints a row, as a market would widen it. */
function fillBar(bars: TimeBars, bar: number): number {
  let closed = 0;
  for (let i = 0; i < 2 * ROWS; i += 1) {
    const step = i >> 1;
    const away = (step + 1) >> 1;
    closed += bars.pushTicks({
      timeMs: bar * MINUTE_MS + i,
      priceTicks: 650_000 + bar + (step % 2 === 0 ? away : -away),
      sizeLots: 1 + ((i * 7919) % 4001),
      side: (i * 31) % 5 < 2 ? 'buy' : 'sell',
      id: bar * 2 * ROWS + i,
    }).length;
  }
  return closed;
}

function closeTimes(marks: boolean): Spread {
  const bars = createTimeBars({ grid, intervalMs: MINUTE_MS });
  const times: number[] = [];
  for (let bar = 0; bar < BARS; bar += 1) {
    fillBar(bars, bar);
    const start = performance.now();
    const [closed] = bars.advanceTo((bar + 1) * MINUTE_MS);
    if (marks) imbalances(closed!.rows);
    const ms = performance.now() - start;
    if (closed!.rows.length !== ROWS) throw new Error(`A bar has ${closed!.rows.length} rows, not ${ROWS}.`);
    // The first ones run before they are compiled.
    if (bar >= 100) times.push(ms);
  }
  times.sort((a, b) => a - b);
  return { median: median(times), worstOfHundred: times[Math.floor(times.length * 0.99)]! };
}

function openReducer(retainBars: number, bars: number): TimeBars {
  const reducer = createTimeBars({ grid, intervalMs: MINUTE_MS, retainBars });
  for (let bar = 0; bar < bars; bar += 1) fillBar(reducer, bar);
  return reducer;
}

/** The first reading would count code and tables that the engine makes once. */
function heldBy(make: () => TimeBars): number {
  return median([heldOnce(make), heldOnce(make), heldOnce(make)]);
}

function heldOnce(make: () => TimeBars): number {
  const before = heldBytes();
  for (let i = 0; i < REDUCERS; i += 1) kept.push(make());
  return (heldBytes() - before) / REDUCERS;
}

function heldBytes(): number {
  for (let i = 0; i < 3; i += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
