/**
 * Live events for many readers. The last events stay in a ring, and each reader is no more than a position in it: a
 * reader that is slow costs no memory, and one that falls out of the ring is ended, comes back and learns of its gap.
 */
import type { StreamEventData, StreamEventName } from '@tapekit/sdk/contract';

/** One event as it goes over the wire. */
export interface HubEvent {
  readonly id: number;
  readonly event: StreamEventName;
  /** The data as JSON, written once for all readers. */
  readonly json: string;
}

/** Why a subscription ended: the reader fell out of the ring, the hub closed, or the reader left. */
export type EndReason = 'lagged' | 'closed' | 'left';

/** A reader of the hub. Iterate it once. */
export interface Subscription extends AsyncIterable<HubEvent> {
  /** The events after this id come; not the id that was asked for when that is no longer in the ring. */
  readonly afterId: number;
  /** Why it ended; `undefined` while it goes on. */
  endedBy(): EndReason | undefined;
  /** Resolves with the next event, or with `undefined` when the subscription has ended. */
  next(): Promise<HubEvent | undefined>;
  /** Ends the subscription and lets go of it; safe to call again. */
  unsubscribe(): void;
}

/** Where events come in and readers come for them. */
export interface EventHub {
  /** Announces an event to every reader and returns its id. The data is written down at once and may change later. */
  publish<Name extends StreamEventName>(event: Name, data: StreamEventData<Name>): number;
  /**
   * Events after `afterId`, as far as the ring holds them; without it, from the next event. `onEnd` is called once, also
   * while the reader does not read.
   */
  subscribe(afterId?: number, onEnd?: (reason: EndReason) => void): Subscription;
  /** Id of the latest event; the first id less one before any. */
  lastId(): number;
  /** Number of readers. */
  subscribers(): number;
  /** Ends every subscription; later events are kept but nobody is told. */
  close(): void;
}

export interface EventHubOptions {
  /**
   * Events that the ring holds.
   * @defaultValue 1000
   */
  readonly capacity?: number;
  /**
   * Id of the first event. Ids of an earlier process must not be met again, else a reader that resumes would silently
   * miss events; so counting starts at the time of start, in microseconds.
   * @defaultValue now, in microseconds since 1970
   */
  readonly firstId?: number;
}

interface Reader {
  nextId: number;
  endedBy: EndReason | undefined;
  readonly onEnd: ((reason: EndReason) => void) | undefined;
  /** Set while the reader waits for an event. */
  wake: (() => void) | undefined;
}

export function createEventHub(options: EventHubOptions = {}): EventHub {
  const { capacity = 1000, firstId = Date.now() * 1000 } = options;
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new RangeError(`Option "capacity" is ${capacity}; expected a whole number of events, at least 1.`);
  }
  const ring: HubEvent[] = [];
  const readers = new Set<Reader>();
  let nextId = firstId;
  let closed = false;

  const oldestId = (): number => nextId - ring.length;
  const at = (id: number): HubEvent => ring[(id - firstId) % capacity]!;

  function end(reader: Reader, reason: EndReason): void {
    if (!readers.delete(reader)) return;
    reader.endedBy = reason;
    wake(reader);
    reader.onEnd?.(reason);
  }

  return {
    publish(event, data) {
      const id = nextId;
      const entry: HubEvent = { id, event, json: JSON.stringify(data) };
      ring[(id - firstId) % capacity] = entry;
      nextId += 1;
      for (const reader of readers) {
        if (reader.nextId < oldestId()) end(reader, 'lagged');
        else wake(reader);
      }
      return id;
    },
    subscribe(afterId, onEnd) {
      const known = afterId === undefined ? nextId - 1 : afterId;
      const inRing = known >= oldestId() - 1 && known < nextId;
      const start = inRing ? known + 1 : oldestId();
      const reader: Reader = { nextId: start, endedBy: undefined, onEnd, wake: undefined };
      readers.add(reader);
      if (closed) end(reader, 'closed');

      const next = async (): Promise<HubEvent | undefined> => {
        if (!reader.endedBy && reader.nextId === nextId) {
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
        }
        if (reader.endedBy) return undefined;
        const entry = at(reader.nextId);
        reader.nextId += 1;
        return entry;
      };
      const unsubscribe = (): void => end(reader, 'left');
      return {
        afterId: start - 1,
        endedBy: () => reader.endedBy,
        next,
        unsubscribe,
        async *[Symbol.asyncIterator]() {
          try {
            for (let entry = await next(); entry; entry = await next()) yield entry;
          } finally {
            unsubscribe();
          }
        },
      };
    },
    lastId: () => nextId - 1,
    subscribers: () => readers.size,
    close() {
      closed = true;
      for (const reader of readers) end(reader, 'closed');
    },
  };
}

function wake(reader: Reader): void {
  const { wake: resolve } = reader;
  reader.wake = undefined;
  resolve?.();
}
