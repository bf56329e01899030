import { describe, expect, test } from 'vitest';
import { discountedCashFlow, fundamentalLadders, scoreFundamentals, sectorMedians } from './fundamentals.ts';
import type { FundamentalInput } from './fundamentals.ts';
import { pointsOf } from './fundamentals/ladders.ts';

const partsOf = (input: FundamentalInput): Record<string, number | undefined> =>
  Object.fromEntries((scoreFundamentals(input).parts ?? []).map(({ name, score }) => [name, score]));

describe('ladders', () => {
  const at = (name: 'priceToEarnings' | 'returnOnEquityPercent' | 'debtToEquity' | 'dcfMarginPercent', x: number) =>
    pointsOf(fundamentalLadders[name], x);

  test('price ÷ earnings against the sector: .49 is 100, .5 is 85, 1.3 is 30', () => {
    expect([0.49, 0.5, 0.7, 0.9, 1.1, 1.29, 1.3].map((x) => at('priceToEarnings', x))).toEqual([
      100, 85, 70, 60, 45, 45, 30,
    ]);
  });

  test('return on equity: 25 % is 100, 24.9 is 80, 5 is 40, less is 20', () => {
    expect([25, 24.9, 15, 10, 5, 4.9, -3].map((x) => at('returnOnEquityPercent', x))).toEqual([
      100, 80, 80, 60, 40, 20, 20,
    ]);
  });

  test('debt ÷ equity counts its threshold in: .3 is 100, .31 is 85, 2 is 40, above is 25', () => {
    expect([0.3, 0.31, 0.5, 1, 1.5, 2, 2.1].map((x) => at('debtToEquity', x))).toEqual([100, 85, 85, 70, 55, 40, 25]);
  });

  test('margin of safety: 30 % is 100, 0 is 55, −10 is 40, less is 25', () => {
    expect([30, 20, 10, 0, -10, -11].map((x) => at('dcfMarginPercent', x))).toEqual([100, 85, 70, 55, 40, 25]);
  });
});

