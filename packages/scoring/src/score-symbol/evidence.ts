/** Components from what is known of a symbol beside its bars. */
import type { BrokerFlowOptions } from '../broker-flow.ts';
import { brokerFlow, brokerFlowDefaults } from '../broker-flow.ts';
import type { BrokerDay } from '../broker-flow.ts';
import { isIsoDate } from '../broker-classes.ts';
import { daysBetween } from '../broker-flow/day-book.ts';
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import type { Weights } from '../composite.ts';
import { ScoringError } from '../errors.ts';
import type { FlowSources } from '../flow-input.ts';
import { flowInput } from '../flow-input.ts';
import type { FundamentalInput } from '../fundamentals.ts';
import { scoreFundamentals } from '../fundamentals.ts';
import { checkMoment } from '../internal/moments.ts';
import type { OrderFlowInput } from '../order-flow.ts';
import { scoreOrderFlow } from '../order-flow.ts';
import type { HoldingReport } from '../ownership.ts';
import { scoreOwnership } from '../ownership.ts';
import type { Prediction } from '../predictions.ts';
import { scorePredictions } from '../predictions.ts';
import type { SentimentItem } from '../sentiment.ts';
import { scoreSentiment } from '../sentiment.ts';
import type { TapeHybridInput } from '../technicals/tape-hybrid.ts';
import { scoreTapeHybrid } from '../technicals/tape-hybrid.ts';

/** Broker summaries of the symbol, with the options of `brokerFlow`; rows that were not out at the moment are not used. */
export interface BrokerEvidence extends BrokerFlowOptions {
  /** Of any dates, all of the symbol that is scored. */
  readonly days: readonly BrokerDay[];
  /**
   * Time from 00:00 UTC of a row's date until it is out, milliseconds. The bar that ends at an exchange's close comes before
   * the summary of its day.
   * @defaultValue 39,600,000: 11:00 UTC, 18:00 in Jakarta
   */
  readonly publishedAfterMs?: number;
}

/**
 * What is known of a symbol beside its bars; leave out what is not. Reports, texts, answers and broker summaries carry their
 * dates and count from then on; order flow, the hybrid and components of your own carry none and are of the moment of the
 * score, so a stream needs them anew for every bar.
 */
export interface SymbolEvidence {
  /** Order flow as numbers. Without it, `flow` is read; without either, the shape of the bars stands in for it. */
  readonly orderFlow?: OrderFlowInput | undefined;
  /** Books, quotes or footprints that order flow can be read from. */
  readonly flow?: Pick<FlowSources, 'books' | 'footprints' | 'quotes'> | undefined;
  readonly brokers?: BrokerEvidence | undefined;
  /** With `publishedMs`; a report without is used only where the moment of the score is not known either. */
  readonly fundamentals?: FundamentalInput | undefined;
  /** Reports of who owns the company. */
  readonly holdings?: readonly HoldingReport[] | undefined;
  readonly sentiment?: readonly SentimentItem[] | undefined;
  readonly predictions?: readonly Prediction[] | undefined;
  readonly tapeHybrid?: TapeHybridInput | undefined;
  /** Components of your own; the preset must weigh them. One of the name of a built-in component replaces it. */
  readonly components?: readonly ComponentScore[] | undefined;
  /**
   * The moment that the score is for, epoch milliseconds UTC. Nothing published later is used, nor a bar that ends later.
   * @defaultValue the end of the last bar
   */
  readonly asOfMs?: number | undefined;
}

type Maker = (evidence: SymbolEvidence, asOfMs: number | undefined, parts: Weights | undefined) => ComponentScore;

