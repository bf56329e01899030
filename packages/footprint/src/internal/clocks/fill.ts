/** How a print is split over bars that hold a fixed amount of something. */
import { addExact, multiplyExact, type ExactInt } from '@tapekit/orderflow/exact';
import { checkBarsOfPrint, type BarPart, type BarPlan } from './clock.ts';

/** Where a print went. */
export interface Filled {
  readonly plan: BarPlan;
  /** Lots of the print in the bar that stays open. */
  readonly leftLots: number;
  /** Whether a bar ended. */
  readonly closed: boolean;
}

/**
 * Fills the open bar, which lacks `need`, then bars of `each`, with a print whose lots weigh `perLot` each. A bar ends with
 * the lot that makes it full; what this lot weighs beyond is not taken over.
 */
export function fill(lots: number, perLot: number, need: ExactInt, each: ExactInt): Filled {
  if (perLot === 0) return { plan: 'keep', leftLots: lots, closed: false };
  const first = divideUp(need, perLot);
  if (lots < first) return { plan: 'keep', leftLots: lots, closed: false };
  if (lots === first) return { plan: 'close', leftLots: 0, closed: true };
  const rest = lots - Number(first);
  const whole = divideUp(each, perLot);
  const more = rest < whole ? 0 : Math.floor(rest / Number(whole));
  checkBarsOfPrint(more + 1, 'sizeLots', lots, `${whole} lots`);
  const parts: BarPart[] = [{ lots: Number(first), closes: true }];
  for (let i = 0; i < more; i++) parts.push({ lots: Number(whole), closes: true });
  const leftLots = more === 0 ? rest : rest - more * Number(whole);
  if (leftLots > 0) parts.push({ lots: leftLots, closes: false });
  return { plan: parts, leftLots, closed: true };
}

/** |price| × size, exact. */
export function magnitude(priceTicks: number, lots: number): ExactInt {
  return multiplyExact(Math.abs(priceTicks), lots);
}

/** The smallest whole number not below the quotient of two numbers above 0. */
function divideUp(amount: ExactInt, by: number): ExactInt {
  // A quotient of safe integers never rounds to a whole number that it is not.
  if (typeof amount === 'number') return Math.ceil(amount / by);
  const divisor = BigInt(by);
  return addExact((amount + divisor - 1n) / divisor, 0);
}
