/**
 * A venue's WebSocket as a {@link MarketSource}: one connection at a time, opened again for as long as it is wanted, with
 * every gap reported and nothing dropped that was received.
 */
import { AdaptersError } from './errors.ts';
import { sleep } from './internal/after.ts';
import { fullJitter } from './internal/http/waiting.ts';
import { type ChannelPositions, createChannelPositions, type ResumeToken } from './internal/live/channel-positions.ts';
import { type LiveClock, platformClock } from './internal/live/clock.ts';
import type { Connection } from './internal/live/connection.ts';
import { createLiveCounts, type LiveCounts, type LiveStats } from './internal/live/counts.ts';
import { createQueue, type Queue } from './internal/live/queue.ts';
import { createSession, type Waiting } from './internal/live/session.ts';
import { type Connect, platformConnect } from './internal/live/socket.ts';
import type { MarketSource, SourceGap, SourceItem } from './market-source.ts';
import type { VenueFeed } from './venue-feed.ts';

export type { ChannelPosition, ResumeToken } from './internal/live/channel-positions.ts';
export type { LiveClock } from './internal/live/clock.ts';
export type { LiveStats } from './internal/live/counts.ts';
export type { Connect, LiveSocket, SocketEnd, SocketListener, SocketTarget } from './internal/live/socket.ts';

