/**
 * What every live feed must survive: each fault of a venue, played by the loopback venue over a recording, with the
 * promises of a live source checked against what really reached the socket. Needs no test framework.
 */
import { frameText } from '../internal/live/frame-reader.ts';
import { createManualClock, type ManualClock } from '../internal/live/manual-clock.ts';
import { nodeConnect } from '../live-source-node.ts';
import { type Connect, createLiveSource, liveSourceDefaults, type LiveStats } from '../live-source.ts';
import { isAdaptersError } from '../errors.ts';
import type { FaultCase } from '../internal/fault-cases.ts';
import type { SourceGap, SourceItem, SourceStatus } from '../market-source.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { type LoopbackVenue, startLoopbackVenue } from './loopback-venue.ts';

export { faultCases, type FaultCase } from '../internal/fault-cases.ts';

/** What a case left behind. */
export interface FaultReport {
  readonly stats: LiveStats;
  readonly gaps: readonly SourceGap[];
  readonly statuses: readonly SourceStatus[];
  /** Frames that reached the socket, and records plus quarantine entries that came out. */
  readonly delivered: number;
  readonly yielded: number;
  readonly events: number;
}

/** What is played. */
export interface FaultRecording {
  /** The feed as users make it; its address is replaced. */
  readonly feed: VenueFeed;
  /** At least 30 frames as the venue sent them, from the first on. */
  readonly frames: readonly (string | Uint8Array)[];
  /** Points what the feed fetches over HTTP at the loopback venue. */
  readonly redirect?: (feed: VenueFeed, httpUrl: string) => VenueFeed;
  /**
   * The first frame is the snapshot of this book, and changes of it follow. `again` is the snapshot that the venue gives to
   * who subscribes anew after a third of the frames.
   */
  readonly book?: { readonly symbol: string; readonly again: string };
  /** How to connect. @defaultValue `nodeConnect` */
  readonly connect?: Connect;
  /** Answers over HTTP, for feeds that fetch. */
  readonly http?: Parameters<typeof startLoopbackVenue>[0]['http'];
}

/**
 * Plays one fault and checks the promises: the source recovers and reads the recording to its end; what reached the socket
 * comes out, once, in its order and byte for byte; every channel that goes on over a new connection has its gap; there
 * are never two sockets.
 *
 * @throws Error that names the broken promise.
 */
export async function checkFault(fault: FaultCase, recording: FaultRecording): Promise<FaultReport> {
  const { frames } = recording;
  const clock = createManualClock();
  const done = new AbortController();
  const finished = new Error('the script is through');
  const watched = watchedConnect(recording.connect ?? nodeConnect);
  const used = new Set<string>();
  let tokens = 0;
  let feed: VenueFeed;
  const { book } = recording;
  // The first frame of a resubscription: the second is often that of the subscription.
  const asked = book && recording.feed.resubscribe?.(book.symbol, 'book')[0];
  const script = fault.script(frames.length, asked !== undefined);
  const venue = await startLoopbackVenue({
    frames,
    connections: script,
    ...(asked === undefined || !fault.losesBook
      ? {}
      : { answers: (text) => (text === asked ? [book!.again] : undefined) }),
    accepts: (path) => !used.has(path) && used.add(path).size > 0,
    ...(recording.http ? { http: recording.http } : {}),
    onStep(step) {
      if (step.do === 'stall') clock.advance(fault.stallMs ?? feed.silenceMs);
    },
    onDone: () => done.abort(finished),
  });
  try {
    const url = (): string | Promise<string> => {
      tokens += 1;
      if (tokens !== fault.silentAddress) return `${venue.wsUrl}/?token=${tokens}`;
      setImmediate(() => clock.advance(fault.options?.openTimeoutMs ?? liveSourceDefaults.openTimeoutMs));
      return new Promise(() => {});
    };
    const base: VenueFeed = { ...recording.feed, ...fault.feed, url };
    feed = recording.redirect?.(base, venue.httpUrl) ?? base;
    const source = createLiveSource(feed, {
      ...fault.options,
      connect: watched.connect,
      clock,
      random: () => 0.5,
      signal: done.signal,
    });
    const isEnd = (error: unknown): boolean =>
      fault.fails === undefined ? error === finished : isAdaptersError(error, fault.fails);
    const items = await consume(source, venue, clock, watched, isEnd);
    if (venue.paths.length !== script.length) {
      throw new Error(
        `A venue that ${fault.name}: ${venue.paths.length} connections were asked for; expected ${script.length}.`,
      );
    }
    return check(fault, asked !== undefined, items, watched, source.stats());
  } finally {
    await venue.close();
  }
}

interface Watched {
  readonly connect: Connect;
  /** Frames that reached the socket, as a tape keeps them. */
  readonly delivered: string[];
  /** How many had come before the last connection. */
  before: number;
  mostOpen: number;
}

/** Notes what really arrives, beneath everything that is tested. */
function watchedConnect(connect: Connect): Watched {
  let open = 0;
  const watched: Watched = {
    delivered: [],
    before: 0,
    mostOpen: 0,
    connect(target, listener) {
      open += 1;
      watched.mostOpen = Math.max(watched.mostOpen, open);
      watched.before = watched.delivered.length;
      return connect(target, {
        ...listener,
        frame(frame) {
          watched.delivered.push(frameText(frame).text);
          listener.frame(frame);
        },
        closed(end) {
          open -= 1;
          listener.closed(end);
        },
      });
    },
  };
  return watched;
}

