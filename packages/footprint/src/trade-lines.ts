/**
 * JSON lines of trades straight to columns: bytes in, integers of the grid out.
 *
 * The first line of a shape is parsed by JSON.parse and its shape learned; lines of that shape are read digit by digit
 * from the bytes. A line that does not match (keys in another order, another word, more digits than the grid has) is
 * parsed by JSON.parse like any other: the result is the same, only slower, and counted.
 */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import type { Grid } from '@tapekit/orderflow/grid';
import { FootprintError } from './errors.ts';
import { createLineParser } from './internal/line-parser.ts';
import { NEWLINE } from './internal/line-template.ts';
import { restored } from './internal/snapshot-checks.ts';

/** Where the values of a trade stand in a line, as paths joined by dots: `p`, or `data.p`. */
export interface TradeLineFields {
  /** Trade time in epoch milliseconds, a number or a numeric string. */
  readonly time: string;
  /** Price, a decimal string or a number. */
  readonly price: string;
  /** Size, a decimal string or a number. */
  readonly size: string;
  /** The value that says who was the aggressor, and what it says; any other value is an unknown aggressor. */
  readonly side: { readonly path: string; readonly buy: string | boolean; readonly sell: string | boolean };
}

/** The fields of formats that are common. */
export const tradeLineFields = {
  /** Binance `trade` and `aggTrade` messages: the buyer being the maker means that a seller was the aggressor. */
  binance: { time: 'T', price: 'p', size: 'q', side: { path: 'm', buy: false, sell: true } },
  /** {@link binance} in the envelope of a combined stream. */
  binanceCombined: {
    time: 'data.T',
    price: 'data.p',
    size: 'data.q',
    side: { path: 'data.m', buy: false, sell: true },
  },
  /** Objects of the suite's `Trade`. */
  tapekit: { time: 'timeMs', price: 'price', size: 'size', side: { path: 'side', buy: 'buy', sell: 'sell' } },
} as const satisfies Readonly<Record<string, TradeLineFields>>;

/** What {@link createTradeLines} is made with. */
export interface TradeLinesOptions {
  /** Price and size steps of the instrument. */
  readonly grid: Grid;
  /** Where the values stand: one of {@link tradeLineFields}, or your own. */
  readonly fields: TradeLineFields;
  /**
   * Called with each line that holds no trade of the grid.
   * @defaultValue none: such lines are counted only
   */
  readonly onMalformed?: (line: MalformedLine) => void;
  /**
   * Longest line in bytes; a longer one is malformed.
   * @defaultValue 1 MiB
   */
  readonly maxLineBytes?: number;
}

/** The defaults of {@link TradeLinesOptions}. */
export const tradeLinesDefaults = { maxLineBytes: 1 << 20 } as const satisfies Partial<TradeLinesOptions>;

/** A line that holds no trade of the grid. */
export interface MalformedLine {
  /** Number of the line, from 1 on. */
  readonly line: number;
  readonly reason: MalformedReason;
  /** The line; of one that is too long its beginning. */
  readonly text: string;
}

/**
 * Why a line holds no trade: `not-json`, a value is missing or of the wrong kind (`no-trade`), a decimal is not on the
 * grid (`off-grid`), or the line is longer than `maxLineBytes` (`too-long`).
 */
export type MalformedReason = 'not-json' | 'no-trade' | 'off-grid' | 'too-long';

/** What became of the lines. `lines = learned + parsed + blank + malformed`. */
export interface TradeLinesStats {
  /** Lines seen. */
  readonly lines: number;
  /** Trades read by a learned shape. */
  readonly learned: number;
  /** Trades read by JSON.parse. */
  readonly parsed: number;
  /** Lines without a character. */
  readonly blank: number;
  /** Lines without a trade. */
  readonly malformed: number;
}

/** Made by {@link createTradeLines}. Memory is bounded by the longest line. */
export interface TradeLines {
  /** Takes the next bytes of the file, cut anywhere, and gives the trades of the lines that ended in them. */
  push(bytes: Uint8Array): TradeColumns;
  /** Ends the file: gives the trade of a last line without a newline. */
  flush(): TradeColumns;
  stats(): TradeLinesStats;
  /** The state as plain JSON. */
  snapshot(): TradeLinesSnapshot;
}

