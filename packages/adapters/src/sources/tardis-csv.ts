/** Tardis.dev's downloadable CSV files: trades, order book changes, quotes and book snapshots. */
import type { BookLevel } from '@tapekit/orderflow/market';
import type { FileDecoder } from '../internal/file-decoder.ts';
import { aDecimal, aSignedDecimal, aText, epochMs, isZero, RecordError } from '../internal/venue/fields.ts';
import { quoteSides } from '../internal/venue/quotes.ts';
import type { FrameSink } from '../venue-feed.ts';
import { createTardisBooks } from './tardis-csv/books.ts';
import { isTardisHeader, parseTardisHeader } from './tardis-csv/header.ts';
import type { TardisHeader, TardisKind } from './tardis-csv/header.ts';

export type { FileDecoder } from '../internal/file-decoder.ts';
export type { TardisKind } from './tardis-csv/header.ts';

/** How a file is read. */
export interface TardisCsvOptions {
  /** Symbols to read; rows of others are rejected as `other-symbol`. Absent: all. */
  readonly symbols?: readonly string[];
  /**
   * What the file holds; absent: its header tells. The header of `liquidations` is that of `trades`: name it, or they
   * count as volume twice.
   */
  readonly kind?: TardisKind;
  /**
   * Longest line in characters.
   * @defaultValue 65,536
   */
  readonly maxLineLength?: number;
  /**
   * Most rows of one message of a book; a longer one is given in parts.
   * @defaultValue 200,000
   */
  readonly maxMessageRows?: number;
}

/** What {@link createTardisCsvDecoder} uses where an option is left out. */
export const tardisCsvDefaults = {
  maxLineLength: 65_536,
  maxMessageRows: 200_000,
} as const satisfies Partial<TardisCsvOptions>;

/**
 * A decoder for one file, line by line without line ends; its first line is the header.
 *
 * - `trades` give `trade`s; `unknown` sides stay unknown, an empty id is absent.
 * - `incremental_book_L2` gives one event per message of the venue: a `book-snapshot` where a run of snapshot rows begins,
 *   else a `book-delta` (amount 0 removes the level). The last message comes out at the end. The update ids count the
 *   messages of a symbol, as Tardis does not keep the venue's: use `bookRules.generic`.
 * - `quotes` give `quote`s, `book_snapshot_N` gives `book-snapshot`s. Empty cells are absent.
 * - `derivative_ticker`, `liquidations` and `options_chain` are counted as unmodelled.
 *
 * Times are the venue's, microseconds rounded down to milliseconds.
 *
 * @example
 * ```ts
 * const decoder = createTardisCsvDecoder({ symbols: ['XBTUSD'] });
 * for (const line of lines) decoder.decode(line, 0, sink);
 * decoder.end(sink);
 * ```
 */