const makers: Readonly<Record<string, Maker>> = {
  'order-flow'({ orderFlow, flow }) {
    const input = orderFlow ?? (flow && flowInput(flow));
    return input ? scoreOrderFlow(input) : missing('order-flow', 'no order flow');
  },
  broker({ brokers }, asOfMs) {
    if (!brokers) return missing('broker', 'no broker summaries');
    return asOfMs === undefined ? brokerFlow(brokers.days, brokers).component : brokerAsOf(brokers, asOfMs);
  },
  fundamental({ fundamentals }, asOfMs, weights) {
    if (!fundamentals) return missing('fundamental', 'no fundamentals');
    return scoreFundamentals(fundamentals, { asOfMs, ...(weights && { weights }) });
  },
  ownership({ holdings }, asOfMs, weights) {
    if (!holdings) return missing('ownership', 'no reports of holdings');
    return scoreOwnership(holdings, { asOfMs, ...(weights && { weights }) });
  },
  sentiment({ sentiment }, asOfMs) {
    if (!sentiment) return missing('sentiment', 'no texts');
    return asOfMs === undefined ? undated('sentiment') : scoreSentiment(sentiment, { asOfMs });
  },
  prediction({ predictions }, asOfMs) {
    if (!predictions) return missing('prediction', 'no predictions');
    return asOfMs === undefined ? undated('prediction') : scorePredictions(predictions, { asOfMs });
  },
  'tape-hybrid': ({ tapeHybrid }) =>
    tapeHybrid ? scoreTapeHybrid(tapeHybrid) : missing('tape-hybrid', 'no delta and no broker flow'),
};

/** The components that `wanted` names and evidence can make, by name. */
export function evidenceComponents(
  evidence: SymbolEvidence,
  asOfMs: number | undefined,
  wanted: ReadonlySet<string>,
  parts: Readonly<Record<string, Weights>>,
): Map<string, ComponentScore> {
  const made = new Map<string, ComponentScore>();
  for (const [name, make] of Object.entries(makers)) {
    if (wanted.has(name)) made.set(name, make(evidence, asOfMs, parts[name]));
  }
  return made;
}

/** 18:00 in Jakarta. */
const publishedAfterDefaultMs = 39_600_000;
const [firstMs, lastMs] = [Date.parse('0000-01-01'), Date.parse('9999-12-31')];

function brokerAsOf(brokers: BrokerEvidence, asOfMs: number): ComponentScore {
  const { publishedAfterMs = publishedAfterDefaultMs, maxAgeDays = brokerFlowDefaults.maxAgeDays } = brokers;
  const outMs = Math.max(firstMs, Math.min(lastMs, asOfMs - publishedAfterMs));
  const published = new Date(outMs).toISOString().slice(0, 10);
  // What is no date is left to the check of the option.
  const isOwn = brokers.asOf !== undefined && (!isIsoDate(brokers.asOf) || brokers.asOf < published);
  const asOf = isOwn ? brokers.asOf : published;
  const end = brokers.tradingDays?.at(-1);
  if (end === undefined || !(end < asOf)) return brokerFlow(brokers.days, { ...brokers, asOf }).component;
  // Weekends and holidays follow the last trading day of a calendar that is up to date.
  if (daysBetween(end, asOf) <= maxAgeDays) return brokerFlow(brokers.days, { ...brokers, asOf: end }).component;
  return missingComponent('broker', `the trading days end with ${end}, more than ${maxAgeDays} days before`);
}

/** Throws `bad-value` or `bad-option` for evidence that cannot be of `symbol`, or has a moment that is none. */
export function checkEvidence({ asOfMs, brokers }: SymbolEvidence, symbol: string): void {
  if (asOfMs !== undefined && (asOfMs as unknown) !== null) checkMoment('asOfMs', asOfMs);
  if (!brokers) return;
  const { publishedAfterMs = publishedAfterDefaultMs } = brokers;
  if (!(Number.isFinite(publishedAfterMs) && publishedAfterMs >= 0)) {
    throw new ScoringError(
      'bad-option',
      `publishedAfterMs "${String(publishedAfterMs)}" is not a finite number of at least 0. Pass for example 39600000.`,
      publishedAfterMs,
    );
  }
  const other = brokers.days.find(
    (row: Partial<BrokerDay> | null) => typeof row?.symbol === 'string' && row.symbol !== symbol,
  );
  if (!other) return;
  throw new ScoringError(
    'bad-value',
    `symbol "${other.symbol}" of the broker summaries is not "${symbol}", which is scored. Pass its own rows.`,
    other.symbol,
  );
}

function missing(name: string, what: string): ComponentScore {
  return missingComponent(name, `${what} were given`.replace('no order flow were', 'no order flow was'));
}

function undated(name: string): ComponentScore {
  return missingComponent(name, 'the moment of the score is not known: pass asOfMs, or bars');
}
