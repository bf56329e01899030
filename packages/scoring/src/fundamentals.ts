/** What a company's stated ratios say: valuation against its sector, discounted cash flow, quality and health. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { Weights } from './composite.ts';
import { componentOf, composeScore, compositePresets } from './composite.ts';
import { ScoringError } from './errors.ts';
import type { FundamentalLadders } from './fundamentals/ladders.ts';
import { fundamentalLadders, pointsOf } from './fundamentals/ladders.ts';
import type { Multiples } from './fundamentals/sector-medians.ts';
import { scoreFromOffset, words } from './internal/micro-points.ts';
import { withDefaults } from './internal/options.ts';

export { cashFlowDefaults, discountedCashFlow } from './fundamentals/discounted-cash-flow.ts';
export type { CashFlowAssumptions, CashFlowInput, CashFlowValue } from './fundamentals/discounted-cash-flow.ts';
export { fundamentalLadders } from './fundamentals/ladders.ts';
export type { FundamentalLadders, Ladder } from './fundamentals/ladders.ts';
export { sectorMedians } from './fundamentals/sector-medians.ts';
export type { Multiples, SectorCompany, SectorMultiples } from './fundamentals/sector-medians.ts';

/** A company's ratios, as its sources state them; `undefined` or `null` where unknown. Percent is percent: 21, not 0.21. */
export interface FundamentalInput extends Multiples {
  /** What is usual in the sector, for example from `sectorMedians`. Without it there is no valuation. */
  readonly sectorMultiples?: Multiples | null | undefined;
  /** Name of the sector, for the ratios that mean nothing in it. */
  readonly sector?: string | null | undefined;
  /** Margin of safety, for example from `discountedCashFlow`. */
  readonly dcfMarginPercent?: number | null | undefined;
  readonly returnOnEquityPercent?: number | null | undefined;
  readonly returnOnAssetsPercent?: number | null | undefined;
  readonly netMarginPercent?: number | null | undefined;
  /** Debt ÷ equity, a plain quotient. */
  readonly debtToEquity?: number | null | undefined;
  /** Current assets ÷ current liabilities, a plain quotient. */
  readonly currentRatio?: number | null | undefined;
  /** When the report was published, epoch milliseconds UTC; needed for `asOfMs`. */
  readonly publishedMs?: number | null | undefined;
}

/** Options of {@link scoreFundamentals}. */
export interface FundamentalOptions {
  /**
   * The moment that the score is for, epoch milliseconds UTC: a report published later, or too long before, is not used.
   * @defaultValue not looked at
   */
  readonly asOfMs?: number | undefined;
  /**
   * Age from which a report is too old, days.
   * @defaultValue 400
   */
  readonly maxAgeDays?: number;
  /**
   * Weights of `valuation`, `discounted-cash-flow`, `quality` and `health`.
   * @defaultValue `compositePresets.fundamental`
   */
  readonly weights?: Weights;
  /**
   * Points by ratio.
   * @defaultValue `fundamentalLadders`
   */
  readonly ladders?: FundamentalLadders;
  /**
   * Ratios that say nothing in a sector, by its name.
   * @defaultValue `meaninglessRatios`
   */
  readonly meaningless?: Readonly<Record<string, readonly (keyof FundamentalInput)[]>>;
}

/** Deposits are a bank's raw material: its debt, its liquidity and its enterprise value cannot be read like a factory's. */
export const meaninglessRatios: Readonly<Record<string, readonly (keyof FundamentalInput)[]>> = {
  Financials: ['debtToEquity', 'currentRatio', 'enterpriseToEbitda', 'dcfMarginPercent'],
};

/** The options that apply where none are given. */
export const fundamentalDefaults: Required<Omit<FundamentalOptions, 'asOfMs'>> = {
  maxAgeDays: 400,
  weights: compositePresets.fundamental,
  ladders: fundamentalLadders,
  meaningless: meaninglessRatios,
};

const msPerDay = 86_400_000;

/** A ratio and what it is worth; `points` of `undefined` when it is not known. */
interface Reading {
  readonly name: string;
  readonly value: number | undefined;
  readonly points: number | undefined;
  readonly reason: string;
}

/**
 * The `fundamental` component: each part is the mean points of the ratios that are known, the whole their weighted mean.
 * Coverage says how many of the ratios that mean something in the sector were there.
 *
 * @example
 * ```ts
 * const score = scoreFundamentals({ returnOnEquityPercent: 20, returnOnAssetsPercent: 4, debtToEquity: 0.4 });
 * score.score; // => 72.5
 * score.coverage; // => 0.2333333333333333
 * ```
 * @throws {@link ScoringError} `bad-value` naming a ratio or a moment that is not finite, `bad-option`, `bad-weights`.
 */
