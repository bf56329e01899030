/** IPOT frames and archive lines to trades. */
import type { SourceEvent } from '../../market-source.ts';
import { AdaptersError } from '../../errors.ts';
import type { FileDecoder } from '../../internal/file-decoder.ts';
import type { FeedFrames, FrameSink } from '../../venue-feed.ts';
import { isObject } from '../binance/schema.ts';
import { RecordError, shown } from '../../internal/record-error.ts';
import { excerpt } from '../../internal/rest-records.ts';
import { clockMs, wibDate, wibDateStart } from '../../internal/wib-time.ts';
import { type IdxMarket, type IpotFlag, parseRunningTrade, type RunningTrade } from './running-trade.ts';
import { createSequenceWatch, type Hole, type SequenceWatch } from './sequence-watch.ts';

/** A trade with what only IPOT says. Handed to the sink as it is; consumers of neutral events need not know of it. */
export type IpotTrade = SourceEvent & {
  readonly type: 'trade';
  readonly market: IdxMarket;
  /** The trade's number over all stocks of its day; absent in the older layout. */
  readonly sequence?: number;
  /** Lots of 100 shares, whatever the unit of `size`. */
  readonly lots: number;
  /** Rupiah. */
  readonly previousClose?: number;
  /** The resting order that was hit; equal time, code and side with ascending numbers are one parent order. */
  readonly restingOrder?: string;
  /** Absent when nothing is odd. */
  readonly flags?: readonly IpotFlag[];
};

/** How {@link createIpotDecoder} reads. */
export interface IpotDecoderOptions {
  /**
   * `socket`: frames of the WebSocket. `archive`: lines of a file, `{"v":2,"fmt":"pipe","raw":…,"ts":…}` or bare pipes.
   * @defaultValue 'socket'
   */
  readonly input?: 'socket' | 'archive';
  /**
   * Day in Jakarta (`YYYY-MM-DD`) of archive lines that are bare pipes: they hold a clock and no date, so they are refused
   * without it, unless a line with a receive time came before.
   */
  readonly date?: string;
  /**
   * Codes to keep; trades of others are counted as `other-symbol`, after the gap check.
   * @defaultValue all
   */
  readonly codes?: readonly string[];
  /**
   * Unit of `size`.
   * @defaultValue 'shares', which is lots × 100
   */
  readonly sizeUnit?: 'shares' | 'lots';
  /**
   * A sequence number that is missing is waited for until so many later trades came.
   * @defaultValue 64
   */
  readonly reorderWindow?: number;
  /**
   * … or until so many milliseconds of receive time went by.
   * @defaultValue 2,000
   */
  readonly reorderMs?: number;
}

/** What {@link createIpotDecoder} uses where an option is absent. */
export const ipotDecoderDefaults = {
  input: 'socket',
  sizeUnit: 'shares',
  reorderWindow: 64,
  reorderMs: 2000,
} as const satisfies IpotDecoderOptions;

/** Counts so far. */
export interface IpotStats {
  /** Trades handed to the sink. */
  readonly trades: number;
  /** Trades whose day and number came before; dropped. */
  readonly duplicates: number;
  /** Trades handed out after one with a higher number. */
  readonly late: number;
  /** Stretches of numbers that never came, and how many numbers they are. */
  readonly gaps: number;
  readonly missing: number;
  /** Lines and frames that were refused, without those of other codes. */
  readonly malformed: number;
  /** Trades by flag. */
  readonly flags: Readonly<Partial<Record<IpotFlag, number>>>;
}

/** A decoder of connections and of files (`replayFiles`, with `input: 'archive'`) that knows what is still missing. */
export interface IpotDecoder extends FileDecoder {
  /** The same as {@link FileDecoder.end}. Reports gaps that are still waited for; call at the end of a file or a connection. */
  flush(sink: FrameSink): void;
  stats(): IpotStats;
}

const maxFrame = 1 << 20;
const maxDays = 3;
/** 2001: an earlier receive time is none. */
const earliestMs = 1e12;

/**
 * A decoder of IPOT's running trade. Trades of the regular market keep their code as symbol; those of the cash and the
 * negotiated market are other tapes and become `CODE.TN` and `CODE.NG`. `id` is date and sequence number in one, so that
 * it is unique over days: 20260219 and 1001 make 2026021900001001. A number that comes twice is dropped and counted as
 * `LT:duplicate`; numbers that never come are reported as a gap (the venue cannot send them again).
 */
