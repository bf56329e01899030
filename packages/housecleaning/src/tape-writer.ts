/**
 * The writer of raw segments: groups records into objects that are written once and never again, under names that
 * follow from their content. The same tape makes the same keys, so a replay after a crash acknowledges instead of
 * duplicating.
 */
import { HousecleaningError, isObjectStoreError } from './errors.ts';
import { assertCell, formatRawKey, type Cell } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { concat } from './internal/gzip.ts';
import { readObject, sha256Metadata } from './internal/reading.ts';
import { sha256Hex } from './internal/sha256.ts';
import { toUtf8 } from './internal/utf8.ts';

/** One record of the tape. */
export interface TapeRecord {
  /** UTC day that the record belongs to, `YYYY-MM-DD`. */
  readonly date: string;
  /** One JSON document without a newline; stored as it is. */
  readonly line: string;
  /** Ascending number of the record, from 0; gaps are fine. A number that was already taken is dropped as a replay. */
  readonly seq: number;
}

/** How a tape is cut into objects. */
export interface TapeWriterOptions {
  readonly store: ObjectStore;
  readonly symbol: string;
  /**
   * Records of one object.
   * @defaultValue 10 000
   */
  readonly maxLines?: number;
  /**
   * Bytes of one object; a record that alone is larger gets an object of its own.
   * @defaultValue 4 MiB
   */
  readonly maxBytes?: number;
  /**
   * Keys that an archive already holds, with the SHA-256 of their bytes (`readArchivedKeys`): a replay of them is
   * acknowledged without writing the object again. Asked once per day of the tape.
   */
  readonly archivedKeys?: (cell: Cell) => Promise<ReadonlyMap<string, string>>;
  /**
   * Records up to this number are already durable (`readDurableSeq`) and are dropped as replays: a writer that starts
   * again after a flush in mid-segment then repeats no record.
   */
  readonly startAfterSeq?: number;
}

/** Values of options that are left out. */
export const tapeWriterDefaults = { maxLines: 10_000, maxBytes: 4 * 1024 * 1024 } as const;

/** What a writer has done. */
export interface TapeWriterStatus {
  /** Number of the last record that is durable in the store; `undefined` before the first. */
  readonly durableSeq: number | undefined;
  /** Records that wait for their object. */
  readonly bufferedLines: number;
  /** Objects put by this writer. */
  readonly segments: number;
  /** Objects that were already there with the same bytes. */
  readonly replayedSegments: number;
  /** Objects that an archive already holds. */
  readonly archivedSegments: number;
  /** Records dropped because their number was already taken. */
  readonly replayedLines: number;
}

/** A running writer of one symbol. Calls must not overlap: await each. */
export interface TapeWriter {
  /**
   * Takes a record; when it completes an object, resolves after that object is durable. If storing fails the records
   * stay buffered and the call rejects: call again with the same record, or `flush()`, to retry.
   */
  append(record: TapeRecord): Promise<void>;
  /** Stores everything buffered, as an object of its own, and resolves when it is durable. */
  flush(): Promise<TapeWriterStatus>;
  status(): TapeWriterStatus;
}

interface Segment {
  readonly date: string;
  readonly firstSeq: number;
  lastSeq: number;
  readonly parts: Uint8Array[];
  lines: number;
  bytes: number;
}

/**
 * Starts a writer. Objects end when they have `maxLines` records, when the next record would pass `maxBytes`, when the
 * day changes, and at `flush()`: nothing else, and no time, decides.
 *
 * @throws HousecleaningError `bad-key` for a symbol or day outside the grammar, `bad-option`, `key-conflict` if the store
 *   holds other bytes under a key of ours
 */
export function createTapeWriter(options: TapeWriterOptions): TapeWriter {
  const { store, symbol, archivedKeys } = options;
  const maxLines = options.maxLines ?? tapeWriterDefaults.maxLines;
  const maxBytes = options.maxBytes ?? tapeWriterDefaults.maxBytes;
  assertCell({ symbol, date: '2000-01-01' });
  for (const [name, value] of Object.entries({ maxLines, maxBytes })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new HousecleaningError(
      'bad-option',
      `The option ${name} is ${value}; expected a whole number above 0.`,
      value,
    );
  }
  /** Complete objects, oldest first, then the one that still grows. */
  const sealed: Segment[] = [];
  let open: Segment | undefined;
  let lastSeq = options.startAfterSeq ?? -1;
  let archived: { readonly date: string; readonly keys: ReadonlyMap<string, string> } | undefined;
  const counts = { segments: 0, replayedSegments: 0, archivedSegments: 0, replayedLines: 0 };
  let durableSeq = options.startAfterSeq;

  function seal(): void {
    if (open) sealed.push(open);
    open = undefined;
  }

  /** Puts complete objects; one leaves the buffer only when the store has it. */
  async function drain(): Promise<void> {
    for (let segment = sealed[0]; segment !== undefined; segment = sealed[0]) {
      counts[await storeSegment(segment)] += 1;
      durableSeq = segment.lastSeq;
      sealed.shift();
    }
  }

  async function storeSegment(segment: Segment): Promise<'segments' | 'replayedSegments' | 'archivedSegments'> {
    const bytes = concat(segment.parts);
    const sha256 = await sha256Hex(bytes);
    const { date, firstSeq, lastSeq } = segment;
    const key = formatRawKey({ symbol, date, firstSeq, lastSeq, sha256 });
    if (archivedKeys) {
      if (archived?.date !== date) archived = { date, keys: await archivedKeys({ symbol, date }) };
      if (archived.keys.get(key) === sha256) return 'archivedSegments';
    }
    try {
      await store.put(key, bytes, { ifAbsent: true, sha256, metadata: { [sha256Metadata]: sha256 } });
      return 'segments';
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed')) throw error;
    }
    const there = await readObject(store, key);
    if (there && (await sha256Hex(there.bytes)) === sha256) return 'replayedSegments';
    throw new HousecleaningError(
      'key-conflict',
      `"${key}" ${there ? 'holds other bytes' : 'was refused as taken, but is not there'}; the records stay buffered. Look at the object, then flush() again.`,
      key,
    );
  }

  const status = (): TapeWriterStatus => ({
    durableSeq,
    bufferedLines: sealed.reduce((sum, segment) => sum + segment.lines, open?.lines ?? 0),
    ...counts,
  });

  return {
    status,
    async append({ date, line, seq }) {
      // Backpressure: while complete objects cannot be stored nothing new is taken.
      await drain();
      if (seq <= lastSeq) {
        counts.replayedLines += 1;
        return;
      }
      if (line.includes('\n') || line === '') {
        throw new HousecleaningError(
          'bad-option',
          `The line of record ${seq} is empty or holds a newline; expected one JSON document.`,
          line,
        );
      }
      const bytes = toUtf8(`${line}\n`);
      formatRawKey({ symbol, date, firstSeq: seq, lastSeq: seq, sha256: '0'.repeat(64) });
      if (open && (open.date !== date || open.bytes + bytes.length > maxBytes)) seal();
      open ??= { date, firstSeq: seq, lastSeq: seq, parts: [], lines: 0, bytes: 0 };
      open.parts.push(bytes);
      open.lines += 1;
      open.bytes += bytes.length;
      open.lastSeq = lastSeq = seq;
      if (open.lines >= maxLines || open.bytes >= maxBytes) seal();
      await drain();
    },
    async flush() {
      seal();
      await drain();
      return status();
    },
  };
}
