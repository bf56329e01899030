/** What is usual in a sector, from the companies that report in it. */

/** Price multiples; plain quotients, `undefined` where unknown. */
export interface Multiples {
  readonly priceToEarnings?: number | null | undefined;
  readonly priceToBook?: number | null | undefined;
  readonly enterpriseToEbitda?: number | null | undefined;
}

/** A company for {@link sectorMedians}. */
export interface SectorCompany extends Multiples {
  /** As the source names it. */
  readonly sector: string;
}

/** The medians of one sector. */
export interface SectorMultiples extends Multiples {
  /** Companies with a usable figure, for each multiple. */
  readonly peers: Readonly<Record<keyof Multiples, number>>;
}

const names = ['priceToEarnings', 'priceToBook', 'enterpriseToEbitda'] as const;

/**
 * The median of each multiple in each sector, over companies where it is above 0: a loss has no price ÷ earnings. A
 * multiple that fewer than `minPeers` companies have stays `undefined`.
 *
 * @example
 * ```ts
 * const peers = [8, 10, 30, -5].map((priceToEarnings) => ({ sector: 'Energy', priceToEarnings }));
 * sectorMedians(peers, { minPeers: 3 }).get('Energy')?.priceToEarnings; // => 10
 * ```
 */
export function sectorMedians(
  companies: readonly SectorCompany[],
  options: { readonly minPeers?: number } = {},
): Map<string, SectorMultiples> {
  const { minPeers = 5 } = options;
  const sectors = new Map<string, SectorCompany[]>();
  for (const company of companies) {
    const list = sectors.get(company.sector);
    if (list) list.push(company);
    else sectors.set(company.sector, [company]);
  }
  return new Map([...sectors].map(([sector, list]) => [sector, mediansOf(list, minPeers)]));
}

function mediansOf(companies: readonly SectorCompany[], minPeers: number): SectorMultiples {
  const columns = names.map((name) =>
    companies
      .map((company) => company[name] ?? Number.NaN)
      .filter((value) => value > 0 && Number.isFinite(value))
      .sort((a, b) => a - b),
  );
  const [priceToEarnings, priceToBook, enterpriseToEbitda] = columns.map((column) =>
    column.length < Math.max(1, minPeers) ? undefined : median(column),
  );
  const [earnings, book, ebitda] = columns.map((column) => column.length);
  return {
    priceToEarnings,
    priceToBook,
    enterpriseToEbitda,
    peers: { priceToEarnings: earnings!, priceToBook: book!, enterpriseToEbitda: ebitda! },
  };
}

function median(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
