/** Listed companies and what a venue publishes of them by day. */
import { count, date, decimal, flag, integer, oneOf, optional, text, textList, time } from '../internal/columns.ts';
import { defineTable, type TableDefinition } from '../internal/table-definition.ts';

/** A listed company. */
export interface StockRecord {
  readonly symbol: string;
  readonly name: string;
  readonly sector: string | null;
  readonly subsector: string | null;
  /** Listing board, as the venue names it. */
  readonly board: string | null;
  /** `YYYY-MM-DD`. */
  readonly listingDate: string | null;
  /** In the currency of the venue, decimal string. */
  readonly marketCap: string | null;
  readonly isActive: boolean;
}

/** One trading day of a stock. Decimal strings; volume in shares, value in the venue's currency. */
export interface StockPriceRecord {
  readonly symbol: string;
  /** Start of the day's trading, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Reference price of the day: the close before, adjusted for corporate actions. */
  readonly previous: string | null;
  readonly volume: string;
  readonly value: string | null;
  /** Number of trades. */
  readonly frequency: number | null;
  readonly source: string;
  /** False while the day is still trading: any later record replaces it, and it never replaces a final one. */
  readonly final: boolean;
}

/** A day as it was before its source corrected it. */
export interface StockPriceRevision extends StockPriceRecord {
  /** Epoch milliseconds UTC. */
  readonly replacedAtMs: number;
}

/** A correction of reference data by hand or by an issuer. */
export interface CorporateActionRecord {
  readonly symbol: string;
  /** For example `split`, `dividend`, `rights-issue`. */
  readonly actionType: string;
  /** `YYYY-MM-DD`, as the next two; unknown dates are null and part of the key like any other. */
  readonly announcedDate: string | null;
  readonly effectiveDate: string | null;
  readonly exDate: string | null;
  readonly description: string | null;
  /** Ratio or amount, decimal string. */
  readonly value: string | null;
  readonly status: string;
  readonly sourceUrl: string | null;
}

/** A headline, of one company or of the market. */
export interface StockNewsRecord {
  /** Null for news of the whole market. */
  readonly symbol: string | null;
  /** Epoch milliseconds UTC. */
  readonly publishedAtMs: number;
  readonly source: string;
  readonly title: string;
  readonly summary: string | null;
  readonly url: string | null;
  readonly sentiment: string | null;
  readonly keywords: readonly string[];
}

/** What a company says of itself. */
export interface CompanyProfileRecord {
  readonly symbol: string;
  readonly description: string | null;
  readonly businessSummary: string | null;
  readonly website: string | null;
  readonly employeeCount: number | null;
  readonly headquarters: string | null;
}

/** A company that another one owns. */
export interface SubsidiaryRecord {
  readonly parentSymbol: string;
  readonly name: string;
  /** 0 to 100, decimal string. */
  readonly ownershipPercent: string | null;
  readonly businessType: string | null;
  readonly isConsolidated: boolean | null;
}

/** Who holds how much. */
export interface ShareholdingRecord {
  readonly symbol: string;
  /** `YYYY-MM-DD`. */
  readonly reportedDate: string;
  readonly shareholderName: string;
  readonly shareholderType: 'insider' | 'institution' | 'public';
  /** Shares, decimal string. */
  readonly sharesHeld: string;
  /** 0 to 100, decimal string. */
  readonly percentage: string | null;
  readonly changeShares: string | null;
  readonly changePercentage: string | null;
}

/** The few figures by which companies are compared; the statements hold the rest. Decimal strings. */
export interface FinancialsRecord {
  readonly symbol: string;
  /** Last day of the period, `YYYY-MM-DD`. */
  readonly periodEnd: string;
  readonly revenue: string | null;
  readonly netIncome: string | null;
  readonly totalAssets: string | null;
  readonly totalEquity: string | null;
  readonly totalDebt: string | null;
  readonly ebitda: string | null;
  readonly freeCashFlow: string | null;
  readonly eps: string | null;
  readonly bookValuePerShare: string | null;
  readonly peRatio: string | null;
  readonly pbRatio: string | null;
  readonly evEbitda: string | null;
  /** 0.21 stands for 21 %. */
  readonly roeFraction: string | null;
  /** 0.05 stands for 5 %. */
  readonly roaFraction: string | null;
  readonly source: string;
}

const days = {
  symbol: text(),
  timeMs: time(),
  open: decimal(),
  high: decimal(),
  low: decimal(),
  close: decimal(),
  previous: optional(decimal()),
  volume: decimal(),
  value: optional(decimal()),
  frequency: optional(count()),
  source: text(),
  final: flag(),
};

