/**
 * The Durable Object of one symbol: its WebSockets, its alarm and what other code may ask. It may be evicted between any
 * two events; everything that matters lies in SQLite, and replies leave only after their writes are durable (the
 * platform holds them back until then).
 */
import { DurableObject } from 'cloudflare:workers';
import { createR2Store } from '@tapekit/adapters/stores/r2';
import { ApiError } from '../shared/errors.ts';
import { describeError, errorReply } from '../shared/http.ts';
import { readIngestSettings, type IngestEnv, type IngestSettings } from './settings.ts';
import { flushTape } from './tape-flush.ts';
import { parseTapeMessage } from './tape-message.ts';
import type { TapeStatus } from './tape-state.ts';
import { Tape, type TapeAck, type TapeRefusal } from './tape.ts';
import type { QuarantineRow } from './tape-tables.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** The subprotocol that the server chooses when a client offers any. */
export const tapeProtocol = 'tapekit.v1';
/** Feeders of one symbol at a time. */
const maxConnections = 16;

/** The first message to a feeder. */
export interface TapeReady {
  readonly ready: {
    readonly symbol: string;
    readonly client: string;
    /** The highest message number of this client that is stored; `null` before its first. */
    readonly lastSeq: number | null;
  };
}

/** What a connection remembers while its object sleeps. */
interface Connection {
  readonly client: string;
}

export class TapeObject extends DurableObject<IngestEnv> {
  readonly #settings: IngestSettings;
  readonly #tape: Tape;
  readonly #buckets = new WeakMap<WebSocket, TokenBucket>();
  /** Connections that were cut off: what still arrives on them was not answered and is not taken. */
  readonly #cut = new WeakSet<WebSocket>();

  constructor(ctx: DurableObjectState, env: IngestEnv) {
    super(ctx, env);
    this.#settings = readIngestSettings(env);
    this.#tape = new Tape(ctx.storage, this.#settings);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /** Opens a feeder's WebSocket; the worker has checked who it is. `?symbol=…&client=…`. */
  override async fetch(request: Request): Promise<Response> {
    try {
      const { searchParams } = new URL(request.url);
      this.#tape.open(searchParams.get('symbol') ?? '');
      const connection: Connection = { client: searchParams.get('client') ?? 'default' };
      if (this.ctx.getWebSockets().length >= maxConnections) {
        const message = `${this.#tape.symbol} has ${maxConnections} feeders already; close one first.`;
        throw new ApiError(429, 'too-many-connections', message);
      }
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      server.serializeAttachment(connection);
      const ready: TapeReady = {
        ready: {
          symbol: this.#tape.symbol,
          client: connection.client,
          lastSeq: this.#tape.lastClientSeq(connection.client),
        },
      };
      server.send(JSON.stringify(ready));
      const offered = request.headers.has('sec-websocket-protocol');
      return new Response(null, {
        status: 101,
        webSocket: client,
        headers: offered ? { 'sec-websocket-protocol': tapeProtocol } : {},
      });
    } catch (error) {
      return errorReply(error);
    }
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    if (this.#cut.has(ws)) return;
    const { client } = ws.deserializeAttachment() as Connection;
    const nowMs = Date.now();
    try {
      if (!this.#mayPass(ws, nowMs)) {
        const { messageBurst, messagesPerSecond } = this.#settings;
        const message = `More than ${messageBurst} messages at once or ${messagesPerSecond} a second; connect again and resend slower, in larger batches.`;
        this.#cutOff(ws, 1013, { error: { code: 'too-fast', message } });
        return;
      }
      const message = parseTapeMessage(data);
      if ('code' in message) {
        const refusal = this.#tape.refuse(client, message, data, nowMs);
        if (message.code === 'too-large') this.#cutOff(ws, 1009, refusal);
        else ws.send(JSON.stringify(refusal));
        return;
      }
      const reply: TapeAck | TapeRefusal = this.#tape.take(client, message, data as string, nowMs);
      this.#tape.schedule(false);
      ws.send(JSON.stringify(reply));
    } catch (error) {
      // Nothing of the message is stored. Later ones must not overtake it, so this connection ends here.
      console.error(JSON.stringify({ event: 'message-failed', error: describeError(error) }));
      const message = 'The message could not be stored; connect again and resend what was not acknowledged.';
      this.#cutOff(ws, 1011, { error: { code: 'unavailable', message } });
    }
  }

  override webSocketClose(ws: WebSocket, code: number): void {
    try {
      // 1005 and 1006 are what a close without a code looks like from here; they may not be sent.
      ws.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // It is closed already.
    }
  }

  override async alarm(): Promise<void> {
    let failure: unknown;
    try {
      await flushTape(this.#tape, createR2Store(this.env.TAPE));
    } catch (error) {
      failure = error;
      console.error(JSON.stringify({ event: 'flush-failed', error: describeError(error) }));
    }
    this.#tape.endAlarm(failure);
  }

  /** A page of bars as JSON text. */
  footprints(symbol: string, page: { readonly fromMs?: number; readonly limit: number }): string {
    this.#tape.open(symbol);
    return this.#tape.footprintPage(page.fromMs, page.limit);
  }

  /** Counts and times; also mends an alarm that was lost. */
  status(symbol: string): TapeStatus & { readonly connections: number } {
    this.#tape.open(symbol);
    this.#tape.schedule(false);
    return { ...this.#tape.status(), connections: this.ctx.getWebSockets().length };
  }

  /** Brings the alarm forward to now. */
  flushSoon(symbol: string): { readonly pendingRecords: number } {
    this.#tape.open(symbol);
    this.#tape.schedule(true);
    return { pendingRecords: this.#tape.status().pendingRecords };
  }

  /** What was set aside last, newest first. */
  quarantined(symbol: string, limit: number): readonly QuarantineRow[] {
    this.#tape.open(symbol);
    return this.#tape.quarantined(limit);
  }

  #mayPass(ws: WebSocket, nowMs: number): boolean {
    const { messageBurst, messagesPerSecond } = this.#settings;
    const bucket = this.#buckets.get(ws) ?? createTokenBucket(messageBurst, messagesPerSecond, nowMs);
    this.#buckets.set(ws, bucket);
    return bucket.take(nowMs);
  }

  #cutOff(ws: WebSocket, code: number, refusal: TapeRefusal): void {
    this.#cut.add(ws);
    ws.send(JSON.stringify(refusal));
    ws.close(code, refusal.error.code);
  }
}
