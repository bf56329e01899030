import { expect, test } from 'vitest';
import { SlicePlaces } from './slice-places.ts';

test('a slice begins where all before it end, as soon as these are known', async () => {
  const slices = new SlicePlaces(3);
  expect([slices.take(), slices.take(), slices.take(), slices.take()]).toEqual([0, 1, 2, undefined]);
  expect(slices.startOf(0)).toEqual({ bars: 0, rows: 0 });
  slices.note(1, { bars: 2, rows: 20 });
  expect(slices.startOf(1)).toBeUndefined();
  slices.note(0, { bars: 1, rows: 10 });
  expect([slices.startOf(1), slices.endOf(1)]).toEqual([
    { bars: 1, rows: 10 },
    { bars: 3, rows: 30 },
  ]);
  slices.note(2, { bars: 4, rows: 40 });
  expect(await slices.end).toEqual({ bars: 7, rows: 70 });
});

test('after one that is refused no more are given out, and there is no end', async () => {
  const slices = new SlicePlaces(3);
  slices.take();
  slices.note(0, undefined);
  expect(slices.take()).toBeUndefined();
  expect(await slices.end).toBeUndefined();
});
