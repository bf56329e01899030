/**
 * A venue on the loopback interface, for tests and demos: it plays a recording as the venue's own WebSocket and HTTP, and
 * does on cue what venues do at the worst moment. It waits for acknowledgements instead of time.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One thing that the venue does on a connection. */
export type LoopbackStep =
  /** The next frames of the recording; `Infinity` for the rest. */
  | { readonly do: 'send'; readonly count: number }
  /** The next frames of the recording are lost: nobody was connected. */
  | { readonly do: 'skip'; readonly count: number }
  /** The last frames that were sent, once more. */
  | { readonly do: 'repeat'; readonly count: number }
  /** The next frames of the recording, last first. */
  | { readonly do: 'reorder'; readonly count: number }
  /** A frame that is not in the recording. */
  | { readonly do: 'raw'; readonly frame: string | Uint8Array }
  /** A frame of so many bytes that the client cannot take it; it is not counted as sent. */
  | { readonly do: 'flood'; readonly bytes: number }
  /** Waits until the client has acknowledged every frame that was sent. */
  | { readonly do: 'await' }
  /** Waits until something was asked for that `answers` knows, and the answer is acknowledged. Nothing without `answers`. */
  | { readonly do: 'answer' }
  /** Waits for acknowledgements, and then says nothing more; the connection stays open. */
  | { readonly do: 'stall' }
  /** Cuts the connection without a word. */
  | { readonly do: 'drop' }
  /** Closes the connection. */
  | { readonly do: 'close'; readonly code: number; readonly reason: string }
  /** Answers the request for a WebSocket with a status instead; the only step of its connection. */
  | { readonly do: 'refuse'; readonly status: number; readonly retryAfterS?: number };

/** A request that came over HTTP. */
export interface LoopbackRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** An answer over HTTP. */
export interface LoopbackAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the venue plays. */
export interface LoopbackOptions {
  /** The frames of the recording. They go on where the last connection stopped. */
  readonly frames: readonly (string | Uint8Array)[];
  /** What happens on each connection, in turn; connections beyond the last get the rest of the recording. */
  readonly connections?: readonly (readonly LoopbackStep[])[];
  /** Whether the address of a connection is accepted; 401 otherwise. */
  readonly accepts?: (path: string) => boolean;
  /** Answers over HTTP; 404 where it gives nothing. */
  readonly http?: (request: LoopbackRequest) => LoopbackAnswer | undefined;
  /** Frames for a text that the client sent, `undefined` for none. */
  readonly answers?: (text: string) => readonly (string | Uint8Array)[] | undefined;
  /** Called before each frame, for demos that play at the recording's own pace. */
  readonly pace?: (index: number) => Promise<void>;
  /** Told of every step when it is done. */
  readonly onStep?: (step: LoopbackStep, connection: number) => void;
  /** Told when every script is through and every frame that was sent is acknowledged. */
  readonly onDone?: () => void;
}

/** A running venue. */
export interface LoopbackVenue {
  /** `ws://127.0.0.1:…`; any path is taken. */
  readonly wsUrl: string;
  /** `http://127.0.0.1:…` */
  readonly httpUrl: string;
  /** Text that clients sent, by connection. */
  readonly received: readonly (readonly string[])[];
  /** Paths of the connections that were asked for, refused ones included. */
  readonly paths: readonly string[];
  /** Requests that came over HTTP. */
  readonly requests: readonly LoopbackRequest[];
  /** The client has handled so many frames of the connection that is open. */
  acknowledge(frames: number): void;
  close(): Promise<void>;
}

