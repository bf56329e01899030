import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { archiveKey, type Cell } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { expect, test } from 'vitest';
import { archivesOfDay } from '../workers/housecleaning/archives-of-day.ts';

/** As many days of two symbols. */
async function storeOf(days: number): Promise<ObjectStore> {
  const store = createMemoryStore();
  for (let i = 0; i < days; i++) {
    const date = new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
    for (const symbol of ['ALPHA', 'BETA']) await store.put(archiveKey({ symbol, date }), new Uint8Array(1));
  }
  return store;
}

const nameOf = ({ symbol, date }: Cell): string => `${symbol} ${date}`;

test('every archive has its turn once, and a day about as many as asked', async () => {
  const store = await storeOf(300);
  // 600 archives, 24 a day at most on average: 32 turns of 18.75.
  const days: (readonly Cell[])[] = [];
  for (let day = 20_000; day < 20_032; day++) days.push(await archivesOfDay(store, day, 24));
  expect(new Set(days.flat().map(nameOf)).size).toBe(600);
  expect(days.flat()).toHaveLength(600);
  expect(Math.max(...days.map(({ length }) => length))).toBeLessThan(2 * 24);
  expect(await archivesOfDay(store, 20_032, 24)).toEqual(days[0]);
});

test('more archives split the turns: whoever has the turn had it before', async () => {
  const [few, many] = [await storeOf(10), await storeOf(40)];
  const turn = new Set((await archivesOfDay(few, 20_000, 10)).map(nameOf));
  const next = (await archivesOfDay(many, 20_000, 10)).filter(({ date }) => date <= '2024-01-10');
  expect(next.length).toBeGreaterThan(0);
  expect(next.filter((cell) => !turn.has(nameOf(cell)))).toEqual([]);
});

test('few archives have their turn each day, and none where none are asked for', async () => {
  const store = await storeOf(2);
  expect(await archivesOfDay(store, 20_000, 24)).toHaveLength(4);
  expect(await archivesOfDay(store, 20_001, 24)).toHaveLength(4);
  expect(await archivesOfDay(store, 20_000, 0)).toEqual([]);
});
