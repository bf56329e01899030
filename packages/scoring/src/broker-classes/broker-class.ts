/** What a broker is taken for. */
export type BrokerClass = 'foreign' | 'local-institution' | 'state' | 'retail';

/** A {@link BrokerClass}, or `unknown` for a broker that the table does not have at that date. */
export type BrokerGroup = BrokerClass | 'unknown';

/** Every group, in the order in which results list them. */
export const brokerGroups: readonly BrokerGroup[] = ['foreign', 'local-institution', 'state', 'retail', 'unknown'];

/** One broker over one span of dates. */
export interface BrokerClassEntry {
  /** Code as the exchange publishes it, for example `YU`. */
  readonly broker: string;
  readonly class: BrokerClass;
  /** First date (`YYYY-MM-DD`, inclusive); absent: since ever. */
  readonly from?: string;
  /** Last date (`YYYY-MM-DD`, inclusive); absent: until further notice. */
  readonly to?: string;
  /** Who says so; a key of the table's `sources`. */
  readonly source: string;
}

/** A table of classes. Plain JSON: store it beside the scores that were made with it. */
export interface BrokerClassTable {
  readonly v: 1;
  /** Name and version, for explanations. */
  readonly id: string;
  /** The sources by key, in words. */
  readonly sources: Readonly<Record<string, string>>;
  /** In any order; spans of one broker must not overlap. */
  readonly entries: readonly BrokerClassEntry[];
}