describe('scoreFundamentals', () => {
  test('all parts known: .35·85 + .25·70 + .2·60 + .2·85 = 76.25', () => {
    const score = scoreFundamentals({
      priceToEarnings: 6,
      sectorMultiples: { priceToEarnings: 10 },
      dcfMarginPercent: 12,
      returnOnEquityPercent: 12,
      debtToEquity: 0.5,
    });
    expect(score.score).toBe(76.25);
    expect(score).toMatchObject({ name: 'fundamental', quality: 'proxy' });
    expect(score.parts!.map(({ name, contribution }) => [name, contribution])).toEqual([
      ['valuation', 29.75],
      ['discounted-cash-flow', 17.5],
      ['quality', 12],
      ['health', 17],
    ]);
  });

  test('a valuation needs the sector, except below book value and below 6 times EBITDA', () => {
    expect(partsOf({ priceToEarnings: 3, priceToBook: 2 })['valuation']).toBeUndefined();
    expect(partsOf({ priceToBook: 0.9 })['valuation']).toBe(90);
    expect(partsOf({ enterpriseToEbitda: 5.9 })['valuation']).toBe(90);
    expect(partsOf({ enterpriseToEbitda: 6, sectorMultiples: { enterpriseToEbitda: 6 } })['valuation']).toBe(55);
  });

  test('losses and negative equity are worth 0, not the 90 of a price below book; negative EV ÷ EBITDA says nothing', () => {
    expect(partsOf({ priceToEarnings: -4 })['valuation']).toBe(0);
    expect(partsOf({ priceToBook: -0.5 })['valuation']).toBe(0);
    expect(partsOf({ enterpriseToEbitda: -2 })['valuation']).toBeUndefined();
    expect(partsOf({ debtToEquity: -3 })['health']).toBe(25);
  });

  test('a current ratio of 1.5 to 3 is best; above, money lies idle', () => {
    expect([0.7, 0.8, 1, 1.2, 1.5, 3, 3.1].map((currentRatio) => partsOf({ currentRatio })['health'])).toEqual([
      20, 40, 60, 75, 90, 90, 70,
    ]);
  });

  test('nothing known is missing, not 50', () => {
    expect(scoreFundamentals({})).toMatchObject({ score: undefined, quality: 'missing' });
    expect(scoreFundamentals({ returnOnEquityPercent: null })).toMatchObject({ score: undefined });
  });

  test('dropping a ratio lowers the coverage by its share: 1 of 3 in a fifth of the weight', () => {
    const all = { returnOnEquityPercent: 20, returnOnAssetsPercent: 10, netMarginPercent: 10 };
    const less = { ...all, netMarginPercent: undefined };
    expect(scoreFundamentals(all).coverage).toBeCloseTo(0.2, 12);
    expect(scoreFundamentals(less).coverage).toBeCloseTo(0.2 * (2 / 3), 12);
  });

  test('a bank is not judged by its deposits: its debt ÷ equity of 4.6 is left out, and nothing is lacking for it', () => {
    const bank = { returnOnEquityPercent: 20, returnOnAssetsPercent: 4, netMarginPercent: 70, debtToEquity: 4.6 };
    expect(scoreFundamentals({ ...bank, sector: 'Financials' })).toMatchObject({ score: 73.333333 });
    expect(scoreFundamentals({ ...bank, sector: 'Financials' }).coverage).toBeCloseTo(0.2 / 0.55, 12);
    expect(scoreFundamentals({ ...bank, sector: 'Energy' }).score).toBeLessThan(60);
  });

  test('a report counts from its publication for 400 days', () => {
    const day = 86_400_000;
    const at = (asOfDay: number): unknown =>
      scoreFundamentals({ returnOnEquityPercent: 20, publishedMs: 100 * day }, { asOfMs: asOfDay * day }).score;
    expect([at(99), at(100), at(500), at(501)]).toEqual([undefined, 80, 80, undefined]);
    expect(scoreFundamentals({ returnOnEquityPercent: 20 }, { asOfMs: 0 }).reasons).toEqual([
      'when the report was published is not known',
    ]);
  });

  test('a date that is none does not open the way for a report of the future', () => {
    const at = (publishedMs: unknown, options: object): unknown =>
      scoreFundamentals({ returnOnEquityPercent: 25, publishedMs: publishedMs as number }, options).score;
    for (const publishedMs of [Number.NaN, '2099-01-01', Infinity]) {
      const message = `publishedMs "${publishedMs}" is not a finite number. Leave it out when it is unknown.`;
      expect(() => at(publishedMs, { asOfMs: 5 })).toThrow(message);
      expect(() => at(publishedMs, {})).toThrow(message);
    }
    expect(() => at(4e12, { asOfMs: Number.NaN })).toThrow('asOfMs "NaN" is not a finite number.');
    expect(() => at(4e12, { asOfMs: '5' })).toThrow('asOfMs "5" is not a finite number.');
    expect(() => at(0, { asOfMs: 4e12, maxAgeDays: Number.NaN })).toThrow('maxAgeDays "NaN" is not a number above 0.');
  });

  test('names of Object itself are sectors and parts like any other', () => {
    for (const sector of ['constructor', 'toString', '__proto__']) {
      expect(scoreFundamentals({ sector, returnOnEquityPercent: 25 }).score).toBe(100);
    }
    const weights = { constructor: 1, quality: 1 } as unknown as Record<string, number>;
    expect(scoreFundamentals({ returnOnEquityPercent: 25 }, { weights })).toMatchObject({ score: 100 });
  });

  test('a ratio that is not a number is refused by name', () => {
    expect(() => scoreFundamentals({ currentRatio: Number.NaN })).toThrow(
      'currentRatio "NaN" is not a finite number. Leave it out when it is unknown.',
    );
  });
});

describe('sectorMedians', () => {
  test('leaves out losses and sectors with too few peers', () => {
    const list = [3, 5, 9, -2, null].map((priceToEarnings) => ({ sector: 'A', priceToEarnings }));
    expect(sectorMedians(list, { minPeers: 3 }).get('A')).toEqual({
      priceToEarnings: 5,
      priceToBook: undefined,
      enterpriseToEbitda: undefined,
      peers: { priceToEarnings: 3, priceToBook: 0, enterpriseToEbitda: 0 },
    });
    expect(sectorMedians(list).get('A')!.priceToEarnings).toBeUndefined();
    expect(sectorMedians(list.slice(0, 2), { minPeers: 2 }).get('A')!.priceToEarnings).toBe(4);
  });
});

