/**
 * The footprints of one symbol: bars in memory, closed bars and a checkpoint in SQLite. Whatever the object forgets when
 * it is evicted is rebuilt from the checkpoint and the messages after it, trade by trade, to the same state.
 */
import { footprintToJson, type FootprintJson } from '@tapekit/footprint/footprint-json';
import type { FootprintBar } from '@tapekit/footprint/footprint-bar';
import {
  createTimeBars,
  restoreTimeBars,
  type TimeBars,
  type TimeBarsOptions,
  type TimeBarsSnapshot,
  type TimeBarsStats,
} from '@tapekit/footprint/time-bars';
import { createGrid, type Grid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import type { Instrument } from './settings.ts';
import { parseTapeTrade } from './tape-message.ts';
import { messagesAfter, readDocument, upsertBar, writeDocument } from './tape-tables.ts';

/** Records after which a checkpoint is due: what a restart replays at most. */
const checkpointEvery = 1_000;

interface Checkpoint {
  /** The last record that the snapshot knows. */
  readonly seq: number;
  readonly snapshot: TimeBarsSnapshot;
}

/** The footprints of one symbol. All of it is synchronous; call the writers inside a transaction. */
export interface TapeFootprints {
  readonly grid: Grid;
  /** Takes an accepted trade and stores the bars that it closed or revised. */
  push(trade: TickTrade): void;
  /** Says that records up to this one are in; writes a checkpoint when one is due, or now if `force`. */
  settle(seq: number, force?: boolean): void;
  /** The bar that still grows; `null` before the first trade. */
  openBar(): FootprintJson | null;
  stats(): TimeBarsStats;
}

/** Opens the footprints as they were after the last stored message. */
export function openFootprints(
  sql: SqlStorage,
  symbol: string,
  instrument: Instrument,
  retainBars: number,
): TapeFootprints {
  const grid = createGrid(instrument);
  const options: TimeBarsOptions = {
    grid,
    intervalMs: instrument.barMs,
    rowTicks: instrument.rowTicks,
    retainBars,
    // Ids are told apart by the table trade_ids, which remembers them for longer than a bar lives.
    dedupe: false,
  };
  const stored = readDocument(sql, 'checkpoint') as Checkpoint | undefined;
  const bars: TimeBars = stored ? restoreTimeBars(stored.snapshot, options) : createTimeBars(options);
  let checkpointSeq = stored?.seq ?? 0;
  for (const { trades } of messagesAfter(sql, checkpointSeq)) {
    // Their bars were stored in the transaction that stored them.
    for (const raw of JSON.parse(trades) as unknown[]) bars.pushTicks(acceptedTrade(raw, grid));
  }

  const toJson = (bar: FootprintBar): FootprintJson => footprintToJson(bar, { symbol, grid });
  return {
    grid,
    push(trade) {
      for (const bar of bars.pushTicks(trade)) {
        const { startMs, trades, revision } = bar;
        upsertBar(sql, { startMs, trades, revision, json: JSON.stringify(toJson(bar)) });
      }
    },
    settle(seq, force = false) {
      if (seq === checkpointSeq || (!force && seq - checkpointSeq < checkpointEvery)) return;
      writeDocument(sql, 'checkpoint', { seq, snapshot: bars.snapshot() } satisfies Checkpoint);
      checkpointSeq = seq;
    },
    openBar() {
      // A copy is closed to see the bar; the real one goes on.
      const [bar] = restoreTimeBars(bars.snapshot(), options).flush();
      return bar ? toJson(bar) : null;
    },
    stats: () => bars.stats(),
  };
}

/** A trade that was accepted before is accepted again, whatever the time is now. */
function acceptedTrade(raw: unknown, grid: Grid): TickTrade {
  const trade = parseTapeTrade(raw, grid, Infinity);
  if ('reason' in trade) throw new Error(`A stored trade is no trade on this grid: ${trade.message}`);
  return trade;
}
