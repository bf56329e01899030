/** What a live source has done so far. */
import type { DisconnectReason, SourceItem, SourceStats } from '../../market-source.ts';
import type { FeedControl, VenueFeed } from '../../venue-feed.ts';
import { createTapeCounts, type TapeStats } from '../tape-counts.ts';
import type { Queue } from './queue.ts';

/** Counts of a live source. A line is a frame that was handed on; `symbol` lists the symbols of the feed. */
export interface LiveStats extends SourceStats, TapeStats {
  /** True while a connection is open. */
  readonly connected: boolean;
  /** Attempts to connect, and how many of them opened. */
  readonly attempts: number;
  readonly connections: number;
  /** Ends of connections, by reason. */
  readonly disconnects: Readonly<Partial<Record<DisconnectReason, number>>>;
  /** What was said at the last of them. */
  readonly lastDisconnect?: string;
  /** Frames that came over the wire, and snapshots that were fetched. */
  readonly frames: number;
  readonly fetched: number;
  /** Length of all of them: bytes of binary frames, UTF-16 units of text. */
  readonly bytes: number;
  /** Frames that came after an overflow and were not read; a gap tells of them. */
  readonly unread: number;
  /** What frames said about the connection, by kind. */
  readonly controls: Readonly<Partial<Record<FeedControl['kind'], number>>>;
  /** Pings and pongs of the protocol that came. */
  readonly signs: number;
  /** How often the network was held back. */
  readonly pauses: number;
  readonly queue: {
    readonly items: number;
    readonly bytes: number;
    readonly mostItems: number;
    readonly mostBytes: number;
  };
  /** Receive time of the last frame, epoch milliseconds. */
  readonly lastFrameMs?: number;
  /** Opening time of the last connection, epoch milliseconds. */
  readonly connectedAtMs?: number;
}

export interface LiveCounts {
  connecting(): void;
  opened(atMs: number): void;
  ended(reason: DisconnectReason, detail: string): void;
  received(length: number, atMs: number, fetched: boolean): void;
  /** Number of a frame, over all and over its connection. */
  place(connection: number): { readonly seq: number; readonly line: number; readonly file: string };
  unread(): void;
  control(kind: FeedControl['kind']): void;
  sign(): void;
  paused(): void;
  /** Handed on. */
  item(item: SourceItem, unmodelled: readonly string[]): void;
  stats(): LiveStats;
}

export function createLiveCounts(feed: Pick<VenueFeed, 'name' | 'symbols'>, queue: Queue<unknown>): LiveCounts {
  const total = { attempts: 0, connections: 0, frames: 0, fetched: 0, bytes: 0, unread: 0, signs: 0, pauses: 0 };
  const tape = createTapeCounts();
  const disconnects: Partial<Record<DisconnectReason, number>> = {};
  const controls: Partial<Record<FeedControl['kind'], number>> = {};
  const last: { lastDisconnect?: string; lastFrameMs?: number; connectedAtMs?: number } = {};
  let connected = false;
  let seq = 0;
  let line = 0;
  let lineOf = 0;
  return {
    connecting: () => void (total.attempts += 1),
    opened(atMs) {
      total.connections += 1;
      connected = true;
      last.connectedAtMs = atMs;
    },
    ended(reason, detail) {
      connected = false;
      disconnects[reason] = (disconnects[reason] ?? 0) + 1;
      last.lastDisconnect = detail;
    },
    received(length, atMs, fetched) {
      total[fetched ? 'fetched' : 'frames'] += 1;
      total.bytes += length;
      if (!fetched) last.lastFrameMs = atMs;
    },
    place(connection) {
      line = lineOf === connection ? line + 1 : 1;
      lineOf = connection;
      return { seq: (seq += 1), line, file: `${feed.name}#${connection}` };
    },
    unread: () => void (total.unread += 1),
    control: (kind) => void (controls[kind] = (controls[kind] ?? 0) + 1),
    sign: () => void (total.signs += 1),
    paused: () => void (total.pauses += 1),
    item: (item, unmodelled) => tape.item(item, unmodelled),
    stats: () => ({
      source: `live:${feed.name}`,
      symbol: feed.symbols?.join(',') ?? '',
      ...tape.stats(),
      inputs: [{ name: feed.name, bytes: total.bytes, lines: seq, gzip: false, state: 'reading' }],
      connected,
      ...total,
      disconnects: { ...disconnects },
      controls: { ...controls },
      queue: { items: queue.length, bytes: queue.bytes, mostItems: queue.mostItems, mostBytes: queue.mostBytes },
      ...last,
    }),
  };
}
