/** What `bench/sources.ts` measures. */
import type { FileDecoder } from '@tapekit/adapters/sources/files';
import type { FrameDecoder } from '@tapekit/adapters/venue-feed';

/** Frames, and who reads them. */
export interface SourceSession {
  readonly name: string;
  /** Frames of a venue or a vendor, or frames that were made after the venue's samples. */
  readonly origin: 'recorded' | 'made';
  readonly frames: readonly (string | Uint8Array)[];
  /** What `JSON.parse` reads for comparison: the frames themselves, or the same records as JSON. */
  readonly json: readonly string[];
  readonly decoder: () => FrameDecoder | FileDecoder;
}

/** A CSV file whose first line is its header; beside it, its rows as objects of JSON. */
export function csvSession(
  name: string,
  origin: SourceSession['origin'],
  frames: readonly string[],
  decoder: SourceSession['decoder'],
): SourceSession {
  const [header = '', ...rows] = frames;
  const names = header.split(',');
  const json = rows.map((row) => {
    const cells = row.split(',');
    return JSON.stringify(Object.fromEntries(names.map((column, i) => [column, cells[i]])));
  });
  return { name, origin, frames, json, decoder };
}
