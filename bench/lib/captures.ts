/** The captures that benches and tables run over: recorded sessions where they are there, else the bundled one. */
import { fileURLToPath } from 'node:url';
import { replayBinanceCombined } from '@tapekit/adapters/sources/binance-combined';
import { fileInput } from '@tapekit/adapters/sources/node-files';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import type { MarketEvent } from '@tapekit/orderflow/market';

/** A capture in Binance's combined-stream format. */
export interface Capture {
  readonly name: string;
  readonly files: readonly string[];
  readonly symbol: string;
  readonly tickSize: string;
  /** Holds every size of the capture. */
  readonly lotSize: string;
}

/** An event with the time at which the recorder received it. */
export interface ReceivedEvent {
  /** Receive time, epoch milliseconds UTC, with fractions. */
  readonly receivedMs: number;
  readonly event: MarketEvent;
}

/** The three recorded sessions, or the generated session that the repository ships. */
export function captures(): readonly Capture[] {
  if (!hasRecordedData) {
    const session = fileURLToPath(new URL('../../examples/node/data/session.jsonl.gz', import.meta.url));
    return [{ name: 'bundled session', files: [session], symbol: 'TAPEUSDT', tickSize: '0.01', lotSize: '0.00000001' }];
  }
  const recorded = (name: string, symbol: string, lotSize: string, ...files: string[]): Capture => ({
    name,
    symbol,
    tickSize: '0.01',
    lotSize,
    files: files.map((file) => recordedPath(`trades_books/${file}`)),
  });
  return [
    recorded(
      'spot ETHUSDT',
      'ETHUSDT',
      '0.00000001',
      'binance_spot_ethusdt_20240808.gz',
      'binance_spot_ethusdt_20240809.gz',
    ),
    recorded('USD-M ETHUSDT', 'ETHUSDT', '0.001', 'binance_usdm_ethusdt_20240808.gz'),
    recorded('COIN-M ETHUSD_PERP', 'ETHUSD_PERP', '1', 'binance_cm_ethusd_perp_20240808.gz'),
  ];
}

/** Every event of a capture in order of arrival, with the sequence rule of its book. */
export async function readCapture(
  capture: Pick<Capture, 'files' | 'symbol'>,
): Promise<{ readonly events: readonly ReceivedEvent[]; readonly bookRule: 'binanceSpot' | 'binanceFutures' }> {
  const source = replayBinanceCombined({ inputs: capture.files.map(fileInput), symbol: capture.symbol });
  const events: ReceivedEvent[] = [];
  for await (const item of source) {
    if (item.kind !== 'record') continue;
    const receivedMs = Number(BigInt(item.record.receiveNs) / 1000n) / 1000;
    for (const event of item.record.events) {
      if (event.type !== 'bar' && event.type !== 'order') events.push({ receivedMs, event });
    }
  }
  return { events, bookRule: source.stats().bookRule ?? 'binanceSpot' };
}
