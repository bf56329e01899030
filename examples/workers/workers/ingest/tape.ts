/**
 * The tape of one symbol: takes messages and answers them, in one transaction each. What is answered is stored; what is
 * not stored was never answered. Ids and message numbers make every resend harmless.
 */
import { createHash } from 'node:crypto';
import { describeError } from '../shared/http.ts';
import { ApiError } from '../shared/errors.ts';
import type { IngestSettings } from './settings.ts';
import { openFootprints, type TapeFootprints } from './tape-footprints.ts';
import { parseTapeTrade, type MessageProblem, type TapeMessage } from './tape-message.ts';
import { newTapeState, statusOf, type TapeState, type TapeStatus } from './tape-state.ts';
import * as tables from './tape-tables.ts';

/** The answer to a message that is stored. */
export interface TapeAck {
  /** Number of the message. */
  readonly ack: number;
  /** Trades that are on the tape now. */
  readonly accepted: number;
  /** Trades whose id was on the tape before. */
  readonly duplicates: number;
  /** Trades that were set aside as malformed. */
  readonly quarantined: number;
  /** Present when the message had been stored before and this answer is the old one. */
  readonly replayed?: true;
}

/** The answer to a message that is not stored. */
export interface TapeRefusal {
  readonly error: {
    readonly code: MessageProblem['code'] | 'seq-conflict' | 'too-fast' | 'unavailable';
    /** Number of the message, where it had one. */
    readonly seq?: number;
    readonly message: string;
  };
}

/** A stretch of the tape on its way to R2. */
export interface FlushPart {
  readonly rows: readonly tables.MessageRow[];
  readonly lastSeq: number;
  /** True when it was begun before: some of it may be in R2, or even in an archive. */
  readonly resumed: boolean;
}

/** Trades of one flush, in characters of JSON. */
const maxFlushLength = 4 * 1024 * 1024;
const idsKeptMs = 48 * 3_600_000;
const barsKeptMs = 30 * 86_400_000;
const dayMs = 86_400_000;

interface Open {
  readonly state: TapeState;
  readonly footprints: TapeFootprints;
}

export class Tape {
  readonly #storage: DurableObjectStorage;
  readonly #settings: IngestSettings;
  #open: Open | undefined;

  constructor(storage: DurableObjectStorage, settings: IngestSettings) {
    this.#storage = storage;
    this.#settings = settings;
    tables.createTables(storage.sql);
  }

  /**
   * Makes sure that this tape is of this symbol, on the grid that is configured.
   *
   * @throws ApiError `unknown-symbol`, `instrument-changed`
   */
  open(symbol?: string): void {
    this.#loaded(symbol);
  }

