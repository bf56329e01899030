/** One connection of a live source, from its address to its end: frames to items, controls to deeds. */
import { AdaptersError } from '../../errors.ts';
import type { SourceItem, SourceStatus } from '../../market-source.ts';
import type { FeedControl, VenueFeed } from '../../venue-feed.ts';
import { after } from '../after.ts';
import { type Redact, textRedactor } from '../http/redact.ts';
import { elapsedOf, type LiveClock } from './clock.ts';
import { type Connection, type ConnectionEnd, openConnection } from './connection.ts';
import type { LiveCounts } from './counts.ts';
import { type DecodedFrame, decodeFrame, frameText, itemOf, sequenceGap } from './frame-reader.ts';
import type { Queue } from './queue.ts';
import { createResync } from './resync.ts';
import type { Connect } from './socket.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What waits for the consumer. */
export interface Waiting {
  /** Absent: the channels that are silent have their gaps reported now. */
  readonly item: SourceItem | undefined;
  readonly connection: number;
  readonly unmodelled: readonly string[];
}

/** What a session needs of its source. */
export interface SessionContext {
  readonly feed: VenueFeed;
  readonly settings: {
    readonly openTimeoutMs: number;
    readonly closeTimeoutMs: number;
    readonly protocolPingMs: number;
    readonly expiryWarningMs: number;
    readonly expiryLeadMs: number;
    readonly maxFrameBytes: number;
    readonly resyncTimeoutMs: number;
    readonly silentGapMs: number;
  };
  readonly connect: Connect;
  readonly clock: LiveClock;
  readonly random: () => number;
  readonly counts: LiveCounts;
  readonly queue: Pick<Queue<unknown>, 'full' | 'high' | 'bytes'>;
  /** Ends the source. */
  readonly stop: AbortSignal;
  readonly enqueue: (
    item: SourceItem | undefined,
    connection: number,
    bytes?: number,
    unmodelled?: readonly string[],
  ) => void;
  /** The connection that is there now. */
  readonly onConnection: (connection: Connection | undefined) => void;
  /** The venue refused for good. */
  readonly onRefused: (error: AdaptersError) => void;
}

/** Runs the connection of this number to its end. */
export type Session = (number: number) => Promise<ConnectionEnd>;

