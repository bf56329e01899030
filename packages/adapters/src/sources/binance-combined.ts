/**
 * Replays captures in the `binance-combined` format: a line is the receive time in nanoseconds, one space, and the JSON
 * of Binance's combined stream (`{"stream":"ethusdt@trade","data":{…}}`) or of a REST depth snapshot. Plain or gzipped.
 */
import { AdaptersError, isAdaptersError } from '../errors.ts';
import { type ByteInput, decodedBytes } from '../internal/byte-input.ts';
import { countName, eventCountOf, noEvents } from '../internal/event-counts.ts';
import { createLineSplitter, type Line } from '../internal/line-splitter.ts';
import type {
  InputStats,
  MarketSource,
  QuarantineEntry,
  QuarantineReason,
  SourceEvent,
  SourceItem,
  SourceStats,
} from '../market-source.ts';
import { type BinanceBookRule, type BinanceMessage, recogniseMessage, type TradeStream } from './binance/message.ts';
import { RecordError, shown } from '../internal/record-error.ts';

export type { ByteInput, ByteStream } from '../internal/byte-input.ts';
export type { BinanceBookRule, TradeStream } from './binance/message.ts';

/** What to replay. */
export interface BinanceCombinedOptions {
  /** The files of one continuous capture, in order. */
  readonly inputs: readonly ByteInput[];
  /** The symbol to read, as Binance spells it: `ETHUSDT`, `ETHUSD_PERP`. */
  readonly symbol: string;
  /** Which market the capture is of; `auto` sees it from the depth records. @defaultValue `'auto'` */
  readonly market?: 'auto' | 'spot' | 'usd-m' | 'coin-m';
  /** Which trade stream is the tape; the other one is kept unmodelled, it repeats the same trades. @defaultValue `'trade'` */
  readonly tradeStream?: TradeStream;
  /** Longest line in bytes; longer ones are quarantined by their beginning. @defaultValue 8 MiB */
  readonly maxLineBytes?: number;
  /**
   * How far the venue's time of a trade, quote or book record may lie after its receive time, in milliseconds; a record
   * beyond it is quarantined as `bad-record`. One such trade would make every later one late. `Infinity` for no limit.
   * @defaultValue 86,400,000 (a day)
   */
  readonly maxAheadMs?: number;
  /**
   * How far the time of a trade may lie before its receive time, in milliseconds; a trade beyond it is quarantined as
   * `bad-record`. Quotes and books may be older: a quiet market repeats them. `Infinity` for no limit.
   * @defaultValue 604,800,000 (seven days)
   */
  readonly maxBehindMs?: number;
  /** Ends the replay: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@link replayBinanceCombined} uses where an option is absent. */
export const binanceCombinedDefaults = {
  market: 'auto',
  tradeStream: 'trade',
  maxLineBytes: 8 * 1024 * 1024,
  maxAheadMs: 86_400_000,
  maxBehindMs: 7 * 86_400_000,
} as const satisfies Partial<BinanceCombinedOptions>;

/** The counts of a source, and how the book of this capture is to be kept. */
export interface BinanceCombinedStats extends SourceStats {
  /** By which rule depth updates follow each other; known from the first book record on, or from `market`. */
  readonly bookRule?: BinanceBookRule;
}

/** A replay of a capture. */
export interface BinanceCombinedSource extends MarketSource {
  stats(): BinanceCombinedStats;
}

const sourceName = 'replay:binance-combined';
const nothing: readonly SourceEvent[] = Object.freeze([]);

/**
 * A source that yields every line of the inputs, accepted or quarantined, in order.
 *
 * Trades have the venue's trade time, quotes and books the venue's time where it sends one and the receive time where
 * it does not (spot quotes and snapshots).
 *
 * @example
 * ```ts
 * const source = replayBinanceCombined({ inputs: [fileInput('capture.gz')], symbol: 'ETHUSDT' });
 * for await (const item of source) {
 *   if (item.kind !== 'record') continue;
 *   for (const event of item.record.events) if (event.type === 'trade') console.log(event.price);
 * }
 * assertSymbolSeen(source.stats());
 * ```
 * @throws {@link AdaptersError} `bad-option`; the iteration throws `unreadable-input`, or `closed` the second time.
 */
export function replayBinanceCombined(options: BinanceCombinedOptions): BinanceCombinedSource {
  checkOptions(options);
  const { inputs, symbol, signal } = options;
  const { market, tradeStream, maxLineBytes, maxAheadMs, maxBehindMs } = { ...binanceCombinedDefaults, ...options };
  const requiredRule: BinanceBookRule | undefined =
    market === 'auto' ? undefined : market === 'spot' ? 'binanceSpot' : 'binanceFutures';
  let provenRule = requiredRule;
  let likelyRule: BinanceBookRule | undefined;

  const count = { lines: 0, blank: 0, records: 0, quarantined: 0 };
  const events = noEvents();
  const reasons: Partial<Record<QuarantineReason, number>> = {};
  const unmodelled = new Map<string, number>();
  const symbols = new Map<string, number>();
  const progress = inputs.map(({ name }): Writable<InputStats> => {
    return { name, bytes: 0, lines: 0, gzip: false, state: 'pending' };
  });
  let firstReceiveNs: string | undefined;
  let lastReceiveNs: string | undefined;
  let started = false;

  const quarantine = (
    file: Writable<InputStats>,
    reason: QuarantineReason,
    detail: string,
    text: string,
    encoding?: 'base64',
  ): SourceItem => {
    count.quarantined++;
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    const entry: QuarantineEntry = { seq: count.lines, file: file.name, line: file.lines, reason, detail, text };
    return { kind: 'quarantined', entry: encoding ? { ...entry, encoding } : entry };
  };

  const checkRule = (message: BinanceMessage, event: SourceEvent): void => {
    if (event.type !== 'book-delta') {
      likelyRule ??= message.bookRule;
      return;
    }
    if (provenRule && provenRule !== message.bookRule) {
      const spot = provenRule === 'binanceSpot';
      const expected = spot ? 'no such field, as in spot' : 'the id of the update before, as in futures';
      throw new RecordError('data.pu', event.previousUpdateId, expected);
    }
    provenRule = message.bookRule;
  };

  const checkTime = (event: SourceEvent, receiveMs: number): void => {
    const { type } = event;
    const timeMs = event.type === 'bar' ? event.startMs : event.timeMs;
    const field = `the venue's time of the ${type}`;
    if (timeMs - receiveMs > maxAheadMs) {
      throw new RecordError(field, timeMs, `at most ${maxAheadMs} ms (maxAheadMs) after the receive time ${receiveMs}`);
    }
    if (type === 'trade' && receiveMs - timeMs > maxBehindMs) {
      throw new RecordError(
        field,
        timeMs,
        `at most ${maxBehindMs} ms (maxBehindMs) before the receive time ${receiveMs}`,
      );
    }
  };

  const readLine = (text: string, file: Writable<InputStats>, terminated: boolean): SourceItem | undefined => {
    const bad = (reason: QuarantineReason, detail: string): SourceItem => quarantine(file, reason, detail, text);
    const receiveNs = text.slice(0, 19);
    if (text.charCodeAt(19) !== 32 || !receiveTime.test(receiveNs)) {
      if (/^[ \t]*$/.test(text)) {
        count.blank++;
        return undefined;
      }
      const detail = `the line starts with ${shown(text.slice(0, 24))}; expected 19 digits (nanoseconds since 1970) and a space`;
      return bad(terminated ? 'bad-envelope' : 'truncated-line', detail);
    }
    const receiveMs = Number(receiveNs.slice(0, 13));
    if (receiveMs < minReceiveMs || receiveMs >= endReceiveMs) {
      const when = new Date(receiveMs).toISOString();
      const detail = `the receive time is ${receiveNs} (${when}); expected a time from 1990 to 2199. Was the clock set?`;
      return bad('bad-envelope', detail);
    }
    const raw = text.slice(20);
    let json: unknown;
    try {
      json = JSON.parse(raw);
    } catch (error) {
      const detail = `after the receive time: ${(error as Error).message.slice(0, 200)}; expected one JSON object`;
      return bad(terminated ? 'bad-json' : 'truncated-line', detail);
    }
    let event: SourceEvent | undefined;
    try {
      const message = recogniseMessage(json, symbol, tradeStream);
      if (message.symbol !== undefined) {
        countName(symbols, message.symbol);
        if (message.symbol !== symbol) {
          return bad('other-symbol', `the record is of ${shown(message.symbol)}; expected ${shown(symbol)}`);
        }
      }
      event = message.read?.(receiveMs);
      if (event) {
        checkTime(event, receiveMs);
        checkRule(message, event);
      } else countName(unmodelled, message.kind);
    } catch (error) {
      if (error instanceof RecordError) return bad('bad-record', error.message);
      throw error;
    }
    count.records++;
    if (event) events[eventCountOf(event)]++;
    firstReceiveNs ??= receiveNs;
    lastReceiveNs = receiveNs;
    const [seq, { name, lines: line }] = [count.lines, file];
    return {
      kind: 'record',
      record: { seq, line, file: name, receiveNs, receiveMs, raw, events: event ? [event] : nothing },
    };
  };

  const classify = (line: Line, file: Writable<InputStats>, terminated: boolean): SourceItem | undefined => {
    count.lines++;
    file.lines++;
    if (typeof line === 'string') {
      // A byte order mark may open a file, and lines may end as on Windows; neither is part of the record.
      const from = file.lines === 1 && line.charCodeAt(0) === 0xfeff ? 1 : 0;
      const to = line.charCodeAt(line.length - 1) === 13 ? line.length - 1 : line.length;
      return readLine(from === 0 && to === line.length ? line : line.slice(from, to), file, terminated);
    }
    if (line.problem === 'bad-utf8') {
      const reason = terminated ? 'bad-utf8' : 'truncated-line';
      const detail = `${line.bytes.length} bytes are not UTF-8; expected UTF-8 text (the bytes are kept in base64)`;
      return quarantine(file, reason, detail, base64(line.bytes), 'base64');
    }
    const detail =
      `the line has ${line.byteLength} bytes; expected at most ${maxLineBytes} (maxLineBytes). ` +
      `Its first ${line.prefix.length} bytes are kept`;
    return quarantine(file, 'line-too-long', detail, new TextDecoder().decode(line.prefix));
  };

  async function* readInput(input: ByteInput, file: Writable<InputStats>): AsyncGenerator<SourceItem> {
    const splitter = createLineSplitter(maxLineBytes);
    const onBytes = (bytes: number): void => void (file.bytes += bytes);
    file.state = 'reading';
    try {
      for await (const chunk of decodedBytes(input, { onBytes, onGzip: () => void (file.gzip = true) })) {
        for (const line of splitter.push(chunk)) {
          signal?.throwIfAborted();
          const item = classify(line, file, true);
          if (item) yield item;
        }
        signal?.throwIfAborted();
      }
      file.state = 'complete';
    } catch (error) {
      if (!isAdaptersError(error, 'truncated-input') && !isAdaptersError(error, 'corrupt-input')) throw error;
      file.state = error.code === 'truncated-input' ? 'truncated' : 'corrupt';
      file.problem = error.message;
    }
    const rest = splitter.end();
    const item = rest === undefined ? undefined : classify(rest, file, false);
    if (item) yield item;
  }

  async function* replay(): AsyncGenerator<SourceItem> {
    for (const [index, input] of inputs.entries()) {
      signal?.throwIfAborted();
      yield* readInput(input, progress[index]!);
    }
  }

  return {
    [Symbol.asyncIterator]() {
      if (started)
        throw new AdaptersError('closed', `${sourceName} was read already. Make a new source to replay again.`);
      started = true;
      return replay();
    },
    stats() {
      const bookRule = provenRule ?? likelyRule;
      return {
        source: sourceName,
        symbol,
        ...count,
        reasons: { ...reasons },
        events: { ...events },
        unmodelled: Object.fromEntries(unmodelled),
        symbols: Object.fromEntries(symbols),
        inputs: progress.map((input) => ({ ...input })),
        ...(bookRule ? { bookRule } : undefined),
        ...(firstReceiveNs === undefined ? undefined : { firstReceiveNs }),
        ...(lastReceiveNs === undefined ? undefined : { lastReceiveNs }),
      };
    },
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const receiveTime = /^\d{19}$/;
/** A device that just booted counts from 1970; archives are filed by days from 1990 on. */
const minReceiveMs = Date.UTC(1990, 0);
const endReceiveMs = Date.UTC(2200, 0);

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function checkOptions({ inputs, symbol, maxLineBytes, maxAheadMs, maxBehindMs }: BinanceCombinedOptions): void {
  if (inputs.length === 0) {
    throw new AdaptersError(
      'bad-option',
      'inputs is empty; expected at least one capture, for example fileInput(path).',
    );
  }
  if (symbol === '') {
    throw new AdaptersError('bad-option', `symbol is ""; expected a Binance symbol such as 'ETHUSDT'.`, {
      value: symbol,
    });
  }
  if (maxLineBytes !== undefined && !(Number.isSafeInteger(maxLineBytes) && maxLineBytes > 0)) {
    throw new AdaptersError('bad-option', `maxLineBytes ${maxLineBytes} is not a positive whole number of bytes.`, {
      value: maxLineBytes,
    });
  }
  for (const [name, value] of Object.entries({ maxAheadMs, maxBehindMs })) {
    if (value === undefined || value >= 0) continue;
    throw new AdaptersError('bad-option', `${name} "${String(value)}" is not a number of milliseconds from 0 on.`, {
      value,
    });
  }
}
