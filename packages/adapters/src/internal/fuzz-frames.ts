/** What every decoder must survive: frames that were damaged by the thousand. For tests. */
import type { SourceEvent } from '../market-source.ts';
import type { FeedControl, FrameDecoder, FrameSink, RejectReason } from '../venue-feed.ts';
import { mutateFrame, seededRandom } from './fuzz-mutate.ts';
import { reportFuzz, sumOf } from './fuzz-report.ts';

export { mutateFrame, seededRandom } from './fuzz-mutate.ts';

/** How much to fuzz. */
export interface FuzzOptions {
  /** The same seed damages the same frames in the same way. */
  readonly seed: number;
  /** Number of damaged frames; {@link fuzzCount} reads it from the environment. */
  readonly count: number;
  /**
   * Share of good frames between the damaged ones, so that decoders with a memory have one.
   * @defaultValue 0.2
   */
  readonly goodShare?: number;
}

/** What came out. */
export interface FuzzResult {
  /** Damaged frames that were decoded. */
  readonly frames: number;
  /** Good frames that were decoded between them. */
  readonly goodFrames: number;
  readonly events: number;
  /** Rejections by reason. */
  readonly rejected: Record<string, number>;
  readonly unmodelled: number;
  readonly controls: number;
  /** Frames longer than 64 KiB aside, the longest time that one frame took; for people, never for an assertion. */
  readonly slowestMs: number;
}

/** `TAPEKIT_FUZZ`, else `standard`: the number of frames of a test run, or of the long mode. */
export function fuzzCount(standard = 3_000): number {
  const wanted = Number(process.env['TAPEKIT_FUZZ'] ?? '');
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : standard;
}

const framesPerConnection = 500;

/**
 * Feeds damaged frames to a decoder (a new one every 500 frames, as after a reconnection).
 *
 * @throws Error with seed, number and text of the frame: when `decode` throws, when a frame leaves no trace in the sink,
 *   or when an event holds a value that no market has.
 */
export function fuzzDecoder(
  makeDecoder: () => FrameDecoder,
  corpus: readonly (string | Uint8Array)[],
  { seed, count, goodShare = 0.2 }: FuzzOptions,
): FuzzResult {
  if (corpus.length === 0) throw new Error('The corpus is empty; pass at least one good frame.');
  const random = seededRandom(seed);
  const result = {
    frames: 0,
    goodFrames: 0,
    events: 0,
    rejected: {} as Record<string, number>,
    unmodelled: 0,
    controls: 0,
    slowestMs: 0,
  };
  let trouble: string | undefined;
  const note = (what: string | undefined): void => void (trouble ??= what);
  let traces = 0;
  const sink: FrameSink = {
    event(event) {
      traces += 1;
      result.events += 1;
      note(impossible(event));
    },
    reject(reason, detail) {
      traces += 1;
      result.rejected[reason] = (result.rejected[reason] ?? 0) + 1;
      note(badReject(reason, detail));
    },
    unmodelled(kind) {
      traces += 1;
      result.unmodelled += 1;
      if (typeof kind !== 'string' || kind.length > 200) note(`unmodelled kind ${shorten(kind)} is no short text`);
    },
    control(control) {
      traces += 1;
      result.controls += 1;
      note(badControl(control));
    },
  };

  const feed = (decoder: FrameDecoder, frame: string | Uint8Array): void => {
    traces = 0;
    trouble = undefined;
    const before = performance.now();
    try {
      decoder.decode(frame, 1_700_000_000_000, sink);
    } catch (error) {
      trouble = `decode threw ${String(error)}\n${error instanceof Error ? (error.stack ?? '') : ''}`;
    }
    if (frame.length <= 65_536) result.slowestMs = Math.max(result.slowestMs, performance.now() - before);
    if (traces === 0) note('the frame vanished: no event, rejection, unmodelled kind or control');
    if (trouble !== undefined) {
      throw new Error(`seed ${seed}, frame ${result.frames}: ${trouble}\nframe: ${shorten(frame)}`);
    }
  };

  let decoder = makeDecoder();
  while (result.frames < count) {
    if (result.frames % framesPerConnection === 0) decoder = makeDecoder();
    const good = corpus[Math.floor(random() * corpus.length)]!;
    if (random() < goodShare) {
      result.goodFrames += 1;
      feed(decoder, good);
      continue;
    }
    const bad = mutateFrame(good, random);
    result.frames += 1;
    feed(decoder, bad);
  }
  reportFuzz({ frames: result.frames, rejected: sumOf(result.rejected) });
  return result;
}

