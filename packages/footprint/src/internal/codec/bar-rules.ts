/** What a bar must be for its bytes to tell all of it. */
import { addExact, compareExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import { FootprintError } from '../../errors.ts';
import type { FootprintBar, FootprintRow } from '../../footprint-bar.ts';
import { isSpan, isWhole } from '../bar-check.ts';
import type { EventBar } from '../event-bar-builder.ts';
import { LONGEST_VARINT } from './byte-writer.ts';

export const integrityNames = ['late', 'outOfOrder', 'duplicates', 'cancelled', 'corrected'] as const;

/** The columns of a row, in the order of its bytes. */
export function cellsOf(row: FootprintRow): ExactInt[] {
  return [row.buyLots, row.sellLots, row.unknownLots, row.buyTrades, row.sellTrades, row.unknownTrades];
}

type Rule = readonly [holds: () => boolean, rule: string];

/**
 * Refuses a bar that is none on the grid, or that its rows do not add up to: what is left out must follow from what is
 * written, and what is written must come back as it was.
 * @throws FootprintError `bad-trade`.
 */
export function checkWritable(bar: FootprintBar | EventBar, rowTicks: number): void {
  // In this order: sums are of whole numbers only.
  const broken = [...numberRules(bar), ...sumRules(bar, rowTicks)].find(([holds]) => !holds());
  if (!broken) return;
  throw new FootprintError(
    'bad-trade',
    `The bar at startMs "${bar.startMs}" has not ${broken[1]}. Encode bars as they were made, with the rowTicks of them` +
      `${'valueTickLots' in bar ? '' : '; bars that were read from JSON version 1 have not all that bytes hold'}.`,
    bar,
  );
}

function numberRules(bar: FootprintBar | EventBar): readonly Rule[] {
  const { rows, integrity } = bar;
  const ticks = [
    ...[bar.openTicks, bar.highTicks, bar.lowTicks, bar.closeTicks, bar.pocTicks, bar.vahTicks, bar.valTicks],
    ...rows.map((row) => row.priceTicks),
  ];
  const lots = [
    ...[bar.volumeLots, bar.buyLots, bar.sellLots, bar.unknownLots],
    ...[bar.deltaLots, bar.minDeltaLots, bar.maxDeltaLots, bar.valueTickLots],
  ];
  const counts = [
    ...[bar.revision, bar.trades],
    ...('complete' in bar ? [bar.continuedTrades] : []),
    ...(integrity ? integrityNames.map((name) => integrity[name]) : []),
    ...rows.flatMap((row) => [row.buyTrades, row.sellTrades, row.unknownTrades, row.maxTradeLots ?? 0]),
  ];
  return [
    [() => (integrity as unknown) !== null, 'integrity counts, or none'],
    [() => isSpan(bar.startMs, bar.endMs) && bar.endMs > bar.startMs, 'an end after its start'],
    [() => ticks.every((price) => Number.isSafeInteger(price)), 'prices in whole ticks'],
    [() => lots.every(isWhole), 'sums in whole lots'],
    [() => lots.every((value) => fits(value)), `sums that ${LONGEST_VARINT} bytes hold`],
    [() => counts.every((count) => Number.isSafeInteger(count) && count >= 0), 'counts that are whole numbers'],
    [
      () =>
        rows.every((row) => {
          const cells = cellsOf(row);
          return cells.every((value) => isWhole(value) && value >= 0) && cells.some((value) => value !== 0);
        }),
      'rows that traded',
    ],
  ];
}

function sumRules(bar: FootprintBar, rowTicks: number): readonly Rule[] {
  const { rows, buyLots, sellLots, unknownLots, lowTicks, highTicks, openTicks, closeTicks } = bar;
  const adds = (of: (row: FootprintRow) => ExactInt, total: ExactInt): boolean =>
    compareExact(rows.map(of).reduce(addExact, 0), total) === 0;
  return [
    [() => adds((row) => row.buyLots, buyLots), 'buyLots that are the sum of its rows'],
    [() => adds((row) => row.sellLots, sellLots), 'sellLots that are the sum of its rows'],
    [() => adds((row) => row.unknownLots, unknownLots), 'unknownLots that are the sum of its rows'],
    [
      () => compareExact(addExact(addExact(buyLots, sellLots), unknownLots), bar.volumeLots) === 0,
      'the volume of its sides',
    ],
    [() => compareExact(subtractExact(buyLots, sellLots), bar.deltaLots) === 0, 'the delta of its sides'],
    [() => bar.minDeltaLots <= 0 && bar.maxDeltaLots >= 0, 'deltas on both sides of 0'],
    [
      () => lowTicks <= Math.min(openTicks, closeTicks) && highTicks >= Math.max(openTicks, closeTicks),
      'prices in its range',
    ],
    [() => isAmongRows(bar), 'a point of control and a value area among its rows'],
    [
      () =>
        rows.every(
          (row, i) => row.priceTicks % rowTicks === 0 && (i === 0 || row.priceTicks > rows[i - 1]!.priceTicks),
        ),
      `ascending rows of ${rowTicks} ticks`,
    ],
    [
      () => rows.every((row) => (row.maxTradeLots === undefined) === (rows[0]!.maxTradeLots === undefined)),
      'rows of one kind',
    ],
  ];
}

/** Whether point of control and value area are rows; a bar without rows has none. */
export function isAmongRows({ rows, pocTicks, vahTicks, valTicks }: FootprintBar): boolean {
  const isRow = (price: number): boolean => rows.some(({ priceTicks }) => priceTicks === price);
  return rows.length === 0 || [pocTicks, vahTicks, valTicks].every(isRow);
}

/** Half of the bits are room for the difference that is written. */
function fits(value: ExactInt): boolean {
  if (typeof value === 'number') return true;
  const most = 1n << BigInt(LONGEST_VARINT * 7 - 8);
  return -most < value && value < most;
}