/** Starts a venue on a free port of 127.0.0.1. */
export async function startLoopbackVenue(options: LoopbackOptions): Promise<LoopbackVenue> {
  const { frames, connections = [] } = options;
  const received: string[][] = [];
  const paths: string[] = [];
  const requests: LoopbackRequest[] = [];
  const state = { position: 0, sent: 0, acknowledged: 0, next: 0, answered: 0 };
  let wake = (): void => {};

  const http = createServer((request, response) => {
    const asked = { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers };
    requests.push(asked);
    const { status, headers, body } = options.http?.(asked) ?? { status: 404, body: 'not found' };
    response.writeHead(status, { ...headers }).end(body);
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request: IncomingMessage, socket, head) => {
    const path = request.url ?? '/';
    paths.push(path);
    // A client that leaves in the middle of a handshake is no failure of the venue.
    socket.on('error', () => {});
    if (options.accepts && !options.accepts(path)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const script = connections[state.next] ?? [{ do: 'send', count: Infinity }, { do: 'await' }];
    const [first] = script;
    state.next += 1;
    if (first?.do === 'refuse') {
      const asks = first.retryAfterS === undefined ? '' : `retry-after: ${first.retryAfterS}\r\n`;
      socket.end(`HTTP/1.1 ${first.status} Refused\r\n${asks}connection: close\r\ncontent-length: 0\r\n\r\n`);
      options.onStep?.(first, state.next);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => void serve(client, script, state.next));
  });

  const serve = async (client: WebSocket, script: readonly LoopbackStep[], number: number): Promise<void> => {
    const texts: string[] = [];
    received.push(texts);
    state.sent = state.acknowledged = 0;
    client.on('message', (data, isBinary) => {
      const text = isBinary ? '(binary)' : (data as Buffer).toString('utf8');
      texts.push(text);
      const frames = options.answers?.(text);
      if (!frames) return;
      void Promise.all(frames.map((frame) => send(client, frame))).then(() => {
        state.answered += 1;
        wake();
      });
    });
    client.on('error', () => {});
    client.on('close', () => wake());
    for (const step of script) {
      if (client.readyState !== client.OPEN) return;
      await perform(step, client);
      options.onStep?.(step, number);
    }
    if (state.next >= connections.length && state.acknowledged >= state.sent) options.onDone?.();
  };

  const send = async (client: WebSocket, frame: string | Uint8Array): Promise<void> => {
    await options.pace?.(state.position);
    if (client.readyState !== client.OPEN) return;
    state.sent += 1;
    // Resolved when the frame is in the hands of the network: a drop cuts what comes after.
    await new Promise<void>((resolve) => client.send(frame, () => resolve()));
  };

  const take = (count: number): readonly (string | Uint8Array)[] => {
    const next = frames.slice(state.position, Math.min(frames.length, state.position + count));
    state.position += next.length;
    return next;
  };

  const settled = async (client: WebSocket): Promise<void> => {
    while (state.acknowledged < state.sent && client.readyState === client.OPEN) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  const perform = async (step: LoopbackStep, client: WebSocket): Promise<void> => {
    switch (step.do) {
      case 'send':
        for (const frame of take(step.count)) await send(client, frame);
        return;
      case 'skip':
        take(step.count);
        return;
      case 'repeat':
        for (const frame of frames.slice(Math.max(0, state.position - step.count), state.position))
          await send(client, frame);
        return;
      case 'reorder':
        for (const frame of [...take(step.count)].reverse()) await send(client, frame);
        return;
      case 'raw':
        await send(client, step.frame);
        return;
      case 'flood':
        await new Promise<void>((resolve) => client.send('x'.repeat(step.bytes), () => resolve()));
        return;
      case 'answer':
        while (options.answers && state.answered === 0 && client.readyState === client.OPEN) {
          await new Promise<void>((resolve) => (wake = resolve));
        }
        await settled(client);
        return;
      case 'await':
      case 'stall':
        await settled(client);
        return;
      case 'drop':
        client.terminate();
        return;
      case 'close':
        client.close(step.code, step.reason);
        return;
      case 'refuse':
        throw new Error('refuse must be the only step of its connection: the WebSocket is open already.');
    }
  };

  const port = await listen(http);
  return {
    wsUrl: `ws://127.0.0.1:${port}`,
    httpUrl: `http://127.0.0.1:${port}`,
    received,
    paths,
    requests,
    acknowledge(count) {
      state.acknowledged = Math.max(state.acknowledged, count);
      if (state.acknowledged >= state.sent) wake();
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