describe('discountedCashFlow', () => {
  const company = { freeCashFlows: [80, 100], netDebt: 200, shares: 10, price: 40 };

  test('100 for ever at 10 % is 1,000; less 200 of debt over 10 shares is 80, twice the price: a margin of 50 %', () => {
    const flat = {
      growthPercent: 0,
      terminalGrowthPercent: 0,
      debtSharePercent: 0,
      riskFreePercent: 10,
      equityPremiumPercent: 0,
    };
    const worth = discountedCashFlow(company, flat)!;
    expect(worth.value).toBeCloseTo(80, 9);
    expect(worth.marginPercent).toBeCloseTo(50, 9);
    expect(worth.discountPercent).toBe(10);
  });

  test('the cost of capital of the defaults is .7·13.5 + .3·6.24 = 11.322 %, and 25 % a year is believed', () => {
    const worth = discountedCashFlow(company)!;
    expect(worth.discountPercent).toBeCloseTo(11.322, 9);
    expect(worth.growthPercent).toBeCloseTo(25, 9);
    expect(discountedCashFlow({ ...company, freeCashFlows: [10, 100] })!.growthPercent).toBe(30);
  });

  test.each([
    [{ years: -3 }, 'years "-3" is not a whole number from 0 to 1000'],
    [{ years: 2.5 }, 'years "2.5" is not a whole number from 0 to 1000'],
    [{ years: 1e9 }, 'years "1000000000" is not a whole number from 0 to 1000'],
    [{ growthPercent: Number.NaN }, 'growthPercent "NaN" is not a finite number of at least −100'],
    [{ terminalGrowthPercent: -Infinity }, 'terminalGrowthPercent "-Infinity" is not a finite number of at least −100'],
    [{ growthLimitsPercent: [30, -10] }, 'growthLimitsPercent "30,-10" is not two ascending numbers of at least −100'],
    [
      { growthLimitsPercent: [Number.NaN, 5] },
      'growthLimitsPercent "NaN,5" is not two ascending numbers of at least −100',
    ],
    [{ riskFreePercent: '6' as unknown as number }, 'riskFreePercent "6" is not a finite number'],
    [{ equityPremiumPercent: Infinity }, 'equityPremiumPercent "Infinity" is not a finite number'],
    [{ beta: Number.NaN }, 'beta "NaN" is not a finite number'],
    [{ debtCostPercent: Number.NaN }, 'debtCostPercent "NaN" is not a finite number'],
    [{ taxPercent: 101 }, 'taxPercent "101" is not a number from 0 to 100'],
    [{ debtSharePercent: -1 }, 'debtSharePercent "-1" is not a number from 0 to 100'],
  ] as const)('an assumption that cannot be is refused: %o', (assumption, message) => {
    expect(() => discountedCashFlow(company, assumption)).toThrow(`${message}. Leave it out for the default.`);
  });

  test('assumptions of undefined are those of the defaults, and a value beyond all numbers is none', () => {
    expect(discountedCashFlow(company, { years: undefined, beta: undefined } as never)).toEqual(
      discountedCashFlow(company),
    );
    const endless = { growthPercent: 1e6, years: 1000 };
    expect(discountedCashFlow(company, endless)).toBeUndefined();
  });

  test('gives no value where none can be had: no history, a loss, or growth above the cost of capital', () => {
    expect(discountedCashFlow({ ...company, freeCashFlows: [100] })).toBeUndefined();
    expect(discountedCashFlow({ ...company, freeCashFlows: [80, -1] })).toBeUndefined();
    expect(discountedCashFlow(company, { terminalGrowthPercent: 12 })).toBeUndefined();
    expect(discountedCashFlow({ ...company, netDebt: 1e9 })!.marginPercent).toBeUndefined();
    expect(() => discountedCashFlow({ ...company, shares: 0 })).toThrow('shares "0" is not a number above 0.');
  });
});
