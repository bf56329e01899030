/**
 * The flow of each bar: what happened between its close and the close of the bar before it. A bar that a late trade
 * revises keeps the flow it closed with; events since then belong to the bars after it.
 */
import { subtractExact } from '@tapekit/orderflow/exact';
import type { ExactInt } from '@tapekit/orderflow/exact';

/** Where the flow stands when a bar closes. */
export interface FlowMark<Book> {
  /** Sum of all order flow so far, in lots. */
  readonly ofiLots: ExactInt;
  /** The book and the quotes at that moment. */
  readonly book: Book;
}

/** The flow of one bar; null for an interval whose first trade came late: nobody knows its share. */
export type BarFlow<Book> = (FlowMark<Book> & { readonly barOfiLots: ExactInt }) | null;

export interface BarFlows<Book> {
  /** The flow of a bar that is being published; `now` is asked only when the bar closes for the first time. */
  of(startMs: number, now: () => FlowMark<Book>): BarFlow<Book>;
}

/** Flows of the last `retained` bars; older ones cannot be revised any more. */
export function createBarFlows<Book>(retained: number): BarFlows<Book> {
  const flows = new Map<number, BarFlow<Book>>();
  let newestMs = -Infinity;
  let ofiAtLastBar: ExactInt = 0;
  return {
    of(startMs, now) {
      const known = flows.get(startMs);
      if (known !== undefined) return known;
      if (startMs < newestMs) return null;
      const mark = now();
      const flow = { ...mark, barOfiLots: subtractExact(mark.ofiLots, ofiAtLastBar) };
      ofiAtLastBar = mark.ofiLots;
      newestMs = startMs;
      flows.set(startMs, flow);
      if (flows.size > retained) flows.delete(flows.keys().next().value!);
      return flow;
    },
  };
}
