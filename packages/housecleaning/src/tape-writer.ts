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
import type { StoredLines } from './internal/stored-lines.ts';
import { segmentsOf, type StoredSegment } from './internal/stored-segments.ts';
import { toUtf8 } from './internal/utf8.ts';

/** One record of the tape. */
export interface TapeRecord {
  /** UTC day that the record belongs to, `YYYY-MM-DD`. */
  readonly date: string;
  /** One JSON document without a newline or a lone surrogate; stored as it is. */
  readonly line: string;
  /**
   * Number of the record, from 0, ascending within its `date`; gaps are fine, and every day may begin again. A number that
   * is not above the last one of its day is dropped as a repeat if it was taken with the same line, else refused.
   */
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
   * Keys of the segments that are stored already, raw or archived (`readSegmentKeys`). The tape is then cut where they
   * are cut, so that a longer capture of the same tape repeats nothing; one that differs is refused as `key-conflict`.
   * Asked once per day of the tape.
   */
  readonly segmentKeys?: (cell: Cell) => Promise<Iterable<string>>;
  /**
   * The number after which a writer goes on (`readDurableSeq`). With it the store is asked once per day of the tape how far
   * that day is durable, and records up to there are compared with what is stored: the same are dropped as repeats, so that
   * a writer that starts again after a flush in mid-segment repeats nothing; others are refused as `seq-conflict`. A day of
   * which nothing is stored is taken whole, whatever its numbers.
   */
  readonly startAfterSeq?: number;
}

/** Values of options that are left out. */
export const tapeWriterDefaults = { maxLines: 10_000, maxBytes: 4 * 1024 * 1024 } as const;

/** What a writer has done. */
export interface TapeWriterStatus {
  /** Number of the last record that is durable in the store; `undefined` before the first. */
  readonly durableSeq: number | undefined;
  /** Day of that record; `undefined` until this writer has stored an object. */
  readonly durableDate: string | undefined;
  /** Records that wait for their object. */
  readonly bufferedLines: number;
  /** Objects put by this writer. */
  readonly segments: number;
  /** Objects that were already there with the same bytes. */
  readonly replayedSegments: number;
  /** Objects that an archive already holds. */
  readonly archivedSegments: number;
  /** Records dropped as repeats: their number was taken before, with the same line. */
  readonly replayedLines: number;
}

/** A running writer of one symbol. Calls must not overlap: await each. */
export interface TapeWriter {
  /**
   * Takes a record; when it completes an object, resolves after that object is durable. If storing fails the records
   * stay buffered and the call rejects: call again with the same record, or `flush()`, to retry. A record that is neither
   * above the last one of its day nor a repeat is not taken, and the call rejects with `seq-conflict`.
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
  readonly seqs: number[];
  readonly parts: Uint8Array[];
  /** Where a stored segment with the same beginning ends; nothing else cuts this one then. */
  readonly endSeq: number | undefined;
  lines: number;
  bytes: number;
}

/** Reads what is stored: longer than the writer, and needed only by one that goes on where another ended. */
const loadReader = () => import('./internal/stored-lines.ts');

/** A half of a code point: UTF-8 has no bytes for it. */
const loneSurrogate = /\p{Surrogate}/u;

/** Days whose stored segments are remembered: records around midnight alternate between two. */
const maxKnownDays = 2;

function otherCapture({ date, firstSeq, lastSeq }: Segment, key: string, symbol: string): HousecleaningError {
  return new HousecleaningError(
    'key-conflict',
    `Records ${firstSeq} to ${lastSeq} of ${symbol} ${date} are not those that are stored as "${key}": ` +
      'another capture, or a shorter one, was written under this symbol and day. Use another store for it.',
    key,
  );
}