export function createSession(context: SessionContext): Session {
  const { feed, settings, connect, clock, random, counts, queue, enqueue, onConnection, onRefused } = context;
  return async (number) => {
    const over = new AbortController();
    const stop = AbortSignal.any([context.stop, over.signal]);
    const decoder = feed.decoder();
    let url: string;
    try {
      url = await addressOf(feed, settings.openTimeoutMs, clock, context.stop);
    } catch (error) {
      if (error instanceof AdaptersError && error.code === 'bad-option') throw error;
      return { reason: 'failed', detail: secretsOf(feed)(`no address: ${(error as Error).message}`) };
    }
    if (context.stop.aborted) return { reason: 'closed', detail: 'stopped' };

    // Venues echo what they refuse.
    const redact = secretsOf(feed);
    const status = (item: SourceStatus): void => {
      const clean = 'detail' in item ? { ...item, detail: redact(item.detail) } : item;
      enqueue({ kind: 'status', status: clean }, number);
    };
    let expiryMs = Infinity;
    const expires = (atMs: number, detail: string, warn: boolean): void => {
      if (warn) status({ state: 'expires', atMs, detail });
      if (!(atMs < expiryMs)) return;
      expiryMs = atMs;
      const lead = Math.max(0, atMs - settings.expiryLeadMs - clock.now());
      current.after(lead, () => {
        if (atMs === expiryMs) current.end('expired', detail);
      });
    };

    const isFull = (): boolean => queue.full;
    const onFrame = (frame: string | Uint8Array, fetched = false): void => {
      if (over.signal.aborted || context.stop.aborted) return;
      const receiveMs = clock.now();
      counts.received(frame.length, receiveMs, fetched);
      if (isFull()) {
        counts.unread();
        return;
      }
      take(frame, receiveMs);
      // Snapshots are fetched, not pushed: there is nothing to hold back.
      if (queue.high && current.pause()) counts.paused();
      if (isFull()) current.end('overflow', `${queue.bytes} bytes wait for the consumer (maxQueuedBytes)`);
    };

    const take = (frame: string | Uint8Array, receiveMs: number): void => {
      const isLong = frame.length > settings.maxFrameBytes;
      const { text, encoding } = frameText(isLong ? frame.slice(0, 4_096) : frame);
      const place = { ...counts.place(number), receiveNs: `${Math.floor(receiveMs)}000000`, text, encoding };
      const decoded = isLong
        ? tooLong(frame.length, settings.maxFrameBytes)
        : decodeFrame(decoder, frame, receiveMs, redact);
      for (const control of decoded.controls) if (control.kind === 'gap') act(control);
      enqueue(itemOf(decoded, place), number, text.length, decoded.unmodelled);
      resync.saw(decoded.events);
      for (const control of decoded.controls) if (control.kind !== 'gap') act(control);
    };

    const act = (control: FeedControl): void => {
      counts.control(control.kind);
      switch (control.kind) {
        case 'gap':
          enqueue({ kind: 'gap', gap: sequenceGap({ ...control, detail: redact(control.detail) }) }, number);
          return;
        case 'reply':
          current.send(control.frame);
          return;
        case 'resync':
          resync.request(control.symbol, control.channel, control.detail);
          return;
        case 'subscribed':
          status({ state: 'subscribed', channel: control.channel });
          return;
        case 'expires':
          if (control.atMs === undefined) status({ state: 'expires', atMs: undefined, detail: control.detail });
          else expires(control.atMs, control.detail, true);
          return;
        case 'refused':
          status({ state: 'refused', detail: control.detail, fatal: control.fatal });
          if (!control.fatal) return;
          current.end('refused', control.detail);
          onRefused(refusedError(feed.name, redact(control.detail)));
          return;
        case 'heartbeat':
          return;
      }
    };

    counts.connecting();
    const current = openConnection({
      target: {
        url,
        headers: feed.headers ?? {},
        protocols: feed.protocols ?? [],
        maxFrameBytes: settings.maxFrameBytes * 4,
      },
      feed,
      connect,
      clock,
      openTimeoutMs: settings.openTimeoutMs,
      closeTimeoutMs: settings.closeTimeoutMs,
      protocolPingMs: settings.protocolPingMs,
      onFrame,
      onSign: () => counts.sign(),
      onOpen() {
        const atMs = clock.now();
        counts.opened(atMs);
        status({ state: 'connected', connection: number, atMs });
        for (const frame of feed.opening()) current.send(frame);
        current.after(settings.silentGapMs, () => enqueue(undefined, number));
        if (feed.lifetimeMs === undefined) return;
        const endMs = atMs + feed.lifetimeMs;
        const detail = `connections of ${feed.name} live ${feed.lifetimeMs} ms`;
        expires(endMs, detail, false);
        current.after(Math.max(0, feed.lifetimeMs - settings.expiryWarningMs), () =>
          status({ state: 'expires', atMs: endMs, detail }),
        );
      },
    });
    onConnection(current);
    const resync = createResync({
      feed,
      connection: current,
      signal: stop,
      elapsed: elapsedOf(clock),
      random,
      timeoutMs: settings.resyncTimeoutMs,
      status,
      frame: (frame) => onFrame(frame, true),
    });
    const end = await current.ended;
    onConnection(undefined);
    over.abort();
    return { ...end, detail: redact(end.detail) };
  };
}

function tooLong(length: number, maxFrameBytes: number): DecodedFrame {
  const detail = `the frame has a length of ${length}; expected at most ${maxFrameBytes} (maxFrameBytes)`;
  return { events: [], refused: [{ reason: 'too-long', detail }], unmodelled: [], controls: [], useless: true };
}

function refusedError(name: string, detail: string): AdaptersError {
  return new AdaptersError(
    'feed-refused',
    `${name} refused for good: ${detail}. Check the symbols, the channels and the credentials of the feed.`,
  );
}

/** The address, in time: who gets a token may wait for it for ever. */
async function addressOf(feed: VenueFeed, timeoutMs: number, clock: LiveClock, stop: AbortSignal): Promise<string> {
  const limit = new AbortController();
  const both = AbortSignal.any([stop, limit.signal]);
  const cancel = after(
    timeoutMs,
    () => limit.abort(new Error(`url() gave none within ${timeoutMs} ms (openTimeoutMs)`)),
    clock,
  );
  try {
    return await unlessAborted(feed.url(both), both);
  } finally {
    cancel();
  }
}

/** Takes out what may not show; asked anew for every connection, since tokens are. */
function secretsOf(feed: VenueFeed): Redact {
  const { headers = {} } = feed;
  const secretHeaders = Object.entries(headers).filter(([name]) => /^(authorization|cookie)$/i.test(name));
  return textRedactor([...(feed.secrets?.() ?? []), ...secretHeaders.map(([, value]) => value)]);
}
