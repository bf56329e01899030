/** Components from what is known of a symbol beside its bars. */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import type { Weights } from '../composite.ts';
import type { FlowSources } from '../flow-input.ts';
import { flowInput, scoreFootprintFlow } from '../flow-input.ts';
import type { FundamentalInput } from '../fundamentals.ts';
import { scoreFundamentals } from '../fundamentals.ts';
import { checkMoment } from '../internal/moments.ts';
import { checkObject } from '../internal/objects.ts';
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
import type { BrokerEvidence, BrokerReader } from './brokers.ts';

export type { BrokerEvidence } from './brokers.ts';

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
  /** The models that were asked for `predictions`; without them a model that did not answer is not seen. */
  readonly predictionModels?: readonly string[] | undefined;
  readonly tapeHybrid?: TapeHybridInput | undefined;
  /** Components of your own; the preset must weigh them. One of the name of a built-in component replaces it. */
  readonly components?: readonly ComponentScore[] | undefined;
  /**
   * The moment that the score is for, epoch milliseconds UTC. Nothing published later is used, nor a bar that ends later.
   * @defaultValue the end of the last bar
   */
  readonly asOfMs?: number | undefined;
}

type Maker = (
  evidence: SymbolEvidence,
  asOfMs: number | undefined,
  parts: Weights | undefined,
  brokers: BrokerReader,
) => ComponentScore;

const makers: Readonly<Record<string, Maker>> = {
  'order-flow'({ orderFlow, flow }) {
    const input = orderFlow ?? (flow && flowInput(flow));
    return input ? scoreOrderFlow(input) : missing('order-flow', 'no order flow');
  },
  footprint({ flow }) {
    return flow?.footprints ? scoreFootprintFlow(flow.footprints) : missing('footprint', 'no footprints');
  },
  broker({ brokers }, asOfMs, _parts, reader) {
    return brokers ? reader.componentOf(brokers, asOfMs) : missing('broker', 'no broker summaries');
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
  prediction({ predictions, predictionModels: models }, asOfMs) {
    if (!predictions) return missing('prediction', 'no predictions');
    return asOfMs === undefined ? undated('prediction') : scorePredictions(predictions, { asOfMs, models });
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
  brokers: BrokerReader,
): Map<string, ComponentScore> {
  const made = new Map<string, ComponentScore>();
  for (const [name, make] of Object.entries(makers)) {
    if (wanted.has(name)) made.set(name, make(evidence, asOfMs, parts[name], brokers));
  }
  return made;
}

/** Names that evidence can make a component of. */
export const evidenceNames: ReadonlySet<string> = new Set(Object.keys(makers));

/** Throws `bad-value` or `bad-option` for evidence that cannot be of the symbol, or has a moment that is none. */
export function checkEvidence(evidence: SymbolEvidence, reader: BrokerReader): void {
  checkObject('evidence', evidence);
  const { asOfMs, brokers } = evidence;
  if (asOfMs !== undefined && (asOfMs as unknown) !== null) checkMoment('asOfMs', asOfMs);
  if (brokers) reader.take(brokers);
}

function missing(name: string, what: string): ComponentScore {
  return missingComponent(name, `${what} were given`.replace('no order flow were', 'no order flow was'));
}

function undated(name: string): ComponentScore {
  return missingComponent(name, 'the moment of the score is not known: pass asOfMs, or bars');
}
