/** Where a live stream lost events: those after `lastId` up to `afterId` did not come and will not. */
export interface StreamGap {
  /** The last id before the gap. */
  readonly lastId: number;
  /** The stream goes on after this id; smaller than `lastId` when the server began to count anew. */
  readonly afterId: number;
}

/** Why and when a live stream connects again. */
export interface StreamRetry {
  /** 1 for the first try after a connection that worked. */
  readonly attempt: number;
  /** Milliseconds until the try. */
  readonly delayMs: number;
  /** What ended the connection; `undefined` when the server ended it in good order. */
  readonly error: unknown;
}

/** How to follow the live stream. */
export interface StreamOptions {
  /** Resume after this id; without it the stream starts with the next event. */
  readonly lastEventId?: number;
  /** Ends the stream: the iteration finishes without an error. */
  readonly signal?: AbortSignal;
  /** Called when events are lost, before the first event after them: read the state anew. */
  readonly onGap?: (gap: StreamGap) => void;
  /** Called whenever a connection stands. */
  readonly onOpen?: () => void;
  /** Called whenever a connection ended and before the pause until the next. */
  readonly onRetry?: (retry: StreamRetry) => void;
  /**
   * Silence after which a connection counts as dead, in milliseconds from 1 on; the server sends a heartbeat every 15 s.
   * @defaultValue 45000
   */
  readonly silenceMs?: number;
  /**
   * Pause before the first reconnect, in milliseconds from 1 on, doubled with every failure; the server's `retry`
   * replaces it, and counts as 100 where it is shorter.
   * @defaultValue 1000
   */
  readonly minDelayMs?: number;
  /**
   * The longest pause between two tries, in milliseconds; at least `minDelayMs`.
   * @defaultValue 30000
   */
  readonly maxDelayMs?: number;
}

/** The values of {@link StreamOptions} where the caller gives none. */
export const streamDefaults = { silenceMs: 45_000, minDelayMs: 1_000, maxDelayMs: 30_000 } as const;