/** The state of {@link TradeLines}. */
export interface TradeLinesSnapshot {
  readonly v: 1;
  readonly kind: 'trade-lines';
  /** Bytes of the line that has not ended yet. */
  readonly tail: readonly number[];
  /** True while the rest of a line that was too long is skipped. */
  readonly skipping: boolean;
  /** The line whose shape is known; `null` while none is. */
  readonly shape: string | null;
  /** Lines in a row that had another shape. */
  readonly misses: number;
  readonly counts: TradeLinesStats;
}

/**
 * A reader of JSON lines.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
 * const lines = createTradeLines({ grid, fields: tradeLineFields.binance });
 * const { priceTicks, side } = lines.push(new TextEncoder().encode('{"T":5,"p":"10.01","q":"0.002","m":true}\n'));
 * [priceTicks[0], side[0]]; // => [1001, -1]
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createTradeLines(options: TradeLinesOptions): TradeLines {
  return tradeLinesOf(options, undefined);
}

/**
 * The reader that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link FootprintError} `bad-snapshot` for the snapshot of another module or version, `bad-option`.
 */
export function restoreTradeLines(snapshot: TradeLinesSnapshot, options: TradeLinesOptions): TradeLines {
  return restored('trade-lines', snapshot, () => tradeLinesOf(options, snapshot));
}

function tradeLinesOf(options: TradeLinesOptions, from: TradeLinesSnapshot | undefined): TradeLines {
  const { grid, fields, onMalformed, maxLineBytes } = { ...tradeLinesDefaults, ...options };
  if (!Number.isSafeInteger(maxLineBytes) || maxLineBytes < 1) {
    throw new FootprintError(
      'bad-option',
      `maxLineBytes "${maxLineBytes}" is not a whole number from 1 on.`,
      maxLineBytes,
    );
  }
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
  const parseLine = (line: Uint8Array, rows: Rows): void => {
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
  const readLines = (bytes: Uint8Array, rows: Rows): number => {
    let at = 0;
    const lastNewline = bytes.lastIndexOf(NEWLINE);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    while (at <= lastNewline) {
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
      let rest = bytes;
      const rows = new Rows(expectedRows(bytes.length));
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
      if (rest.length > 0) tail = rest.slice(readLines(rest, rows));
      if (tail.length > maxLineBytes) {
        tooLong(tail);
        tail = new Uint8Array(0);
        skipping = true;
      }
      return rows.columns();
    },
    flush() {
      const rows = new Rows(1);
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

/** Trades of one call. */
class Rows {
  #timeMs: Float64Array<ArrayBuffer>;
  #priceTicks: Float64Array<ArrayBuffer>;
  #sizeLots: Float64Array<ArrayBuffer>;
  #side: Int8Array<ArrayBuffer>;
  #rows = 0;

  constructor(expected: number) {
    const room = Math.max(16, expected);
    this.#timeMs = new Float64Array(room);
    this.#priceTicks = new Float64Array(room);
    this.#sizeLots = new Float64Array(room);
    this.#side = new Int8Array(room);
  }

  add(timeMs: number, priceTicks: number, sizeLots: number, side: number): void {
    if (this.#rows === this.#side.length) this.#grow();
    const i = this.#rows++;
    this.#timeMs[i] = timeMs;
    this.#priceTicks[i] = priceTicks;
    this.#sizeLots[i] = sizeLots;
    this.#side[i] = side;
  }

  columns(): TradeColumns {
    const rows = this.#rows;
    return {
      timeMs: this.#timeMs.slice(0, rows),
      priceTicks: this.#priceTicks.slice(0, rows),
      sizeLots: this.#sizeLots.slice(0, rows),
      side: this.#side.slice(0, rows),
    };
  }

  #grow(): void {
    const room = this.#rows * 2;
    const grown = <Column extends Float64Array | Int8Array>(column: Column, larger: Column): Column => {
      larger.set(column);
      return larger;
    };
    this.#timeMs = grown(this.#timeMs, new Float64Array(room));
    this.#priceTicks = grown(this.#priceTicks, new Float64Array(room));
    this.#sizeLots = grown(this.#sizeLots, new Float64Array(room));
    this.#side = grown(this.#side, new Int8Array(room));
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}
