/** One connection from its opening to its end: keep-alive, watchdog, expiry. It ends once, and says why. */
import type { DisconnectReason } from '../../market-source.ts';
import type { VenueFeed } from '../../venue-feed.ts';
import { after as callAfter } from '../after.ts';
import { elapsedOf, type LiveClock } from './clock.ts';
import type { Connect, LiveSocket, SocketEnd, SocketTarget } from './socket.ts';

/** Why and when a connection ended. */
export interface ConnectionEnd {
  readonly reason: DisconnectReason;
  readonly detail: string;
  /** How long it was open; absent when it never was. */
  readonly openForMs?: number;
  readonly retryAfterMs?: number;
}

export interface ConnectionOptions {
  readonly target: SocketTarget;
  readonly feed: Pick<VenueFeed, 'ping' | 'silenceMs'>;
  readonly connect: Connect;
  readonly clock: LiveClock;
  readonly openTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly protocolPingMs: number;
  onOpen(): void;
  onFrame(frame: string | Uint8Array): void;
  /** A ping or a pong of the protocol came. */
  onSign(): void;
}

/** A connection that was opened, or is about to be. */
export interface Connection {
  /** Does nothing once the connection has ended. */
  send(frame: string | Uint8Array): void;
  /** Stops reading, and the watchdog with it; false where the platform cannot, and when it is paused already. */
  pause(): boolean;
  resume(): void;
  /** Ends it; the first reason counts. */
  end(reason: DisconnectReason, detail: string): void;
  /** Calls back after `ms` unless the connection has ended by then. */
  after(ms: number, run: () => void): void;
  /** Resolves when the socket is gone: only then may there be another. */
  readonly ended: Promise<ConnectionEnd>;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { feed, clock, closeTimeoutMs } = options;
  const cancels = new Set<() => void>();
  const elapsed = elapsedOf(clock);
  let socket: LiveSocket | undefined;
  let openedAtMs: number | undefined;
  let ending: { readonly reason: DisconnectReason; readonly detail: string } | undefined;
  let gone = false;
  let paused = false;
  let lastSignMs = elapsed();
  let resolveEnd: (end: ConnectionEnd) => void;
  const ended = new Promise<ConnectionEnd>((resolve) => (resolveEnd = resolve));

  const after = (ms: number, run: () => void): void => {
    if (gone) return;
    const cancel = callAfter(
      ms,
      () => {
        cancels.delete(cancel);
        if (!gone) run();
      },
      clock,
    );
    cancels.add(cancel);
  };

  const finish = (end: Pick<SocketEnd, 'detail' | 'retryAfterMs' | 'oversize'>): void => {
    if (gone) return;
    gone = true;
    for (const cancel of cancels) cancel();
    const other: DisconnectReason = end.oversize ? 'oversize' : openedAtMs === undefined ? 'failed' : 'closed';
    resolveEnd({
      reason: ending?.reason ?? other,
      detail: ending?.detail ?? end.detail,
      ...(openedAtMs === undefined ? {} : { openForMs: elapsed() - openedAtMs }),
      ...(end.retryAfterMs === undefined ? {} : { retryAfterMs: end.retryAfterMs }),
    });
  };

  const end = (reason: DisconnectReason, detail: string): void => {
    if (gone || ending) return;
    ending = { reason, detail };
    if (!socket) {
      finish({ detail });
      return;
    }
    // A venue that is silent or broken does not answer a polite goodbye either.
    if (reason === 'expired' || !socket.terminate) socket.close();
    else socket.terminate();
    after(closeTimeoutMs, () => {
      // What can be ended at once says so; only a platform that cannot is not waited for any longer.
      if (socket?.terminate) socket.terminate();
      else finish({ detail });
    });
  };

  const watch = (): void => {
    const idle = paused ? 0 : elapsed() - lastSignMs;
    if (idle >= feed.silenceMs) {
      end('silence', `nothing came for ${Math.round(idle)} ms; the feed allows ${feed.silenceMs}`);
      return;
    }
    after(feed.silenceMs - idle, watch);
  };

  const every = (ms: number, run: () => void): void => {
    after(ms, () => {
      if (!paused) run();
      every(ms, run);
    });
  };

  const send = (frame: string | Uint8Array): void => {
    if (gone || ending) return;
    try {
      socket?.send(frame);
    } catch (error) {
      end('closed', `sending failed: ${(error as Error).message}`);
    }
  };

  const opened = (): void => {
    if (gone || ending) return;
    openedAtMs = lastSignMs = elapsed();
    watch();
    const { ping } = feed;
    if (ping) every(ping.everyMs, () => send(ping.frame()));
    if (socket?.ping) every(options.protocolPingMs, () => socket?.ping?.());
    options.onOpen();
  };

  after(options.openTimeoutMs, () => {
    if (openedAtMs === undefined) end('failed', `no connection within ${options.openTimeoutMs} ms`);
  });
  try {
    socket = options.connect(options.target, {
      open: opened,
      frame(frame) {
        if (gone) return;
        lastSignMs = elapsed();
        options.onFrame(frame);
      },
      sign() {
        if (gone) return;
        if (!feed.ping) lastSignMs = elapsed();
        options.onSign();
      },
      closed: finish,
    });
  } catch (error) {
    // Wrong for this feed and this platform, now and at every other attempt.
    gone = true;
    for (const cancel of cancels) cancel();
    throw error;
  }

  return {
    send,
    end,
    after,
    ended,
    pause() {
      if (!socket.pause || paused || gone) return false;
      paused = true;
      socket.pause();
      return true;
    },
    resume() {
      if (!paused || gone) return;
      paused = false;
      lastSignMs = elapsed();
      socket.resume?.();
    },
  };
}
