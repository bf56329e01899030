/**
 * The way of the tape from SQLite to R2: records become segments that are written once, under names that follow from
 * their content, and leave SQLite only when R2 has them.
 */
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { readArchivedKeys } from '@tapekit/housecleaning/restore';
import { createTapeWriter, type TapeRecord } from '@tapekit/housecleaning/tape-writer';
import type { FlushPart, Tape } from './tape.ts';
import type { MessageRow } from './tape-tables.ts';

/** One line of a raw segment. */
export interface RawRecord {
  readonly v: 1;
  /** Position on the tape of the symbol, from 1, without gaps. */
  readonly seq: number;
  /** When the message came, epoch ms UTC; its UTC day is the day of the record. */
  readonly receivedMs: number;
  /** Who sent it, in which message. */
  readonly client: string;
  readonly clientSeq: number;
  /** The trade as it was sent. */
  readonly trade: unknown;
}

/** Flushes everything that is on the tape now. If storing fails the records stay, and the next flush makes the same segments. */
export async function flushTape(tape: Tape, store: ObjectStore): Promise<void> {
  for (let part = tape.beginFlush(); part; part = tape.beginFlush()) {
    await storePart(part, tape.symbol, store);
    tape.endFlush(part);
  }
}

async function storePart({ rows, resumed }: FlushPart, symbol: string, store: ObjectStore): Promise<void> {
  const writer = createTapeWriter({
    store,
    symbol,
    // A flush that was begun long ago may be archived and pruned by now; its segments must not come back.
    ...(resumed ? { archivedKeys: (cell) => readArchivedKeys(store, cell) } : {}),
  });
  for (const row of rows) for (const record of recordsOf(row)) await writer.append(record);
  await writer.flush();
}

function recordsOf({ first_seq, received_ms, client, client_seq, trades }: MessageRow): readonly TapeRecord[] {
  const date = new Date(received_ms).toISOString().slice(0, 10);
  return (JSON.parse(trades) as unknown[]).map((trade, i) => {
    const seq = first_seq + i;
    const record: RawRecord = { v: 1, seq, receivedMs: received_ms, client, clientSeq: client_seq, trade };
    return { date, seq, line: JSON.stringify(record) };
  });
}
