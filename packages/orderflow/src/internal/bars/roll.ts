import type { NumberColumn } from '../../columns.ts';
import { requireFinite, requireFlag, requireWhole } from '../shared/checks.ts';
import { meanOf } from '../numbers/mean.ts';
import { createRollingWindow } from '../numbers/rolling-window.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { fields, finite, listOf, where } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';

/** Options of {@link rollSpread}. */
export interface RollOptions {
  /**
   * Takes the mean change out of the changes first: `Σ(Δ_t − Δ̄)(Δ_{t−1} − Δ̄′) ÷ (m − 1)` over the m pairs, with the means
   * of the later and of the earlier changes. Without, `ΣΔ_t·Δ_{t−1} ÷ m`: a price that does not drift, as Roll assumes.
   * @defaultValue false
   */
  readonly centred?: boolean;
  /**
   * Changes of the logarithm of the price: the spread is then relative to the price (0.01 is 1 %).
   * @defaultValue false
   */
  readonly log?: boolean;
}

/** Options of {@link createRoll}. */
export interface RollWindowOptions extends RollOptions {
  /**
   * Number of prices that an estimate is over, from 3 on.
   * @defaultValue 100
   */
  readonly window?: number;
}

/** What the Roll estimates use where an option is left out; `window` is of {@link createRoll} alone. */
export const rollDefaults: Required<RollWindowOptions> = { centred: false, log: false, window: 100 };

/** A Roll estimate. */
export interface RollEstimate {
  /** The spread in the unit of the prices, or relative with `log`; 0 where there is no bounce. */
  readonly spread: number;
  /** First-order autocovariance of the changes. */
  readonly autocovariance: number;
  /**
   * `bounce`: the autocovariance is below 0, the spread is an estimate. `no-bounce`: prices moved and it is not, so the
   * model does not hold and 0 stands for "cannot say". `flat`: prices never moved.
   */
  readonly outcome: 'bounce' | 'no-bounce' | 'flat';
  /** Number of products of changes. */
  readonly pairs: number;
}

/**
 * The effective spread behind a series of prices, after Roll 1984 (doi 10.1111/j.1540-6261.1984.tb03897.x):
 * `2·√(−cov(Δp_t, Δp_{t−1}))`. `undefined` with fewer than 3 prices (4 if `centred`), or changes beyond what a double
 * can square.
 *
 * @example
 * ```ts
 * rollSpread([100, 101, 100, 101, 100])?.spread; // => 2
 * rollSpread([100, 101, 102, 103])?.outcome; // => 'no-bounce'
 * ```
 * @throws {@link OrderflowError} `bad-value` for a price that is not finite, or with `log` not above 0.
 */
export function rollSpread(prices: ArrayLike<number>, options: RollOptions = {}): RollEstimate | undefined {
  const { centred, log } = { ...rollDefaults, ...options };
  const changes: number[] = [];
  for (let i = 0; i < prices.length; i += 1) {
    requirePrice(prices[i]!, log);
    if (i > 0) changes.push(log ? Math.log(prices[i]!) - Math.log(prices[i - 1]!) : prices[i]! - prices[i - 1]!);
  }
  const pairs = changes.length - 1;
  if (pairs < (centred ? 2 : 1)) return undefined;
  const later = changes.slice(1);
  const earlier = changes.slice(0, -1);
  const [meanLater, meanEarlier] = centred ? [meanOf(later)!, meanOf(earlier)!] : [0, 0];
  let sum = 0;
  for (let i = 0; i < pairs; i += 1) sum += (later[i]! - meanLater) * (earlier[i]! - meanEarlier);
  const autocovariance = sum / (centred ? pairs - 1 : pairs) + 0;
  if (!Number.isFinite(autocovariance)) return undefined;
  const flat = changes.every((change) => change === 0);
  return {
    spread: autocovariance < 0 ? 2 * Math.sqrt(-autocovariance) : 0,
    autocovariance,
    outcome: flat ? 'flat' : autocovariance < 0 ? 'bounce' : 'no-bounce',
    pairs,
  };
}

/** A running Roll estimate. Made by {@link createRoll}. */
export interface Roll {
  /**
   * Adds a price and gives the estimate over the window that it ends; `undefined` while it is too short. `undefined` for
   * a price that is not known starts a new window: no change is taken across it.
   * @throws {@link OrderflowError} `bad-value` as {@link rollSpread}; the state is as before.
   */
  push(price: number | undefined): RollEstimate | undefined;
  /** Holds nothing back. */
  flush(): undefined;
  /** The state as plain JSON: the prices of the window. */
  snapshot(): RollSnapshot;
}

/** The state of a {@link Roll}. */
export interface RollSnapshot {
  readonly v: 1;
  readonly kind: 'roll';
  readonly options: Required<RollWindowOptions>;
  readonly prices: readonly number[];
}

/**
 * A running {@link rollSpread} over the last prices. Memory is bounded by `window`.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createRoll(options: RollWindowOptions = {}): Roll {
  return startRoll(rollOptions(options), undefined);
}

const shape = where(fields({ prices: listOf(finite) }), ({ options, prices }: RollSnapshot) =>
  options.log ? prices.every((price) => price > 0) : true,
);

/**
 * The estimate that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreRoll(snapshot: RollSnapshot, options?: RollWindowOptions): Roll {
  return restored(snapshot, 'roll', shape, () => {
    if (options) requireSameOptions('roll', snapshot.options, rollOptions(options));
    return startRoll(storedOptions(rollOptions, snapshot.options), snapshot);
  });
}

/** {@link createRoll} over a column of prices (the closes of bars, say), row by row; a `NaN` is a price not known. */
export function rollOfColumns(
  { close }: { readonly close: NumberColumn },
  options: RollWindowOptions = {},
): (RollEstimate | undefined)[] {
  const roll = createRoll(options);
  return Array.from({ length: close.length }, (_, i) => roll.push(Number.isNaN(close[i]) ? undefined : close[i]));
}

function rollOptions(options: RollWindowOptions): Required<RollWindowOptions> {
  const { centred, log, window } = { ...rollDefaults, ...options };
  requireFlag('centred', centred);
  requireFlag('log', log);
  requireWhole('window', window, 3);
  return { centred, log, window };
}

function requirePrice(price: number, log: boolean): void {
  requireFinite('price', log && !(price > 0) ? NaN : price);
}

function startRoll(options: Required<RollWindowOptions>, from: RollSnapshot | undefined): Roll {
  let prices = createRollingWindow(options.window, from?.prices);
  return {
    push(price) {
      if (price === undefined) {
        prices = createRollingWindow(options.window);
        return undefined;
      }
      requirePrice(price, options.log);
      prices.push(price + 0);
      return rollSpread(prices.values(), options);
    },
    flush: () => undefined,
    snapshot: () => ({ v: 1, kind: 'roll', options: { ...options }, prices: prices.values() }),
  };
}
