/**
 * Imbalances of bars that are columns: a flag a row, without an object a mark.
 *
 * The rules are those of `imbalances`, and the flags are those of `imbalanceFlags` over its marks.
 */
import { FootprintError } from './errors.ts';
import type { FootprintColumns } from './footprint-columns.ts';
import { checkFootprintColumns } from './internal/columns-check.ts';
import { flagDiagonals, flagRows } from './internal/imbalance-columns.ts';
import { imbalancePresets } from './internal/imbalance-presets.ts';
import { checkImbalanceRule, type ImbalanceRule } from './internal/imbalance-rule.ts';

/** How {@link imbalancesOfColumns} counts. */
export interface ImbalanceColumnsOptions extends Partial<ImbalanceRule> {
  /**
   * Flags of an earlier call that nobody reads any more: their memory is taken for the new ones, where these fit into it.
   * @defaultValue none: the flags get memory of their own
   */
  readonly reuse?: Uint8Array;
}

/** The defaults of {@link ImbalanceColumnsOptions}: the rule `imbalancePresets.tradingView`, as of `imbalances`. */
export const imbalanceColumnsDefaults = imbalancePresets.tradingView;

/** What a flag of {@link imbalancesOfColumns} says; of a row with both marks it is 3, the sum. */
export const imbalanceFlag = { buy: 1, sell: 2 } as const;

/**
 * The imbalances of every row of every bar: 0 for none, 1 where buyers outweigh sellers, 2 where sellers outweigh buyers,
 * 3 for both. Entry `i` is about entry `i` of the `row…` columns. A mark at a row that did not trade, which a rule with
 * `attribution: 'lower'` can give, is in no entry.
 *
 * @example
 * ```ts
 * const trades = { timeMs: [0, 1, 2], priceTicks: [100, 101, 101], sizeLots: [9, 30, 5], side: [-1, 1, -1] };
 * const columns = footprintsOfColumns(trades, { intervalMs: 60_000 });
 * [...imbalancesOfColumns(columns)]; // => [0, 1]
 * [...imbalancesOfColumns(columns, { ratio: 4 })]; // => [0, 0]
 * ```
 * @throws {@link FootprintError} `bad-option`: also for `columns` that are none, and for a `reuse` that is no `Uint8Array`.
 */
export function imbalancesOfColumns(columns: FootprintColumns, options: ImbalanceColumnsOptions = {}): Uint8Array {
  checkFootprintColumns('Argument columns', columns);
  const { reuse, ...asked } = options;
  const rule = { ...imbalanceColumnsDefaults, ...asked };
  const multiple = checkImbalanceRule(rule);
  const flags = flagsFor(columns.rowPriceTicks.length, reuse);
  const isFlagged = flagDiagonals(columns, rule, multiple, flags);
  if (!isFlagged) flagRows(columns, rule, multiple, flags.fill(0));
  return flags;
}

function flagsFor(rows: number, reuse: unknown): Uint8Array {
  if (reuse === undefined) return new Uint8Array(rows);
  if (reuse instanceof Uint8Array) return reuse.length >= rows ? reuse.subarray(0, rows) : new Uint8Array(rows);
  const message = `reuse "${typeof reuse}" is no Uint8Array. Pass the flags of an earlier call, or none.`;
  throw new FootprintError('bad-option', message, reuse);
}
