/** The smallest piece of a WebSocket that a live source needs, so that Node, Workers, browsers and tests bring their own. */
import { AdaptersError } from '../../errors.ts';

/** An open, or opening, connection. */
export interface LiveSocket {
  send(frame: string | Uint8Array): void;
  /** Ends the connection, politely. */
  close(): void;
  /** Ends it at once. Absent where the platform cannot. */
  terminate?(): void;
  /** Sends a ping of the protocol. Absent where the platform cannot. */
  ping?(): void;
  /** Stops reading, so that the network holds the venue back. Absent where the platform cannot. */
  pause?(): void;
  resume?(): void;
}

/** How a connection ended. */
export interface SocketEnd {
  readonly detail: string;
  /** The venue asked to wait, milliseconds. */
  readonly retryAfterMs?: number;
  /** A frame was longer than `maxFrameBytes`. */
  readonly oversize?: true;
}

/** What a connection tells; after `closed` it is silent. */
export interface SocketListener {
  open(): void;
  frame(frame: string | Uint8Array): void;
  /** A ping or a pong of the protocol came. */
  sign(): void;
  closed(end: SocketEnd): void;
}

/** Where to connect to. */
export interface SocketTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /** A longer frame ends the connection, where the platform can tell. */
  readonly maxFrameBytes: number;
}

/** Opens a connection; throws only for what is wrong with the target. */
export type Connect = (target: SocketTarget, listener: SocketListener) => LiveSocket;

/**
 * Connects with the platform's own `WebSocket`: Workers, browsers, Deno, Node 22 and later. It can neither set headers, nor ping,
 * nor pause; in Node use `nodeConnect`.
 */
export const platformConnect: Connect = (target, listener) => {
  if (Object.keys(target.headers).length > 0) {
    throw new AdaptersError(
      'bad-option',
      `The platform's WebSocket cannot send the headers ${Object.keys(target.headers).join(', ')} of this feed. ` +
        `Pass nodeConnect of '@tapekit/adapters/live-source-node' as connect, or a proxy that sets them.`,
    );
  }
  const socket = new WebSocket(target.url, [...target.protocols]);
  socket.binaryType = 'arraybuffer';
  let failed = false;
  socket.addEventListener('open', () => listener.open());
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (typeof data === 'string') listener.frame(data);
    else if (data instanceof ArrayBuffer) listener.frame(new Uint8Array(data));
  });
  // The platform says nothing of the reason; `close` follows.
  socket.addEventListener('error', () => (failed = true));
  socket.addEventListener('close', ({ code, reason }) => {
    listener.closed({ detail: closeDetail(code, reason) + (failed ? ' after an error' : '') });
  });
  return {
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
  };
};

/** `1006` and an empty reason are what is left of a broken connection. */
export function closeDetail(code: number, reason: string): string {
  const said = reason === '' ? '' : ` "${reason.slice(0, 200)}"`;
  return code === 1006 ? 'the connection broke' : `the venue closed with code ${code}${said}`;
}
