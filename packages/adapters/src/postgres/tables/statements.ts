/** Statements of a company as lists of lines; see the migration of the same name for their columns. */
import { defineTable, type TableDefinition } from '../internal/table-definition.ts';
import { date, decimal, integer, json, optional, text } from '../internal/columns.ts';
import type { JsonObject } from '../types.ts';

/** Whose statement of when. */
export interface StatementHead {
  readonly symbol: string;
  readonly fiscalYear: number;
  /** 1 to 4; null for the whole year. */
  readonly fiscalQuarter: number | null;
  /** Last day of the period, `YYYY-MM-DD`. */
  readonly periodEnd: string;
  /** ISO 4217, for example `IDR`. */
  readonly currency: string;
  readonly source: string;
  /** The source's own document; null where it is not kept. */
  readonly raw: JsonObject | null;
}

/** A statement: its head, and its lines as decimal strings; null where the company or the source does not say. */
export type Statement<Line extends string> = StatementHead & { readonly [L in Line]: string | null };

/** Lines of an income statement, in its currency; `…Fraction` as fractions, `eps` in currency a share. */
export const incomeLines = [
  'revenue',
  'costOfRevenue',
  'grossProfit',
  'operatingExpenses',
  'sellingExpenses',
  'generalAndAdministrativeExpenses',
  'depreciationAndAmortization',
  'operatingIncome',
  'interestIncome',
  'interestExpense',
  'otherIncome',
  'pretaxIncome',
  'incomeTax',
  'netIncome',
  'netIncomeToParent',
  'minorityInterest',
  'comprehensiveIncome',
  'ebit',
  'ebitda',
  'sharesOutstanding',
  'eps',
  'epsDiluted',
  'grossMarginFraction',
  'operatingMarginFraction',
  'netMarginFraction',
] as const;

/** Lines of a balance sheet, in its currency; ratios as plain numbers. */
export const balanceLines = [
  'cashAndEquivalents',
  'shortTermInvestments',
  'accountsReceivable',
  'inventory',
  'otherCurrentAssets',
  'currentAssets',
  'propertyPlantAndEquipment',
  'intangibleAssets',
  'goodwill',
  'longTermInvestments',
  'grossLoans',
  'otherNonCurrentAssets',
  'nonCurrentAssets',
  'totalAssets',
  'accountsPayable',
  'shortTermDebt',
  'customerDeposits',
  'otherCurrentLiabilities',
  'currentLiabilities',
  'longTermDebt',
  'otherNonCurrentLiabilities',
  'nonCurrentLiabilities',
  'totalLiabilities',
  'totalDebt',
  'netDebt',
  'shareCapital',
  'additionalPaidInCapital',
  'retainedEarnings',
  'minorityInterest',
  'equityToParent',
  'totalEquity',
  'workingCapital',
  'currentRatio',
  'debtToEquity',
] as const;

/** Lines of a cash flow statement, in its currency; outflows are negative. */
export const cashFlowLines = [
  'netIncome',
  'depreciationAndAmortization',
  'shareBasedCompensation',
  'changeInWorkingCapital',
  'changeInReceivables',
  'changeInInventory',
  'changeInPayables',
  'otherOperating',
  'operatingCashFlow',
  'capitalExpenditure',
  'acquisitions',
  'purchasesOfInvestments',
  'salesOfInvestments',
  'otherInvesting',
  'investingCashFlow',
  'debtIssued',
  'debtRepaid',
  'sharesIssued',
  'sharesRepurchased',
  'dividendsPaid',
  'otherFinancing',
  'financingCashFlow',
  'exchangeRateEffect',
  'netChangeInCash',
  'cashAtBeginning',
  'cashAtEnd',
  'freeCashFlow',
] as const;

/** Ratios of a company: multiples as plain numbers, `…Fraction` as fractions, `…PerShare` in currency. */
export const ratioLines = [
  'grossMarginFraction',
  'operatingMarginFraction',
  'netMarginFraction',
  'ebitdaMarginFraction',
  'roeFraction',
  'roaFraction',
  'roicFraction',
  'currentRatio',
  'quickRatio',
  'cashRatio',
  'debtToEquity',
  'debtToAssets',
  'netDebtToEbitda',
  'interestCoverage',
  'assetTurnover',
  'inventoryTurnover',
  'receivablesTurnover',
  'daysInventory',
  'daysReceivables',
  'daysPayables',
  'peRatio',
  'pbRatio',
  'psRatio',
  'evEbitda',
  'evSales',
  'dividendYieldFraction',
  'payoutFraction',
  'eps',
  'bookValuePerShare',
  'salesPerShare',
  'cashFlowPerShare',
  'dividendPerShare',
  'revenueGrowthFraction',
  'netIncomeGrowthFraction',
  'epsGrowthFraction',
  'equityGrowthFraction',
] as const;

/** IncomeStatements by company, year and quarter. */
export type IncomeStatement = Statement<(typeof incomeLines)[number]>;

/** BalanceSheets by company, year and quarter. */
export type BalanceSheet = Statement<(typeof balanceLines)[number]>;

/** CashFlowStatements by company, year and quarter. */
export type CashFlowStatement = Statement<(typeof cashFlowLines)[number]>;

/** FinancialRatios by company, year and quarter. */
export type FinancialRatios = Statement<(typeof ratioLines)[number]>;

/** One definition for each kind of statement, by its table. */
export const statementTables: {
  readonly incomeStatements: TableDefinition<IncomeStatement>;
  readonly balanceSheets: TableDefinition<BalanceSheet>;
  readonly cashFlowStatements: TableDefinition<CashFlowStatement>;
  readonly financialRatios: TableDefinition<FinancialRatios>;
} = {
  incomeStatements: statementTable('income_statements', incomeLines),
  balanceSheets: statementTable('balance_sheets', balanceLines),
  cashFlowStatements: statementTable('cash_flow_statements', cashFlowLines),
  financialRatios: statementTable('financial_ratios', ratioLines),
};

function statementTable<Line extends string>(name: string, lines: readonly Line[]): TableDefinition<Statement<Line>> {
  const head = {
    symbol: text(),
    fiscalYear: integer(),
    fiscalQuarter: optional(integer()),
    periodEnd: date(),
    currency: text(),
    source: text(),
    raw: optional(json()),
  };
  const columns = { ...head, ...Object.fromEntries(lines.map((line) => [line, optional(decimal())])) };
  return defineTable<Statement<Line>>(name, columns as unknown as TableDefinition<Statement<Line>>['columns'], {
    key: ['symbol', 'fiscalYear', 'fiscalQuarter'],
    touch: 'updated_at',
  });
}