export function scoreFundamentals(input: FundamentalInput, options: FundamentalOptions = {}): ComponentScore {
  const { maxAgeDays, weights, ladders, meaningless } = withDefaults(fundamentalDefaults, options);
  checkMaxAge(maxAgeDays);
  const unusable = whyNot(
    numberOf('publishedMs', input.publishedMs),
    options.asOfMs === undefined ? undefined : numberOf('asOfMs', options.asOfMs),
    maxAgeDays,
  );
  if (unusable !== undefined) return missingComponent('fundamental', unusable);
  const sector = input.sector ?? '';
  const skipped = new Set<string>(Object.hasOwn(meaningless, sector) ? meaningless[sector] : []);
  const has = (name: keyof FundamentalInput): boolean => !skipped.has(name);
  const plain = (name: PlainRatio): Reading[] => (has(name) ? [read(input, name, ladders)] : []);
  const readings = new Map<string, readonly Reading[]>(
    Object.entries({
      valuation: multiples.filter(has).map((name) => readMultiple(input, name, ladders)),
      'discounted-cash-flow': plain('dcfMarginPercent'),
      quality: [...plain('returnOnEquityPercent'), ...plain('returnOnAssetsPercent'), ...plain('netMarginPercent')],
      health: [...plain('debtToEquity'), ...readCurrentRatio(input, ladders, has('currentRatio'))],
    }),
  );
  // A part without one ratio that means something in the sector asks for nothing, and lacks nothing.
  const asked = Object.entries(weights).filter(([name]) => readings.get(name)?.length !== 0);
  if (asked.length === 0) return missingComponent('fundamental', `no ratio means anything in "${input.sector}"`);
  const components = asked.flatMap(([name]) => {
    const known = readings.get(name);
    return known ? [part(name, known)] : [];
  });
  return componentOf('fundamental', composeScore({ symbol: '', components, weights: Object.fromEntries(asked) }));
}

const multiples = ['priceToEarnings', 'priceToBook', 'enterpriseToEbitda'] as const;

type PlainRatio =
  'dcfMarginPercent' | 'returnOnEquityPercent' | 'returnOnAssetsPercent' | 'netMarginPercent' | 'debtToEquity';

function whyNot(publishedMs: number | undefined, asOfMs: number | undefined, maxAgeDays: number): string | undefined {
  if (asOfMs === undefined) return undefined;
  if (publishedMs === undefined) return 'when the report was published is not known';
  if (publishedMs > asOfMs) return 'the report was not published yet';
  const days = (asOfMs - publishedMs) / msPerDay;
  return days > maxAgeDays ? `the report is ${Math.floor(days)} days old, more than ${maxAgeDays}` : undefined;
}

function checkMaxAge(days: number): void {
  if (typeof days === 'number' && days > 0) return;
  const message = `maxAgeDays "${String(days)}" is not a number above 0. Pass for example 400.`;
  throw new ScoringError('bad-option', message, days);
}

function numberOf(name: string, value: number | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (Number.isFinite(value)) return value;
  throw new ScoringError(
    'bad-value',
    `${name} "${String(value)}" is not a finite number. Leave it out when it is unknown.`,
    value,
  );
}

function read(input: FundamentalInput, name: PlainRatio, ladders: FundamentalLadders): Reading {
  const value = numberOf(name, input[name]);
  if (value === undefined) return { name, value, points: undefined, reason: `${name} is unknown` };
  // Debt over negative equity comes out negative and looks like no debt at all.
  const points = name === 'debtToEquity' && value < 0 ? ladders.debtToEquity.otherwise : pointsOf(ladders[name], value);
  return { name, value, points, reason: `${name} ${words(value)}: ${points}` };
}

function readCurrentRatio(input: FundamentalInput, ladders: FundamentalLadders, wanted: boolean): Reading[] {
  if (!wanted) return [];
  const name = 'currentRatio';
  const value = numberOf(name, input.currentRatio);
  if (value === undefined) return [{ name, value, points: undefined, reason: `${name} is unknown` }];
  const [idle, idlePoints] = ladders.idleCurrentRatio;
  const points = value > idle ? idlePoints : pointsOf(ladders.currentRatio, value);
  return [{ name, value, points, reason: `${name} ${words(value)}: ${points}` }];
}

function readMultiple(input: FundamentalInput, name: (typeof multiples)[number], ladders: FundamentalLadders): Reading {
  const value = numberOf(name, input[name]);
  const usual = numberOf(`sectorMultiples.${name}`, input.sectorMultiples?.[name]);
  const known = (points: number, why: string): Reading => ({
    name,
    value,
    points,
    reason: `${name} ${why}: ${points}`,
  });
  if (value === undefined) return { name, value, points: undefined, reason: `${name} is unknown` };
  if (value <= 0) {
    // EV ÷ EBITDA is negative for a loss and for a company with more cash than value: nothing can be said.
    if (name !== 'enterpriseToEbitda') return known(0, `${words(value)}, a loss or negative equity`);
    return { name, value, points: undefined, reason: `${name} ${words(value)} can mean anything` };
  }
  if (name === 'priceToBook' && value < 1) return known(ladders.belowBookPoints, `${words(value)}, below book value`);
  const [cheap, cheapPoints] = ladders.cheapEnterprise;
  if (name === 'enterpriseToEbitda' && value < cheap) return known(cheapPoints, words(value));
  if (usual === undefined || usual <= 0) {
    return { name, value, points: undefined, reason: `${name} has nothing to compare with in the sector` };
  }
  return known(pointsOf(ladders[name], value / usual), `${words(value)}, the sector ${words(usual)}`);
}

function part(name: string, readings: readonly Reading[]): ComponentScore {
  const known = readings.flatMap(({ points }) => (points === undefined ? [] : [points]));
  const inputs = Object.fromEntries(readings.map((reading) => [reading.name, reading.value]));
  const reasons = readings.map(({ reason }) => reason);
  if (known.length === 0) {
    return { ...missingComponent(name, 'nothing is known that means something here', inputs) };
  }
  const mean = known.reduce((sum, points) => sum + points, 0) / known.length;
  return {
    name,
    score: scoreFromOffset(mean - 50),
    // Growth and rates of a discounted cash flow are assumed.
    quality: name === 'discounted-cash-flow' ? 'proxy' : 'measured',
    reasons,
    inputs,
    rule: `mean of the points of the ${known.length} known ratios`,
    coverage: known.length / readings.length,
  };
}
