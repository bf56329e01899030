/**
 * Keeps what a source brings, byte for byte: frames go to an object store (a folder is one, too) in objects that are
 * written once, whole or not at all, under names in the order of their sequence. `replayRecording` reads them back.
 */
import { escapeSymbol } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { readArchivedKeys, readDurableSeq, readSegmentKeys } from '@tapekit/housecleaning/restore';
import { createTapeWriter, type TapeWriterStatus } from '@tapekit/housecleaning/tape-writer';
import { AdaptersError } from './errors.ts';
import { recordedDays } from './internal/recording/days.ts';
import { lineOf } from './internal/recording/line.ts';
import type { MarketSource, SourceItem } from './market-source.ts';

/** Where and how to record. */
export interface RecorderOptions {
  /** Where the frames go, for example `createFsStore({ root })` or `createS3Store(…)`. */
  readonly store: ObjectStore;
  /** Name of the recording; it stands where other tapes have their symbol: `raw_tns/{name}/{day}/…`. */
  readonly name: string;
  /** Frames of one object. @defaultValue 10,000 */
  readonly maxLines?: number;
  /** Bytes of one object. @defaultValue 4 MiB */
  readonly maxBytes?: number;
  /**
   * How much later than the first frame of an object the last may be received, milliseconds: what a crash can lose. A frame
   * beyond it starts the next object. @defaultValue 10,000
   */
  readonly maxAgeMs?: number;
}

/** What {@link createRecorder} uses where an option is absent. */
export const recorderDefaults = {
  maxLines: 10_000,
  maxBytes: 4 * 1024 * 1024,
  maxAgeMs: 10_000,
} as const satisfies Partial<RecorderOptions>;

/** A running recorder. Calls must not overlap: await each. */
export interface Recorder {
  /** Takes a record or a quarantine entry; other items are none of its business. Rejects when the store does; the frame stays. */
  record(item: SourceItem): Promise<void>;
  /** Stores everything that waits. */
  flush(): Promise<TapeWriterStatus>;
  status(): TapeWriterStatus;
}

/**
 * A recorder that goes on after the last frame that the store holds under this name. One at a time may write a name.
 *
 * @throws HousecleaningError as `createTapeWriter`; {@link AdaptersError} `bad-option`; errors of the store.
 */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  const { store } = options;
  const { maxLines, maxBytes, maxAgeMs } = { ...recorderDefaults, ...options };
  if (!(maxAgeMs >= 0)) {
    throw new AdaptersError(
      'bad-option',
      `maxAgeMs "${String(maxAgeMs)}" is no number from 0 on. Leave it out for 10000.`,
      {
        value: maxAgeMs,
      },
    );
  }
  const symbol = escapeSymbol(options.name);
  const lastDay = (await recordedDays(store, symbol)).at(-1);
  const durable = lastDay === undefined ? undefined : await readDurableSeq(store, { symbol, date: lastDay });
  const run = (durable ?? 0) + 1;
  let seq = run - 1;
  let date = lastDay ?? '';
  let oldestMs: number | undefined;
  let lastNs = '0000000';
  const tape = createTapeWriter({
    store,
    symbol,
    maxLines,
    maxBytes,
    archivedKeys: (cell) => readArchivedKeys(store, cell),
    segmentKeys: (cell) => readSegmentKeys(store, cell),
    ...(durable === undefined ? {} : { startAfterSeq: durable }),
  });
  const flush = async (): Promise<TapeWriterStatus> => {
    const status = await tape.flush();
    oldestMs = undefined;
    return status;
  };
  return {
    flush,
    status: () => tape.status(),
    async record(item) {
      if (item.kind !== 'record' && item.kind !== 'quarantined') return;
      const line = lineOf(item, seq + 1, run, lastNs);
      const receiveMs = Number(line.receiveNs.slice(0, -6));
      if (oldestMs !== undefined && receiveMs - oldestMs > maxAgeMs) await flush();
      // A clock that is set back does not take a recording back to the day before.
      const day = new Date(receiveMs).toISOString().slice(0, 10);
      if (day > date) date = day;
      seq = line.seq;
      lastNs = line.receiveNs;
      oldestMs ??= receiveMs;
      await tape.append({ date, seq: line.seq, line: JSON.stringify(line) });
      if (tape.status().bufferedLines === 0) oldestMs = undefined;
    },
  };
}

/**
 * The same source, recorded: every item is in the hands of the recorder before the consumer has it, and everything is
 * stored when the loop ends, however it ends.
 *
 * @example
 * ```ts no-run
 * for await (const item of recordSource(source, { store: createFsStore({ root: 'tapes' }), name: 'binance' })) handle(item);
 * ```
 */
export function recordSource(source: MarketSource, options: RecorderOptions): MarketSource {
  return {
    stats: () => source.stats(),
    async *[Symbol.asyncIterator]() {
      const recorder = await createRecorder(options);
      try {
        for await (const item of source) {
          await recorder.record(item);
          yield item;
        }
      } finally {
        await recorder.flush();
      }
    },
  };
}
