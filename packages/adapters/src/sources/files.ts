/** Replays files of any format that has a decoder here: Databento, LOBSTER, Tardis, Binance Vision, archives of IPOT. */
import { AdaptersError, isAdaptersError } from '../errors.ts';
import { decodedBytes } from '../internal/byte-input.ts';
import type { ByteInput } from '../internal/byte-input.ts';
import { countName, eventCountOf, noEvents } from '../internal/event-counts.ts';
import type { FileDecoder } from '../internal/file-decoder.ts';
import { createFileFrames } from '../internal/file-frames.ts';
import type { FileFrame } from '../internal/file-frames.ts';
import { decodeFrame, frameText } from '../internal/live/frame-reader.ts';
import type { DecodedFrame } from '../internal/live/frame-reader.ts';
import type { InputStats, MarketSource, QuarantineReason, SourceItem, TapeRecord } from '../market-source.ts';

export type { ByteInput, ByteStream } from '../internal/byte-input.ts';
export type { FileDecoder } from '../internal/file-decoder.ts';

/** What to replay, and how it is read. */
export interface ReplayFilesOptions {
  /** The files, in order. */
  readonly inputs: readonly ByteInput[];
  /** Makes the decoder of one file. */
  readonly decoder: (input: ByteInput) => FileDecoder;
  /** Which format, for stats. @defaultValue `'files'` */
  readonly name?: string;
  /** The symbol that is wanted, for stats and `assertSymbolSeen`; decoders have an option that leaves out others. */
  readonly symbol?: string;
  /** Longest line, or longest head of a DBN file, in bytes. @defaultValue 64 MiB */
  readonly maxLineBytes?: number;
  /** Ends the replay: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@link replayFiles} uses where an option is absent. */
export const replayFilesDefaults = {
  name: 'files',
  maxLineBytes: 64 * 1024 * 1024,
} as const satisfies Partial<ReplayFilesOptions>;

/**
 * A source that reads the files one after the other, as far as the consumer asks. A line, or a record of a binary file,
 * is a record of the tape; those that make no sense are quarantined, one by one. The receive time is the venue's time of
 * the first event, since files have no clock of ours; a record without events has that of the one before it.
 *
 * What the end of a file completes (the last message of a book) comes as one more record without text. A file that is cut
 * or damaged gives what can be decoded; `stats().inputs` says so.
 *
 * @example
 * ```ts
 * const source = replayFiles({ inputs: [dbnFile('es.mbo.dbn.zst')], decoder: () => createDbnDecoder() });
 * for await (const item of source) if (item.kind === 'record') for (const event of item.record.events) push(event);
 * ```
 * @throws {@link AdaptersError} `bad-option`; the iteration throws `bad-option` for a decoder that reads no files,
 *   `unreadable-input`, `not-installed`, or `closed` the second time.
 */
export function replayFiles(options: ReplayFilesOptions): MarketSource {
  const { inputs, decoder: makeDecoder, signal, symbol = '' } = options;
  const { name, maxLineBytes } = { ...replayFilesDefaults, ...options };
  if (inputs.length === 0) {
    throw new AdaptersError('bad-option', 'inputs is empty; expected at least one file, for example fileInput(path).');
  }
  if (typeof makeDecoder !== 'function') {
    throw new AdaptersError(
      'bad-option',
      'decoder is no function; expected one that makes the decoder of a file, for example () => createDbnDecoder().',
      { value: makeDecoder },
    );
  }
  if (!(Number.isSafeInteger(maxLineBytes) && maxLineBytes > 0)) {
    throw new AdaptersError('bad-option', `maxLineBytes ${maxLineBytes} is not a positive whole number of bytes.`, {
      value: maxLineBytes,
    });
  }
  const count = { lines: 0, blank: 0, records: 0, quarantined: 0 };
  const events = noEvents();
  const reasons: Partial<Record<QuarantineReason, number>> = {};
  const unmodelled = new Map<string, number>();
  const symbols = new Map<string, number>();
  const progress = inputs.map((input): Writable<InputStats> => {
    return { name: input.name, bytes: 0, lines: 0, gzip: false, state: 'pending' };
  });
  const receive: { firstReceiveNs?: string; lastReceiveNs?: string } = {};
  let receiveMs = 0;
  let started = false;

  const quarantined = (
    file: InputStats,
    reason: QuarantineReason,
    detail: string,
    frame: string | Uint8Array,
  ): SourceItem => {
    count.quarantined += 1;
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    const { text, encoding } = frameText(frame);
    const entry = { seq: count.lines, file: file.name, line: file.lines, reason, detail, text };
    return { kind: 'quarantined', entry: encoding ? { ...entry, encoding } : entry };
  };

  const recordOf = (decoded: DecodedFrame, file: InputStats, frame: string | Uint8Array): SourceItem => {
    const [first] = decoded.events;
    if (first) receiveMs = Math.floor(first.type === 'bar' ? first.endMs : first.timeMs);
    count.records += 1;
    for (const kind of decoded.unmodelled) countName(unmodelled, kind);
    for (const event of decoded.events) {
      events[eventCountOf(event)] += 1;
      countName(symbols, event.symbol);
    }
    const receiveNs = `${BigInt(receiveMs) * 1_000_000n}`;
    receive.firstReceiveNs ??= receiveNs;
    receive.lastReceiveNs = receiveNs;
    const { text, encoding } = frameText(frame);
    const record: TapeRecord = {
      seq: count.lines,
      line: file.lines,
      file: file.name,
      receiveNs,
      receiveMs,
      raw: text,
      ...(encoding ? { encoding } : undefined),
      events: decoded.events,
      ...(decoded.refused.length > 0 ? { refused: decoded.refused } : undefined),
    };
    return { kind: 'record', record };
  };

  /** What one frame comes to: its gaps first, then the record or the quarantine entry. */
  const itemsOf = (decoded: DecodedFrame, file: Writable<InputStats>, frame: string | Uint8Array): SourceItem[] => {
    count.lines += 1;
    file.lines += 1;
    const items = notices(decoded);
    if (decoded.unmodelled.length === 1 && decoded.unmodelled[0] === 'blank line') {
      count.blank += 1;
      return items;
    }
    const said = decoded.events.length + decoded.unmodelled.length;
    const [refused] = decoded.refused;
    if (refused && said === 0) items.push(quarantined(file, refused.reason, refused.detail, frame));
    else items.push(recordOf(decoded, file, frame));
    return items;
  };

  const readFrame = (decoder: FileDecoder, file: Writable<InputStats>, found: FileFrame): SourceItem[] => {
    if ('frame' in found) return itemsOf(decodeFrame(decoder, found.frame, receiveMs), file, found.frame);
    count.lines += 1;
    file.lines += 1;
    return [quarantined(file, found.reason, found.detail, found.bytes)];
  };

  async function* readInput(input: ByteInput, file: Writable<InputStats>): AsyncGenerator<SourceItem> {
    const decoder = makeDecoder(input);
    requireFileDecoder(decoder, input.name);
    const frames = createFileFrames(decoder.framing, maxLineBytes);
    file.state = 'reading';
    const brokenOff = { said: false };
    const read = function* (found: readonly FileFrame[]): Generator<SourceItem> {
      for (const one of found) {
        signal?.throwIfAborted();
        brokenOff.said ||= !('frame' in one);
        yield* readFrame(decoder, file, one);
      }
    };
    const onBytes = (bytes: number): void => void (file.bytes += bytes);
    try {
      for await (const chunk of decodedBytes(input, { onBytes, onGzip: () => void (file.gzip = true) })) {
        yield* read(frames.push(chunk));
      }
      file.state = 'complete';
    } catch (error) {
      if (!isAdaptersError(error, 'truncated-input') && !isAdaptersError(error, 'corrupt-input')) throw error;
      file.state = error.code === 'truncated-input' ? 'truncated' : 'corrupt';
      file.problem = error.message;
    }
    yield* read(frames.end());
    // A stream that broke off has said so already.
    if (brokenOff.said && decoder.framing === 'dbn') return;
    const ending = {
      ...decoder,
      decode: (_frame: unknown, _ms: number, sink: Parameters<FileDecoder['end']>[0]) => decoder.end(sink),
    };
    const last = decodeFrame(ending, '', receiveMs);
    if (last.events.length + last.refused.length > 0) yield* itemsOf(last, file, '');
    else yield* notices(last);
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
        throw new AdaptersError('closed', `replay:${name} was read already. Make a new source to replay again.`);
      started = true;
      return replay();
    },
    stats: () => ({
      source: `replay:${name}`,
      symbol,
      ...count,
      reasons: { ...reasons },
      events: { ...events },
      unmodelled: Object.fromEntries(unmodelled),
      symbols: Object.fromEntries(symbols),
      ...receive,
      inputs: progress.map((input) => ({ ...input })),
    }),
  };
}

