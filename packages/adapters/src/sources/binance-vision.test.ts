import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import { createGrid } from '@tapekit/orderflow/grid';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll } from '../internal/venue/recordings.fixture.ts';
import type { SourceEvent } from '../market-source.ts';
import {
  binanceVisionAddress,
  binanceVisionInput,
  createBinanceVisionDecoder,
  verifyBinanceVisionFile,
} from './binance-vision.ts';
import type { BinanceVisionKind, ByteInput } from './binance-vision.ts';
import { replayFiles } from './files.ts';

const decode = (kind: BinanceVisionKind, ...lines: readonly string[]) =>
  decodeAll(createBinanceVisionDecoder({ kind, symbol: 'TAPEUSDT' }), lines);

describe('files of Binance', () => {
  test('have aggregated trades, of spot without a header and of futures with one', () => {
    const spot = decode('aggTrades', '7,2683.80000000,0.50000000,10,12,1723161254024,True,True');
    const header = 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker';
    const futures = decode('aggTrades', header, '7,2683.80000000,0.50000000,10,12,1723161254024,true\r');
    expect(spot.events).toEqual([
      {
        type: 'trade',
        symbol: 'TAPEUSDT',
        timeMs: 1723161254024,
        price: '2683.80000000',
        size: '0.50000000',
        side: 'sell',
        id: 7,
      },
    ]);
    expect(futures.events).toEqual(spot.events);
    expect(futures.counts.unmodelled).toEqual({ header: 1 });
  });

  test('of spot count microseconds since 2025', () => {
    const { events } = decode('trades', '8,2683.8,0.5,1341.9,1735689600123456,False,True');
    expect(events).toMatchObject([{ timeMs: 1735689600123, side: 'buy', id: 8 }]);
    const bars = decode('klines', '1735689600000000,1,3,1,2,5,1735689659999999,9,4,2,4,0').events;
    expect(bars).toEqual([
      {
        type: 'bar',
        symbol: 'TAPEUSDT',
        startMs: 1735689600000,
        endMs: 1735689660000,
        open: '1',
        high: '3',
        low: '1',
        close: '2',
        volume: '5',
        final: true,
      },
    ]);
  });

  test('show what is missing within them, and bookings without a size are no market trades', () => {
    const { controls, counts } = decode(
      'aggTrades',
      '7,2.5,1,10,12,1723161254024,True,True',
      '9,2.5,1,15,15,1723161254024,True,True',
      '10,2.5,0,16,16,1723161254024,True,True',
    );
    expect(controls).toMatchObject([{ kind: 'gap', afterId: '12', beforeId: '15' }]);
    expect(counts.events).toEqual({ trade: 2, nonMarket: 1 });
  });

  test('have addresses', () => {
    const file = { market: 'um', kind: 'klines', symbol: 'BTCUSDT', interval: '1m', date: '2024-08' } as const;
    expect(binanceVisionAddress(file)).toBe(
      'https://data.binance.vision/data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-08.zip',
    );
    expect(() => binanceVisionAddress({ ...file, kind: 'trades' })).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: interval "1m" is not usable. Pass a length such as '1m' for klines, and none for other kinds.]`,
    );
  });
});

const recording = 'trades_books/binance_spot_XRPETH-aggTrades-2019-10-11.csv.gz';
interface Hour {
  readonly t: number;
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly c: string;
  readonly buy: string;
  readonly sell: string;
  readonly n: number;
}
interface Answers extends Record<'buy' | 'sell' | 'delta' | 'vwap', string> {
  readonly rows: number;
  readonly levels: number;
  readonly hours: readonly Hour[];
}

describe.skipIf(!hasRecordedData)('the recorded day of XRPETH', () => {
  test('has the expected trades, volumes, VWAP and hours, from the CSV and from an archive of it', async () => {
    const csv = new Uint8Array(gunzipSync(readFileSync(recordedPath(recording))));
    const answers = expectedAnswers<Answers>('xrpeth_2019-10-11');
    for (const file of [csv, zipOf(csv)]) {
      const { events, troubles } = await readAll(file);
      expect(troubles).toEqual([]);
      expect(summaryOf(events)).toEqual({ ...answers, day: '2019-10-11' });
    }
  });
});

/** Throws what a reader of the archive sees. */
async function readAll(file: Uint8Array<ArrayBuffer>) {
  const isZip = file[0] === 0x50;
  const input: ByteInput = isZip
    ? binanceVisionInput('XRPETH.zip', file)
    : { name: 'XRPETH.csv', open: () => new Blob([file]).stream() as ReadableStream<Uint8Array> };
  const decoder = () => createBinanceVisionDecoder({ kind: 'aggTrades', symbol: 'XRPETH' });
  const source = replayFiles({ inputs: [input], decoder });
  const events: SourceEvent[] = [];
  const troubles: unknown[] = [];
  for await (const item of source) {
    if (item.kind === 'record') events.push(...item.record.events);
    else troubles.push(item);
  }
  const [{ state, problem } = { state: 'pending', problem: undefined }] = source.stats().inputs;
  if (state !== 'complete') troubles.push(state);
  return { events, troubles, state, problem };
}

function summaryOf(events: readonly SourceEvent[]) {
  const grid = createGrid({ tickSize: '0.00000001', lotSize: '1' });
  const hours = new Map<number, { t: number; prices: number[]; buy: number; sell: number }>();
  const prices = new Set<number>();
  let value = 0n;
  for (const event of events) {
    if (event.type !== 'trade' || event.side === 'unknown') throw new Error('a trade with a side is due');
    const [ticks, lots] = [grid.toTicks(event.price), grid.toLots(event.size)];
    const t = event.timeMs - (event.timeMs % 3_600_000);
    const hour = hours.get(t) ?? { t, prices: [], buy: 0, sell: 0 };
    hours.set(t, hour);
    hour.prices.push(ticks);
    hour[event.side] += lots;
    prices.add(ticks);
    value += BigInt(ticks) * BigInt(lots);
  }
  const total = (side: 'buy' | 'sell'): number => [...hours.values()].reduce((sum, hour) => sum + hour[side], 0);
  const [buy, sell] = [total('buy'), total('sell')];
  const volume = BigInt(buy + sell);
  // Prices have 8 decimals, the expected VWAP has 15: rounded half up.
  const vwap = (2n * value * 10n ** 7n + volume) / (2n * volume);
  const price = (ticks: number): string => grid.formatPrice(ticks);
  return {
    day: new Date([...hours.keys()][0]!).toISOString().slice(0, 10),
    rows: events.length,
    buy: String(buy),
    sell: String(sell),
    delta: String(buy - sell),
    vwap: `0.${String(vwap).padStart(15, '0')}`,
    levels: prices.size,
    hours: [...hours.values()].map(({ t, prices: all, buy: bought, sell: sold }) => ({
      t,
      o: price(all[0]!),
      h: price(Math.max(...all)),
      l: price(Math.min(...all)),
      c: price(all.at(-1)!),
      buy: String(bought),
      sell: String(sold),
      n: all.length,
    })),
  };
}

/** An archive as Binance makes them: one deflated file and its directory. */
function zipOf(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = Buffer.from('TAPE.csv');
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, packed]);
  const entry = Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return new Uint8Array(Buffer.concat([local, entry, end]));
}

describe('archives', () => {
  const row = '7,2.5,1,10,12,1723161254024,True,True\n';
  const zip = zipOf(Buffer.from(row.repeat(3)));

  test('are compared with their checksum', async () => {
    const sum = '0d3a2d7bbd8e59a9e1c9ccbb8d54bd4f0b0c4b3a3e6e3f0f0c5f0f6cbb1d7a11';
    await expect(verifyBinanceVisionFile(zip, `${sum}  TAPE.zip\n`)).rejects.toMatchObject({ code: 'corrupt-input' });
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', zip));
    const hex = Buffer.from(digest).toString('hex');
    expect(await verifyBinanceVisionFile(zip, `${hex}  TAPE.zip\n`)).toBe(hex);
  });

  test('that are cut anywhere or damaged say so, or give rows', async () => {
    const states = new Map<string, number>();
    const count = async (file: Uint8Array<ArrayBuffer>): Promise<void> => {
      const { state, events, troubles } = await readAll(file);
      states.set(state, (states.get(state) ?? 0) + 1);
      expect(state !== 'complete' || events.length + troubles.length > 0).toBe(true);
    };
    for (let length = 2; length < zip.length; length += 1) await count(zip.slice(0, length));
    expect(states).toEqual(
      new Map([
        ['corrupt', 2],
        ['truncated', zip.length - 4],
      ]),
    );
    for (let i = 2; i < zip.length; i += 1) {
      const damaged = zip.slice();
      damaged[i]! ^= 0xff;
      await count(damaged);
    }
    expect(states.get('corrupt')).toBeGreaterThan(2);
  });
});

test('damaged lines are refused with a reason', () => {
  for (const [kind, line] of [
    ['aggTrades', '7,2683.80000000,0.50000000,10,12,1723161254024,True,True'],
    ['trades', '8,2683.8,0.5,1341.9,1735689600123456,False,True'],
    ['klines', '1735689600000,1,3,1,2,5,1735689659999,9,4,2,4,0'],
  ] as const) {
    const make = () => createBinanceVisionDecoder({ kind, symbol: 'TAPEUSDT' });
    const { events, rejected } = fuzzDecoder(make, [line], { seed: 10, count: fuzzCount() });
    expect(events).toBeGreaterThan(0);
    expect(rejected['bad-record']).toBeGreaterThan(0);
  }
});