/** How {@link createLiveSource} connects, waits and holds back. */
export interface LiveSourceOptions {
  /** How to connect; in Node `nodeConnect`. @defaultValue the platform's `WebSocket` */
  readonly connect?: Connect;
  /** Ends the source: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Where an earlier source of this feed stopped; what came between is reported as a gap. */
  readonly resume?: ResumeToken;
  /** The wait before attempt n is drawn from 0 to `backoffMs × 2^(n − 1)`. @defaultValue 1,000 */
  readonly backoffMs?: number;
  /** Longest of these waits. @defaultValue 60,000 */
  readonly maxBackoffMs?: number;
  /**
   * A venue that asks for a longer wait (`Retry-After`) is not waited for: the iteration throws `rate-limited`, which says
   * how long. Up to here its wish goes before `maxBackoffMs`. @defaultValue 3,600,000
   */
  readonly maxRetryAfterMs?: number;
  /** A connection that was open for so long starts the count of attempts anew, milliseconds. @defaultValue 30,000 */
  readonly stableMs?: number;
  /** Attempts in a row without a stable connection before the iteration throws. @defaultValue `Infinity` */
  readonly maxAttempts?: number;
  /**
   * Longest wait for an address (`feed.url()`, with whoever gets a token), and then for a connection to open, each in
   * milliseconds. @defaultValue 20,000
   */
  readonly openTimeoutMs?: number;
  /**
   * Longest wait for the end of a connection that we closed, milliseconds. Then it is ended at once; where the platform
   * cannot do that it is left to itself, and nothing that it still brings is heard. @defaultValue 5,000
   */
  readonly closeTimeoutMs?: number;
  /** How often a protocol ping is sent, where the platform can, milliseconds. @defaultValue 15,000 */
  readonly protocolPingMs?: number;
  /** How long before its end a token or a connection is warned of, milliseconds. @defaultValue 60,000 */
  readonly expiryWarningMs?: number;
  /** How long before that end a new connection takes over, milliseconds. @defaultValue 5,000 */
  readonly expiryLeadMs?: number;
  /**
   * Longest wait for a book that was asked for anew, milliseconds: then that has failed, and it is asked for again, with
   * waits that grow. @defaultValue 30,000
   */
  readonly resyncTimeoutMs?: number;
  /**
   * A channel on which nothing came for so long over a new connection has its gap reported without its end (`open`),
   * milliseconds; at the latest before the connection's end is. @defaultValue 10,000
   */
  readonly silentGapMs?: number;
  /** A longer frame is quarantined by its beginning; one of four times as much ends the connection. @defaultValue 16 MiB */
  readonly maxFrameBytes?: number;
  /** Items that may wait for the consumer before the network is held back. @defaultValue 10,000 */
  readonly maxQueuedItems?: number;
  /**
   * Bytes of frames that may wait. The network is held back from half of it on; where the platform cannot do that, the
   * connection ends at the whole of it (`overflow`): what was received is delivered, what comes after is a gap.
   * @defaultValue 64 MiB
   */
  readonly maxQueuedBytes?: number;
  /** @defaultValue the platform's clock */
  readonly clock?: LiveClock;
  /** Chance, from 0 to below 1. @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** What {@link createLiveSource} uses where an option is absent. */
export const liveSourceDefaults = {
  backoffMs: 1_000,
  maxBackoffMs: 60_000,
  maxRetryAfterMs: 3_600_000,
  stableMs: 30_000,
  maxAttempts: Infinity,
  openTimeoutMs: 20_000,
  closeTimeoutMs: 5_000,
  protocolPingMs: 15_000,
  expiryWarningMs: 60_000,
  expiryLeadMs: 5_000,
  resyncTimeoutMs: 30_000,
  silentGapMs: 10_000,
  maxFrameBytes: 16 * 1024 * 1024,
  maxQueuedItems: 10_000,
  maxQueuedBytes: 64 * 1024 * 1024,
} as const satisfies Partial<LiveSourceOptions>;

/** A live source. */
export interface LiveSource extends MarketSource {
  stats(): LiveStats;
  /** Where the consumer stands: every item before the one that it works on is dealt with. Plain JSON. */
  resumeToken(): ResumeToken;
}

/**
 * A source that connects when it is iterated, and stays connected until the loop is left or the signal fires.
 *
 * Records come in the order of the wire. A gap is yielded right before the first record after it, once for each channel
 * that had records before; of a channel that stays silent also without its end, after `silentGapMs`. A status comes when it
 * happens. Book snapshots that a feed fetches come in as records of their own.
 *
 * @example
 * ```ts no-run
 * const source = createLiveSource(binanceFeed({ market: 'spot', symbols: ['BTCUSDT'], channels: ['trades'] }));
 * for await (const item of source) {
 *   if (item.kind === 'gap') console.warn(item.gap.detail);
 *   if (item.kind === 'record') for (const event of item.record.events) console.log(event);
 * }
 * ```
 * @throws {@link AdaptersError} `bad-option`; the iteration throws `feed-refused` when the venue refuses for good,
 * `unreachable` after `maxAttempts`, `rate-limited` beyond `maxRetryAfterMs`, `closed` the second time, the signal's reason when aborted, and what `feed.url()` throws
 * with code `bad-option`.
 */
export function createLiveSource(feed: VenueFeed, options: LiveSourceOptions = {}): LiveSource {
  const settings = { ...liveSourceDefaults, ...options };
  checkOptions(feed, settings);
  const { connect = platformConnect, clock = platformClock, random = Math.random, signal } = options;
  const queue: Queue<Waiting> = createQueue({ maxItems: settings.maxQueuedItems, maxBytes: settings.maxQueuedBytes });
  const counts: LiveCounts = createLiveCounts(feed, queue);
  const positions: ChannelPositions = createChannelPositions(
    feed.name,
    feed.tradeIdsRiseByOne ?? false,
    options.resume,
  );
  const stopper = new AbortController();
  let connection: Connection | undefined;
  /** Read behind callbacks, so it is a field and no variable. */
  const end: { failure?: { readonly error: unknown } } = {};
  let started = false;
  const stopped = (): boolean => stopper.signal.aborted;
  let wake = (): void => {};

  const enqueue = (
    item: SourceItem | undefined,
    number: number,
    bytes = 0,
    unmodelled: readonly string[] = [],
  ): void => {
    queue.push({ item, connection: number, unmodelled }, bytes);
    wake();
  };
  const fail = (error: unknown): void => {
    end.failure ??= { error };
    stopper.abort(error);
    connection?.end('closed', 'the source failed');
    wake();
  };

  const session = createSession({
    feed,
    settings,
    connect,
    clock,
    random,
    counts,
    queue,
    stop: stopper.signal,
    enqueue,
    onConnection: (current) => (connection = current),
    onRefused: (error) => (end.failure ??= { error }),
  });

  /** One connection after the other: the next starts when the socket of the last is gone. */
  const run = async (): Promise<void> => {
    let attempt = 0;
    for (let number = 1; ; number += 1) {
      const { reason, detail, openForMs, retryAfterMs = 0 } = await session(number);
      counts.ended(reason, detail);
      if (stopped()) return;
      enqueue(
        { kind: 'status', status: { state: 'disconnected', connection: number, atMs: clock.now(), reason, detail } },
        number,
      );
      if (end.failure) return;
      if (openForMs !== undefined && openForMs >= settings.stableMs) attempt = 0;
      if (retryAfterMs > settings.maxRetryAfterMs) {
        const message = `${feed.name} asks to wait ${retryAfterMs} ms: ${detail}. maxRetryAfterMs is ${settings.maxRetryAfterMs}; connect again after that time.`;
        end.failure = { error: new AdaptersError('rate-limited', message, { retryAfterMs }) };
        return;
      }
      attempt += 1;
      if (attempt > settings.maxAttempts) {
        const message = `${feed.name} cannot be reached: ${detail}. ${settings.maxAttempts} attempts failed; check the network and the venue's status.`;
        end.failure = { error: new AdaptersError('unreachable', message) };
        return;
      }
      const inMs = Math.max(retryAfterMs, fullJitter(attempt, settings.backoffMs, settings.maxBackoffMs, random));
      enqueue({ kind: 'status', status: { state: 'reconnecting', attempt, inMs } }, number);
      await pauseFor(clock, inMs, stopper.signal);
      if (stopped()) return;
    }
  };

  async function* iterate(): AsyncGenerator<SourceItem> {
    signal?.throwIfAborted();
    const abort = (): void => {
      queue.clear();
      fail(signal!.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const state = { ended: false };
    const running = run()
      .catch(fail)
      .finally(() => {
        state.ended = true;
        wake();
      });
    try {
      for (;;) {
        const next = queue.take();
        if (next) {
          if (queue.low) connection?.resume();
          yield* deliver(next);
          continue;
        }
        if (state.ended) break;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      if (end.failure) throw end.failure.error;
    } finally {
      signal?.removeEventListener('abort', abort);
      stopper.abort();
      connection?.end('closed', 'the consumer left');
      await running;
    }
  }

  function* report(gaps: readonly SourceGap[]): Generator<SourceItem> {
    for (const gap of gaps) {
      counts.item({ kind: 'gap', gap }, []);
      yield { kind: 'gap', gap };
    }
  }

  function* deliver({ item, connection: number, unmodelled }: Waiting): Generator<SourceItem> {
    if (!item) {
      yield* report(positions.silent(number));
      return;
    }
    if (item.kind === 'status') {
      const { status } = item;
      if (status.state === 'disconnected') yield* report(positions.silent(number));
      if (status.state === 'resync-failed') yield* report(positions.silent(number, status.symbol));
    }
    if (item.kind === 'record') {
      // A frame may hold the first records of several channels.
      for (const event of item.record.events) {
        const gap = positions.gapBefore(event, number);
        if (gap) {
          positions.seen(event, number);
          yield* report([gap]);
        }
      }
    }
    counts.item(item, unmodelled);
    yield item;
    if (item.kind === 'record') for (const event of item.record.events) positions.passed(event, number);
  }

  return {
    [Symbol.asyncIterator]() {
      if (started)
        throw new AdaptersError('closed', `${feed.name} was read already. Make a new source to connect again.`);
      started = true;
      return iterate();
    },
    stats: () => counts.stats(),
    resumeToken: () => positions.token(),
  };
}

/** Waits; ends early, and without a word, when the source does. */
function pauseFor(clock: LiveClock, ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, signal, clock).catch(() => {});
}

/** Waits that double must end somewhere. */
const finite: readonly string[] = ['backoffMs', 'maxBackoffMs'];

function checkOptions(
  feed: VenueFeed,
  settings: Pick<LiveSourceOptions, 'resume'> & Readonly<Record<keyof typeof liveSourceDefaults, number>>,
): void {
  for (const name of Object.keys(liveSourceDefaults) as (keyof typeof liveSourceDefaults)[]) {
    const value = settings[name];
    const least = name.startsWith('max') ? 1 : 0;
    const isEnd = Number.isFinite(value) || !finite.includes(name);
    if (typeof value === 'number' && value >= least && isEnd) continue;
    throw new AdaptersError(
      'bad-option',
      `${name} "${String(value)}" is no number from ${least} ${finite.includes(name) ? 'to below Infinity' : 'on'}. Leave it out for ${liveSourceDefaults[name]}.`,
      { value },
    );
  }
  if (settings.resume !== undefined) checkToken(feed.name, settings.resume);
}

/** A token comes from a disk. */
function checkToken(feed: string, token: unknown): void {
  const bad = (why: string): never => {
    throw new AdaptersError('bad-option', `resume ${why}. Pass what resumeToken() gave, or leave it out.`, {
      value: token,
    });
  };
  if (typeof token !== 'object' || token === null) return bad(`is "${String(token)}"; expected a token`);
  const { v, feed: name, channels } = token as Readonly<Record<string, unknown>>;
  if (v !== 1 || name !== feed) {
    bad(`is a token of "${String(name)}", version ${String(v)}; expected one of "${feed}", version 1`);
  }
  if (!Array.isArray(channels)) return bad(`has the channels "${String(channels)}"; expected a list`);
  for (const [i, channel] of (channels as readonly unknown[]).entries()) {
    const { symbol, channel: kind, id, timeMs } = (channel ?? {}) as Readonly<Record<string, unknown>>;
    const isId = id === undefined || typeof id === 'string';
    const isTime = timeMs === undefined || Number.isFinite(timeMs);
    if (typeof symbol === 'string' && typeof kind === 'string' && isId && isTime) continue;
    bad(`has a channel ${i} that is no {symbol, channel, id, timeMs}`);
  }
}