export function createTardisCsvDecoder(options: TardisCsvOptions = {}): FileDecoder {
  const { maxLineLength, maxMessageRows, kind } = { ...tardisCsvDefaults, ...options };
  const wanted = options.symbols && new Set(options.symbols);
  const books = createTardisBooks(maxMessageRows);
  let header: TardisHeader | undefined;
  let snapshots = 0;

  const readRow = (cells: readonly string[], { kind: is, at, asks, bids }: TardisHeader, sink: FrameSink): void => {
    const cell = (column: string): string => cells[at(column)]!;
    const symbol = aText(cell('symbol'), 'symbol');
    if (wanted && !wanted.has(symbol)) {
      sink.reject('other-symbol', `the row is of "${symbol}"; expected one of the symbols asked for`);
      return;
    }
    if (is === 'derivative_ticker' || is === 'liquidations' || is === 'options_chain') {
      sink.unmodelled(is);
      return;
    }
    const timeMs = microseconds(cell('timestamp'), 'timestamp');
    if (is === 'trades') {
      const [side, id, size] = [cell('side'), cell('id'), aDecimal(cell('amount'), 'amount')];
      if (side !== 'buy' && side !== 'sell' && side !== 'unknown') {
        throw new RecordError('side', side, 'buy, sell or unknown');
      }
      const price = aSignedDecimal(cell('price'), 'price');
      sink.event({
        type: 'trade',
        symbol,
        timeMs,
        price,
        size,
        side,
        ...(id === '' ? undefined : { id: aText(id, 'id') }),
        ...(isZero(size) ? { nonMarket: true as const } : undefined),
      });
    } else if (is === 'incremental_book_L2') {
      const [mark, side] = [cell('is_snapshot'), cell('side')];
      if (mark !== 'true' && mark !== 'false') throw new RecordError('is_snapshot', mark, 'true or false');
      if (side !== 'bid' && side !== 'ask') throw new RecordError('side', side, 'bid or ask');
      const [price, amount] = [aSignedDecimal(cell('price'), 'price'), aDecimal(cell('amount'), 'amount')];
      microseconds(cell('local_timestamp'), 'local_timestamp');
      const message = `${cell('timestamp')},${cell('local_timestamp')},${mark}`;
      books.push({ symbol, timeMs, message, isSnapshot: mark === 'true', side, price, amount }, sink);
    } else if (is === 'quotes') {
      const side = (name: 'bid' | 'ask'): readonly [string, string] | undefined => {
        const [price, amount] = [cell(`${name}_price`), cell(`${name}_amount`)];
        if (price === '' || amount === '') return undefined;
        return [aSignedDecimal(price, `${name}_price`), aDecimal(amount, `${name}_amount`)];
      };
      sink.event({ type: 'quote', symbol, timeMs, ...quoteSides(side('bid'), side('ask')) });
    } else {
      const levels = (columns: typeof asks, name: string): readonly BookLevel[] =>
        columns.flatMap(([price, amount], i): BookLevel[] => {
          if (cells[price] === '' || cells[amount] === '') return [];
          const size = aDecimal(cells[amount], `${name}[${i}].amount`);
          return isZero(size) ? [] : [[aSignedDecimal(cells[price], `${name}[${i}].price`), size]];
        });
      const book = { bids: levels(bids, 'bids'), asks: levels(asks, 'asks') };
      snapshots += 1;
      sink.event({ type: 'book-snapshot', symbol, timeMs, lastUpdateId: snapshots, ...book });
    }
  };

  return {
    framing: 'lines',
    decode(frame, _receiveMs, sink) {
      const text = typeof frame === 'string' ? frame : utf8.decode(frame);
      if (text.length > maxLineLength) {
        sink.reject(
          'too-long',
          `the line has ${text.length} characters; expected at most ${maxLineLength} (maxLineLength)`,
        );
        return;
      }
      const line = text.replace(/^\uFEFF|\r$/g, '');
      if (line === '') {
        sink.unmodelled('blank line');
        return;
      }
      try {
        if (isTardisHeader(line)) {
          books.flush(sink);
          header = undefined;
          header = parseTardisHeader(line, kind);
          sink.unmodelled('header');
          return;
        }
        if (!header) {
          const start = JSON.stringify(line.slice(0, 40));
          sink.reject(
            'bad-frame',
            `the line starts with ${start} before a header; expected exchange,symbol,timestamp,…`,
          );
          return;
        }
        const cells = line.split(',');
        if (cells.length !== header.width) {
          throw new RecordError('the number of cells', cells.length, `${header.width}, as in the header`);
        }
        readRow(cells, header, sink);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', error.message);
        // A level that nobody can read is a hole in the book that no number tells.
        if (header?.kind === 'incremental_book_L2') {
          const symbol = line.split(',', 2)[1] ?? '';
          sink.control({ kind: 'resync', symbol: symbol.slice(0, 100), channel: 'book', detail: error.message });
        }
      }
    },
    end: (sink) => books.flush(sink),
  };
}

const utf8 = new TextDecoder();
const digits = /^\d{16}$/;

/** Microseconds since 1970 to whole milliseconds. */
function microseconds(text: string, column: string): number {
  if (!digits.test(text)) throw new RecordError(column, text, 'microseconds since 1970: 16 digits');
  return epochMs(Math.floor(Number(text) / 1000), column);
}
