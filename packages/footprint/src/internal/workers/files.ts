/** JSON lines of files and of bytes, over the threads of a pool. */
// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { open, stat } from 'node:fs/promises';
// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { fileURLToPath } from 'node:url';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { FootprintError } from '../../errors.ts';
import { footprintsOfColumns } from '../../footprint-columns.ts';
import type { FootprintColumns } from '../../footprint-columns.ts';
import { timeBarsDefaults } from '../../time-bars.ts';
import type { MalformedLine } from '../../trade-lines.ts';
import type { FileFootprints, FileStats } from '../../workers.ts';
import { NEWLINE } from '../line-template.ts';
import { concatFootprintColumns } from '../stream/concat.ts';
import { joinTrades } from './column-slices.ts';
import type { ByteRange, LinesJob, LinesPart, LinesResult } from './jobs.ts';
import type { Batch, Task, WorkerPool } from './worker-pool.ts';

/** How a file is read. */
export type LinesOptions = Omit<LinesJob, 'kind' | 'bytes'> & {
  readonly onMalformed: ((line: MalformedLine) => void) | undefined;
};

/** How finely files are cut. */
export interface ChunkSize {
  readonly chunks: number;
  readonly chunkBytes: number;
}

/** A file with the ends of its parts. */
export interface CutFile {
  readonly name: string;
  readonly lines: Lines;
  readonly ends: readonly number[];
}

/** Cuts a file at line ends. */
export async function cutFile(
  file: string | URL | Uint8Array,
  name: string,
  { chunks, chunkBytes }: ChunkSize,
): Promise<CutFile> {
  const lines = await linesOf(file);
  const ends = await lines.cuts(Math.min(chunkBytes, Math.max(MIN_CHUNK, Math.ceil(lines.bytes / chunks))));
  return { name, lines, ends };
}

/** The bars of one file, byte for byte those of `createTradeLines` and `footprintsOfColumns` over all of it. */
export async function footprintsOfFile(
  pool: WorkerPool,
  batch: Batch,
  { name, lines, ends }: CutFile,
  { onMalformed, ...rest }: LinesOptions,
): Promise<FileFootprints> {
  const taskOf = (kind: LinesJob['kind'], from: number, to: number, keepsMalformed: boolean): Task => ({
    name: `bytes ${from} to ${to} of ${name}`,
    make: () => {
      const [bytes, copies] = lines.range(from, to);
      return [{ ...rest, kind, bytes, keepsMalformed }, copies];
    },
  });

  const running = ends.map((to, i) =>
    pool.run<LinesResult>(taskOf('lines-slice', i === 0 ? 0 : ends[i - 1]!, to, rest.keepsMalformed), batch),
  );
  const stats = { lines: 0, trades: 0, blank: 0, malformed: 0 };
  const seam = new Seam(rest.options.maxJumpMs ?? timeBarsDefaults.maxJumpMs, (trades) =>
    footprintsOfColumns(trades, rest.options),
  );
  for (const result of running) {
    const { stats: counted, malformed, part } = (await result)!;
    for (const bad of malformed) onMalformed?.({ ...bad, line: bad.line + stats.lines });
    count(stats, counted);
    seam.add(part);
  }
  const footprints = seam.finish();
  if (footprints) return { footprints, stats };
  // Late prints change bars anywhere: such a tape is one part.
  const whole = await pool.run<LinesResult>(taskOf('lines-tape', 0, lines.bytes, false), batch);
  return { footprints: whole!.part!.middle, stats };
}

/** A part below this is not worth a message. */
const MIN_CHUNK = 1 << 12;

function count(stats: { -readonly [Name in keyof FileStats]: number }, counted: LinesResult['stats']): void {
  stats.lines += counted.lines;
  stats.trades += counted.learned + counted.parsed;
  stats.blank += counted.blank;
  stats.malformed += counted.malformed;
}

/** Puts the parts of a tape together: the bars at their ends are made here, of the prints from both sides. */
class Seam {
  readonly #maxJumpMs: number;
  readonly #barsOf: (trades: TradeColumns) => FootprintColumns;
  readonly #parts: FootprintColumns[] = [];
  /** Prints of the bar that may go on. */
  #open: TradeColumns[] = [];
  #lastTimeMs: number | undefined;
  #isWhole = true;

