import { createGrid } from '@tapekit/orderflow/grid';
import { expect, test } from 'vitest';
import { createTimeBars } from '../time-bars.ts';
import { areaOf, valueAreaRule } from './value-area.ts';

const row = (priceTicks: number) => ({ priceTicks, buyLots: 1, sellLots: 0, unknownLots: 0 });

test('takes the share of a volume beyond the safe integers exactly', () => {
  // 70 % of ten rows of 2^53 lots are seven rows; a millionth of a percent more needs an eighth.
  const rows = Array.from({ length: 10 }, (_, i) => ({ ...row(i), buyLots: 2n ** 53n }));
  const rowsOf = (percent: number): number => {
    const { low, high } = areaOf(rows, 1, valueAreaRule(percent, 'one-row'))!;
    return high - low + 1;
  };
  expect([rowsOf(70), rowsOf(70.000001)]).toEqual([7, 8]);
});

test('comes to an end where the rows of the lowest prices round', () => {
  const bars = createTimeBars({ grid: createGrid({ tickSize: '1', lotSize: '1' }), intervalMs: 1000, rowTicks: 5 });
  for (const priceTicks of [-Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 5]) {
    bars.pushTicks({ timeMs: 0, priceTicks, sizeLots: 2, side: 'buy' });
  }
  expect(bars.flush()[0]).toMatchObject({ volumeLots: 6, vahTicks: 5, rows: [{ buyLots: 4 }, { buyLots: 2 }] });
});
