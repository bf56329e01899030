/** What a share is worth when its free cash flows are discounted, under assumptions that are written down. */
import { ScoringError } from '../errors.ts';
import { completeOptions } from '../internal/stream.ts';

/** What {@link discountedCashFlow} needs to know. One currency throughout. */
export interface CashFlowInput {
  /** Free cash flow of each of the last years, oldest first. */
  readonly freeCashFlows: readonly number[];
  /** Debt less cash; negative when there is more cash. */
  readonly netDebt: number;
  /** Shares outstanding. */
  readonly shares: number;
  /** Price of a share. */
  readonly price: number;
}

/** The assumptions of {@link discountedCashFlow}, in percent a year where not said otherwise. */
export interface CashFlowAssumptions {
  /**
   * Growth of the cash flow. Left out it is the mean of the yearly growth in the history.
   * @defaultValue from the history
   */
  readonly growthPercent?: number;
  /**
   * Lowest and highest growth that the history is believed.
   * @defaultValue [-10, 30]
   */
  readonly growthLimitsPercent?: readonly [number, number];
  /**
   * Years before the cash flow grows at the terminal rate only, whole, at most 1000.
   * @defaultValue 5
   */
  readonly years?: number;
  /** @defaultValue 5 */
  readonly terminalGrowthPercent?: number;
  /** @defaultValue 6.5 */
  readonly riskFreePercent?: number;
  /** @defaultValue 7 */
  readonly equityPremiumPercent?: number;
  /**
   * Plain number.
   * @defaultValue 1
   */
  readonly beta?: number;
  /** @defaultValue 8 */
  readonly debtCostPercent?: number;
  /** @defaultValue 22 */
  readonly taxPercent?: number;
  /**
   * Debt as a share of debt and equity.
   * @defaultValue 30
   */
  readonly debtSharePercent?: number;
}

/** The assumptions that apply where none are given: long-term rates of rupiah, not measured for any company. */
export const cashFlowDefaults: Required<Omit<CashFlowAssumptions, 'growthPercent'>> = {
  growthLimitsPercent: [-10, 30],
  years: 5,
  terminalGrowthPercent: 5,
  riskFreePercent: 6.5,
  equityPremiumPercent: 7,
  beta: 1,
  debtCostPercent: 8,
  taxPercent: 22,
  debtSharePercent: 30,
};

/** What the cash flows are worth. */
export interface CashFlowValue {
  /** Value of a share. */
  readonly value: number;
  /** (value − price) ÷ value, percent; −∞ is never given: a value of 0 or less has no margin. */
  readonly marginPercent: number | undefined;
  readonly growthPercent: number;
  /** Weighted average cost of capital, percent. */
  readonly discountPercent: number;
}

/**
 * Cash flows of the coming years and a terminal value, discounted, less the net debt, over the shares. `undefined` when
 * they cannot be valued so: no positive last cash flow, no growth to be had from the history, a terminal growth that is
 * not below the cost of capital, or more than a number can hold.
 *
 * @example
 * ```ts
 * const flat = { growthPercent: 0, terminalGrowthPercent: 0, debtSharePercent: 0, riskFreePercent: 10, equityPremiumPercent: 0 };
 * discountedCashFlow({ freeCashFlows: [100], netDebt: 200, shares: 10, price: 40 }, flat)?.value.toFixed(6); // => '80.000000'
 * ```
 * @throws {@link ScoringError} `bad-value` for a figure that is not finite, or shares or a price that are not above 0;
 * `bad-option` for an assumption outside its domain.
 */
