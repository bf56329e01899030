import type { TimeBarsStats } from '@tapekit/footprint/time-bars';

/** What the tape knows about itself; one JSON document. */
export interface TapeState {
  v: 1;
  symbol: string;
  /** JSON of the instrument that the tape was started with. */
  instrument: string;
  /** Number of the next record, from 1. */
  nextSeq: number;
  lastReceivedMs: number | null;
  lastTradeMs: number | null;
  messages: number;
  duplicates: number;
  quarantined: number;
  pendingBytes: number;
  /** The alarm that is set, epoch ms. */
  alarmMs: number | null;
  /** A flush that was begun: its last record. Until it is done no other cut is made. */
  flushingSeq: number | null;
  /** The last record that is in R2. */
  flushedSeq: number;
  lastFlushMs: number | null;
  flushFailures: number;
  lastFlushError: string | null;
  forgottenMs: number;
}

/** The tape for people and monitors. */
export interface TapeStatus {
  readonly symbol: string;
  readonly records: number;
  readonly messages: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Records that are in SQLite and not yet in R2. */
  readonly pendingRecords: number;
  readonly flushedSeq: number;
  readonly lastReceivedMs: number | null;
  readonly lastTradeMs: number | null;
  readonly lastFlushMs: number | null;
  readonly flushFailures: number;
  readonly lastFlushError: string | null;
  /** Bars that were closed, each counted once. */
  readonly bars: number;
  /** Trades of a bar that was closed already; they revised it, or were too late for it. */
  readonly lateTrades: number;
  /** Of these, the ones that were too late: they are on the tape, but in no bar. */
  readonly lateRejected: number;
  /** Trades of size 0: on the tape, but in no bar. */
  readonly withoutVolume: number;
}

/** A tape on which nothing is yet. */
export function newTapeState(symbol: string, instrument: string): TapeState {
  return {
    v: 1,
    symbol,
    instrument,
    nextSeq: 1,
    lastReceivedMs: null,
    lastTradeMs: null,
    messages: 0,
    duplicates: 0,
    quarantined: 0,
    pendingBytes: 0,
    alarmMs: null,
    flushingSeq: null,
    flushedSeq: 0,
    lastFlushMs: null,
    flushFailures: 0,
    lastFlushError: null,
    forgottenMs: 0,
  };
}

/** The public part of a state. */
export function statusOf(state: TapeState, stats: TimeBarsStats): TapeStatus {
  const { symbol, messages, duplicates, quarantined, flushedSeq, lastReceivedMs, lastTradeMs } = state;
  const { lastFlushMs, flushFailures, lastFlushError } = state;
  const records = state.nextSeq - 1;
  return {
    symbol,
    records,
    messages,
    duplicates,
    quarantined,
    pendingRecords: records - flushedSeq,
    flushedSeq,
    lastReceivedMs,
    lastTradeMs,
    lastFlushMs,
    flushFailures,
    lastFlushError,
    bars: stats.barsClosed,
    lateTrades: stats.late,
    lateRejected: stats.lateRejected,
    withoutVolume: stats.ignored,
  };
}