  /** Stores a message and answers it. */
  take(client: string, message: TapeMessage, text: string, nowMs: number): TapeAck | TapeRefusal {
    return this.#transaction(({ state, footprints }) => {
      const { sql } = this.#storage;
      const { seq } = message;
      const digest = createHash('sha256').update(text).digest('hex');
      const before = tables.findAck(sql, client, seq);
      if (before?.digest === digest) return ackOf(seq, before, true);
      const last = tables.lastClientSeq(sql, client);
      if (last !== null && seq <= last) return seqConflict(client, seq, last);

      const receivedMs = this.#receive(state, nowMs);
      const accepted: unknown[] = [];
      let duplicates = 0;
      let quarantined = 0;
      for (const raw of message.trades) {
        const trade = parseTapeTrade(raw, footprints.grid, nowMs);
        if ('reason' in trade) {
          quarantined += 1;
          this.#quarantine(state, { client, client_seq: seq, ...trade, body: JSON.stringify(raw) });
        } else if (trade.id !== undefined && !tables.addTradeId(sql, String(trade.id), receivedMs)) {
          duplicates += 1;
        } else {
          accepted.push(raw);
          footprints.push(trade);
          state.lastTradeMs = Math.max(state.lastTradeMs ?? 0, trade.timeMs);
        }
      }
      if (accepted.length > 0) {
        const trades = JSON.stringify(accepted);
        const first_seq = state.nextSeq;
        state.nextSeq += accepted.length;
        state.pendingBytes += trades.length;
        const last_seq = state.nextSeq - 1;
        const received_ms = receivedMs;
        tables.insertMessage(sql, { first_seq, last_seq, received_ms, client, client_seq: seq, trades });
        footprints.settle(last_seq);
      }
      state.messages += 1;
      state.duplicates += duplicates;
      const ack = { digest, accepted: accepted.length, duplicates, quarantined };
      tables.insertAck(sql, client, seq, ack);
      return ackOf(seq, ack, false);
    });
  }

  /** Sets a message aside that is none. */
  refuse(client: string, problem: MessageProblem, data: unknown, nowMs: number): TapeRefusal {
    return this.#transaction(({ state }) => {
      this.#receive(state, nowMs);
      const body = typeof data === 'string' ? data : '(binary)';
      this.#quarantine(state, { client, client_seq: null, reason: problem.code, message: problem.message, body });
      return { error: problem };
    });
  }

  /** The highest message number of a client; `null` before its first. */
  lastClientSeq(client: string): number | null {
    return tables.lastClientSeq(this.#storage.sql, client);
  }

  /** Sets the alarm of the next flush, unless a good one is set; `soon` brings it forward. */
  schedule(soon: boolean): void {
    const { state } = this.#loaded();
    const pending = state.nextSeq - 1 > state.flushedSeq;
    const nowMs = Date.now();
    const wanted = soon || state.pendingBytes > maxFlushLength ? nowMs : nowMs + this.#settings.flushAfterMs;
    // An alarm that should have rung long ago was lost with its retries.
    const rings = state.alarmMs !== null && state.alarmMs <= wanted && state.alarmMs > nowMs - 600_000;
    if (!pending || rings) return;
    this.#setAlarm(wanted);
  }

  /** What goes to R2 next. The cut is stored before it is used, so that a crash leads to the same segments again. */
  beginFlush(): FlushPart | undefined {
    return this.#transaction(({ state, footprints }) => {
      const resumed = state.flushingSeq !== null;
      const rows: tables.MessageRow[] = [];
      let length = 0;
      for (const row of tables.messagesAfter(this.#storage.sql, state.flushedSeq)) {
        if (resumed ? row.last_seq > state.flushingSeq! : length > maxFlushLength) break;
        length += row.trades.length;
        rows.push(row);
      }
      const lastSeq = rows.at(-1)?.last_seq;
      state.flushingSeq = lastSeq ?? null;
      if (lastSeq === undefined) return undefined;
      // The rows go; what they did to the bars must stay.
      footprints.settle(state.nextSeq - 1, true);
      return { rows, lastSeq, resumed };
    });
  }

  /** Lets go of a stretch that is durable in R2. */
  endFlush(part: FlushPart): void {
    this.#transaction(({ state }) => {
      tables.deleteMessagesUpTo(this.#storage.sql, part.lastSeq);
      state.flushedSeq = part.lastSeq;
      state.flushingSeq = null;
      state.pendingBytes = Math.max(0, state.pendingBytes - part.rows.reduce((sum, row) => sum + row.trades.length, 0));
    });
  }

  /** Notes how the alarm went and sets the next one where there is more to do. */
  endAlarm(failure: unknown): void {
    this.#transaction(({ state }) => {
      const nowMs = Date.now() + this.#settings.receiveShiftMs;
      state.alarmMs = null;
      state.flushFailures = failure === undefined ? 0 : state.flushFailures + 1;
      state.lastFlushError = failure === undefined ? null : describeError(failure);
      if (failure === undefined) state.lastFlushMs = nowMs;
      if (nowMs - state.forgottenMs < dayMs) return;
      state.forgottenMs = nowMs;
      const lastBarMs = state.lastTradeMs ?? nowMs;
      const limits = { idsBeforeMs: nowMs - idsKeptMs, barsBeforeMs: lastBarMs - barsKeptMs };
      tables.forgetOld(this.#storage.sql, limits);
    });
    const { state } = this.#loaded();
    if (failure === undefined) this.schedule(false);
    else this.#setAlarm(Date.now() + Math.min(300_000, 1_000 * 2 ** Math.min(state.flushFailures, 10)));
  }

  /** Symbol of this tape. */
  get symbol(): string {
    return this.#loaded().state.symbol;
  }

  /** A page of bars as JSON text: `{ "symbol", "items", "open", "nextFrom" }`. */
  footprintPage(fromMs: number | undefined, limit: number): string {
    const { state, footprints } = this.#loaded();
    const { sql } = this.#storage;
    const starts = tables.barStarts(sql, fromMs, limit + (fromMs === undefined ? 0 : 1));
    const items: string[] = [];
    let length = 0;
    for (const startMs of starts.slice(0, limit)) {
      if (length > maxFlushLength) break;
      const json = tables.readBar(sql, startMs);
      items.push(json);
      length += json.length;
    }
    const nextFrom = starts[items.length] ?? null;
    const open = nextFrom === null ? footprints.openBar() : null;
    return `{"symbol":${JSON.stringify(state.symbol)},"items":[${items.join(',')}],"open":${JSON.stringify(open)},"nextFrom":${nextFrom}}`;
  }

  /** Counts and times. */
  status(): TapeStatus {
    const { state, footprints } = this.#loaded();
    return statusOf(state, footprints.stats());
  }

  /** What was set aside last, newest first. */
  quarantined(limit: number): readonly tables.QuarantineRow[] {
    return tables.latestQuarantined(this.#storage.sql, limit);
  }

  /** Runs a change whole or not at all; after a failure memory is rebuilt from what is stored. */
  #transaction<T>(change: (open: Open) => T): T {
    const open = this.#loaded();
    try {
      return this.#storage.transactionSync(() => {
        const result = change(open);
        tables.writeDocument(this.#storage.sql, 'state', open.state);
        return result;
      });
    } catch (error) {
      this.#open = undefined;
      throw error;
    }
  }

  #loaded(symbol?: string): Open {
    if (this.#open && (symbol === undefined || symbol === this.#open.state.symbol)) return this.#open;
    const { sql } = this.#storage;
    const stored = tables.readDocument(sql, 'state') as TapeState | undefined;
    const name = stored?.symbol ?? symbol;
    const instrument = name === undefined ? undefined : this.#settings.instruments.get(name);
    if (name === undefined || instrument === undefined || (symbol !== undefined && symbol !== name)) {
      throw new ApiError(404, 'unknown-symbol', `"${symbol ?? name ?? ''}" is not among the configured INSTRUMENTS.`);
    }
    const state = stored ?? newTapeState(name, JSON.stringify(instrument));
    if (state.instrument !== JSON.stringify(instrument)) {
      throw new ApiError(
        409,
        'instrument-changed',
        `The tape of ${name} was started with ${state.instrument}; configure that again, or give the new grid a symbol of its own.`,
      );
    }
    this.#open = { state, footprints: openFootprints(sql, name, instrument, this.#settings.retainBars) };
    return this.#open;
  }

  /** The receive time of a message: assigned once, stored, never earlier than the one before. */
  #receive(state: TapeState, nowMs: number): number {
    return (state.lastReceivedMs = Math.max(nowMs + this.#settings.receiveShiftMs, state.lastReceivedMs ?? 0));
  }

  #quarantine(
    state: TapeState,
    row: Pick<tables.QuarantineRow, 'client' | 'client_seq' | 'reason' | 'message' | 'body'>,
  ): void {
    const { client, client_seq, reason, message } = row;
    const n = (state.quarantined += 1);
    const received_ms = state.lastReceivedMs ?? 0;
    const body = row.body.slice(0, 2_000);
    tables.insertQuarantined(this.#storage.sql, { n, received_ms, client, client_seq, reason, message, body });
  }

  #setAlarm(timeMs: number): void {
    this.#transaction(({ state }) => {
      state.alarmMs = timeMs;
    });
    void this.#storage.setAlarm(timeMs);
  }
}

function ackOf(seq: number, { accepted, duplicates, quarantined }: tables.AckRow, replayed: boolean): TapeAck {
  return { ack: seq, accepted, duplicates, quarantined, ...(replayed ? { replayed } : {}) };
}

function seqConflict(client: string, seq: number, last: number): TapeRefusal {
  const message = `Client "${client}" is at ${last}, and message ${seq} is not one that was stored; go on with ${last + 1}.`;
  return { error: { code: 'seq-conflict', seq, message } };
}
