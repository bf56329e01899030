/** Recorded sessions of the venues and files of vendors, each with its decoder. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { binanceFeed } from '@tapekit/adapters/sources/binance';
import { bitmexFeed } from '@tapekit/adapters/sources/bitmex';
import { bybitLegacyDecoder } from '@tapekit/adapters/sources/bybit';
import { coinbaseExchangeFeed } from '@tapekit/adapters/sources/coinbase';
import { dbnFile } from '@tapekit/adapters/sources/databento-node';
import { createDatabentoCsvDecoder } from '@tapekit/adapters/sources/databento-csv';
import { createDbnDecoder } from '@tapekit/adapters/sources/databento';
import type { ByteInput } from '@tapekit/adapters/sources/files';
import { createIpotDecoder } from '@tapekit/adapters/sources/ipot';
import { createLobsterDecoder, lobsterInput } from '@tapekit/adapters/sources/lobster';
import { fileInput } from '@tapekit/adapters/sources/node-files';
import { krakenV1Feed } from '@tapekit/adapters/sources/kraken';
import { okxFeed } from '@tapekit/adapters/sources/okx';
import type { FrameDecoder } from '@tapekit/adapters/venue-feed';
import { recordedPath } from '@tapekit/tooling/recorded-data';
import { madeSessions } from './made-sessions.ts';
import { csvSession, type SourceSession } from './source-session.ts';

const channels = ['trades', 'book', 'quotes'] as const;

/** All sessions; a new venue is a line here or in `made-sessions.ts`. */
export async function sourceSessions(): Promise<readonly SourceSession[]> {
  return [
    binance('Binance spot, one symbol', 'spot', 'binance_spot_ethusdt_20240808.gz', 'ETHUSDT'),
    binance('Binance USD-M, one symbol', 'usd-m', 'binance_usdm_ethusdt_20240808.gz', 'ETHUSDT'),
    binance('Binance COIN-M, one symbol', 'coin-m', 'binance_cm_ethusd_perp_20240808.gz', 'ETHUSD_PERP'),
    session('Bybit before v5', 'BYBIT.ws.25.0', /"symbol":"([^"]+)"/, (symbols) => bybitLegacyDecoder(symbols)),
    session('OKX v5', 'OKX.ws.1.0', /"instId":"([^"]+)"/, (symbols) => okxFeed({ symbols, channels }).decoder()),
    session('Kraken v1', 'KRAKEN.ws.50.0', /"([A-Z0-9]+\/[A-Z]+)"/, (symbols) =>
      krakenV1Feed({ symbols, channels, depth: 1000 }).decoder(),
    ),
    session('Coinbase Exchange', 'COINBASE.ws.28.0', /"product_id":"([^"]+)"/, (symbols) =>
      coinbaseExchangeFeed({ symbols, channels }).decoder(),
    ),
    session('BitMEX', 'BITMEX.ws.1.0', /"symbol":"([^"]+)"/, (symbols) => bitmexFeed({ symbols, channels }).decoder()),
    ...(await databento('ESH4_2023-12-25_mbo_to2330Z')),
    await lobster('AAPL_2012-06-21_34200000_57600000'),
    ipot('synthetic_lt_2026-02-19.jsonl'),
    ...madeSessions(),
  ];
}

/** A capture: `<receive ns> <frame>` a line. */
function binance(name: string, market: 'spot' | 'usd-m' | 'coin-m', file: string, symbol: string): SourceSession {
  const frames = linesOf(file).map((line) => line.slice(line.indexOf(' ') + 1));
  const url = 'wss://unused';
  return {
    name,
    origin: 'recorded',
    frames,
    json: frames,
    decoder: () => binanceFeed({ market, symbols: [symbol], channels, tradeStream: 'trade', url }).decoder(),
  };
}

/** A recording of cryptofeed: `<receive seconds>: <frame>` a line, and the requests between them. */
function session(
  name: string,
  file: string,
  symbol: RegExp,
  decoderOf: (symbols: readonly string[]) => FrameDecoder,
): SourceSession {
  const frames = linesOf(`cryptofeed_${file}.txt.gz`)
    .filter((line) => !line.startsWith('wss:'))
    .map((line) => line.slice(line.indexOf(': ') + 2));
  const symbols = [...new Set(frames.flatMap((frame) => symbol.exec(frame)?.[1] ?? []))];
  return { name, origin: 'recorded', frames, json: frames, decoder: () => decoderOf(symbols) };
}

/** Orders of one futures contract, as DBN and as CSV; beside both, the rows of the CSV as JSON. */
async function databento(file: string): Promise<readonly SourceSession[]> {
  const path = (ending: string): string => recordedPath(`futures/${file}.${ending}`);
  const chunks = await bytesOf(dbnFile(path('dbn.zst')));
  const rows = gunzipSync(readFileSync(path('csv.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const csv = csvSession('Databento CSV, mbo', 'recorded', rows, () => createDatabentoCsvDecoder());
  const dbn = { ...csv, name: 'Databento DBN, mbo', frames: chunks, decoder: () => createDbnDecoder() };
  return [dbn, csv];
}

/** Rows of both files in turn; beside them, the same rows as lists of JSON. */
async function lobster(file: string): Promise<SourceSession> {
  const part = (kind: string) => fileInput(recordedPath(`trades_books/lobster_${file}_${kind}_10.csv`));
  const text = Buffer.concat(await bytesOf(lobsterInput(part('message'), part('orderbook')))).toString('utf8');
  const frames = text.trimEnd().split(/\r?\n/);
  const json = frames.map((row) => JSON.stringify(row.split(',').map(Number)));
  const decoder = () => createLobsterDecoder({ symbol: 'AAPL', date: '2012-06-21' });
  return { name: 'LOBSTER', origin: 'recorded', frames, json, decoder };
}

/** The good lines of a day that has faults on purpose. */
function ipot(file: string): SourceSession {
  const decoder = () => createIpotDecoder({ input: 'archive' });
  const [one, good] = [decoder(), [] as string[]];
  for (const line of readFileSync(recordedPath(`idx/${file}`), 'utf8').split('\n')) {
    let trades = 0;
    const sink = { event: () => void (trades += 1), reject() {}, unmodelled() {}, control() {} };
    one.decode(line, 0, sink);
    if (trades > 0) good.push(line);
  }
  return { name: 'IPOT, archive', origin: 'recorded', frames: good, json: good, decoder };
}

async function bytesOf(input: ByteInput): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.open() as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return chunks;
}

function linesOf(file: string): readonly string[] {
  const text = gunzipSync(readFileSync(recordedPath(`trades_books/${file}`))).toString('utf8');
  return text.split('\n').filter((line) => line !== '');
}