/** Says what is wrong with an event, if anything is: a value that no market has. */
export function impossible(event: SourceEvent): string | undefined {
  const wrong = (field: string, value: unknown): string => `${event.type}.${field} is ${shorten(value)}`;
  if (typeof event.symbol !== 'string' || event.symbol === '') return wrong('symbol', event.symbol);
  const time = event.type === 'bar' ? event.startMs : event.timeMs;
  if (!Number.isFinite(time)) return wrong('time', time);
  switch (event.type) {
    case 'trade':
      if (!isDecimal(event.price)) return wrong('price', event.price);
      if (!isSize(event.size)) return wrong('size', event.size);
      if (!['buy', 'sell', 'unknown'].includes(event.side)) return wrong('side', event.side);
      if (event.id !== undefined && !isId(event.id)) return wrong('id', event.id);
      return undefined;
    case 'quote':
      for (const field of ['bidPrice', 'askPrice'] as const) {
        if (event[field] !== undefined && !isDecimal(event[field])) return wrong(field, event[field]);
      }
      for (const field of ['bidSize', 'askSize'] as const) {
        if (event[field] !== undefined && !isSize(event[field])) return wrong(field, event[field]);
      }
      if (event.updateId !== undefined && !Number.isFinite(event.updateId)) return wrong('updateId', event.updateId);
      return undefined;
    case 'book-snapshot':
    case 'book-delta':
      for (const field of ['bids', 'asks'] as const) {
        if (!Array.isArray(event[field])) return wrong(field, event[field]);
        const bad = (event[field] as readonly (readonly unknown[])[]).find(
          (level) => level.length !== 2 || !isDecimal(level[0]) || !isSize(level[1]),
        );
        if (bad) return wrong(field, bad);
      }
      if (!Number.isSafeInteger(event.lastUpdateId)) return wrong('lastUpdateId', event.lastUpdateId);
      if (event.checksum !== undefined && !Number.isSafeInteger(event.checksum))
        return wrong('checksum', event.checksum);
      if (event.type === 'book-snapshot') return undefined;
      if (!Number.isSafeInteger(event.firstUpdateId)) return wrong('firstUpdateId', event.firstUpdateId);
      if (event.firstUpdateId > event.lastUpdateId) return wrong('firstUpdateId', event.firstUpdateId);
      return undefined;
    case 'bar':
      if (!Number.isFinite(event.endMs) || event.endMs <= event.startMs) return wrong('endMs', event.endMs);
      for (const field of ['open', 'high', 'low', 'close'] as const) {
        if (!isDecimal(event[field])) return wrong(field, event[field]);
      }
      if (!isSize(event.volume)) return wrong('volume', event.volume);
      return typeof event.final === 'boolean' ? undefined : wrong('final', event.final);
    case 'order':
      if (event.price !== undefined && event.price !== null && event.price !== '' && !isDecimal(event.price)) {
        return wrong('price', event.price);
      }
      return isSize(event.size) ? undefined : wrong('size', event.size);
    default:
      return `an event has type ${shorten((event as { type?: unknown }).type)}`;
  }
}

const reasons: readonly string[] = [
  'bad-frame',
  'bad-record',
  'too-long',
  'other-symbol',
  'venue-error',
] satisfies RejectReason[];

function badReject(reason: string, detail: unknown): string | undefined {
  if (!reasons.includes(reason)) return `reason ${shorten(reason)} is none of ${reasons.join(', ')}`;
  if (typeof detail !== 'string' || detail === '') return `a rejection for ${reason} has no detail`;
  // Details are kept and logged: they may not grow with the frame.
  return detail.length > 2_000 ? `a rejection for ${reason} has a detail of ${detail.length} characters` : undefined;
}

function badControl(control: FeedControl): string | undefined {
  if (control.kind === 'expires' && control.atMs !== undefined && !Number.isFinite(control.atMs)) {
    return `expires.atMs is ${shorten(control.atMs)}`;
  }
  return undefined;
}

const decimalText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' ? decimalText.test(value) : typeof value === 'number' && Number.isFinite(value);
}

function isSize(value: unknown): boolean {
  return isDecimal(value) && !(typeof value === 'string' ? value.startsWith('-') : (value as number) < 0);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' ? value !== '' : typeof value === 'number' && Number.isFinite(value);
}

function shorten(value: unknown): string {
  const text =
    value instanceof Uint8Array
      ? `hex ${[...value.subarray(0, 300)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
      : typeof value === 'string'
        ? JSON.stringify(value)
        : ((JSON.stringify(value) as string | undefined) ?? 'undefined');
  return text.length > 1_500 ? `${text.slice(0, 1_500)}… (${text.length} characters)` : text;
}
