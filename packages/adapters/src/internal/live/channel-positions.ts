/** How far each channel has come, and what may be missing when it goes on over another connection. */
import type { GapEdge, SourceEvent, SourceGap } from '../../market-source.ts';

/** Where a consumer of a live source stands; plain JSON. */
export interface ResumeToken {
  readonly v: 1;
  /** Name of the feed. */
  readonly feed: string;
  readonly channels: readonly ChannelPosition[];
}

/** The last record of one channel that the consumer has dealt with. */
export interface ChannelPosition extends GapEdge {
  readonly symbol: string;
  /** `trade`, `quote`, `book`, `bar` or `order`. */
  readonly channel: string;
}

interface Position {
  id: string | undefined;
  timeMs: number;
  /** Connection that it came over; 0 for one of a resume token. */
  connection: number;
  /** Its silence was told. */
  told: boolean;
}

export interface ChannelPositions {
  /** The gap before this event, if it is the first of its channel over its connection. */
  gapBefore(event: SourceEvent, connection: number): SourceGap | undefined;
  /** The gap before this event was told; it is not told again. */
  seen(event: SourceEvent, connection: number): void;
  /** The consumer has dealt with this event. */
  passed(event: SourceEvent, connection: number): void;
  token(): ResumeToken;
  /**
   * Gaps without an end: of channels that had records before and have none yet over `connection`. Each comes once, until
   * its channel goes on.
   * @param symbol - only channels of this one
   */
  silent(connection: number, symbol?: string): readonly SourceGap[];
}

/** More channels than any venue has symbols; a hostile one fills no memory. */
const maxChannels = 100_000;

export function createChannelPositions(
  feed: string,
  tradeIdsRiseByOne: boolean,
  resume: ResumeToken | undefined,
): ChannelPositions {
  const positions = new Map<string, Position>();
  for (const { symbol, channel, id, timeMs } of resume?.channels ?? []) {
    positions.set(keyOf(symbol, channel), { id, timeMs: timeMs ?? 0, connection: 0, told: false });
  }
  return {
    gapBefore(event, connection) {
      const channel = channelOf(event);
      const last = positions.get(keyOf(event.symbol, channel));
      if (!last || last.connection === connection) return undefined;
      const after: GapEdge = { ...(last.id === undefined ? {} : { id: last.id }), timeMs: last.timeMs };
      const before = edgeOf(event, 'first');
      const missing = missingBetween(last, event, tradeIdsRiseByOne);
      return {
        symbol: event.symbol,
        channel,
        reason: last.connection === 0 ? 'resume' : 'reconnect',
        after,
        before,
        ...(missing === undefined ? {} : { missing }),
        detail: `${channel} of ${event.symbol} goes on over connection ${connection}${
          missing === undefined ? '; what came between is unknown' : `; ${missing} missing between`
        }`,
      };
    },
    seen(event, connection) {
      const last = positions.get(keyOf(event.symbol, channelOf(event)));
      if (last) [last.connection, last.told] = [connection, false];
    },
    passed(event, connection) {
      const key = keyOf(event.symbol, channelOf(event));
      const { id, timeMs } = edgeOf(event, 'last');
      const last = positions.get(key);
      if (last) {
        // A venue that repeats its last trades after a reconnection does not take the position back.
        const repeated = event.type === 'trade' && tradeIdsRiseByOne && Number(id) < Number(last.id);
        if (!repeated) [last.id, last.timeMs] = [id, timeMs!];
        last.connection = connection;
        last.told = false;
      } else if (positions.size < maxChannels) positions.set(key, { id, timeMs: timeMs!, connection, told: false });
    },
    token: () => ({
      v: 1,
      feed,
      channels: [...positions].map(([key, { id, timeMs }]) => {
        const [symbol, channel] = key.split('\n') as [string, string];
        return { symbol, channel, ...(id === undefined ? {} : { id }), timeMs };
      }),
    }),
    silent(connection, asked) {
      const gaps: SourceGap[] = [];
      for (const [key, position] of positions) {
        const [symbol, channel] = key.split('\n') as [string, string];
        if (position.told || position.connection === connection || (asked !== undefined && symbol !== asked)) continue;
        position.told = true;
        const { id, timeMs, connection: before } = position;
        gaps.push({
          symbol,
          channel,
          reason: before === 0 ? 'resume' : 'reconnect',
          after: { ...(id === undefined ? {} : { id }), timeMs },
          before: {},
          open: true,
          detail: `nothing of ${channel} of ${symbol} came over connection ${connection} so far`,
        });
      }
      return gaps;
    },
  };
}

function keyOf(symbol: string, channel: string): string {
  return `${symbol.replaceAll('\n', ' ')}\n${channel}`;
}

function channelOf({ type }: SourceEvent): string {
  return type === 'book-snapshot' || type === 'book-delta' ? 'book' : type;
}

function edgeOf(event: SourceEvent, which: 'first' | 'last'): GapEdge {
  switch (event.type) {
    case 'trade':
      return { ...(event.id === undefined ? {} : { id: String(event.id) }), timeMs: event.timeMs };
    case 'quote':
      return { ...(event.updateId === undefined ? {} : { id: String(event.updateId) }), timeMs: event.timeMs };
    case 'book-delta':
      return { id: String(which === 'first' ? event.firstUpdateId : event.lastUpdateId), timeMs: event.timeMs };
    case 'book-snapshot':
      return { id: String(event.lastUpdateId), timeMs: event.timeMs };
    case 'bar':
      return { id: String(event.startMs), timeMs: event.startMs };
    case 'order':
      return { timeMs: event.timeMs };
  }
}

function missingBetween(last: Position, event: SourceEvent, tradeIdsRiseByOne: boolean): number | undefined {
  const id = last.id === undefined ? NaN : Number(last.id);
  switch (event.type) {
    case 'trade': {
      const between = Number(event.id) - id - 1;
      return tradeIdsRiseByOne && Number.isSafeInteger(between) ? Math.max(0, between) : undefined;
    }
    case 'book-delta':
      return event.firstUpdateId === id + 1 || event.previousUpdateId === id ? 0 : undefined;
    case 'bar': {
      // A bar that is still open repeats all of itself.
      const between = (event.startMs - id) / (event.endMs - event.startMs) - 1;
      return Number.isInteger(between) ? Math.max(0, between) : undefined;
    }
    default:
      return undefined;
  }
}
