/** Bytes cut anywhere to lines, and lines to trades: by a learned shape where they have it, else by JSON.parse. */
import { FootprintError } from '../errors.ts';
import type { MalformedReason, TradeLines, TradeLinesOptions, TradeLinesSnapshot } from '../trade-lines.ts';
import { createLineParser } from './line-parser.ts';
import type { LineReader } from './line-reader.ts';
import { LineRows } from './line-rows.ts';
import { NEWLINE } from './line-template.ts';
import { checkGrid } from './option-checks.ts';

/** Reads as many lines of the reader's shape as it can. */
export interface FastLines {
  /** Forgets the bytes of earlier reads: the caller may have written others over them. */
  start(): void;
  /**
   * Adds the trades of `[from, to)`, which ends after a newline, up to the first line that the reader must look at itself;
   * gives the index of that line, or `to`.
   */
  read(reader: LineReader, bytes: Uint8Array, from: number, to: number, rows: LineRows): number;
}

/** A reader as `from` left it. */
export function tradeLinesOf(
  options: TradeLinesOptions & { readonly maxLineBytes: number },
  from: TradeLinesSnapshot | undefined,
  fast?: FastLines,
): TradeLines {
  const { grid, fields, onMalformed, maxLineBytes } = options;
  if (!Number.isSafeInteger(maxLineBytes) || maxLineBytes < 1) {
    throw new FootprintError(
      'bad-option',
      `maxLineBytes "${maxLineBytes}" is not a whole number from 1 on.`,
      maxLineBytes,
    );
  }
  checkGrid(grid);
  checkFields(fields);
  const parse = createLineParser(grid, fields);
  const counts = { lines: 0, learned: 0, parsed: 0, blank: 0, malformed: 0, ...from?.counts };
  let tail = Uint8Array.from(from?.tail ?? []);
  let skipping = from?.skipping ?? false;
  let shape = from?.shape ?? null;
  let misses = from?.misses ?? 0;
  let reader = shape === null ? undefined : parse.learn(encoder.encode(shape));

  const refuse = (reason: MalformedReason, line: Uint8Array): void => {
    counts.malformed += 1;
    onMalformed?.({ line: counts.lines, reason, text: decoder.decode(line.subarray(0, maxLineBytes)) });
  };

  /** The slow way: one line without its newline. */
  const parseLine = (line: Uint8Array, rows: LineRows): void => {
    counts.lines += 1;
    const text = decoder.decode(line);
    if (text.trim() === '') {
      counts.blank += 1;
      return;
    }
    const trade = parse.text(text);
    if (typeof trade === 'string') {
      refuse(trade, line);
      return;
    }
    counts.parsed += 1;
    rows.add(trade.timeMs, trade.priceTicks, trade.sizeLots, trade.side);
    misses += 1;
    if (reader && misses < RELEARN_AFTER) return;
    reader = parse.learn(line);
    shape = reader ? text : null;
    misses = 0;
  };

  const tooLong = (start: Uint8Array): void => {
    counts.lines += 1;
    refuse('too-long', start);
  };

  /** Every whole line of `bytes`; gives the index of the line that has no end yet. */
  const readLines = (bytes: Uint8Array, rows: LineRows): number => {
    let at = 0;
    const lastNewline = bytes.lastIndexOf(NEWLINE);
    fast?.start();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    while (at <= lastNewline) {
      if (fast && reader) {
        const before = rows.length;
        at = fast.read(reader, bytes, at, lastNewline + 1, rows);
        if (rows.length > before) {
          counts.lines += rows.length - before;
          counts.learned += rows.length - before;
          misses = 0;
        }
        if (at > lastNewline) break;
      }
      const line = reader?.line;
      const next = reader ? reader.read(bytes, view, at) : -1;
      if (next > 0) {
        counts.lines += 1;
        counts.learned += 1;
        misses = 0;
        rows.add(line!.timeMs, line!.priceTicks, line!.sizeLots, line!.side);
        at = next;
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      if (end - at > maxLineBytes) tooLong(bytes.subarray(at, end));
      else parseLine(withoutReturn(bytes.subarray(at, end)), rows);
      at = end + 1;
    }
    return at;
  };

  const expectedRows = (bytes: number): number => (shape === null ? 0 : Math.ceil((bytes / shape.length) * 1.1));

  return {
    push(bytes) {
      checkBytes(bytes);
      let rest = bytes;
      const rows = new LineRows(expectedRows(bytes.length));
      if (skipping || tail.length > 0) {
        const end = bytes.indexOf(NEWLINE);
        const head = end < 0 ? bytes : bytes.subarray(0, end + 1);
        rest = bytes.subarray(head.length);
        if (skipping) skipping = end < 0;
        else {
          tail = joined(tail, head);
          if (end >= 0) {
            readLines(tail, rows);
            tail = new Uint8Array(0);
          }
        }
      }
      // A copy: `slice` of a Node Buffer is a view, and the caller may write over it.
      if (rest.length > 0) tail = new Uint8Array(rest.subarray(readLines(rest, rows)));
      if (tail.length > maxLineBytes) {
        tooLong(tail);
        tail = new Uint8Array(0);
        skipping = true;
      }
      return rows.columns();
    },
    flush() {
      const rows = new LineRows(1);
      if (tail.length > 0) readLines(joined(tail, Uint8Array.of(NEWLINE)), rows);
      tail = new Uint8Array(0);
      skipping = false;
      return rows.columns();
    },
    stats: () => ({ ...counts }),
    snapshot: () => ({
      v: 1,
      kind: 'trade-lines',
      tail: [...tail],
      skipping,
      shape,
      misses,
      counts: { ...counts },
    }),
  };
}

/** A tape may change its shape once; two that alternate would have each line learned anew. */
const RELEARN_AFTER = 8;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}

function checkFields(fields: unknown): void {
  const { time, price, size, side } = (fields as Partial<Record<string, unknown>> | null | undefined) ?? {};
  const { path, buy, sell } = (side as Partial<Record<string, unknown>> | null | undefined) ?? {};
  if (![time, price, size, path].every((name) => typeof name === 'string' && name !== '')) {
    throw new FootprintError(
      'bad-option',
      `fields "${String(fields)}" do not name time, price, size and side. Pass tradeLineFields.binance, for example.`,
      fields,
    );
  }
  if ([buy, sell].every((word) => typeof word === 'string' || typeof word === 'boolean') && buy !== sell) return;
  throw new FootprintError(
    'bad-option',
    `fields.side has buy "${String(buy)}" and sell "${String(sell)}", expected two different words, or true and false.`,
    side,
  );
}

function checkBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw new FootprintError(
    'bad-option',
    `push got "${typeof bytes}", expected a Uint8Array. Encode text with TextEncoder first.`,
    bytes,
  );
}
