/** data.binance.vision: downloadable trades, aggregated trades and klines of Binance's markets. */
import { AdaptersError } from '../errors.ts';
import type { ByteInput } from '../internal/byte-input.ts';
import type { FileDecoder } from '../internal/file-decoder.ts';
import { sha256Of } from '../internal/sha256.ts';
import { RecordError } from '../internal/venue/fields.ts';
import { requireOneOf } from '../internal/venue/feed-options.ts';
import { createTradeIds } from '../internal/venue/trade-ids.ts';
import { readAggTrade, readKline, readTrade } from './binance-vision/rows.ts';
import type { VisionRow } from './binance-vision/rows.ts';
import { unzipSingle } from './binance-vision/zip.ts';

export type { ByteInput } from '../internal/byte-input.ts';
export type { FileDecoder } from '../internal/file-decoder.ts';

/** What a file holds. */
export type BinanceVisionKind = 'trades' | 'aggTrades' | 'klines';

/** How a file is read. */
export interface BinanceVisionOptions {
  /** What the file holds; its name says it. */
  readonly kind: BinanceVisionKind;
  /** The symbol of the file; its name says it, its rows do not. */
  readonly symbol: string;
}

/** Which file. */
export interface BinanceVisionFile extends BinanceVisionOptions {
  readonly market: 'spot' | 'um' | 'cm';
  /** Of klines: their length as Binance names it, for example `1m`. */
  readonly interval?: string;
  /** A day `2024-08-08` or a month `2024-08`. */
  readonly date: string;
}

const readers = { trades: readTrade, aggTrades: readAggTrade, klines: readKline } as const;
/** The longest row has 12 short cells. */
const maxLineLength = 4096;

/**
 * A decoder for one file, line by line. A header, which only newer files of futures have, is told by its first character.
 * Times in microseconds (spot from 2025 on) are rounded down to milliseconds. Holes in the trade ids are reported as gaps,
 * also within aggregated trades.
 *
 * @example
 * ```ts
 * const decoder = createBinanceVisionDecoder({ kind: 'aggTrades', symbol: 'ETHUSDT' });
 * decoder.decode('7,2683.80,0.5,10,12,1723161254024,True,True', 0, sink); // trade, aggressor sold
 * ```
 * @throws `AdaptersError` `bad-option`.
 */
export function createBinanceVisionDecoder({ kind, symbol }: BinanceVisionOptions): FileDecoder {
  requireOneOf('createBinanceVisionDecoder', 'kind', kind, Object.keys(readers) as BinanceVisionKind[]);
  const read: (cells: readonly string[], of: string) => VisionRow = readers[kind];
  const ids = createTradeIds();
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  return {
    framing: 'lines',
    end: () => undefined,
    decode(frame, _receiveMs, sink) {
      if (frame.length > maxLineLength) {
        sink.reject('too-long', `a line of ${frame.length}; expected at most ${maxLineLength}`);
        return;
      }
      let line: string;
      try {
        line = (typeof frame === 'string' ? frame : utf8.decode(frame)).replace(/\r$/, '');
      } catch {
        sink.reject('bad-frame', 'the line is no UTF-8');
        return;
      }
      const isHeader = isFirst && /^[\ufeff"a-z_]/i.test(line);
      isFirst = false;
      if (line === '' || isHeader) {
        sink.unmodelled(isHeader ? 'header' : 'blank line');
        return;
      }
      try {
        const { event, first, last } = read(line.split(','), symbol);
        if (first !== undefined && last !== undefined) ids.push(symbol, first, last, sink);
        sink.event(event);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', error.message);
      }
    },
  };
}

/**
 * A downloaded archive as an input of `replayFiles`: the CSV in it, unpacked as it is read. Reading it throws
 * `corrupt-input` or `truncated-input` for what is no archive of one file.
 *
 * @example
 * ```ts
 * const inputs = [binanceVisionInput('ETHUSDT-aggTrades-2024-08-08.zip', archive)];
 * replayFiles({ inputs, decoder: () => createBinanceVisionDecoder({ kind: 'aggTrades', symbol: 'ETHUSDT' }) });
 * ```
 */
export function binanceVisionInput(name: string, archive: Uint8Array<ArrayBuffer>): ByteInput {
  return { name, open: () => unzipSingle(archive) };
}

/** Where the files are. */
export const binanceVisionUrl = 'https://data.binance.vision';

/**
 * The address of a file; that of its checksum has `.CHECKSUM` behind it.
 *
 * @example
 * ```ts
 * binanceVisionAddress({ market: 'spot', kind: 'aggTrades', symbol: 'BTCUSDT', date: '2024-08-08' });
 * // => 'https://data.binance.vision/data/spot/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-08-08.zip'
 * ```
 * @throws `AdaptersError` `bad-option` for a date that is none, and for klines without an interval.
 */
export function binanceVisionAddress({ market, kind, symbol, interval, date }: BinanceVisionFile): string {
  requireOneOf('binanceVisionAddress', 'market', market, ['spot', 'um', 'cm']);
  requireOneOf('binanceVisionAddress', 'kind', kind, Object.keys(readers) as BinanceVisionKind[]);
  const bad = (option: string, value: unknown, expected: string): AdaptersError =>
    new AdaptersError('bad-option', `${option} ${JSON.stringify(value)} is not usable. Pass ${expected}.`, { value });
  if (!/^[A-Z0-9_-]+$/.test(symbol)) throw bad('symbol', symbol, "a symbol such as 'BTCUSDT'");
  if (!/^\d{4}-\d\d(?:-\d\d)?$/.test(date)) throw bad('date', date, "a day '2024-08-08' or a month '2024-08'");
  if ((kind === 'klines') !== (interval !== undefined && /^\d+(?:s|m|h|d|w|mo)$/.test(interval))) {
    throw bad('interval', interval, "a length such as '1m' for klines, and none for other kinds");
  }
  const root = market === 'spot' ? 'data/spot' : `data/futures/${market}`;
  const folder = `${root}/${date.length === 7 ? 'monthly' : 'daily'}/${kind}/${symbol}`;
  return `${binanceVisionUrl}/${folder}${interval ? `/${interval}` : ''}/${symbol}-${interval ?? kind}-${date}.zip`;
}

/**
 * Compares an archive with its `.CHECKSUM` file; gives the SHA-256, worth remembering, because files are published anew.
 * @throws `AdaptersError` `corrupt-input` when they differ.
 */
export async function verifyBinanceVisionFile(archive: Uint8Array<ArrayBuffer>, checksum: string): Promise<string> {
  const expected = /^[0-9a-f]{64}\b/i.exec(checksum.trim())?.[0].toLowerCase();
  const computed = await sha256Of(archive);
  if (computed === expected) return computed;
  throw new AdaptersError(
    'corrupt-input',
    `the archive has SHA-256 ${computed}, and its checksum file says ${JSON.stringify(checksum.slice(0, 80))}. Fetch both again.`,
    { value: checksum.slice(0, 200) },
  );
}