export function discountedCashFlow(
  input: CashFlowInput,
  assumptions: CashFlowAssumptions = {},
): CashFlowValue | undefined {
  checkInput(input);
  const all = completeOptions<Omit<CashFlowAssumptions, 'growthPercent'>>(cashFlowDefaults, assumptions);
  checkAssumptions(all, assumptions.growthPercent);
  const base = input.freeCashFlows.at(-1) ?? 0;
  const growthPercent = assumptions.growthPercent ?? historicalGrowth(input.freeCashFlows, all.growthLimitsPercent);
  const discountPercent = costOfCapital(all);
  if (base <= 0 || growthPercent === undefined || all.terminalGrowthPercent >= discountPercent) return undefined;

  const discount = 1 + discountPercent / 100;
  let worth = 0;
  let flow = base;
  for (let year = 1; year <= all.years; year++) {
    flow *= 1 + growthPercent / 100;
    worth += flow / discount ** year;
  }
  const terminal = (flow * (1 + all.terminalGrowthPercent / 100)) / (discount - 1 - all.terminalGrowthPercent / 100);
  worth += terminal / discount ** all.years;
  const value = (worth - input.netDebt) / input.shares;
  if (!Number.isFinite(value)) return undefined;
  const marginPercent = value > 0 ? (100 * (value - input.price)) / value : undefined;
  return { value, marginPercent, growthPercent, discountPercent };
}

function costOfCapital(of: Required<Omit<CashFlowAssumptions, 'growthPercent'>>): number {
  const equity = of.riskFreePercent + of.beta * of.equityPremiumPercent;
  const debt = of.debtCostPercent * (1 - of.taxPercent / 100);
  return equity + (of.debtSharePercent / 100) * (debt - equity);
}

/** Growth from a loss, or to one, is no rate. */
function historicalGrowth(flows: readonly number[], [low, high]: readonly [number, number]): number | undefined {
  if (flows.length < 2 || flows.some((flow) => flow <= 0)) return undefined;
  const rates = flows.slice(1).map((flow, i) => 100 * (flow / flows[i]! - 1));
  return Math.max(low, Math.min(high, rates.reduce((sum, rate) => sum + rate, 0) / rates.length));
}

function checkAssumptions(
  of: Required<Omit<CashFlowAssumptions, 'growthPercent'>>,
  growthPercent: number | undefined,
): void {
  const check = (name: string, value: unknown, fits: boolean, expected: string): void => {
    if (fits) return;
    throw new ScoringError(
      'bad-option',
      `${name} "${String(value)}" is not ${expected}. Leave it out for the default.`,
      value,
    );
  };
  const isRate = (value: number): boolean => Number.isFinite(value) && value >= -100;
  const [low, high] = of.growthLimitsPercent;
  const limits = isRate(low) && isRate(high) && low <= high;
  const { years } = of;
  const wholeYears = Number.isSafeInteger(years) && years >= 0 && years <= 1000;
  check('years', years, wholeYears, 'a whole number from 0 to 1000');
  check('growthLimitsPercent', of.growthLimitsPercent, limits, 'two ascending numbers of at least −100');
  const rate = 'a finite number of at least −100';
  if (growthPercent !== undefined) check('growthPercent', growthPercent, isRate(growthPercent), rate);
  check('terminalGrowthPercent', of.terminalGrowthPercent, isRate(of.terminalGrowthPercent), rate);
  for (const name of ['riskFreePercent', 'equityPremiumPercent', 'beta', 'debtCostPercent'] as const) {
    check(name, of[name], Number.isFinite(of[name]), 'a finite number');
  }
  for (const name of ['taxPercent', 'debtSharePercent'] as const) {
    check(name, of[name], Number.isFinite(of[name]) && of[name] >= 0 && of[name] <= 100, 'a number from 0 to 100');
  }
}

function checkInput(input: CashFlowInput): void {
  const check = (name: string, value: number, fits: boolean, expected: string): void => {
    if (Number.isFinite(value) && fits) return;
    throw new ScoringError(
      'bad-value',
      `${name} "${String(value)}" is not ${expected}. Leave the valuation out when it is unknown.`,
      value,
    );
  };
  input.freeCashFlows.forEach((flow, i) => check(`freeCashFlows[${i}]`, flow, true, 'a finite number'));
  check('netDebt', input.netDebt, true, 'a finite number');
  check('shares', input.shares, input.shares > 0, 'a number above 0');
  check('price', input.price, input.price > 0, 'a number above 0');
}
