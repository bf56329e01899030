/** WebSockets for Node: headers, protocol pings, and holding a fast venue back. */
import { WebSocket } from 'ws';
import { retryAfterMs } from './internal/http/retry-after.ts';
import { closeDetail, type Connect, type SocketEnd } from './internal/live/socket.ts';

/**
 * Connects with `ws`. Text must be UTF-8, compression is accepted, redirects are not followed.
 *
 * @example
 * ```ts no-run
 * const source = createLiveSource(feed, { connect: nodeConnect });
 * ```
 */
export const nodeConnect: Connect = (target, listener) => {
  const socket = new WebSocket(target.url, [...target.protocols], {
    headers: { ...target.headers },
    maxPayload: target.maxFrameBytes,
    followRedirects: false,
  });
  let end: SocketEnd | undefined;
  let closed = false;
  const finish = (fallback: SocketEnd): void => {
    if (closed) return;
    closed = true;
    listener.closed(end ?? fallback);
  };
  socket.on('open', () => listener.open());
  socket.on('message', (data, isBinary) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data;
    listener.frame(isBinary ? new Uint8Array(bytes) : bytes.toString('utf8'));
  });
  socket.on('ping', () => listener.sign());
  socket.on('pong', () => listener.sign());
  socket.on('unexpected-response', (request, response) => {
    const asked = retryAfterMs(response.headers['retry-after'] ?? null, Date.now());
    end = {
      detail: `the venue answered ${response.statusCode ?? 'nothing'} instead of a WebSocket`,
      ...(asked === undefined ? {} : { retryAfterMs: asked }),
    };
    response.resume();
    request.destroy();
    finish(end);
  });
  socket.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      end = { detail: `a frame is longer than ${target.maxFrameBytes} bytes`, oversize: true };
    }
    // The address of an error may carry a token.
    end ??= { detail: error.code ?? error.message.replaceAll(target.url, 'the venue') };
  });
  socket.on('close', (code, reason) => finish({ detail: closeDetail(code, reason.toString('utf8')) }));
  return {
    send: (frame) => socket.send(frame),
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
};
