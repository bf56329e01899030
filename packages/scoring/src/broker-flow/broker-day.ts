/** What one broker bought and sold of one symbol on one trading day: a row of a broker summary, gross by side. */
export interface BrokerDay {
  /** Instrument, as the exchange spells it. */
  readonly symbol: string;
  /** Trading day in the exchange's time zone, `YYYY-MM-DD`. */
  readonly date: string;
  /** Broker code as the exchange publishes it, for example `YU`. */
  readonly broker: string;
  /** Board of the row, for example `RG`; absent where the feed sums all of them or does not say. */
  readonly board?: string;
  /** Gross shares bought; a safe integer, not lots. */
  readonly buyShares: number;
  /** Gross shares sold, unsigned. */
  readonly sellShares: number;
  /** Gross value bought, in IDR (or the currency of the exchange). */
  readonly buyValue: number;
  /** Gross value sold, unsigned. */
  readonly sellValue: number;
  /** True where the feed rounds values ("2.0 B"); net flows are then measured in shares. */
  readonly valueIsRounded?: boolean;
}
