/** What must hold for every day of every stock; found faults are told, never repaired. */
import { createPriceBands, idxPriceBands } from '@tapekit/orderflow/price-bands';
import { utcDateStart } from '../../internal/wib-time.ts';
import type { IdxStockDay } from './stock-day.ts';

/** A rule that a day breaks. */
export type IdxRule =
  /** Close less previous is not the change. */
  | 'change'
  /** The close lies outside low and high. */
  | 'close-range'
  /** The value is below low × volume or above high × volume. */
  | 'value-range'
  /** No volume, but a high, a low or a close that is not the previous. */
  | 'untraded'
  /** Foreign investors bought or sold more than was traded. */
  | 'foreign'
  /** Bid at or above offer. */
  | 'crossed'
  /** A volume that is no multiple of 100 shares. */
  | 'lot'
  /** A price off the tick bands. */
  | 'tick'
  /** A Saturday, a Sunday, or a day that the given calendar does not have. */
  | 'not-a-trading-day'
  /** The date is not after that of the day before it in the history. */
  | 'order'
  /** The previous price is not the last close: a corporate action, or another stock's row. */
  | 'previous';

/** One broken rule of one day. */
export interface IdxFinding {
  readonly rule: IdxRule;
  readonly symbol: string;
  readonly date: string;
  /** The figures that do not fit. */
  readonly detail: string;
}

const bands = createPriceBands(idxPriceBands);

/** The rules that one day breaks, without its neighbours. */
export function checkIdxDay(day: IdxStockDay): readonly IdxFinding[] {
  const findings: IdxFinding[] = [];
  const { symbol, date, previous, close, change, volumeShares, valueIdr, high, low, bid, offer } = day;
  const find = (rule: IdxRule, detail: string): void => void findings.push({ rule, symbol, date, detail });
  if (close - previous !== change) find('change', `close ${close} less previous ${previous} is not ${change}`);
  if (volumeShares > 0) {
    if (high === undefined || low === undefined || close < low || close > high) {
      find('close-range', `close ${close} is not within ${low ?? 'no low'} and ${high ?? 'no high'}`);
    } else if (
      // Rupiah times shares leaves 2^53.
      BigInt(valueIdr) < BigInt(low) * BigInt(volumeShares) ||
      BigInt(valueIdr) > BigInt(high) * BigInt(volumeShares)
    ) {
      find('value-range', `value ${valueIdr} of ${volumeShares} shares is not within ${low} and ${high} a share`);
    }
  } else if (high !== undefined || low !== undefined || close !== previous) {
    find(
      'untraded',
      `no volume, but high ${high ?? 'none'}, low ${low ?? 'none'} and close ${close} after ${previous}`,
    );
  }
  if (day.foreignBuyShares > volumeShares || day.foreignSellShares > volumeShares) {
    find('foreign', `foreign ${day.foreignBuyShares} bought, ${day.foreignSellShares} sold of ${volumeShares}`);
  }
  if (bid !== undefined && offer !== undefined && bid >= offer) find('crossed', `bid ${bid}, offer ${offer}`);
  if (volumeShares % 100 !== 0) find('lot', `volume ${volumeShares}`);
  for (const [name, price] of Object.entries({ close: volumeShares > 0 ? close : undefined, high, low, bid, offer })) {
    if (price !== undefined && !bands.isOnBand(price)) find('tick', `${name} ${price}`);
  }
  const weekday = new Date(utcDateStart(date)!).getUTCDay();
  if (weekday === 0 || weekday === 6) find('not-a-trading-day', weekday === 0 ? 'a Sunday' : 'a Saturday');
  return findings;
}

/**
 * The rules that a stock's days break, each by itself and against the day before it.
 * @param days - of one stock, in the order of the dates
 */
export function checkIdxHistory(
  days: readonly IdxStockDay[],
  options: { readonly tradingDays?: ReadonlySet<string> } = {},
): readonly IdxFinding[] {
  const findings: IdxFinding[] = [];
  let last: IdxStockDay | undefined;
  for (const day of days) {
    const alone = checkIdxDay(day);
    findings.push(...alone);
    const { symbol, date, previous } = day;
    let traded = !alone.some(({ rule }) => rule === 'not-a-trading-day');
    if (traded && options.tradingDays && !options.tradingDays.has(date)) {
      traded = false;
      findings.push({ rule: 'not-a-trading-day', symbol, date, detail: 'not in the calendar' });
    }
    if (last && date <= last.date) findings.push({ rule: 'order', symbol, date, detail: `after ${last.date}` });
    if (last && previous !== last.close) {
      const detail = `previous ${previous} after a close of ${last.close} on ${last.date}`;
      findings.push({ rule: 'previous', symbol, date, detail });
    }
    // Trial sessions on a Saturday are published like any day, but the next day starts from the close before them.
    if (traded) last = day;
  }
  return findings;
}