/** One definition for each table of this file. */
export const stockTables: {
  readonly stocks: TableDefinition<StockRecord>;
  readonly stockPrices: TableDefinition<StockPriceRecord>;
  readonly stockPriceRevisions: TableDefinition<StockPriceRevision>;
  readonly corporateActions: TableDefinition<CorporateActionRecord>;
  readonly stockNews: TableDefinition<StockNewsRecord>;
  readonly companyProfiles: TableDefinition<CompanyProfileRecord>;
  readonly subsidiaries: TableDefinition<SubsidiaryRecord>;
  readonly shareholdings: TableDefinition<ShareholdingRecord>;
  readonly financials: TableDefinition<FinancialsRecord>;
} = {
  stocks: defineTable<StockRecord>(
    'stocks',
    {
      symbol: text(),
      name: text(),
      sector: optional(text()),
      subsector: optional(text()),
      board: optional(text()),
      listingDate: optional(date()),
      marketCap: optional(decimal()),
      isActive: flag(),
    },
    { key: ['symbol'], touch: 'updated_at' },
  ),
  stockPrices: defineTable<StockPriceRecord>('stock_prices', days, {
    key: ['symbol', 'timeMs'],
    range: 'timeMs',
    replaceWhere: 'excluded.final or not stored.final',
    touch: 'stored_at',
  }),
  stockPriceRevisions: defineTable<StockPriceRevision>(
    'stock_price_revisions',
    { ...days, replacedAtMs: time('replaced_at') },
    { key: ['symbol', 'timeMs', 'replacedAtMs'], range: 'timeMs', appendOnly: true },
  ),
  corporateActions: defineTable<CorporateActionRecord>(
    'corporate_actions',
    {
      symbol: text(),
      actionType: text(),
      announcedDate: optional(date()),
      effectiveDate: optional(date()),
      exDate: optional(date()),
      description: optional(text()),
      value: optional(decimal()),
      status: text(),
      sourceUrl: optional(text()),
    },
    { key: ['symbol', 'actionType', 'announcedDate', 'effectiveDate', 'exDate'] },
  ),
  stockNews: defineTable<StockNewsRecord>(
    'stock_news',
    {
      symbol: optional(text()),
      publishedAtMs: time('published_at'),
      source: text(),
      title: text(),
      summary: optional(text()),
      url: optional(text()),
      sentiment: optional(text()),
      keywords: textList(),
    },
    { key: ['symbol', 'publishedAtMs', 'source', 'title'], range: 'publishedAtMs' },
  ),
  companyProfiles: defineTable<CompanyProfileRecord>(
    'company_profiles',
    {
      symbol: text(),
      description: optional(text()),
      businessSummary: optional(text()),
      website: optional(text()),
      employeeCount: optional(integer()),
      headquarters: optional(text()),
    },
    { key: ['symbol'], touch: 'updated_at' },
  ),
  subsidiaries: defineTable<SubsidiaryRecord>(
    'subsidiaries',
    {
      parentSymbol: text(),
      name: text(),
      ownershipPercent: optional(decimal()),
      businessType: optional(text()),
      isConsolidated: optional(flag()),
    },
    { key: ['parentSymbol', 'name'] },
  ),
  shareholdings: defineTable<ShareholdingRecord>(
    'shareholdings',
    {
      symbol: text(),
      reportedDate: date(),
      shareholderName: text(),
      shareholderType: oneOf('insider', 'institution', 'public'),
      sharesHeld: decimal(),
      percentage: optional(decimal()),
      changeShares: optional(decimal()),
      changePercentage: optional(decimal()),
    },
    { key: ['symbol', 'reportedDate', 'shareholderName', 'shareholderType'], range: 'reportedDate' },
  ),
  financials: defineTable<FinancialsRecord>(
    'financials',
    {
      symbol: text(),
      periodEnd: date(),
      revenue: optional(decimal()),
      netIncome: optional(decimal()),
      totalAssets: optional(decimal()),
      totalEquity: optional(decimal()),
      totalDebt: optional(decimal()),
      ebitda: optional(decimal()),
      freeCashFlow: optional(decimal()),
      eps: optional(decimal()),
      bookValuePerShare: optional(decimal()),
      peRatio: optional(decimal()),
      pbRatio: optional(decimal()),
      evEbitda: optional(decimal()),
      roeFraction: optional(decimal()),
      roaFraction: optional(decimal()),
      source: text(),
    },
    { key: ['symbol', 'periodEnd'], range: 'periodEnd' },
  ),
};