/** Gaps and resyncs of a frame, which come before its record. */
function notices(decoded: DecodedFrame): SourceItem[] {
  const items: SourceItem[] = [];
  for (const control of decoded.controls) {
    if (control.kind === 'gap') {
      const { symbol: of, channel, afterId, beforeId, detail } = control;
      const after = afterId === undefined ? {} : { id: afterId };
      const before = beforeId === undefined ? {} : { id: beforeId };
      items.push({ kind: 'gap', gap: { symbol: of, channel, reason: 'sequence', after, before, detail } });
    } else if (control.kind === 'resync') {
      const { symbol: of, channel, detail } = control;
      items.push({ kind: 'status', status: { state: 'resync', symbol: of, channel, detail } });
    }
  }
  return items;
}

/** Without types another decoder would read a file as nothing, and nobody would know. */
function requireFileDecoder(decoder: FileDecoder | undefined, input: string): void {
  const { framing, decode, end } = (decoder ?? {}) as Partial<FileDecoder>;
  const known = framing === 'lines' || framing === 'dbn';
  if (known && typeof decode === 'function' && typeof end === 'function') return;
  throw new AdaptersError(
    'bad-option',
    `decoder gave no decoder of files for "${input}"; expected one with framing 'lines' or 'dbn', decode and end, for example createDbnDecoder().`,
    { value: decoder },
  );
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
