import { tradeColumns } from '@tapekit/orderflow/columns';
import type { TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { footprintsOfColumns } from '../../footprint-columns.ts';
import { barCuts, viewOf } from './column-slices.ts';
import { kernelOfPackage } from './kernel-file.ts';
import { columnsIn, createRoom } from './room.ts';
import { createWork } from './work.ts';

const minute = { intervalMs: 60_000 };
const sides = fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const);
const steps = fc.tuple(
  fc.nat({ max: 40_000 }),
  fc.integer({ min: -30, max: 30 }),
  fc.integer({ min: 1, max: 99 }),
  sides,
);
/** In order of time; one may be empty. */
const tapes = fc.array(steps, { maxLength: 120 }).map((all): readonly TickTrade[] => {
  let timeMs = 1_700_000_000_000;
  return all.map(([step, priceTicks, sizeLots, side]) => ({ timeMs: (timeMs += step), priceTicks, sizeLots, side }));
});

test('keeps slices and writes them to their places, with TypeScript as with the kernel, all at once or one by one', () => {
  fc.assert(
    fc.property(
      tapes,
      fc.boolean(),
      fc.constantFrom(createWork(kernelOfPackage()), createWork()),
      (prints, isAtOnce, work) => {
        const trades = tradeColumns(prints);
        const expected = footprintsOfColumns(trades, minute);
        const room = createRoom(expected.bars, expected.rowPriceTicks.length);
        const form = { ...minute, rowTicks: 1 };
        const session = { tape: undefined, options: minute, form, imbalances: undefined, room, newBytes: 0 };
        const ends = [...(barCuts(trades.timeMs, minute.intervalMs, 5) ?? []), prints.length];
        let places: { bars: number; rows: number }[] = [];
        let start = { bars: 0, rows: 0 };
        for (const [i, end] of ends.entries()) {
          const slice = viewOf(trades, ends[i - 1] ?? 0, end);
          const now = isAtOnce ? [] : places.splice(0);
          const [size] = work({ kind: 'keep', session: i === 0 ? session : undefined, trades: slice, places: now });
          places = [...places, start];
          const { bars, rows } = size as typeof start;
          start = { bars: start.bars + bars, rows: start.rows + rows };
        }
        work({ kind: 'place', places, room: undefined });
        const { columns } = columnsIn(room);
        columns.firstRow[start.bars] = start.rows;
        expect({ ...columns, ...form, bars: start.bars }).toStrictEqual(expected);
      },
    ),
  );
});
