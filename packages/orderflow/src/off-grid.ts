/**
 * Values off the grid under a stated rule, exact and counted. A grid refuses them, which is right while a wrong grid is
 * likely; a feed that is known to send finer prices or sizes than the instrument trades in needs a rule instead.
 */
import type { Grid } from './grid.ts';
import type { DecimalInput } from './market.ts';
import type { CanonicalBand } from './internal/grid/band-axis.ts';
import { createOffGridCounter, decimalText, place, priceAxis, sizeAxis } from './internal/grid/off-grid-counter.ts';
import type { OffGridCounts, OffGridRule } from './internal/grid/off-grid-counter.ts';
import type { RoundingRule } from './internal/numbers/rounding.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { count, fields, text } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';

export type { OffGridCounts, OffGridRule } from './internal/grid/off-grid-counter.ts';
export type { RoundingRule } from './internal/numbers/rounding.ts';

/** Options of {@link createOffGridPolicy}. */
export interface OffGridPolicyOptions {
  /**
   * What becomes of a price between two ticks.
   * @defaultValue 'reject'
   */
  readonly price?: OffGridRule;
  /**
   * What becomes of a size between two lots. Mind that less than a lot may become 0 lots, which removes a level from a
   * book.
   * @defaultValue 'reject'
   */
  readonly size?: OffGridRule;
}

/** What {@link createOffGridPolicy} uses where an option is left out. */
export const offGridPolicyDefaults: Required<OffGridPolicyOptions> = { price: 'reject', size: 'reject' };

/** The grid that a policy works on: any of `createGrid` or `createPriceBands`. */
export type PolicyGrid = Grid & { readonly bands?: readonly CanonicalBand[] };

/** What was done so far. */
export interface OffGridStats {
  readonly prices: OffGridCounts;
  readonly sizes: OffGridCounts;
}

/** A grid that moves off-grid values by its rules and counts it. Made by {@link createOffGridPolicy}. */
export interface OffGridPolicy extends Grid {
  /** The bands of the grid, where it has some. */
  readonly bands?: readonly CanonicalBand[];
  /**
   * Price to whole ticks by the rule.
   * @throws {@link OrderflowError} `bad-decimal`, `out-of-range`, `off-grid` under `reject` and below the first of
   *   bands; then nothing is counted.
   */
  toTicks(price: DecimalInput): number;
  /**
   * Size to whole lots by the rule.
   * @throws {@link OrderflowError} as {@link OffGridPolicy.toTicks}.
   */
  toLots(size: DecimalInput): number;
  /** What was done so far. */
  stats(): OffGridStats;
  /** The state as plain JSON: counts and two decimals a kind, however much was read. */
  snapshot(): OffGridPolicySnapshot;
}

/** The state of an {@link OffGridPolicy}. */
export interface OffGridPolicySnapshot extends OffGridStats {
  readonly v: 1;
  readonly kind: 'off-grid-policy';
  readonly options: Required<OffGridPolicyOptions>;
  readonly grid: { readonly tickSize: string; readonly lotSize: string; readonly bands?: readonly CanonicalBand[] };
}

/**
 * A grid that moves what lies off another grid by a stated rule, and counts it. Takes the place of the grid in
 * `createBook` and wherever one is asked for.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '1' });
 * const policy = createOffGridPolicy(grid, { price: 'nearest' });
 * policy.toTicks('100.004'); // => 10000
 * policy.toTicks('100.015'); // => 10002
 * policy.stats().prices; // => { values: 2, adjusted: 2, largestRemainder: '0.005', totalRemainder: '-0.001' }
 * ```
 * @throws {@link OrderflowError} `bad-option` when a rule is none.
 */
export function createOffGridPolicy(grid: PolicyGrid, options: OffGridPolicyOptions = {}): OffGridPolicy {
  return startPolicy(grid, options, undefined);
}

const tally = fields({ values: count, adjusted: count, largestRemainder: text, totalRemainder: text });
const shape = fields({ prices: tally, sizes: tally });

/**
 * The policy that a snapshot was taken of; pass the grid and the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version, grid or options.
 */
export function restoreOffGridPolicy(
  snapshot: OffGridPolicySnapshot,
  grid: PolicyGrid,
  options: OffGridPolicyOptions = {},
): OffGridPolicy {
  return restored(snapshot, 'off-grid-policy', shape, () => startPolicy(grid, options, snapshot));
}

/**
 * One price on a grid by a rule, and what was left over (price − what it became; decimal string, `'0'` on the grid).
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.05', lotSize: '1' });
 * roundPrice(grid, '12.34', 'floor'); // => { ticks: 246, remainder: '0.04' }
 * roundPrice(grid, '12.34', 'nearest'); // => { ticks: 247, remainder: '-0.01' }
 * ```
 * @throws {@link OrderflowError} `bad-decimal`, `out-of-range`, `bad-option` for another rule, `off-grid` below the
 *   first of bands.
 */
export function roundPrice(
  grid: Pick<PolicyGrid, 'tickSize' | 'bands'>,
  price: DecimalInput,
  rule: RoundingRule,
): { readonly ticks: number; readonly remainder: string } {
  const { steps, remainder } = place(priceAxis(grid), 'price', price, rule);
  return { ticks: steps, remainder: decimalText(remainder) };
}

/**
 * One size on a grid by a rule, and what was left over, as {@link roundPrice}.
 * @throws {@link OrderflowError} `bad-decimal`, `out-of-range`, `bad-option` for another rule.
 */
export function roundSize(
  grid: Pick<PolicyGrid, 'lotSize'>,
  size: DecimalInput,
  rule: RoundingRule,
): { readonly lots: number; readonly remainder: string } {
  const { steps, remainder } = place(sizeAxis(grid), 'size', size, rule);
  return { lots: steps, remainder: decimalText(remainder) };
}

function startPolicy(
  grid: PolicyGrid,
  options: OffGridPolicyOptions,
  from: OffGridPolicySnapshot | undefined,
): OffGridPolicy {
  const { price, size } = { ...offGridPolicyDefaults, ...options };
  const { tickSize, lotSize } = grid;
  const bands = grid.bands ? { bands: grid.bands } : {};
  const made = (): Pick<OffGridPolicySnapshot, 'options' | 'grid'> => ({
    options: { price, size },
    grid: { tickSize, lotSize, ...bands },
  });
  if (from) requireSameOptions('off-grid-policy', { options: from.options, grid: from.grid }, made());
  const prices = createOffGridCounter('price', priceAxis(grid), price, from?.prices);
  const sizes = createOffGridCounter('size', sizeAxis(grid), size, from?.sizes);
  const stats = (): OffGridStats => ({ prices: prices.counts(), sizes: sizes.counts() });
  return {
    tickSize,
    lotSize,
    ...bands,
    toTicks: prices.toSteps,
    toLots: sizes.toSteps,
    formatPrice: (ticks) => grid.formatPrice(ticks),
    formatSize: (lots) => grid.formatSize(lots),
    formatValue: (tickLots) => grid.formatValue(tickLots),
    stats,
    snapshot: () => ({ v: 1, kind: 'off-grid-policy', ...made(), ...stats() }),
  };
}
