/** JSON lines to footprints: ours, `JSON.parse` alone, a column database; all on one file. */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { imbalancesOfColumns } from '@tapekit/footprint/columns-imbalances';
import { footprintsOfColumns } from '@tapekit/footprint/footprint-columns';
import type { FootprintColumns } from '@tapekit/footprint/footprint-columns';
import { createTradeLines, tradeLineFields } from '@tapekit/footprint/trade-lines';
import type { TradeLines, TradeLinesOptions } from '@tapekit/footprint/trade-lines';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { Kernel } from './columns-door.ts';
import type { Variant } from './contest.ts';
import { digestsOfColumns } from './digest.ts';
import type { Digests } from './digest.ts';
import type { DuckDb } from './duckdb.ts';
import { grid } from './objects-door.ts';
import { workspaceModule } from './peers.ts';
import { beginningOf, emptyTape, MINUTE_MS } from './seeded-tape.ts';
import type { Tape } from './seeded-tape.ts';

const options = { intervalMs: MINUTE_MS };
type Options = typeof options & { readonly reuse?: FootprintColumns };
const linesOptions = { grid, fields: tradeLineFields.binance };
const CHUNK_BYTES = 1 << 20;

/** `createTradeLines`, of whichever engine. */
export type TradeLinesMaker = (options: TradeLinesOptions) => TradeLines;

/** The engine that takes a tape in blocks, as much of it as is measured. */
interface StreamModule {
  createColumnBars(asked: typeof options): {
    push(trades: TradeColumns): FootprintColumns;
    flush(): FootprintColumns;
  };
  concatFootprintColumns(parts: readonly FootprintColumns[]): FootprintColumns;
}

/** Threads over the parts of a file, as much of them as is measured. */
interface ThreadsModule {
  createFootprintWorkers(asked: { threads: number }): {
    footprintsOfFiles(
      files: readonly string[],
      asked: typeof options & typeof linesOptions,
    ): Promise<{ readonly footprints: FootprintColumns }[]>;
    close(): Promise<void>;
  };
}

export interface BytesDoor {
  readonly variants: readonly Variant[];
  readonly missing: readonly string[];
  /** Bytes of the file. */
  readonly bytes: number;
  readonly close: () => Promise<void>;
}

/** @param trades - Number of lines; one a trade, as a venue sends them. */
export async function bytesDoor(
  tape: Tape,
  trades: number,
  dir: string,
  wasm: Kernel | undefined,
  duckDb: DuckDb | undefined,
): Promise<BytesDoor> {
  const path = join(dir, 'trades.jsonl');
  const bytes = writeLines(path, beginningOf(tape, trades));
  // As a reader of lines would hand them over; there only for the run that parses them, others would pay for the heap.
  let lines: string[] = [];
  const missing: string[] = [];
  const stream = await workspaceModule<StreamModule>('@tapekit/footprint/columns-stream');
  const threadsModule = await workspaceModule<ThreadsModule>('@tapekit/footprint/workers');
  const threads = threadsModule?.createFootprintWorkers({ threads: 2 });
  if (!stream) missing.push('ours, in blocks (not in this checkout)');
  if (!wasm) missing.push('ours, WebAssembly (not in this checkout)');
  if (!threads) missing.push('ours, two threads (not in this checkout)');
  if (!duckDb) missing.push('DuckDB (bench/peers is not installed)');
  return {
    bytes,
    missing,
    close: async () => threads?.close(),
    variants: [
      ownVariant('ours, TypeScript', trades, footprintsOfFile(path, trades, createTradeLines, footprintsOfColumns)),
      ...(stream ? [ownVariant('ours, TypeScript in blocks', trades, () => footprintsInBlocks(path, stream))] : []),
      ...(wasm
        ? [
            ownVariant(
              'ours, WebAssembly',
              trades,
              footprintsOfFile(
                path,
                trades,
                (asked) => wasm.createTradeLines(asked),
                (columns, asked) => wasm.footprintsOfColumns(columns, asked),
              ),
            ),
          ]
        : []),
      ...(threads
        ? [
            ownVariant('ours, two threads', trades, async () => {
              const [file] = await threads.footprintsOfFiles([path], { ...options, ...linesOptions });
              return file!.footprints;
            }),
          ]
        : []),
      {
        name: '`JSON.parse` a line, lines split before',
        trades,
        note: 'builds nothing',
        prepare: () => {
          lines = readFileSync(path, 'latin1').trimEnd().split('\n');
        },
        run: () => {
          const sum = parseAll(lines);
          lines = [];
          return sum;
        },
        digests: () => ({}),
      },
      {
        name: 'read, split into lines, `JSON.parse` a line',
        trades,
        note: 'builds nothing',
        run: () => parseFile(path),
        digests: () => ({}),
      },
      ...(duckDb?.lines(path, trades) ?? []),
    ],
  };
}

