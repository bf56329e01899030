import { OrderflowError } from '../../errors.ts';
import { NO_DEFAULT, requireWhole, requireObject } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';

/** What prints a trade imbalance is over. */
export type TradeImbalanceWindow =
  | {
      /** The last n prints in order of arrival; their times are not compared. */
      readonly lastTrades: number;
    }
  | {
      /** The prints of the last t milliseconds up to the latest time on the tape. */
      readonly lastMs: number;
      /** Most prints that are held; beyond, the oldest leaves early and is counted. Default 100,000. */
      readonly maxTrades?: number;
    }
  | {
      /** Length of a fixed interval in milliseconds; intervals are aligned to the epoch. */
      readonly everyMs: number;
      /** Start of the intervals after the epoch, in milliseconds. Default 0. */
      readonly offsetMs?: number;
    };

/** Options of `createTradeImbalance`. */
export interface TradeImbalanceOptions {
  /**
   * What prints the imbalance is over.
   * @defaultValue \{ lastTrades: 100 \}
   */
  readonly window?: TradeImbalanceWindow;
}

/** What `createTradeImbalance` uses where an option is left out. */
export const tradeImbalanceDefaults: { readonly window: { readonly lastTrades: number }; readonly maxTrades: number } =
  {
    window: { lastTrades: 100 },
    maxTrades: 100_000,
  };

/** The window with its defaults filled in and its fields in one order. */
export function imbalanceWindow(window: TradeImbalanceWindow = tradeImbalanceDefaults.window): TradeImbalanceWindow {
  requireObject('window', window, '{ lastTrades }, { lastMs } or { everyMs }');
  if ('lastTrades' in window) {
    requireWhole('window.lastTrades', window.lastTrades, 1, NO_DEFAULT);
    return { lastTrades: window.lastTrades };
  }
  if ('lastMs' in window) {
    const { lastMs, maxTrades = tradeImbalanceDefaults.maxTrades } = window;
    requireWhole('window.lastMs', lastMs, 1, NO_DEFAULT);
    requireWhole('window.maxTrades', maxTrades);
    return { lastMs, maxTrades };
  }
  const { everyMs, offsetMs = 0 } = window;
  requireWhole('window.everyMs', everyMs, 1, NO_DEFAULT);
  if (!Number.isSafeInteger(offsetMs)) {
    throw new OrderflowError(
      'bad-option',
      `window.offsetMs ${excerpt(offsetMs)} is not a whole number of milliseconds. Leave it out for 0.`,
      offsetMs,
    );
  }
  return { everyMs, offsetMs: offsetMs + 0 };
}
