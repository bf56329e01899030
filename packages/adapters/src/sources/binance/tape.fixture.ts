/** Tapes for tests: one record of each kind, as Binance spells it, and readers of them. */
import type { QuarantineEntry, SourceItem, TapeRecord } from '../../market-source.ts';
import {
  type BinanceCombinedOptions,
  type BinanceCombinedStats,
  type ByteInput,
  replayBinanceCombined,
} from '../binance-combined.ts';

export const ns = '1723161254024619568';

/** An input in memory, in chunks of `size` bytes. */
export function bytesInput(content: string | Uint8Array, size = 64, name = 'tape'): ByteInput {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    async *open() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

export async function collect(
  source: AsyncIterable<SourceItem>,
): Promise<{ records: TapeRecord[]; entries: QuarantineEntry[] }> {
  const records: TapeRecord[] = [];
  const entries: QuarantineEntry[] = [];
  for await (const item of source) {
    if (item.kind === 'record') records.push(item.record);
    else if (item.kind === 'quarantined') entries.push(item.entry);
  }
  return { records, entries };
}

export async function replay(
  content: string | Uint8Array,
  options: Partial<BinanceCombinedOptions> = {},
): Promise<{ records: TapeRecord[]; entries: QuarantineEntry[]; stats: BinanceCombinedStats }> {
  const source = replayBinanceCombined({ inputs: [bytesInput(content)], symbol: 'ETHUSDT', ...options });
  return { ...(await collect(source)), stats: source.stats() };
}

/** One line of a combined stream. */
export const line = (stream: string, data: unknown): string => `${ns} ${JSON.stringify({ stream, data })}`;

export const trade = {
  e: 'trade',
  E: 1723161255612,
  s: 'ETHUSDT',
  t: 1520538925,
  p: '2683.80000000',
  q: '0.00200000',
  T: 1723161255611,
  m: true,
  M: true,
};
export const ticker = {
  u: 35346513501,
  s: 'ETHUSDT',
  b: '2683.80000000',
  B: '3.02920000',
  a: '2683.81000000',
  A: '31.43950000',
};
export const depth = {
  e: 'depthUpdate',
  E: 1723161255308,
  s: 'ETHUSDT',
  U: 499,
  u: 505,
  b: [['2683.80', '3.0292']],
  a: [['2733.70', '0.0000']],
};
export const snapshot = { lastUpdateId: 512, bids: [['2683.80', '3.02']], asks: [['2683.81', '31.4']] };

export const tradeLine = line('ethusdt@trade', trade);
