/** The live stream as one HTTP reply: a greeting, the events after the reader's last one, heartbeats, and a clean end. */
import { streamAfterHeader } from '@tapekit/sdk/contract';
import type { EventHub, HubEvent } from './event-hub.ts';

/** How long a reader that reconnects should wait, unless it knows better. */
const retryMs = 2_000;
/** A reader that was ended gets this long to take what was already sent. */
const farewellMs = 5_000;

export interface EventStreamOptions {
  readonly events: EventHub;
  /** Resume after this id. */
  readonly afterId: number | undefined;
  readonly heartbeatMs: number;
  /** Calls `tick` every `ms` until the returned function is called. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** Aborts when the server shuts down. */
  readonly shutdown: AbortSignal | undefined;
  /** Cuts the connection of a reader that takes nothing; absent where there is no socket. */
  readonly disconnect: (() => void) | undefined;
  /** Called once, when the reader is gone. */
  readonly onEnd: () => void;
}

/** Opens the stream. The reply must be read or cancelled: until then it holds a place among the readers. */
export function eventStreamReply(options: EventStreamOptions): Response {
  const { events, heartbeatMs, every, shutdown, disconnect } = options;
  const encoder = new TextEncoder();
  let over = false;
  let stopHeartbeat = (): void => undefined;
  let stopCut = (): void => undefined;

  function finish(): void {
    if (over) return;
    over = true;
    stopHeartbeat();
    shutdown?.removeEventListener('abort', leave);
    subscription.unsubscribe();
    options.onEnd();
  }

  const subscription = events.subscribe(options.afterId, (reason) => {
    if (reason === 'left' || !disconnect) return;
    // A reader that has stopped reading is not reached by the end of the stream either: its socket is cut.
    stopCut = every(farewellMs, () => {
      stopCut();
      disconnect();
    });
  });
  const leave = (): void => subscription.unsubscribe();

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const { afterId } = subscription;
        controller.enqueue(encoder.encode(`retry: ${retryMs}\nid: ${afterId}\n: live events after ${afterId}\n\n`));
        const heartbeat = (): void => {
          // Only while the reader keeps up; otherwise heartbeats would pile up where events must not.
          if (!over && (controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': heartbeat\n\n'));
        };
        stopHeartbeat = every(heartbeatMs, heartbeat);
        if (shutdown?.aborted) leave();
        else shutdown?.addEventListener('abort', leave, { once: true });
      },
      async pull(controller) {
        const event = await subscription.next();
        if (over) return;
        if (event) {
          controller.enqueue(encoder.encode(wire(event)));
          return;
        }
        const why = subscription.endedBy() === 'lagged' ? 'gap: this reader is too slow' : 'the server is closing';
        finish();
        controller.enqueue(encoder.encode(`: ${why}\n\n`));
        controller.close();
      },
      cancel() {
        stopCut();
        finish();
      },
    },
    { highWaterMark: 1 },
  );

  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // Proxies such as nginx hold a reply back until it ends, unless told.
      'x-accel-buffering': 'no',
      [streamAfterHeader]: String(subscription.afterId),
    },
  });
}

/** JSON never holds a raw line break, so the data is one line. */
function wire({ id, event, json }: HubEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${json}\n\n`;
}
