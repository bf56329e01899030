/** For tests: recorded files through a decoder, with everything that came out. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { FileDecoder } from '../../internal/file-decoder.ts';
import type { SourceEvent } from '../../market-source.ts';
import type { FeedControl, FrameSink } from '../../venue-feed.ts';
import { createDbnDecoder } from '../databento.ts';
import type { DatabentoRecord, DbnDecoder, DbnOptions } from '../databento.ts';
import { createDatabentoCsvDecoder } from '../databento-csv.ts';
import type { DatabentoCsvOptions } from '../databento-csv.ts';
import { dbnFile } from '../databento-node.ts';

/** Everything that a decoder said. */
export interface Collected {
  readonly sink: FrameSink;
  readonly events: SourceEvent[];
  readonly rejected: { reason: string; detail: string }[];
  readonly unmodelled: Record<string, number>;
  readonly controls: FeedControl[];
}

export function collector(): Collected {
  const events: SourceEvent[] = [];
  const rejected: { reason: string; detail: string }[] = [];
  const unmodelled: Record<string, number> = {};
  const controls: FeedControl[] = [];
  const sink: FrameSink = {
    event: (event) => void events.push(event),
    reject: (reason, detail) => void rejected.push({ reason, detail }),
    unmodelled: (kind) => void (unmodelled[kind] = (unmodelled[kind] ?? 0) + 1),
    control: (control) => void controls.push(control),
  };
  return { sink, events, rejected, unmodelled, controls };
}

/** All bytes of a file, decompressed. */
export async function dbnBytes(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of dbnFile(path).open() as AsyncIterable<Uint8Array>) parts.push(part);
  // A plain array: `slice` of a Buffer would share its memory.
  return new Uint8Array(Buffer.concat(parts));
}

export interface Decoded extends Collected {
  readonly records: readonly DatabentoRecord[];
}

/** A DBN stream in chunks of one size. */
export function decodeDbn(
  bytes: Uint8Array,
  { chunkBytes = 65_536, ...options }: DbnOptions & { readonly chunkBytes?: number } = {},
): Decoded & { readonly decoder: DbnDecoder } {
  const records: DatabentoRecord[] = [];
  const collected = collector();
  const decoder = createDbnDecoder({ ...options, onRecord: (record) => void records.push(record) });
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // A copy, wiped afterwards: what a decoder keeps of a chunk must be its own.
    const chunk = bytes.slice(at, at + chunkBytes);
    decoder.decode(chunk, 0, collected.sink);
    chunk.fill(0xee);
  }
  decoder.end(collected.sink);
  return { ...collected, records, decoder };
}

/** Lines of a CSV file. */
export function decodeCsv(lines: readonly string[], options: DatabentoCsvOptions = {}): Decoded {
  const records: DatabentoRecord[] = [];
  const collected = collector();
  const decoder: FileDecoder = createDatabentoCsvDecoder({
    ...options,
    onRecord: (record) => void records.push(record),
  });
  for (const line of lines) decoder.decode(line, 0, collected.sink);
  decoder.end(collected.sink);
  return { ...collected, records };
}

/** Lines of a gzipped file. */
export function gzippedLines(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
}
