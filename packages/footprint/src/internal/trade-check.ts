/** What is a trade on the grid. */
import type { Aggressor } from '@tapekit/orderflow/market';
import { FootprintError } from '../errors.ts';
import { columnOf, type Column } from './ladder.ts';

/**
 * Refuses what is no time of the clock.
 * @throws FootprintError `bad-option`.
 */
export function checkTime(timeMs: number): void {
  if (isTime(timeMs)) return;
  throw new FootprintError('bad-option', `advanceTo "${timeMs}" is not a time in epoch milliseconds.`, timeMs);
}

export function notRemembered(id: number | string): FootprintError {
  return new FootprintError(
    'bad-option',
    `Trade "${id}" cannot be cancelled or corrected: bars remember their prints only with corrections: true.`,
    id,
  );
}

/**
 * Refuses nothing where a trade is expected, before its fields are read.
 * @throws FootprintError `bad-trade`.
 */
export function checkGiven(trade: unknown): void {
  if (trade !== undefined && trade !== null) return;
  throw new FootprintError('bad-trade', `Trade "${String(trade)}" is none. Pass an object, one for each print.`, trade);
}

/** Within the range of `Date`. */
function isTime(timeMs: number): boolean {
  return typeof timeMs === 'number' && Math.abs(timeMs) <= 8.64e15;
}

function isSize(lots: number): boolean {
  return Number.isSafeInteger(lots) || Number.isNaN(lots);
}

function isId(id: number | string | undefined): boolean {
  return id === undefined || typeof id === 'string' || Number.isSafeInteger(id);
}

/**
 * The column of a print that a bar can take.
 * @throws FootprintError `bad-trade`.
 */
export function checkTrade(
  timeMs: number,
  ticks: number,
  lots: number,
  side: Aggressor,
  id: number | string | undefined,
): Column {
  const column = columnOf(side);
  if (column === undefined || !isTime(timeMs) || !Number.isSafeInteger(ticks) || !isSize(lots) || !isId(id)) {
    throw badTrade(timeMs, ticks, lots, side, id);
  }
  return column;
}

function badTrade(timeMs: number, ticks: number, lots: number, side: Aggressor, id: unknown): FootprintError {
  const [what, value, expected] =
    columnOf(side) === undefined
      ? ['side', side, "'buy', 'sell' or 'unknown'"]
      : !isTime(timeMs)
        ? ['timeMs', timeMs, 'epoch milliseconds']
        : !Number.isSafeInteger(ticks)
          ? ['priceTicks', ticks, 'a whole number of ticks; pass decimals to push']
          : !isSize(lots)
            ? ['sizeLots', lots, 'a whole number of lots; pass decimals to push']
            : ['id', id, 'a safe integer; pass ids beyond 2^53 as strings'];
  return new FootprintError('bad-trade', `Trade ${what} "${String(value)}" is not ${expected}.`, value);
}
