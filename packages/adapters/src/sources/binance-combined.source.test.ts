import { describe, expect, test } from 'vitest';
import { isAdaptersError } from '../errors.ts';
import type { SourceItem } from '../market-source.ts';
import {
  type BinanceCombinedOptions,
  type BinanceCombinedSource,
  type ByteInput,
  replayBinanceCombined,
} from './binance-combined.ts';
import { bytesInput, collect, line, ns, replay, ticker, trade, tradeLine } from './binance/tape.fixture.ts';

describe('the source', () => {
  test('counts what it saw, also while it is read', async () => {
    const rows = [
      tradeLine,
      '',
      line('btcusdt@trade', { ...trade, s: 'BTCUSDT' }),
      'junk',
      line('ethusdt@bookTicker', ticker),
    ];
    const source = replayBinanceCombined({ inputs: [bytesInput(rows.join('\n'))], symbol: 'ETHUSDT' });
    for await (const item of source) {
      expect(item.kind).toMatch(/record|quarantined/);
      const { lines, blank, records, quarantined } = source.stats();
      expect(blank + records + quarantined).toBe(lines);
    }
    expect(source.stats()).toEqual({
      source: 'replay:binance-combined',
      symbol: 'ETHUSDT',
      lines: 5,
      blank: 1,
      records: 2,
      quarantined: 2,
      reasons: { 'other-symbol': 1, 'bad-envelope': 1 },
      events: { trade: 1, nonMarketTrade: 0, quote: 1, bookSnapshot: 0, bookDelta: 0, bar: 0, order: 0 },
      unmodelled: {},
      symbols: { ETHUSDT: 2, BTCUSDT: 1 },
      firstReceiveNs: ns,
      lastReceiveNs: ns,
      inputs: [{ name: 'tape', bytes: rows.join('\n').length, lines: 5, gzip: false, state: 'complete' }],
    });
  });

  test('bounds the names that it counts', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) => line('x@trade', { ...trade, s: `S${i}` }));
    const { stats } = await replay(rows.join('\n'));
    expect(Object.keys(stats.symbols)).toHaveLength(1001);
    expect(stats.symbols['(others)']).toBe(500);
  });

  test('reads nothing before it is asked and little more than it was asked for', async () => {
    let opened = 0;
    let chunks = 0;
    const endless: ByteInput = {
      name: 'endless',
      async *open() {
        opened++;
        try {
          for (;;) {
            chunks++;
            yield new TextEncoder().encode(`${tradeLine}\n`);
          }
        } finally {
          opened--;
        }
      },
    };
    const source = replayBinanceCombined({ inputs: [endless], symbol: 'ETHUSDT' });
    expect(opened).toBe(0);
    const taken: SourceItem[] = [];
    for await (const item of source) if (taken.push(item) === 3) break;
    expect(chunks).toBeLessThanOrEqual(4);
    expect(opened).toBe(0);
  });

  test('stops when it is aborted, with the reason of the signal', async () => {
    const controller = new AbortController();
    const source: BinanceCombinedSource = replayBinanceCombined({
      inputs: [bytesInput(`${tradeLine}\n`.repeat(10))],
      symbol: 'ETHUSDT',
      signal: controller.signal,
    });
    const taken: SourceItem[] = [];
    const reading = (async () => {
      for await (const item of source) if (taken.push(item) === 2) controller.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(taken).toHaveLength(2);
  });

  test('is read once', async () => {
    const source = replayBinanceCombined({ inputs: [bytesInput(tradeLine)], symbol: 'ETHUSDT' });
    await collect(source);
    await expect(collect(source)).rejects.toSatisfy((error) => isAdaptersError(error, 'closed'));
  });

  test('says which option it cannot use', () => {
    const inputs = [bytesInput('')];
    const wrong: BinanceCombinedOptions[] = [
      { inputs: [], symbol: 'ETHUSDT' },
      { inputs, symbol: '' },
      { inputs, symbol: 'ETHUSDT', maxLineBytes: 0 },
    ];
    for (const options of wrong) {
      expect(() => replayBinanceCombined(options)).toThrow(/^(inputs|symbol|maxLineBytes) /);
    }
  });

  test.each([1, 5, 64, 100_000])('decompresses with the platform alone, in chunks of %i bytes', async (size) => {
    const text = Array.from({ length: 200 }, (_, i) => line('ethusdt@trade', { ...trade, t: i })).join('\n');
    const zipped = new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip')));
    const input = bytesInput(new Uint8Array(await zipped.arrayBuffer()), size);
    const source = replayBinanceCombined({ inputs: [input], symbol: 'ETHUSDT' });
    const { records } = await collect(source);
    expect(records.map((record) => `${record.receiveNs} ${record.raw}`).join('\n')).toBe(text);
    expect(source.stats().inputs).toMatchObject([{ gzip: true, state: 'complete' }]);
  });

  test('says when the platform met damaged gzip, and gives up the input without hanging', async () => {
    const text = `${tradeLine}\n`.repeat(2000);
    const zipped = new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip')));
    const bytes = new Uint8Array(await zipped.arrayBuffer());
    const cut = await replay(bytes.subarray(0, bytes.length - 20));
    expect(cut.stats.inputs).toMatchObject([{ state: 'truncated' }]);
    const inputs = [bytesInput(bytes, 16)];
    for await (const item of replayBinanceCombined({ inputs, symbol: 'ETHUSDT' })) {
      expect(item.kind).toBe('record');
      break;
    }
  });

  test('reads a web stream', async () => {
    const input: ByteInput = { name: 'web', open: () => new Blob([`${tradeLine}\n`]).stream() };
    const { records } = await collect(replayBinanceCombined({ inputs: [input], symbol: 'ETHUSDT' }));
    expect(records).toHaveLength(1);
  });

  test('says which input broke while it was read', async () => {
    const broken: ByteInput = {
      name: 'broken',
      async *open() {
        yield new TextEncoder().encode(`${tradeLine}\n${tradeLine}`);
        throw new Error('disk gone');
      },
    };
    const reading = collect(replayBinanceCombined({ inputs: [broken], symbol: 'ETHUSDT' }));
    await expect(reading).rejects.toThrow(
      'input "broken" cannot be read: disk gone. Check that it exists and may be read.',
    );
  });
});
