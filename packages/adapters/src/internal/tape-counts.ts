/** Counts of what a source handed on. */
import type { QuarantineReason, SourceGap, SourceItem, SourceStats } from '../market-source.ts';
import { countName, eventCountOf, noEvents } from './event-counts.ts';

/** The part of the counts that follows from the items alone. */
export interface TapeStats extends Omit<SourceStats, 'source' | 'symbol' | 'inputs'> {
  /** Records refused, whole frames and records beside others. */
  readonly refusedRecords: number;
  /** Gaps yielded, by reason. */
  readonly gaps: Readonly<Record<SourceGap['reason'], number>>;
}

export interface TapeCounts {
  /** Handed on. */
  item(item: SourceItem, unmodelled: readonly string[]): void;
  stats(): TapeStats;
}

export function createTapeCounts(): TapeCounts {
  const tape = { lines: 0, blank: 0, records: 0, quarantined: 0, refusedRecords: 0 };
  const events = noEvents();
  const gaps = { reconnect: 0, resume: 0, sequence: 0 };
  const reasons: Partial<Record<QuarantineReason, number>> = {};
  const unmodelledKinds = new Map<string, number>();
  const symbols = new Map<string, number>();
  const receive: { firstReceiveNs?: string; lastReceiveNs?: string } = {};
  return {
    item(item, unmodelled) {
      if (item.kind === 'gap') gaps[item.gap.reason] += 1;
      if (item.kind === 'gap' || item.kind === 'status') return;
      tape.lines += 1;
      if (item.kind === 'quarantined') {
        tape.quarantined += 1;
        tape.refusedRecords += 1;
        reasons[item.entry.reason] = (reasons[item.entry.reason] ?? 0) + 1;
        return;
      }
      const { record } = item;
      tape.records += 1;
      tape.refusedRecords += record.refused?.length ?? 0;
      receive.firstReceiveNs ??= record.receiveNs;
      receive.lastReceiveNs = record.receiveNs;
      for (const kind of unmodelled) countName(unmodelledKinds, kind);
      for (const event of record.events) {
        events[eventCountOf(event)] += 1;
        countName(symbols, event.symbol);
      }
    },
    stats: () => ({
      ...tape,
      reasons: { ...reasons },
      events: { ...events },
      unmodelled: Object.fromEntries(unmodelledKinds),
      symbols: Object.fromEntries(symbols),
      gaps: { ...gaps },
      ...receive,
    }),
  };
}
