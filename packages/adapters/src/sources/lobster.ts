/** LOBSTER's reconstructed NASDAQ books: the message file as orders and trades, the order book file as snapshots. */
import { mboFlags } from '@tapekit/orderflow/mbo-book';
import type { MboAction, MboSide } from '@tapekit/orderflow/mbo-book';
import { AdaptersError } from '../errors.ts';
import { decodedBytes } from '../internal/byte-input.ts';
import type { ByteInput } from '../internal/byte-input.ts';
import type { FileDecoder } from '../internal/file-decoder.ts';
import { createLineSplitter } from '../internal/line-splitter.ts';
import type { Line } from '../internal/line-splitter.ts';
import { RecordError } from '../internal/venue/fields.ts';
import type { FrameSink } from '../venue-feed.ts';
import { newYorkMidnightMs } from './lobster/midnight.ts';
import { createLobsterPrices, parseLobsterBook, parseLobsterMessage } from './lobster/row.ts';
import type { LobsterMessage } from './lobster/row.ts';

export type { ByteInput } from '../internal/byte-input.ts';
export type { FileDecoder } from '../internal/file-decoder.ts';

/** What the rows do not say. Both stand in the names of the files: see {@link parseLobsterName}. */
export interface LobsterOptions {
  /** Instrument, for example `AAPL`. */
  readonly symbol: string;
  /** Trading day in New York, `YYYY-MM-DD`. */
  readonly date: string;
}

/** What the name of a file says. */
export interface LobsterName extends LobsterOptions {
  /** Which of the two files. */
  readonly kind: 'message' | 'orderbook';
  /** Milliseconds after midnight in New York at which the file begins. */
  readonly fromMs: number;
  /** Milliseconds after midnight in New York at which the file ends. */
  readonly toMs: number;
  /** Levels a side. */
  readonly levels: number;
}

/**
 * Reads the name (or path) of a file; `undefined` for any other name.
 *
 * @example
 * ```ts
 * parseLobsterName('AAPL_2012-06-21_34200000_57600000_message_10.csv')?.symbol; // => 'AAPL'
 * ```
 */
export function parseLobsterName(name: string): LobsterName | undefined {
  const form = /([A-Z][A-Z0-9.-]*)_(\d{4}-\d\d-\d\d)_(\d{1,9})_(\d{1,9})_(message|orderbook)_(\d{1,4})\.csv(?:\.gz)?$/;
  const match = form.exec(name);
  if (!match) return undefined;
  const [, symbol = '', date = '', from, to, kind, levels] = match;
  return {
    symbol,
    date,
    fromMs: Number(from),
    toMs: Number(to),
    kind: kind as LobsterName['kind'],
    levels: Number(levels),
  };
}

/**
 * A decoder for the rows of a message file, or of both files in turn: message row i, then order book row i (the book
 * after that message). {@link lobsterInput} brings them into this order.
 *
 * - Type 1 is `order` action `A`; 2 and 3 are `C`; 4 is what a full feed would send for it: `T`, `F` and `C`, and a `trade`.
 * - Type 5 (hidden) is an order `T` and a `trade`: no book changes. Type 6 (cross) too, of unknown side.
 * - The direction is that of the limit order: -1, a sell order was hit, is an aggressive buy.
 * - Type 7 is counted as unmodelled `trading halt`, `quoting resumes` or `trading resumes`.
 * - A book row is a `book-snapshot` with the number of the row as its id (`bookRules.generic`).
 *
 * The first book row holds orders that no message names: begin with it. Levels may come and go without a message, as
 * the files have so many levels only. Trades have no ids.
 * @throws {@link AdaptersError} `bad-option` for an empty symbol or a date that is none.
 */
