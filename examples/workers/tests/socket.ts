import { request } from 'node:http';
import { tokens } from './harness.ts';

/** A WebSocket whose messages are asked for one by one, for tests that send what no well-behaved client sends. */
export interface RawSocket {
  readonly protocol: string;
  send(message: string | Uint8Array<ArrayBuffer> | object): void;
  /** The next message. */
  next(): Promise<unknown>;
  /** Code of the close, once it is closed. */
  readonly closed: Promise<number>;
  close(): void;
}

/** Opens a socket and waits for the first message, which it returns with it. */
export async function openSocket(
  url: string,
  init: WebSocketInit = { headers: { authorization: `Bearer ${tokens.INGEST_TOKEN}` } },
): Promise<{ socket: RawSocket; ready: unknown }> {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), init);
  const waiting: ((message: unknown) => void)[] = [];
  const arrived: unknown[] = [];
  const closed = Promise.withResolvers<number>();
  ws.addEventListener('message', ({ data }) => {
    const text = String(data);
    const message: unknown = text.startsWith('{') ? JSON.parse(text) : text;
    const waiter = waiting.shift();
    if (waiter) waiter(message);
    else arrived.push(message);
  });
  ws.addEventListener('close', ({ code }) => {
    closed.resolve(code);
    for (const waiter of waiting.splice(0)) waiter(`closed ${code}`);
  });
  ws.addEventListener('error', () => undefined);
  const socket: RawSocket = {
    get protocol() {
      return ws.protocol;
    },
    send(message) {
      ws.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
    },
    next: () => {
      if (arrived.length > 0) return Promise.resolve(arrived.shift());
      return new Promise((resolve) => waiting.push(resolve));
    },
    closed: closed.promise,
    close: () => ws.close(1000),
  };
  return { socket, ready: await socket.next() };
}

/** The reply to a WebSocket handshake that is not accepted. */
export function refusedHandshake(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const handshake = request(url, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    });
    handshake.on('response', (reply) => {
      let text = '';
      reply.on('data', (piece) => (text += String(piece)));
      reply.on('end', () => resolve({ status: reply.statusCode!, body: JSON.parse(text) }));
    });
    handshake.on('upgrade', (_reply, socket) => {
      socket.destroy();
      reject(new Error('The handshake was accepted.'));
    });
    handshake.on('error', reject);
    handshake.end();
  });
}
