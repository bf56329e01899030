/**
 * The writer of raw segments: groups records into objects that are written once and never again, under names that
 * follow from their content. The same tape makes the same keys, so a replay after a crash acknowledges instead of
 * duplicating.
 */
import { HousecleaningError, isObjectStoreError } from './errors.ts';
import { assertCell, formatRawKey, parseRawKey, type Cell } from './keys.ts';
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
   * Keys of the segments that are stored already, raw or archived (`readSegmentKeys`). The tape is then cut where they
   * are cut, so that a longer capture of the same tape repeats nothing; one that differs is refused as `key-conflict`.
   * Asked once per day of the tape.
   */
  readonly segmentKeys?: (cell: Cell) => Promise<Iterable<string>>;
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
  /** Where a stored segment with the same beginning ends; nothing else cuts this one then. */
  readonly endSeq: number | undefined;
  lines: number;
  bytes: number;
}

/** A segment that is stored already. */
interface KnownSegment {
  readonly key: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

function segmentsOf(keys: Iterable<string>): KnownSegment[] {
  return [...keys].flatMap((key) => {
    const parsed = parseRawKey(key);
    return parsed ? [{ key, firstSeq: parsed.firstSeq, lastSeq: parsed.lastSeq }] : [];
  });
}

function otherCapture({ date, firstSeq, lastSeq }: Segment, key: string, symbol: string): HousecleaningError {
  return new HousecleaningError(
    'key-conflict',
    `Records ${firstSeq} to ${lastSeq} of ${symbol} ${date} are not those that are stored as "${key}": ` +
      'another capture, or a shorter one, was written under this symbol and day. Use another store for it.',
    key,
  );
}

/**
 * Starts a writer. Objects end when they have `maxLines` records, when the next record would pass `maxBytes`, when the
 * day changes, at `flush()`, and with `segmentKeys` where a stored object ends: nothing else, and no time, decides.
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
  let known: { readonly date: string; readonly segments: readonly KnownSegment[] } | undefined;
  const counts = { segments: 0, replayedSegments: 0, archivedSegments: 0, replayedLines: 0 };
  let durableSeq = options.startAfterSeq;

  async function knownOf(date: string): Promise<readonly KnownSegment[]> {
    if (!options.segmentKeys) return [];
    if (known?.date !== date) known = { date, segments: segmentsOf(await options.segmentKeys({ symbol, date })) };
    return known.segments;
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
      sealed.shift();
    }
  }

  async function storeSegment(segment: Segment): Promise<'segments' | 'replayedSegments' | 'archivedSegments'> {
    const bytes = concat(segment.parts);
    const sha256 = await sha256Hex(bytes);
    const { date, firstSeq, lastSeq } = segment;
    const key = formatRawKey({ symbol, date, firstSeq, lastSeq, sha256 });
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
      if (open && (open.date !== date || (open.endSeq === undefined && open.bytes + bytes.length > maxBytes))) seal();
      if (open === undefined) {
        const endSeq = (await knownOf(date)).find((one) => one.firstSeq === seq)?.lastSeq;
        open = { date, firstSeq: seq, lastSeq: seq, endSeq, parts: [], lines: 0, bytes: 0 };
      }
      open.parts.push(bytes);
      open.lines += 1;
      open.bytes += bytes.length;
      open.lastSeq = lastSeq = seq;
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
