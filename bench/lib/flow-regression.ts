/** The regression of price changes on order flow over one capture. */
import { bookRules, createBook } from '@tapekit/orderflow/book';
import { createDepth } from '@tapekit/orderflow/depth';
import { createGrid } from '@tapekit/orderflow/grid';
import { fitIntegratedOfi, integratedOfi } from '@tapekit/orderflow/integrated-ofi';
import type { TickQuote } from '@tapekit/orderflow/market';
import { createMlofiBuckets, createOfiBuckets } from '@tapekit/orderflow/ofi-buckets';
import type { MlofiBucket, OfiBucket } from '@tapekit/orderflow/ofi-buckets';
import {
  createOfiRegression,
  fitDepthRelation,
  flowPointOf,
  midChangeTicks,
  r2OfLine,
  regressPriceOnFlow,
} from '@tapekit/orderflow/ofi-regression';
import type { DepthRelation, FlowRegression, OfiRegressionWindow } from '@tapekit/orderflow/ofi-regression';
import type { Capture, ReceivedEvent } from './captures.ts';

/** Levels a side of multi-level OFI. */
export const LEVELS = 10;

/** A line over the buckets of a session, and how it does where it was not fitted. */
export interface SessionLine {
  readonly line: FlowRegression;
  /** R² over the second half of the buckets, of the line (and the weights) of the first half. */
  readonly ahead: number | undefined;
  /** The line of the change of the next bucket on this one's flow: what a forecast would live on. */
  readonly next: FlowRegression | undefined;
}

/** Buckets of quotes as they came, by receive time: the one clock that quotes and books of all venues share. */
export function quoteBuckets(capture: Capture, events: readonly ReceivedEvent[], everyMs: number): OfiBucket[] {
  const grid = createGrid(capture);
  const buckets = createOfiBuckets({ everyMs, emptyBuckets: 'emit' });
  const all: OfiBucket[] = [];
  for (const { receivedMs, event } of events) {
    if (event.type !== 'quote') continue;
    const { bidPrice, bidSize, askPrice, askSize } = event;
    let quote: TickQuote | undefined;
    if (bidPrice !== undefined && bidSize !== undefined && askPrice !== undefined && askSize !== undefined) {
      quote = {
        bidTicks: grid.toTicks(bidPrice),
        bidLots: grid.toLots(bidSize),
        askTicks: grid.toTicks(askPrice),
        askLots: grid.toLots(askSize),
      };
    }
    for (const bucket of buckets.push(receivedMs, quote)) all.push(bucket);
  }
  return all.filter(({ complete }) => complete);
}

/** Buckets of the book, maintained from the depth stream, by receive time. */
export function bookBuckets(
  capture: Capture,
  { events, bookRule }: { readonly events: readonly ReceivedEvent[]; readonly bookRule: keyof typeof bookRules },
  everyMs: number,
): MlofiBucket[] {
  const book = createBook({ grid: createGrid(capture), rule: bookRules[bookRule] });
  const buckets = createMlofiBuckets({ levels: LEVELS, everyMs, emptyBuckets: 'emit' });
  const depth = createDepth(LEVELS);
  const all: MlofiBucket[] = [];
  for (const { receivedMs, event } of events) {
    if (event.type !== 'book-snapshot' && event.type !== 'book-delta') continue;
    const { outcome } = book.push(event);
    if (outcome === 'buffered' || outcome === 'dropped') continue;
    // What a snapshot changes is no flow: it may be older than the book, or come after a gap.
    if (outcome !== 'applied') all.push(...buckets.push(receivedMs, undefined));
    if (outcome !== 'applied' && outcome !== 'snapshot') continue;
    book.readDepth(depth);
    all.push(...buckets.pushDepth(receivedMs, depth));
  }
  return all.filter(({ complete }) => complete);
}

/** The line on OFI of the best quote, in ticks per unit of size. */
export function quoteLine(buckets: readonly OfiBucket[], lotSize: number): SessionLine | undefined {
  const flow = buckets.map(({ ofiLots }) => Number(ofiLots) * lotSize);
  return sessionLine(flow, flow, buckets.map(midChangeTicks));
}

/** The lines over the same books: OFI of the best level, and OFI of all levels by their first principal component. */
export function bookLines(buckets: readonly MlofiBucket[]): { best: SessionLine; integrated: SessionLine } | undefined {
  const used = buckets.filter((bucket) => bucket.values !== undefined);
  const vectors = used.map((bucket) => bucket.values!);
  const changes = used.map(midChangeTicks);
  const integratedBy = (fitted: readonly (readonly number[])[]): number[] | undefined => {
    const model = fitIntegratedOfi(fitted);
    return model && vectors.map((vector) => integratedOfi(model, vector));
  };
  const first = vectors.map((vector) => vector[0]!);
  const whole = integratedBy(vectors);
  const half = integratedBy(vectors.slice(0, vectors.length >> 1));
  const best = sessionLine(first, first, changes);
  const integrated = whole && half && sessionLine(whole, half, changes);
  return best && integrated && { best, integrated };
}

/** `flow` is fitted on everything, `flowAhead` (known after the first half) for the look ahead. */
function sessionLine(
  flow: readonly number[],
  flowAhead: readonly number[],
  changes: readonly number[],
): SessionLine | undefined {
  const line = regressPriceOnFlow(flow, changes);
  const middle = flow.length >> 1;
  const past = regressPriceOnFlow(flowAhead.slice(0, middle), changes.slice(0, middle));
  return (
    line && {
      line,
      ahead: past && r2OfLine(past, flowAhead.slice(middle), changes.slice(middle)),
      next: regressPriceOnFlow(flow.slice(0, -1), changes.slice(1)),
    }
  );
}

/** The lines within windows of `windowMs`, over the buckets in them; incomplete windows at both ends are left out. */
export interface WindowLines {
  readonly windows: readonly OfiRegressionWindow[];
  readonly depth: DepthRelation | undefined;
}

export function windowLines(buckets: readonly OfiBucket[], everyMs: number, windowMs: number): WindowLines {
  const regression = createOfiRegression({ windowMs, minPoints: windowMs / everyMs });
  const windows: OfiRegressionWindow[] = [];
  for (const bucket of buckets) {
    const ended = regression.push(flowPointOf(bucket));
    if (ended?.line) windows.push(ended);
  }
  const last = regression.flush();
  if (last?.line) windows.push(last);
  const points = windows.flatMap(({ line, averageDepthLots }) =>
    averageDepthLots === undefined ? [] : [{ slope: line!.slope, averageDepthLots }],
  );
  return { windows, depth: fitDepthRelation(points) };
}

/** Quantile of sorted numbers, between the two nearest. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  return sorted[low]! + (sorted[Math.ceil(at)]! - sorted[low]!) * (at - low);
}