export function createLobsterDecoder({ symbol, date }: LobsterOptions): FileDecoder {
  const midnightMs = newYorkMidnightMs(date);
  if (midnightMs === undefined) {
    throw new AdaptersError(
      'bad-option',
      `date "${date}" is no day. Pass the one of the file's name, as '2012-06-21'.`,
      {
        value: date,
      },
    );
  }
  if (symbol === '') throw new AdaptersError('bad-option', `symbol is "". Pass the one of the file's name, as 'AAPL'.`);
  const rows = { message: 0, book: 0 };
  const priceOf = createLobsterPrices();
  let lastNs: number | undefined;

  const readMessage = (message: LobsterMessage, sink: FrameSink): void => {
    lastNs = message.ns;
    const { type, ns, orderId, direction } = message;
    // A double of epoch milliseconds keeps a quarter of a microsecond.
    const timeMs = midnightMs + ns / 1e6;
    const [price, size] = [priceOf(Math.max(0, message.price)), String(message.size)];
    const resting: MboSide = direction === 1 ? 'B' : 'A';
    const order = (action: MboAction, side: MboSide, id: number, flags: number): void =>
      sink.event({ type: 'order', symbol, timeMs, action, side, orderId: id, price, size, flags });
    const trade = (side: MboSide): void =>
      sink.event({
        type: 'trade',
        symbol,
        timeMs: Math.floor(timeMs),
        price,
        size,
        side: side === 'B' ? 'buy' : side === 'A' ? 'sell' : 'unknown',
      });
    switch (type) {
      case 1:
        order('A', resting, orderId, mboFlags.last);
        return;
      case 2:
      case 3:
        order('C', resting, orderId, mboFlags.last);
        return;
      case 7:
        sink.unmodelled(['trading halt', 'quoting resumes', 'trading resumes'][message.price + 1]!);
        return;
      default: {
        const aggressor: MboSide = type === 6 ? 'N' : resting === 'A' ? 'B' : 'A';
        order('T', aggressor, 0, type === 4 ? 0 : mboFlags.last);
        trade(aggressor);
        if (type !== 4) return;
        order('F', resting, orderId, 0);
        order('C', resting, orderId, mboFlags.last);
      }
    }
  };

  const readRow = (line: string, sink: FrameSink): void => {
    const cells = line.split(',', maxCells);
    if (cells.length === 6) {
      rows.message += 1;
      readMessage(parseLobsterMessage(cells), sink);
    } else if (cells.length % 4 === 0 && cells.length < maxCells) {
      rows.book += 1;
      const book = parseLobsterBook(cells, priceOf);
      if (lastNs === undefined)
        throw new RecordError('order book row', rows.book, 'a message row before it, which has the time');
      const timeMs = Math.floor(midnightMs + lastNs / 1e6);
      sink.event({ type: 'book-snapshot', symbol, timeMs, lastUpdateId: rows.book, ...book });
    } else {
      throw new RecordError('the number of cells', cells.length, '6 (message file) or 4 a level (order book file)');
    }
  };

  return {
    framing: 'lines',
    decode(frame, _receiveMs, sink) {
      const text = typeof frame === 'string' ? frame : utf8.decode(frame);
      const line = text.trim();
      if (line === '') {
        sink.unmodelled('blank line');
        return;
      }
      if (line.length > maxRowLength) {
        sink.reject('too-long', `the row has ${line.length} characters; expected at most ${maxRowLength}`);
        return;
      }
      try {
        readRow(line, sink);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', error.message);
      }
    },
    end(sink) {
      if (rows.book === 0 || rows.book === rows.message) return;
      const detail = `there are ${rows.message} message rows and ${rows.book} order book rows; expected as many of each`;
      sink.reject('bad-frame', detail);
    },
  };
}

/** A row of 1,000 levels, the most that are sold, has 4,000 cells. */
const maxCells = 40_001;
const maxRowLength = 1_000_000;
const utf8 = new TextDecoder();

/**
 * Both files as one input, for {@link createLobsterDecoder}: a row of each in turn. Where one file is shorter, the rest of
 * the other follows.
 *
 * @example
 * ```ts
 * const input = lobsterInput(fileInput('…_message_10.csv'), fileInput('…_orderbook_10.csv'));
 * const source = replayFiles({ inputs: [input], decoder: () => createLobsterDecoder({ symbol: 'AAPL', date: '2012-06-21' }) });
 * ```
 */
export function lobsterInput(messages: ByteInput, orderBook: ByteInput): ByteInput {
  return { name: `${messages.name} + ${orderBook.name}`, open: () => inTurn([messages, orderBook].map(linesOf)) };
}

/** Rows that go out at once. */
const blockRows = 256;

async function* inTurn(files: readonly AsyncGenerator<Uint8Array, undefined>[]): AsyncGenerator<Uint8Array, undefined> {
  let block: Uint8Array[] = [];
  try {
    for (let open = files; open.length > 0;) {
      const still: AsyncGenerator<Uint8Array, undefined>[] = [];
      for (const file of open) {
        const next = await file.next();
        if (next.done === true) continue;
        still.push(file);
        block.push(next.value, lineEnd);
      }
      open = still;
      if (block.length < blockRows * 2 && open.length > 0) continue;
      if (block.length > 0) yield joined(block);
      block = [];
    }
  } finally {
    for (const file of files) await file.return(undefined);
  }
}

const lineEnd = Uint8Array.of(10);
const toBytes = new TextEncoder();

async function* linesOf(input: ByteInput): AsyncGenerator<Uint8Array, undefined> {
  const splitter = createLineSplitter(maxRowLength);
  // Of a row that is too long its beginning is kept: it is as useless, and keeps its place.
  const bytesOf = (line: Line): Uint8Array =>
    typeof line === 'string' ? toBytes.encode(line) : line.problem === 'bad-utf8' ? line.bytes : line.prefix;
  for await (const chunk of decodedBytes(input, { onBytes: () => undefined, onGzip: () => undefined })) {
    for (const line of splitter.push(chunk)) yield bytesOf(line);
  }
  const rest = splitter.end();
  if (rest !== undefined) yield bytesOf(rest);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
