/**
 * A feeder of the ingest worker: numbers its messages, keeps each until it is acknowledged, and after a broken
 * connection resends what was not. The worker recognises resends, so nothing is lost and nothing counts twice.
 */

/** A trade as the ingest worker takes it; decimals as text keep every digit. */
export interface FeedTrade {
  readonly id: number | string;
  /** Venue time, epoch ms UTC. */
  readonly timeMs: number;
  readonly price: string;
  readonly size: string;
  readonly side: 'buy' | 'sell' | 'unknown';
}

/** What the worker answers to a stored message. */
export interface FeedAck {
  readonly ack: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly replayed?: true;
}

/** What a client does about its connection. */
export type FeedEvent =
  | { readonly type: 'connected'; readonly lastSeq: number | null; readonly resent: number }
  | { readonly type: 'disconnected'; readonly code: number; readonly unacked: number; readonly retryInMs: number };

export interface TapeClientOptions {
  /** Where the worker listens, `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly symbol: string;
  /** The worker's INGEST_TOKEN. */
  readonly token: string;
  /**
   * Name of this feeder; message numbers ascend per name.
   * @defaultValue `'default'`
   */
  readonly client?: string;
  /**
   * First wait before a new connection, ms; doubles with every failure up to 100 times as long.
   * @defaultValue 200
   */
  readonly retryMs?: number;
  /**
   * Connections that may fail in a row.
   * @defaultValue 10
   */
  readonly maxFailures?: number;
  readonly onEvent?: (event: FeedEvent) => void;
}

/** Values of options that are left out. */
const tapeClientDefaults = { client: 'default', retryMs: 200, maxFailures: 10 } as const;

/** A connected feeder. */
export interface TapeClient {
  /** Sends a message; resolves when it is stored, rejects when it never will be. */
  send(trades: readonly FeedTrade[]): Promise<FeedAck>;
  /** Closes the connection; messages that wait are given up. */
  close(): void;
}

interface Pending {
  readonly seq: number;
  readonly text: string;
  readonly resolve: (ack: FeedAck) => void;
  readonly reject: (error: Error) => void;
}

/** A connection without a sign of life for this long is given up. */
const silenceMs = 30_000;

/** Connects; resolves when the worker has said where this feeder's numbers stand. */
export async function connectTape(options: TapeClientOptions): Promise<TapeClient> {
  const { url, symbol, token, client, retryMs, maxFailures, onEvent } = { ...tapeClientDefaults, ...options };
  const address = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/tape/${symbol}?client=${client}`;
  const pending = new Map<number, Pending>();
  let socket: WebSocket | undefined;
  let isReady = false;
  let failures = 0;
  let nextSeq: number | undefined;
  let end: Error | undefined;
  const started = Promise.withResolvers<undefined>();

  function connect(): void {
    const ws = (socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } }));
    let heardMs = Date.now();
    const watchdog = setInterval(() => {
      if (Date.now() - heardMs > silenceMs) ws.close(4000, 'silent');
      else if (ws.readyState === WebSocket.OPEN) ws.send('ping');
    }, silenceMs / 2);
    ws.addEventListener('message', ({ data }) => {
      heardMs = Date.now();
      if (data !== 'pong') receive(ws, JSON.parse(String(data)) as Reply);
    });
    ws.addEventListener('close', ({ code }) => {
      clearInterval(watchdog);
      isReady = false;
      if (end) return;
      failures += 1;
      if (failures > maxFailures) {
        stop(
          new Error(
            `No connection to ${address} after ${maxFailures} attempts; is the worker up, and the token right?`,
          ),
        );
        return;
      }
      // Jitter keeps many feeders from coming back in the same instant.
      const retryInMs = Math.round(Math.min(100, 2 ** (failures - 1)) * retryMs * (0.5 + Math.random() / 2));
      onEvent?.({ type: 'disconnected', code, unacked: pending.size, retryInMs });
      setTimeout(connect, retryInMs);
    });
    // An error is followed by a close.
    ws.addEventListener('error', () => undefined);
  }

  function receive(ws: WebSocket, reply: Reply): void {
    if ('ready' in reply) {
      failures = 0;
      isReady = true;
      nextSeq ??= (reply.ready.lastSeq ?? 0) + 1;
      for (const { text } of pending.values()) ws.send(text);
      onEvent?.({ type: 'connected', lastSeq: reply.ready.lastSeq, resent: pending.size });
      started.resolve(undefined);
    } else if ('ack' in reply) {
      pending.get(reply.ack)?.resolve(reply);
      pending.delete(reply.ack);
    } else if (reply.error.code !== 'too-fast' && reply.error.code !== 'unavailable') {
      // Resending would be refused again. After the other two the worker closes, and a resend is right.
      stop(new Error(`The worker refused a message: ${reply.error.message}`));
    }
  }

  function stop(error: Error): void {
    end ??= error;
    socket?.close(1000);
    started.reject(end);
    for (const { reject } of pending.values()) reject(end);
    pending.clear();
  }

  connect();
  await started.promise;
  return {
    send(trades) {
      if (end) return Promise.reject(end);
      const seq = nextSeq!;
      nextSeq = seq + 1;
      const text = JSON.stringify({ seq, trades });
      if (isReady) socket!.send(text);
      return new Promise((resolve, reject) => pending.set(seq, { seq, text, resolve, reject }));
    },
    close() {
      stop(new Error('The client was closed.'));
    },
  };
}

type Reply =
  | { readonly ready: { readonly lastSeq: number | null } }
  | FeedAck
  | { readonly error: { readonly code: string; readonly message: string } };