export function createIpotDecoder(options: IpotDecoderOptions = {}, onReady: () => FeedFrames = () => []): IpotDecoder {
  const { input, sizeUnit, reorderWindow, reorderMs } = { ...ipotDecoderDefaults, ...options };
  const archiveDayMs = options.date === undefined ? undefined : wibDateStart(options.date);
  if (options.date !== undefined && archiveDayMs === undefined) {
    throw new AdaptersError('bad-option', `date "${options.date}" is not a day of the calendar; expected YYYY-MM-DD.`, {
      value: options.date,
    });
  }
  const codes = options.codes && new Set(options.codes);
  const days = new Map<number, SequenceWatch>();
  const named = { dayMs: NaN, idBase: 0 };

  const counts = { trades: 0, duplicates: 0, late: 0, gaps: 0, missing: 0, malformed: 0 };
  const flagCounts: Partial<Record<IpotFlag, number>> = {};

  const refuse = (sink: FrameSink, reason: 'bad-frame' | 'bad-record' | 'too-long', detail: string): void => {
    counts.malformed += 1;
    sink.reject(reason, detail);
  };

  const report = (sink: FrameSink, dayMs: number, holes: readonly Hole[]): void => {
    for (const { from, to } of holes) {
      counts.gaps += 1;
      counts.missing += to - from + 1;
      const detail = `${to - from + 1} trades of ${wibDate(dayMs)} never came: sequence ${from} to ${to}`;
      const gap = { symbol: '*', channel: 'LT', afterId: String(from - 1), beforeId: String(to + 1), detail };
      sink.control({ kind: 'gap', ...gap });
    }
  };

  const settle = (sink: FrameSink, receiveMs: number): void => {
    for (const [dayMs, watch] of days) report(sink, dayMs, watch.settle(receiveMs));
  };

  const watchOf = (sink: FrameSink, dayMs: number): SequenceWatch => {
    const known = days.get(dayMs);
    if (known) return known;
    const watch = createSequenceWatch({ reorderWindow, reorderMs });
    days.set(dayMs, watch);
    if (days.size > maxDays) {
      const oldest = Math.min(...days.keys());
      report(sink, oldest, days.get(oldest)!.settleAll());
      days.delete(oldest);
    }
    return watch;
  };

  const line = (text: string, receiveMs: number, sink: FrameSink): void => {
    let trade: RunningTrade;
    try {
      trade = parseRunningTrade(text, receiveMs);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      refuse(sink, 'bad-record', error.message);
      return;
    }
    const { sequence, dayMs } = trade;
    let late = false;
    if (sequence !== undefined) {
      const arrival = watchOf(sink, dayMs).push(sequence, receiveMs);
      if (arrival === 'duplicate') {
        counts.duplicates += 1;
        sink.unmodelled('LT:duplicate');
        return;
      }
      late = arrival === 'late';
    }
    if (codes && !codes.has(trade.code)) {
      sink.reject('other-symbol', `code ${trade.code} was not asked for`);
      return;
    }
    const flags = late ? [...trade.flags, 'late' as const] : trade.flags;
    for (const flag of flags) flagCounts[flag] = (flagCounts[flag] ?? 0) + 1;
    if (late) counts.late += 1;
    counts.trades += 1;
    if (dayMs !== named.dayMs) {
      named.dayMs = dayMs;
      named.idBase = Number(wibDate(dayMs).replaceAll('-', '')) * 1e8;
    }
    sink.event(toEvent(trade, flags, { sizeUnit, idBase: named.idBase }));
  };

  const stream = (data: unknown, receiveMs: number, sink: FrameSink): void => {
    if (!isObject(data)) {
      refuse(sink, 'bad-record', `data is ${shown(data)}; expected an object`);
      return;
    }
    const { rtype, data: payload } = data;
    if (rtype !== 'LT') sink.unmodelled(typeof rtype === 'string' ? rtype.slice(0, 40) : 'stream');
    else if (typeof payload === 'string') line(payload, receiveMs, sink);
    else refuse(sink, 'bad-record', `data.data is ${shown(payload)}; expected a line with pipes`);
  };

  const reply = (message: Readonly<Record<string, unknown>>, sink: FrameSink): void => {
    const { error, data } = message;
    const status = isObject(data) ? data['status'] : undefined;
    const refusal = error ?? (status === 'ERROR' ? data : undefined);
    if (refusal !== undefined || shown(data).includes('NOSERVICE')) {
      const detail = `request ${excerpt(message['rid'], 20)} was refused: ${excerpt(refusal ?? data)}`;
      sink.control({ kind: 'refused', detail, fatal: true });
    } else if (message['rid'] === 1) {
      // Subscriptions are only taken after the handshake was answered.
      const frames = onReady();
      for (const frame of frames) sink.control({ kind: 'reply', frame });
      if (frames.length === 0) sink.control({ kind: 'heartbeat' });
    } else {
      sink.control({ kind: 'subscribed', channel: `request ${excerpt(message['rid'], 20)}` });
    }
  };

  const json = (text: string, receiveMs: number, sink: FrameSink): void => {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch (error) {
      refuse(sink, 'bad-frame', `no JSON: ${(error as Error).message.slice(0, 200)}`);
      return;
    }
    if (!isObject(message)) refuse(sink, 'bad-frame', `the frame is ${shown(message)}; expected an object`);
    else if (input === 'archive') archived(message, sink);
    else if ('rid' in message) reply(message, sink);
    else if (message['event'] === 'stream') stream(message['data'], receiveMs, sink);
    else if (typeof message['event'] !== 'string') refuse(sink, 'bad-frame', 'the frame has neither event nor rid');
    // A `#setAuthToken` carries a token: its content goes nowhere.
    else sink.unmodelled(message['event'].slice(0, 40));
  };

  const archived = (entry: Readonly<Record<string, unknown>>, sink: FrameSink): void => {
    const { raw, ts, fmt } = entry;
    if (typeof raw !== 'string') refuse(sink, 'bad-record', `raw is ${shown(raw)}; expected a line with pipes`);
    else if (fmt !== undefined && fmt !== 'pipe') refuse(sink, 'bad-record', `fmt is ${shown(fmt)}; expected "pipe"`);
    else if (typeof ts !== 'number' || !Number.isSafeInteger(ts) || ts < earliestMs || ts > 4e12) {
      refuse(sink, 'bad-record', `ts is ${shown(ts)}; expected epoch milliseconds`);
    } else {
      line(raw, ts, sink);
      settle(sink, ts);
    }
  };

  /** A line without a receive time, whose layouts but the oldest two have no date either. */
  const bare = (text: string, receiveMs: number, sink: FrameSink): void => {
    const [kind = '', clock = ''] = text.split('|', 2);
    if (kind !== 'B') line(text, receiveMs, sink);
    else if (archiveDayMs !== undefined) {
      const atMs = archiveDayMs + (clockMs(clock) ?? 0);
      line(text, atMs, sink);
      settle(sink, atMs);
    } else if (receiveMs >= earliestMs) line(text, receiveMs, sink);
    else {
      const expected = 'a line with its receive time, or the option date';
      refuse(sink, 'bad-record', `the line is ${shown(text)}; expected ${expected}`);
    }
  };

  const flush = (sink: FrameSink): void => {
    for (const [dayMs, watch] of days) report(sink, dayMs, watch.settleAll());
  };

  return {
    framing: 'lines',
    decode(frame, receiveMs, sink) {
      const text = typeof frame === 'string' ? frame : new TextDecoder().decode(frame.subarray(0, maxFrame + 1));
      if (frame.length > maxFrame) refuse(sink, 'too-long', `${frame.length} characters; expected at most ${maxFrame}`);
      else if (text.startsWith('{') || text.startsWith('[')) json(text, receiveMs, sink);
      else if (input === 'archive') {
        if (text.includes('|')) bare(text, receiveMs, sink);
        else refuse(sink, 'bad-frame', `the line is ${shown(text)}; expected JSON or pipes`);
      } else if (text === '#1' || text === '') {
        sink.control({ kind: 'reply', frame: text === '' ? '' : '#2' });
      } else refuse(sink, 'bad-frame', `the frame is ${shown(text)}; expected JSON or a heartbeat`);
      if (input === 'socket') settle(sink, receiveMs);
    },
    end: flush,
    flush,
    stats: () => ({ ...counts, flags: { ...flagCounts } }),
  };
}

/** Written out instead of spread: a session has millions of these. */
function toEvent(
  trade: RunningTrade,
  flags: readonly IpotFlag[],
  { sizeUnit, idBase }: { readonly sizeUnit: 'shares' | 'lots'; readonly idBase: number },
): IpotTrade {
  const { code, market, sequence, lots, previousClose, restingOrder } = trade;
  const event: { -readonly [K in keyof IpotTrade]: IpotTrade[K] } = {
    type: 'trade',
    symbol: market === 'RG' ? code : `${code}.${market}`,
    timeMs: trade.timeMs,
    price: trade.price,
    size: String(sizeUnit === 'shares' ? lots * 100 : lots),
    side: trade.side,
    market,
    lots,
  };
  if (sequence !== undefined) {
    event.id = idBase + sequence;
    event.sequence = sequence;
  }
  if (previousClose !== undefined) event.previousClose = previousClose;
  if (restingOrder !== undefined) event.restingOrder = restingOrder;
  if (flags.length > 0) event.flags = flags;
  return event;
}
