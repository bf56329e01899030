// A run against the clock: what it changes at every instant around the borders of a day, and under clocks that are wrong.
// The borders come from another implementation of time zones.
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { addDays, type MarketDay } from './days.ts';
import { runHousecleaning } from './housecleaning.ts';
import { archiveKey, clockKey, envKey, journalPrefix, rawCellPrefix, reportKey } from './keys.ts';

const hourMs = 3_600_000;
const graceMs = 6 * hourMs;
const env = { env: 'test', bucketId: 'tape' };
const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const dates = Array.from({ length: 366 }, (_, i) => addDays('2024-01-01', i));

interface Times {
  readonly storeMs: number;
  readonly hostMs: number;
  readonly toleranceMs: number;
}

/** Keys that a run puts or deletes, its own records left out, in a store with one raw object of this date. */
async function touchedBy(date: string, tz: string, { storeMs, hostMs, toleranceMs }: Times): Promise<string[]> {
  const cell = { symbol: 'BTC', date };
  const day: MarketDay = { tz, dayStart: '00:00' };
  // Written long ago, so that its age alone would let it be deleted: a writer whose clock ran ahead.
  const clock = { nowMs: Math.min(storeMs, hostMs) - 30 * hourMs };
  const store = createMemoryStore({ clock: () => clock.nowMs });
  await store.put(envKey, toBytes(`${JSON.stringify({ schema: 'hc-env/1', ...env })}\n`));
  await store.put(`${rawCellPrefix(cell)}a.jsonl`, toBytes('{"n":1}\n'));
  clock.nowMs = storeMs;
  const counted = createFaultStore(store);
  await runHousecleaning({
    ...{ store: counted.store, cells: [cell], nowMs: hostMs, writers: 'write-once', env, graceMs, day },
    ...{ clockToleranceMs: toleranceMs, approve: 'first-run', runId: 'run' },
  });
  return counted.log
    .filter(({ op }) => op === 'put' || op === 'delete')
    .map(({ subject }) => subject)
    .filter((key) => key !== clockKey && key !== reportKey && !key.startsWith(journalPrefix));
}

/** A second before the day opens, its opening, a second before its close, its close, a second around its due time. */
function instantsOf(date: string, tz: string): readonly (readonly [nowMs: number, isOpen: boolean])[] {
  const start = Temporal.PlainDate.from(date).toZonedDateTime(tz);
  const opensMs = start.epochMilliseconds;
  const closesMs = start.add({ days: 1 }).startOfDay().epochMilliseconds;
  const dueMs = closesMs + graceMs;
  const instants = [opensMs - 1_000, opensMs, closesMs - 1_000, closesMs, dueMs - 1_000, dueMs + 1_000];
  return instants.map((ms) => [ms, ms < dueMs]);
}

test.each(['UTC', 'Asia/Jakarta', 'America/New_York', 'Pacific/Apia', 'Africa/Casablanca'])(
  'a run changes nothing in a day of %s that is open, and cleans it once it is closed: 366 days × 6 instants',
  async (tz) => {
    const counts = { open: 0, touched: 0, closed: 0, cleaned: 0 };
    for (const date of dates) {
      for (const [nowMs, isOpen] of instantsOf(date, tz)) {
        const touched = await touchedBy(date, tz, { storeMs: nowMs, hostMs: nowMs, toleranceMs: 60_000 });
        if (isOpen) {
          counts.open += 1;
          if (touched.length > 0) counts.touched += 1;
        } else {
          counts.closed += 1;
          const isCleaned =
            touched.includes(archiveKey({ symbol: 'BTC', date })) &&
            touched.at(-1) === `${rawCellPrefix({ symbol: 'BTC', date })}a.jsonl`;
          if (isCleaned) counts.cleaned += 1;
        }
      }
    }
    expect(counts).toEqual({ open: 1_830, touched: 0, closed: 366, cleaned: 366 });
  },
);

test('a clock that is 48 hours off closes no day, not even where a run is told to put up with it', async () => {
  const tz = 'Asia/Jakarta';
  let runs = 0;
  for (const date of dates.filter((day) => day.endsWith('-15'))) {
    for (const [nowMs, isOpen] of instantsOf(date, tz)) {
      for (const jumpMs of [-48 * hourMs, 48 * hourMs]) {
        for (const toleranceMs of [60_000, 72 * hourMs]) {
          // The host is off, then the store.
          for (const [storeMs, hostMs] of [
            [nowMs, nowMs + jumpMs],
            [nowMs + jumpMs, nowMs],
          ] as const) {
            runs += 1;
            const touched = await touchedBy(date, tz, { storeMs, hostMs, toleranceMs });
            // Beyond the tolerance the run halts; within it the earlier of the two clocks counts.
            const mayTouch = !isOpen && jumpMs > 0 && toleranceMs > 60_000;
            expect(touched.length > 0, `${date} store ${storeMs} host ${hostMs}`).toBe(mayTouch);
          }
        }
      }
    }
  }
  expect(runs).toBe(12 * 6 * 2 * 2 * 2);
});
