/** Reads a recording back as the source that it was: the same frames, byte for byte, at the pace that is wanted. */
import { escapeSymbol } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { readDay } from '@tapekit/housecleaning/read-day';
import { AdaptersError } from './errors.ts';
import { sleep } from './internal/after.ts';
import { isCalendarDay } from './internal/calendar-day.ts';
import { type ChannelPositions, createChannelPositions } from './internal/live/channel-positions.ts';
import { elapsedOf, type LiveClock, platformClock } from './internal/live/clock.ts';
import { decodeFrame, frameOf, itemOf, sequenceGap } from './internal/live/frame-reader.ts';
import { recordedDays } from './internal/recording/days.ts';
import { parseLine, type RecordedLine } from './internal/recording/line.ts';
import { createTapeCounts, type TapeStats } from './internal/tape-counts.ts';
import type { InputStats, MarketSource, SourceItem, SourceStats } from './market-source.ts';
import { RecordError } from './internal/record-error.ts';
import type { FrameDecoder, VenueFeed } from './venue-feed.ts';

/** What to replay, and how. */
export interface ReplayOptions {
  /** Where the recording lies, raw or archived. */
  readonly store: ObjectStore;
  /** Name of the recording. */
  readonly name: string;
  /** The feed that was recorded: its decoder reads the frames. Nothing is connected. */
  readonly feed: Pick<VenueFeed, 'name' | 'symbols' | 'decoder' | 'tradeIdsRiseByOne'>;
  /** First and last day, UTC, `YYYY-MM-DD`. @defaultValue all that are there */
  readonly fromDay?: string;
  readonly toDay?: string;
  /** Market seconds a second: 1 for the recording's own pace, 60 for a minute a second. @defaultValue `Infinity`: as pulled */
  readonly speed?: number;
  /** Longest wait between two frames, milliseconds of the clock: nights and holes are skipped. @defaultValue `Infinity` */
  readonly maxPauseMs?: number;
  /** @defaultValue the platform's clock */
  readonly clock?: LiveClock;
  /** Ends the replay: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@link replayRecording} uses where an option is absent. */
export const replayDefaults = { speed: Infinity, maxPauseMs: Infinity } as const satisfies Partial<ReplayOptions>;

/** A replay of a recording. */
export interface RecordingReplay extends MarketSource {
  stats(): SourceStats & TapeStats;
}

/**
 * A source of the records, quarantine entries and gaps of a recording, in the order in which they were received. Each
 * connection of the recording has a decoder of its own, as it had when it was live.
 *
 * @throws {@link AdaptersError} `bad-option`; the iteration throws `unreadable-input` when the store holds nothing of that
 * name, `closed` the second time, and errors of the store.
 */
export function replayRecording(options: ReplayOptions): RecordingReplay {
  const { store, name, feed, signal, clock = platformClock, fromDay = '', toDay = '9999' } = options;
  const { speed, maxPauseMs } = { ...replayDefaults, ...options };
  for (const [option, value] of Object.entries({ speed, maxPauseMs })) {
    if (value > 0) continue;
    throw new AdaptersError(
      'bad-option',
      `${option} "${String(value)}" is no number above 0. Leave it out for Infinity.`,
      { value },
    );
  }
  for (const [option, day] of Object.entries({ fromDay: options.fromDay, toDay: options.toDay })) {
    if (day === undefined || isCalendarDay(day)) continue;
    throw new AdaptersError('bad-option', `${option} "${day}" is no day. Pass one as "2026-01-31".`, {
      value: day,
    });
  }
  if (fromDay > toDay) {
    throw new AdaptersError('bad-option', `fromDay "${fromDay}" is after toDay "${toDay}". Pass them in order.`, {
      value: fromDay,
    });
  }
  const symbol = escapeSymbol(name);
  const counts = createTapeCounts();
  const positions: ChannelPositions = createChannelPositions(feed.name, feed.tradeIdsRiseByOne ?? false, undefined);
  const inputs: { -readonly [K in keyof InputStats]: InputStats[K] }[] = [];
  let started = false;

  /** Frames of one connection follow each other; the next one has another decoder. */
  let connection = 0;
  let connectionKey = '';
  let decoder: FrameDecoder | undefined;

  function* read(line: RecordedLine): Generator<SourceItem> {
    const key = `${line.run} ${line.file}`;
    if (key !== connectionKey || !decoder) {
      decoder = feed.decoder();
      connection += 1;
      connectionKey = key;
    }
    const { seq, file, line: number, receiveNs, raw, encoding, refused } = line;
    if (refused) {
      const entry = { seq, file, line: number, ...refused, text: raw, ...(encoding ? { encoding } : {}), receiveNs };
      yield* hand({ kind: 'quarantined', entry }, []);
      return;
    }
    const decoded = decodeFrame(decoder, frameOf(raw, encoding), Number(receiveNs.slice(0, -6)));
    for (const control of decoded.controls) {
      if (control.kind === 'gap') yield* hand({ kind: 'gap', gap: sequenceGap(control) }, []);
    }
    for (const event of decoded.events) {
      const gap = positions.gapBefore(event, connection);
      if (gap) yield* hand({ kind: 'gap', gap }, []);
      positions.passed(event, connection);
    }
    yield* hand(itemOf(decoded, { seq, line: number, file, receiveNs, text: raw, encoding }), decoded.unmodelled);
  }

  function* hand(item: SourceItem, unmodelled: readonly string[]): Generator<SourceItem> {
    counts.item(item, unmodelled);
    yield item;
  }

  const pace = createPace(clock, speed, maxPauseMs, signal);

  async function* replay(): AsyncGenerator<SourceItem> {
    const recorded = await recordedDays(store, symbol, signal);
    if (recorded.length === 0) {
      const message = `The store holds no recording "${name}". Check the name, and the root of the store.`;
      throw new AdaptersError('unreadable-input', message, { value: name });
    }
    const days = recorded.filter((day) => day >= fromDay && day <= toDay);
    for (const date of days) {
      const input: (typeof inputs)[number] = {
        name: `${symbol}/${date}`,
        bytes: 0,
        lines: 0,
        gzip: false,
        state: 'reading',
      };
      inputs.push(input);
      for await (const text of readDay(store, { symbol, date }, signal ? { signal } : {})) {
        signal?.throwIfAborted();
        input.lines += 1;
        input.bytes += text.length + 1;
        let line: RecordedLine;
        try {
          line = parseLine(text);
        } catch (error) {
          if (!(error instanceof RecordError)) throw error;
          const place = { seq: input.lines, file: input.name, line: input.lines };
          yield* hand(
            { kind: 'quarantined', entry: { ...place, reason: 'bad-envelope', detail: error.message, text } },
            [],
          );
          continue;
        }
        if (speed !== Infinity) await pace(Number(line.receiveNs.slice(0, -6)));
        yield* read(line);
      }
      input.state = 'complete';
    }
  }

  return {
    [Symbol.asyncIterator]() {
      if (started) throw new AdaptersError('closed', `The recording "${name}" was read already. Make a new replay.`);
      started = true;
      return replay();
    },
    stats: () => ({
      source: `replay:${feed.name}`,
      symbol: feed.symbols?.join(',') ?? '',
      ...counts.stats(),
      inputs: inputs.map((input) => ({ ...input })),
    }),
  };
}

/** Waits until a frame is due; a consumer that is slower than the pace is not waited for twice. */
function createPace(
  clock: LiveClock,
  speed: number,
  maxPauseMs: number,
  signal: AbortSignal | undefined,
): (receiveMs: number) => Promise<void> {
  const elapsed = elapsedOf(clock);
  let start: { readonly clockMs: number; readonly marketMs: number } | undefined;
  return async (receiveMs) => {
    const now = elapsed();
    start ??= { clockMs: now, marketMs: receiveMs };
    const due = start.clockMs + (receiveMs - start.marketMs) / speed;
    const wait = Math.min(due - now, maxPauseMs);
    // From a skipped hole on, the pace counts from its end.
    if (wait < due - now) start = { clockMs: now + wait, marketMs: receiveMs };
    if (!(wait > 0)) return;
    await sleep(wait, signal, clock);
  };
}