  constructor(maxJumpMs: number, barsOf: (trades: TradeColumns) => FootprintColumns) {
    this.#maxJumpMs = maxJumpMs;
    this.#barsOf = barsOf;
  }

  add(part: LinesPart | undefined): void {
    if (!part || !this.#isWhole) {
      this.#isWhole = false;
      return;
    }
    const { head, middle, tail } = part;
    if (head.timeMs.length === 0) return;
    const pauseMs = this.#lastTimeMs === undefined ? 0 : head.timeMs[0]! - this.#lastTimeMs;
    if (!(pauseMs >= 0 && pauseMs <= this.#maxJumpMs)) {
      this.#isWhole = false;
      return;
    }
    this.#open.push(head);
    this.#lastTimeMs = head.timeMs.at(-1);
    if (tail.timeMs.length === 0) return;
    this.#close();
    this.#parts.push(middle);
    this.#open.push(tail);
    this.#lastTimeMs = tail.timeMs.at(-1);
  }

  /** The bars of all parts; `undefined` when they are not parts of one tape in order. */
  finish(): FootprintColumns | undefined {
    this.#close();
    if (!this.#isWhole) return undefined;
    try {
      return concatFootprintColumns(this.#parts);
    } catch {
      return undefined;
    }
  }

  #close(): void {
    if (!this.#isWhole) return;
    const trades = joinTrades(this.#open);
    this.#open = [];
    try {
      this.#parts.push(this.#barsOf(trades));
    } catch {
      // What is wrong with it, the whole tape says in the same words as on one core.
      this.#isWhole = false;
    }
  }
}

/** Lines that can be cut. */
export interface Lines {
  readonly bytes: number;
  /** Ends of parts of about `size` bytes, each behind a newline; the last one is the end. */
  cuts(size: number): Promise<number[]>;
  /** A part for another thread. */
  range(from: number, to: number): [ByteRange, ArrayBuffer[]];
}

async function linesOf(file: string | URL | Uint8Array): Promise<Lines> {
  if (file instanceof Uint8Array) {
    return {
      bytes: file.length,
      cuts: (size) => cutsOf(file.length, size, async (at) => file.indexOf(NEWLINE, at) + 1),
      range: (from, to) => {
        if (file.buffer instanceof SharedArrayBuffer) return [file.subarray(from, to), []];
        // Not `slice`: that of a Buffer is a view.
        const copy = new Uint8Array(file.subarray(from, to));
        return [copy, [copy.buffer]];
      },
    };
  }
  const path = file instanceof URL ? fileURLToPath(file) : file;
  const bytes = await sizeOf(path);
  return {
    bytes,
    cuts: (size) => fileCuts(path, bytes, size),
    range: (from, to) => [{ path, from, to }, []],
  };
}

/** Asked before the file is opened: opening a pipe waits for its writer. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  // The system's own files (/proc) call themselves files of 0 bytes.
  if (found.isFile() && !(found.size === 0 && found.blocks === 0 && (await holdsMore(path)))) return found.size;
  throw new FootprintError(
    'bad-option',
    `"${path}" is no regular file, whose parts can be read by several threads. ` +
      'Read pipes and devices with createTradeLines, or pass their bytes.',
    path,
  );
}

async function holdsMore(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    return (await handle.read(new Uint8Array(1), 0, 1, 0)).bytesRead > 0;
  } finally {
    await handle.close();
  }
}

async function fileCuts(path: string, bytes: number, size: number): Promise<number[]> {
  if (bytes <= size) return [bytes];
  const handle = await open(path);
  const buffer = new Uint8Array(Math.min(size, 1 << 16));
  try {
    return await cutsOf(bytes, size, async (from) => {
      for (let at = from; at < bytes;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) return 0;
        const newline = buffer.subarray(0, bytesRead).indexOf(NEWLINE);
        if (newline >= 0) return at + newline + 1;
        at += bytesRead;
      }
      return 0;
    });
  } finally {
    await handle.close();
  }
}

/** @param behindNewline - Index behind the first newline at or after an index; 0 where there is none. */
async function cutsOf(bytes: number, size: number, behindNewline: (at: number) => Promise<number>): Promise<number[]> {
  const ends: number[] = [];
  for (let at = size; at < bytes;) {
    const end = await behindNewline(at - 1);
    if (end === 0 || end >= bytes) break;
    ends.push(end);
    at = end + size;
  }
  return [...ends, bytes];
}
