/** Reader of recorded market-by-order files (Databento CSV). A file is read once, since several tests ask for it. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { recordedPath } from './recorded-data.ts';

/** A recorded row; prices and sizes as decimals. */
export interface RecordedMboRow {
  /** Venue event time, epoch milliseconds UTC with a fraction. */
  readonly timeMs: number;
  readonly action: 'A' | 'C' | 'M' | 'R' | 'T' | 'F' | 'N';
  readonly side: 'A' | 'B' | 'N';
  readonly orderId: string;
  /** Empty where the row has none. */
  readonly price: string;
  readonly size: string;
  readonly flags: number;
  /** Receive time, epoch nanoseconds. */
  readonly receivedNs: bigint;
  readonly sequence: number;
}

const read = new Map<string, readonly RecordedMboRow[]>();

/** All rows of `data/futures/{name}.csv.gz`. */
export function recordedMbo(name: string): readonly RecordedMboRow[] {
  const before = read.get(name);
  if (before) return before;
  const lines = gunzipSync(readFileSync(recordedPath(`futures/${name}.csv.gz`)))
    .toString()
    .trimEnd()
    .split('\n');
  const columns = lines[0]!.split(',');
  const rows = lines.slice(1).map((line): RecordedMboRow => {
    const cells = line.split(',');
    const cell = (column: string): string => cells[columns.indexOf(column)]!;
    return {
      timeMs: Number(cell('ts_event')) / 1e6,
      action: cell('action') as RecordedMboRow['action'],
      side: cell('side') as RecordedMboRow['side'],
      orderId: cell('order_id'),
      price: cell('price'),
      size: cell('size'),
      flags: Number(cell('flags')),
      receivedNs: BigInt(cell('ts_recv')),
      sequence: Number(cell('sequence')),
    };
  });
  read.set(name, rows);
  return rows;
}