/** Gets the result of the run before, for its memory; it may leave that aside. */
type Make = (reuse: { readonly reuse?: FootprintColumns }) => FootprintColumns | Promise<FootprintColumns>;

function ownVariant(name: string, trades: number, make: Make): Variant {
  let last: { columns: FootprintColumns; flags: Uint8Array } | undefined;
  return {
    name,
    trades,
    run: async () => {
      const used = last;
      last = undefined;
      const columns = await make(used ? { reuse: used.columns } : {});
      last = { columns, flags: imbalancesOfColumns(columns, used ? { reuse: used.flags } : {}) };
    },
    digests: (): Digests => digestsOfColumns(last!.columns, last!.flags),
  };
}

/** Lines to one tape, the tape to bars; the next run writes over the tape. */
function footprintsOfFile(
  path: string,
  trades: number,
  makeLines: TradeLinesMaker,
  makeBars: (columns: TradeColumns, asked: Options) => FootprintColumns,
): Make {
  const tape = emptyTape(trades);
  return (reuse) => {
    const reader = makeLines(linesOptions);
    let at = 0;
    const append = ({ timeMs, priceTicks, sizeLots, side }: TradeColumns): void => {
      tape.timeMs.set(timeMs, at);
      tape.priceTicks.set(priceTicks, at);
      tape.sizeLots.set(sizeLots, at);
      tape.side.set(side, at);
      at += timeMs.length;
    };
    forEachChunk(path, (chunk) => append(reader.push(chunk)));
    append(reader.flush());
    return makeBars(tape, { ...options, ...reuse });
  };
}

/** Lines to blocks of the tape, each block to the bars that it closed. */
function footprintsInBlocks(path: string, stream: StreamModule): FootprintColumns {
  const reader = createTradeLines(linesOptions);
  const bars = stream.createColumnBars(options);
  const parts: FootprintColumns[] = [];
  forEachChunk(path, (chunk) => parts.push(bars.push(reader.push(chunk))));
  parts.push(bars.push(reader.flush()), bars.flush());
  return stream.concatFootprintColumns(parts);
}

function parseAll(lines: readonly string[]): number {
  let sum = 0;
  for (const line of lines) sum += (JSON.parse(line) as { t: number }).t;
  return sum;
}

function parseFile(path: string): number {
  let sum = 0;
  let tail = '';
  forEachChunk(path, (chunk) => {
    const lines = (tail + Buffer.from(chunk.buffer, 0, chunk.length).toString('latin1')).split('\n');
    tail = lines.pop()!;
    sum += parseAll(lines);
  });
  return sum;
}

/** The file in chunks; each is overwritten by the next. */
function forEachChunk(path: string, see: (chunk: Uint8Array) => void): void {
  const file = openSync(path, 'r');
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const length = readSync(file, chunk);
    if (length === 0) break;
    see(chunk.subarray(0, length));
  }
  closeSync(file);
}

/** Prints as Binance's futures send them. */
function writeLines(path: string, { timeMs, priceTicks, sizeLots, side }: Tape): number {
  const file = openSync(path, 'w');
  let bytes = 0;
  let text = '';
  for (let i = 0; i < timeMs.length; i += 1) {
    const price = (priceTicks[i]! / 10).toFixed(1);
    const size = (sizeLots[i]! / 1000).toFixed(3);
    text +=
      `{"e":"trade","E":${timeMs[i]! + 3},"T":${timeMs[i]!},"s":"PERP","t":${i + 1},"p":"${price}","q":"${size}",` +
      `"X":"MARKET","m":${side[i] === -1}}\n`;
    if (text.length > CHUNK_BYTES || i === timeMs.length - 1) {
      bytes += writeSync(file, text);
      text = '';
    }
  }
  closeSync(file);
  return bytes;
}