interface Consumed {
  readonly items: readonly SourceItem[];
  /** How many of the delivered frames came out, each at its turn. */
  readonly yielded: number;
}

async function consume(
  source: AsyncIterable<SourceItem>,
  venue: LoopbackVenue,
  clock: ManualClock,
  watched: Watched,
  isEnd: (error: unknown) => boolean,
): Promise<Consumed> {
  const items: SourceItem[] = [];
  let yielded = 0;
  try {
    for await (const item of source) {
      items.push(item);
      if (item.kind === 'status' && item.status.state === 'reconnecting') clock.advance(item.status.inMs);
      const text = textOf(item);
      if (text === undefined) continue;
      const expected = watched.delivered[yielded];
      const cut = item.kind === 'quarantined' && item.entry.reason === 'too-long';
      // What was fetched over HTTP stands between the frames of the wire.
      if (text === expected || (cut && expected?.startsWith(text))) yielded += 1;
      venue.acknowledge(yielded - watched.before);
    }
  } catch (error) {
    if (!isEnd(error)) throw error;
  }
  return { items, yielded };
}

function textOf(item: SourceItem): string | undefined {
  return item.kind === 'record' ? item.record.raw : item.kind === 'quarantined' ? item.entry.text : undefined;
}

function check(
  fault: FaultCase,
  hasBook: boolean,
  { items, yielded }: Consumed,
  watched: Watched,
  stats: LiveStats,
): FaultReport {
  const broken = (promise: string): never => {
    throw new Error(`A venue that ${fault.name}: ${promise}`);
  };
  const { delivered, mostOpen } = watched;
  const statuses = items.flatMap((item) => (item.kind === 'status' ? [item.status] : []));
  const gaps = items.flatMap((item) => (item.kind === 'gap' ? [item.gap] : []));
  if (yielded !== delivered.length) broken(`${delivered.length} frames reached the socket and ${yielded} came out.`);
  const tapes = items.filter((item) => textOf(item) !== undefined).length;
  if (tapes !== yielded + stats.fetched)
    broken(`${tapes} records came out of ${yielded} frames and ${stats.fetched} fetched.`);
  if (stats.lines !== stats.records + stats.quarantined || stats.lines !== tapes) broken('the counts do not add up.');
  if (mostOpen !== 1) broken(`${mostOpen} sockets were open at once.`);
  const ends = statuses.flatMap((status) => (status.state === 'disconnected' ? [status.reason] : []));
  if (ends.join() !== fault.ends.join())
    broken(`connections ended by [${ends.join()}]; expected [${fault.ends.join()}].`);
  const waits = statuses.flatMap((status) => (status.state === 'reconnecting' ? [status.inMs] : []));
  if (Math.max(0, ...waits) < (fault.leastWaitMs ?? 0)) broken(`the waits were ${waits.join()} ms.`);
  if (fault.losesBook && hasBook) {
    if (stats.controls.resync !== 1) broken(`its book was asked for ${stats.controls.resync ?? 0} times.`);
    if (!gaps.some(({ reason, channel }) => reason === 'sequence' && channel === 'book'))
      broken('its book has no gap.');
    if (stats.events.bookSnapshot !== 1 || stats.events.bookDelta === 0) broken('its book did not go on.');
  }
  checkGaps(items, broken);
  return { stats, gaps, statuses, delivered: delivered.length, yielded, events: sum(stats.events) };
}

/**
 * Every channel that goes on over a new connection has exactly one gap with its end, right before its first record there. A
 * connection that ends before a channel goes on has its gap without an end told by then, once.
 */
function checkGaps(items: readonly SourceItem[], broken: (promise: string) => never): void {
  const connectionOf = new Map<string, string>();
  const open = new Set<string>();
  let told: string[] = [];
  for (const item of items) {
    if (item.kind === 'gap' && item.gap.reason === 'reconnect') {
      const channel = `${item.gap.channel} of ${item.gap.symbol}`;
      if (item.gap.open !== true) told.push(channel);
      else if (open.has(channel) || !connectionOf.has(channel))
        broken(`the open gap of ${channel} was told for nothing.`);
      else open.add(channel);
    }
    if (item.kind === 'status' && item.status.state === 'disconnected') {
      const file = `#${item.status.connection}`;
      const silent = [...connectionOf].flatMap(([channel, last]) => (last.endsWith(file) ? [] : [channel]));
      const untold = silent.filter((channel) => !open.has(channel));
      if (untold.length > 0)
        broken(`no gap was told for [${untold.join()}], which connection ${file} brought nothing of.`);
    }
    if (item.kind !== 'record') continue;
    const connection = item.record.file;
    const expected: string[] = [];
    for (const event of item.record.events) {
      const channel = `${event.type.startsWith('book') ? 'book' : event.type} of ${event.symbol}`;
      const last = connectionOf.get(channel);
      if (last !== undefined && last !== connection) expected.push(channel);
      connectionOf.set(channel, connection);
      open.delete(channel);
    }
    if (told.join() !== expected.join()) broken(`gaps [${told.join()}] were told; expected [${expected.join()}].`);
    told = [];
  }
  if (told.length > 0) broken(`gaps [${told.join()}] were told before no record.`);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