function notAscending({ date, seq }: TapeRecord, symbol: string, last: number): HousecleaningError {
  return new HousecleaningError(
    'seq-conflict',
    `Record ${seq} of ${symbol} ${date} is not above ${last}, the last one of its day, and no repeat: no record ${seq} with ` +
      `this line was taken. It is not stored. Give it a number above ${last}, or another store if it is of another capture.`,
    seq,
  );
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Starts a writer. Objects end when they have `maxLines` records, when the next record would pass `maxBytes`, when the
 * day changes, at `flush()`, and with `segmentKeys` where a stored object ends: nothing else, and no time, decides. Every
 * record whose `append` resolved is in the store, or in the buffer that the next flush stores: no number is dropped unless
 * its line is known to be there.
 *
 * @throws HousecleaningError `bad-key` for a symbol or day outside the grammar, `bad-option`, `key-conflict` if the store
 *   holds other bytes under a key of ours, `seq-conflict` for a number below those of its day that repeats nothing
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
  const lastSeqs = new Map<string, number>();
  let latest: { readonly date: string; readonly seq: number; readonly bytes: Uint8Array } | undefined;
  let archived: { readonly date: string; readonly keys: ReadonlyMap<string, string> } | undefined;
  const known = new Map<string, StoredSegment[]>();
  let storedLines: StoredLines | undefined;
  const counts = { segments: 0, replayedSegments: 0, archivedSegments: 0, replayedLines: 0 };
  let durableSeq = options.startAfterSeq;
  let durableDate: string | undefined;

  async function storedOf(date: string): Promise<StoredSegment[]> {
    let segments = known.get(date);
    if (segments === undefined) {
      const cell = { symbol, date };
      segments = segmentsOf(await (options.segmentKeys?.(cell) ?? (await loadReader()).readSegmentKeys(store, cell)));
      known.set(date, segments);
      for (const day of known.keys()) if (known.size > maxKnownDays) known.delete(day);
    }
    return segments;
  }

  /** Where a stored tape was cut. */
  async function knownOf(date: string): Promise<readonly StoredSegment[]> {
    return options.segmentKeys ? storedOf(date) : [];
  }

  /** The last number of a day; `undefined` before its first record. */
  async function lastSeqOf(date: string): Promise<number | undefined> {
    if (!lastSeqs.has(date) && options.startAfterSeq !== undefined) {
      for (const segment of await storedOf(date)) {
        if (segment.lastSeq > (lastSeqs.get(date) ?? -1)) lastSeqs.set(date, segment.lastSeq);
      }
    }
    return lastSeqs.get(date);
  }

  /** Whether this very record was taken before. */
  async function isRepeat(date: string, seq: number, bytes: Uint8Array): Promise<boolean> {
    if (latest?.date === date && latest.seq === seq) return isSame(latest.bytes, bytes);
    for (const segment of open ? [...sealed, open] : sealed) {
      const i = segment.date === date ? segment.seqs.indexOf(seq) : -1;
      if (i >= 0) return isSame(segment.parts[i]!, bytes);
    }
    for (const segment of await storedOf(date)) {
      if (segment.firstSeq > seq || segment.lastSeq < seq) continue;
      storedLines ??= (await loadReader()).createStoredLines(store);
      if (await storedLines.holds({ symbol, date }, segment, seq, bytes.subarray(0, -1))) return true;
    }
    return false;
  }

  function seal(): void {
    if (open) sealed.push(open);
    open = undefined;
  }

  /** Puts complete objects; one leaves the buffer only when the store has it. */
  async function drain(): Promise<void> {
    for (let segment = sealed[0]; segment !== undefined; segment = sealed[0]) {
      counts[await storeSegment(segment)] += 1;
      durableSeq = segment.lastSeq;
      durableDate = segment.date;
      sealed.shift();
    }
  }

  async function storeSegment(segment: Segment): Promise<'segments' | 'replayedSegments' | 'archivedSegments'> {
    const bytes = concat(segment.parts);
    const sha256 = await sha256Hex(bytes);
    const { date, firstSeq, lastSeq } = segment;
    const key = formatRawKey({ symbol, date, firstSeq, lastSeq, sha256 });
    const outcome = await storeAs(key, segment, bytes, sha256);
    const stored = known.get(date);
    if (stored?.every((one) => one.key !== key)) stored.push({ key, firstSeq, lastSeq });
    return outcome;
  }

  async function storeAs(
    key: string,
    segment: Segment,
    bytes: Uint8Array,
    sha256: string,
  ): Promise<'segments' | 'replayedSegments' | 'archivedSegments'> {
    const { date, firstSeq, lastSeq } = segment;
    const other = (await knownOf(date)).find(
      (one) => one.firstSeq <= lastSeq && one.lastSeq >= firstSeq && one.key !== key,
    );
    if (other) throw otherCapture(segment, other.key, symbol);
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
    durableDate,
    bufferedLines: sealed.reduce((sum, segment) => sum + segment.lines, open?.lines ?? 0),
    ...counts,
  });

  return {
    status,
    async append(record) {
      const { date, line, seq } = record;
      // Backpressure: while complete objects cannot be stored nothing new is taken.
      await drain();
      if (line.includes('\n') || line === '' || loneSurrogate.test(line)) {
        throw new HousecleaningError(
          'bad-option',
          `The line of record ${seq} is empty, or holds a newline or a lone surrogate; expected one JSON document.`,
          line,
        );
      }
      const bytes = toUtf8(`${line}\n`);
      formatRawKey({ symbol, date, firstSeq: seq, lastSeq: seq, sha256: '0'.repeat(64) });
      const last = await lastSeqOf(date);
      if (last !== undefined && seq <= last) {
        if (!(await isRepeat(date, seq, bytes))) throw notAscending(record, symbol, last);
        counts.replayedLines += 1;
        return;
      }
      if (open && (open.date !== date || (open.endSeq === undefined && open.bytes + bytes.length > maxBytes))) seal();
      if (open === undefined) {
        const endSeq = (await knownOf(date)).find((one) => one.firstSeq === seq)?.lastSeq;
        open = { date, firstSeq: seq, lastSeq: seq, endSeq, seqs: [], parts: [], lines: 0, bytes: 0 };
      }
      open.seqs.push(seq);
      open.parts.push(bytes);
      open.lines += 1;
      open.bytes += bytes.length;
      open.lastSeq = seq;
      lastSeqs.set(date, seq);
      latest = { date, seq, bytes };
      const full = open.lines >= maxLines || open.bytes >= maxBytes;
      if (open.endSeq === undefined ? full : seq >= open.endSeq) seal();
      await drain();
    },
    async flush() {
      seal();
      await drain();
      return status();
    },
  };
}
