import type { BrokerGroup } from '../broker-classes.ts';

/** The flow of one group over one window. */
export interface GroupFlow {
  /** Brokers of the group that traded. */
  readonly brokers: number;
  readonly buyShares: number;
  readonly sellShares: number;
  /** Bought − sold, in shares. */
  readonly netShares: number;
  readonly buyValue: number;
  readonly sellValue: number;
  /** Bought − sold, in IDR. */
  readonly netValue: number;
  /** Days on which the group's net was above 0. */
  readonly daysBuying: number;
  /** Days on which the group's net was below 0. */
  readonly daysSelling: number;
}

/** One broker over one window. */
export interface BrokerTotal {
  readonly broker: string;
  /** Its group on the last day that it traded. */
  readonly group: BrokerGroup;
  readonly buyShares: number;
  readonly sellShares: number;
  /** Bought − sold, in shares. */
  readonly netShares: number;
  readonly buyValue: number;
  readonly sellValue: number;
  /** Bought − sold, in IDR. */
  readonly netValue: number;
  /** Average price of what it bought; `undefined` where it bought nothing. */
  readonly averageBuyPrice: number | undefined;
  /** Average price of what it sold; `undefined` where it sold nothing. */
  readonly averageSellPrice: number | undefined;
  readonly daysBuying: number;
  readonly daysSelling: number;
}

/** Herfindahl-Hirschman indices, 1 ÷ number of equal brokers to 1 for a single one; `undefined` where nobody is. */
export interface Concentration {
  /** Of the net buyers, by net. */
  readonly buyers: number | undefined;
  /** Of the net sellers, by net. */
  readonly sellers: number | undefined;
  /** Of all brokers, by bought + sold. */
  readonly gross: number | undefined;
}

/** What happened in the last trading days. */
export interface BrokerWindow {
  /** Trading days that the window shall have. */
  readonly days: number;
  /** First and last trading day; `undefined` without any. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Trading days of the window with rows. */
  readonly daysKnown: number;
  /** What nets and shares are measured in: `shares` where a value of the window is rounded, or none is given. */
  readonly basis: 'shares' | 'value';
  readonly groups: Readonly<Record<BrokerGroup, GroupFlow>>;
  /** The larger of all bought and all sold, in the basis. */
  readonly turnover: number;
  /** All bought − all sold as a share of the turnover: 0 in a complete summary, else what a cut list has lost. */
  readonly imbalance: number | undefined;
  /** Σ weight × net of the groups ÷ turnover. */
  readonly weightedNet: number | undefined;
  /** The same of each trading day of the window; `undefined` for a day without rows or turnover. */
  readonly daily: readonly { readonly date: string; readonly weightedNet: number | undefined }[];
  /** Days on which the weighted net was above 0. */
  readonly daysAccumulating: number;
  /** Days on which the weighted net was below 0. */
  readonly daysDistributing: number;
  /** The latest days in a row of one sign: above 0 accumulating, below 0 distributing. */
  readonly streak: number;
  readonly concentration: Concentration;
  /** Institutional brokers that bought on enough days; coordinated when there are `coordinatedBrokers` of them. */
  readonly steadyBuyers: readonly string[];
  /** Institutional brokers that sold on enough days. */
  readonly steadySellers: readonly string[];
  /** `both` where institutions are coordinated on either side. */
  readonly coordinated: 'both' | 'buying' | 'none' | 'selling';
  /**
   * Brokers with a large share of both sides that kept next to nothing, by code: two clients of one house, or one with
   * himself. A reason to look, no proof.
   */
  readonly churners: readonly string[];
  /** All brokers, the largest net buyer first, the largest net seller last. */
  readonly brokers: readonly BrokerTotal[];
}
