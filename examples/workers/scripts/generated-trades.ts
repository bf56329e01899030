/** Trades for demonstrations and tests: a seeded tape of an invented instrument, with late and repeated trades. */
import { generateTape, tapeDefaults, type TapeOptions } from '@tapekit/tooling/tape-generator';
import type { FeedTrade } from './tape-client.ts';

interface BinanceLine {
  readonly stream?: string;
  readonly data?: {
    readonly t: number;
    readonly T: number;
    readonly p: string;
    readonly q: string;
    readonly m: boolean;
  };
}

/** Trades in the order of their arrival. */
export function generatedTrades(options: TapeOptions = {}): readonly FeedTrade[] {
  const { lines } = generateTape({ ...options, faults: { ...tapeDefaults.faults, badLines: 0, ...options.faults } });
  return lines.flatMap((line) => {
    const { stream, data } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as BinanceLine;
    if (!data || stream?.endsWith('@trade') !== true) return [];
    return [{ id: data.t, timeMs: data.T, price: data.p, size: data.q, side: data.m ? 'sell' : 'buy' }];
  });
}
