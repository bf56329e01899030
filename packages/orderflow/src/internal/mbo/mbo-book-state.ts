import type { ExactIntJson } from '../../exact.ts';
import type { MboAction } from './mbo-event.ts';
import type { MboAnomalies, MboOrdersJson } from './mbo-orders.ts';
import { mboOrdersFields } from './mbo-orders.ts';
import { count, counts, exact, exactCount, fields, flag, listOf, tupleOf, whole } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Records by action. */
export type MboActionCounts = Readonly<Record<MboAction, number>>;

/** What a book of orders has counted since it was created. */
export interface MboCounts {
  /** Records taken. */
  readonly records: number;
  readonly actions: MboActionCounts;
  /** Records that ended an event. */
  readonly events: number;
  /** Of `events`, those that left the best bid at or above the best ask. Auctions do so: it is no alarm by itself. */
  readonly crossedAtLast: number;
  /** Records with the flag of a book that may be wrong. */
  readonly maybeBadRecords: number;
  readonly buyLots: ExactIntJson;
  readonly sellLots: ExactIntJson;
  readonly unknownLots: ExactIntJson;
  readonly tradedTickLots: ExactIntJson;
}

/** A level as it was in the last consistent book. */
export type TouchedLevel = readonly [priceTicks: number, sizeLots: number, orders: number];

/** The state of a book of orders. */
export interface MboBookSnapshot {
  readonly v: 1;
  readonly kind: 'mbo-book';
  readonly maxOrders: number;
  readonly consistent: boolean;
  readonly maybeBad: boolean;
  readonly bids: MboOrdersJson;
  readonly asks: MboOrdersJson;
  /** Levels changed by the event that is under way: of the bids, of the asks. */
  readonly touched: readonly [readonly TouchedLevel[], readonly TouchedLevel[]];
  readonly counts: MboCounts;
  readonly anomalies: MboAnomalies;
}

/** The counts of a new book. */
export const emptyMboCounts: MboCounts = {
  records: 0,
  actions: { A: 0, C: 0, M: 0, R: 0, T: 0, F: 0, N: 0 },
  events: 0,
  crossedAtLast: 0,
  maybeBadRecords: 0,
  buyLots: 0,
  sellLots: 0,
  unknownLots: 0,
  tradedTickLots: 0,
};

const touchedShape = listOf(tupleOf(whole, count, count));

/** A book of orders as it is stored. */
export const mboBookShape: Shape = fields({
  ...mboOrdersFields,
  consistent: flag,
  maybeBad: flag,
  touched: tupleOf(touchedShape, touchedShape),
  counts: fields({
    records: count,
    actions: counts,
    events: count,
    crossedAtLast: count,
    maybeBadRecords: count,
    buyLots: exactCount,
    sellLots: exactCount,
    unknownLots: exactCount,
    tradedTickLots: exact,
  }),
});
