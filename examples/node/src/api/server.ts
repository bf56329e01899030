/** Serves the API over HTTP and ends in good order: no new requests, live streams told, the rest drained. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener, RequestError, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ApiEnv } from './create-api.ts';
import { commonHeaders, errorReply } from './replies.ts';

export interface ServerOptions {
  readonly api: Hono<ApiEnv>;
  /**
   * Address to listen on; the default is reached from this machine only.
   * @defaultValue '127.0.0.1'
   */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /**
   * How long open requests may take when the server closes, in milliseconds.
   * @defaultValue 5000
   */
  readonly drainMs?: number;
}

export interface RunningServer {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Ends it: streams first, then requests under way, cut off after `drainMs`. Safe to call again. */
  close(): Promise<void>;
}

/** Thrown when the server cannot listen; `code` is the system's word, for example `EADDRINUSE`. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Listens; resolves when the server answers. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { api, host = '127.0.0.1', port, drainMs = 5_000 } = options;
  const shutdown = new AbortController();
  const listener = getRequestListener(
    (request, env) => api.fetch(request, { ...(env as HttpBindings), shutdown: shutdown.signal }),
    { errorHandler: malformed },
  );
  // A client that sends its head byte by byte must not hold a connection for minutes.
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (incoming, outgoing) => {
    void listener(incoming, outgoing);
  });

  const connections = trackConnections(server);

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(startError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actualPort = address !== null && typeof address === 'object' ? address.port : port;

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    shutdown.abort();
    connections.closeWhenIdle();
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(cut);
  };
  return { url: `http://${reachable(host)}:${actualPort}`, close: () => (closing ??= close()) };
}

/**
 * Browsers keep connections open that have no request on them, some before their first: the server's own idea of "idle"
 * leaves the latter out, and closing would wait for them.
 */
function trackConnections(server: Server): { closeWhenIdle(): void } {
  const requests = new Map<Socket, number>();
  let closing = false;
  const closeIfIdle = (socket: Socket): void => {
    if (closing && requests.get(socket) === 0) socket.destroySoon();
  };
  server.on('connection', (socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
    closeIfIdle(socket);
  });
  server.on('request', ({ socket }, outgoing) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    outgoing.once('close', () => {
      const open = requests.get(socket);
      if (open === undefined) return;
      requests.set(socket, open - 1);
      closeIfIdle(socket);
    });
  });
  return {
    closeWhenIdle() {
      closing = true;
      for (const socket of requests.keys()) closeIfIdle(socket);
    },
  };
}

/** What to type into a browser: "all addresses" is no address, and IPv6 wants brackets. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function malformed(error: unknown): Response {
  const requestId = randomUUID();
  const headers = { ...commonHeaders, 'x-request-id': requestId };
  return error instanceof RequestError
    ? errorReply(400, 'bad-request', 'The address or the Host header of the request is malformed.', requestId, headers)
    : errorReply(500, 'internal', 'The server failed to answer.', requestId, headers);
}

function startError(error: NodeJS.ErrnoException, host: string, port: number): ServerStartError {
  const code = error.code ?? 'unknown';
  const message =
    code === 'EADDRINUSE'
      ? `Port ${port} on ${host} is in use. Stop the program that holds it, or choose another with --port N (0 takes a free one).`
      : code === 'EACCES'
        ? `Port ${port} on ${host} may not be opened by this user. Choose one above 1023 with --port N.`
        : `Cannot listen on ${host}, port ${port}: ${error.message}. Choose an address of this machine.`;
  return new ServerStartError(code, message, error);
}
