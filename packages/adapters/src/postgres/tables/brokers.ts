/** Brokers, what they are taken for, and what each bought and sold of a stock on a day. */
import { date, decimal, oneOf, optional, text, time } from '../internal/columns.ts';
import { defineTable, type TableDefinition } from '../internal/table-definition.ts';

/** A member of the exchange. */
export interface BrokerRecord {
  /** Two to four capital letters or digits. */
  readonly code: string;
  readonly name: string;
  readonly license: string | null;
}

/** What one source took a broker for from a day on. Sources disagree, so several may hold at once. */
export interface BrokerClassRecord {
  readonly code: string;
  /** `YYYY-MM-DD`. */
  readonly validFrom: string;
  /** Who says so. */
  readonly provenance: string;
  /** Who owns the firm; a foreign broker is not a foreign investor. */
  readonly ownership: 'foreign' | 'state' | 'local' | null;
  /** Who mostly trades through it. */
  readonly clientele: 'retail' | 'institution' | 'mixed' | null;
  /** 0 to 1, decimal string. */
  readonly weight: string | null;
}

/** One broker's day in one stock. Decimal strings; volumes in shares, values in the venue's currency. */
export interface BrokerSummaryRecord {
  readonly symbol: string;
  /** Start of the day's trading, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly brokerCode: string;
  readonly buyVolume: string;
  readonly sellVolume: string;
  readonly buyValue: string;
  readonly sellValue: string;
  readonly source: string;
}

/** One definition for each table of this file. */
export const brokerTables: {
  readonly brokers: TableDefinition<BrokerRecord>;
  readonly brokerClasses: TableDefinition<BrokerClassRecord>;
  readonly brokerSummary: TableDefinition<BrokerSummaryRecord>;
} = {
  brokers: defineTable<BrokerRecord>(
    'brokers',
    { code: text(), name: text(), license: optional(text()) },
    { key: ['code'], touch: 'updated_at' },
  ),
  brokerClasses: defineTable<BrokerClassRecord>(
    'broker_classes',
    {
      code: text(),
      validFrom: date(),
      provenance: text(),
      ownership: optional(oneOf('foreign', 'state', 'local')),
      clientele: optional(oneOf('retail', 'institution', 'mixed')),
      weight: optional(decimal()),
    },
    { key: ['code', 'validFrom', 'provenance'], range: 'validFrom' },
  ),
  brokerSummary: defineTable<BrokerSummaryRecord>(
    'broker_summary',
    {
      symbol: text(),
      timeMs: time(),
      brokerCode: text(),
      buyVolume: decimal(),
      sellVolume: decimal(),
      buyValue: decimal(),
      sellValue: decimal(),
      source: text(),
    },
    { key: ['symbol', 'timeMs', 'brokerCode'], range: 'timeMs' },
  ),
};
