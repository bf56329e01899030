/** A venue as small as can be, and sockets that tests hold in their hands. */
import type { SourceItem } from '../../market-source.ts';
import type { FeedControl, VenueFeed } from '../../venue-feed.ts';
import type { Connect, SocketListener, SocketTarget } from './socket.ts';

/** Frames: `{"trades":[7,8]}`, `{"control":{…}}`, `{"bad":2}` (so many bad records), `{"throw":1}`. */
export function toyFeed(more: Partial<VenueFeed> = {}): VenueFeed {
  return {
    name: 'toy',
    symbols: ['TAPE'],
    url: () => 'ws://toy.test/',
    opening: () => ['subscribe'],
    silenceMs: 10_000,
    decoder: () => ({
      decode(frame, receiveMs, sink) {
        const {
          trades = [],
          control,
          bad = 0,
          ...rest
        } = JSON.parse(String(frame)) as {
          trades?: number[];
          control?: FeedControl;
          bad?: number;
        };
        if ('throw' in rest) throw new Error('a bug');
        for (const id of trades) {
          sink.event({ type: 'trade', symbol: 'TAPE', timeMs: receiveMs, price: '1', size: '1', side: 'buy', id });
        }
        for (let i = 0; i < bad; i += 1) sink.reject('bad-record', `record ${i} is bad`);
        if (control) sink.control(control);
      },
    }),
    ...more,
  };
}

/** One socket that was asked for. */
export interface ToySocket {
  readonly target: SocketTarget;
  readonly listener: SocketListener;
  readonly sent: (string | Uint8Array)[];
  readonly calls: string[];
  /** The socket opens and the frames come. */
  open(...frames: readonly unknown[]): void;
  push(...frames: readonly unknown[]): void;
}

/** Sockets by turn; `terminate` and `close` are answered at once. */
export function toyConnect(can: { readonly pause: boolean } = { pause: true }): {
  connect: Connect;
  sockets: ToySocket[];
} {
  const sockets: ToySocket[] = [];
  return {
    sockets,
    connect(target, listener) {
      const [sent, calls]: [(string | Uint8Array)[], string[]] = [[], []];
      const push = (...frames: readonly unknown[]): void => {
        for (const frame of frames) listener.frame(typeof frame === 'string' ? frame : JSON.stringify(frame));
      };
      sockets.push({
        target,
        listener,
        sent,
        calls,
        push,
        open(...frames) {
          listener.open();
          push(...frames);
        },
      });
      const end = (how: string) => (): void => {
        calls.push(how);
        listener.closed({ detail: how });
      };
      return {
        send: (frame) => void sent.push(frame),
        close: end('close'),
        ...(can.pause
          ? {
              terminate: end('terminate'),
              ping: () => void calls.push('ping'),
              pause: () => void calls.push('pause'),
              resume: () => void calls.push('resume'),
            }
          : {}),
      };
    },
  };
}

/** Everything that was started has run as far as it can without the clock. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An item in a few words. */
export function brief(item: SourceItem): string {
  switch (item.kind) {
    case 'record':
      return (
        item.record.events.map((event) => (event.type === 'trade' ? `trade ${event.id}` : event.type)).join(', ') ||
        'record'
      );
    case 'quarantined':
      return `quarantined ${item.entry.reason}`;
    case 'gap':
      return `gap ${item.gap.reason} ${item.gap.after.id ?? '?'}..${item.gap.before.id ?? '?'} missing ${item.gap.missing ?? '?'}`;
    case 'status': {
      const { status } = item;
      switch (status.state) {
        case 'disconnected':
          return `disconnected ${status.reason}: ${status.detail}`;
        case 'reconnecting':
          return `reconnecting ${status.attempt} in ${status.inMs}`;
        case 'connected':
          return `connected ${status.connection}`;
        case 'subscribed':
          return `subscribed ${status.channel}`;
        default:
          return `${status.state}: ${status.detail}`;
      }
    }
  }
}
