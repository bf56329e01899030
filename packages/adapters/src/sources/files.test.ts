import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import type { MarketSource, SourceItem } from '../market-source.ts';
import { assertSymbolSeen } from '../market-source.ts';
import { createDatabentoCsvDecoder } from './databento-csv.ts';
import { dbnFile } from './databento-node.ts';
import { createDbnDecoder } from './databento.ts';
import { dbnStream, mboRecord, tradeRecord } from './databento/dbn.fixture.ts';
import { replayFiles } from './files.ts';
import type { ByteInput, ReplayFilesOptions } from './files.ts';
import { createIpotDecoder } from './ipot.ts';
import { createLobsterDecoder, lobsterInput } from './lobster.ts';
import { fileInput } from './node-files.ts';
import { createTardisCsvDecoder } from './tardis-csv.ts';

async function read(source: MarketSource): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const item of source) items.push(item);
  return items;
}

function memory(content: string | Uint8Array, chunkBytes = 50): ByteInput {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name: 'memory',
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}

const header = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
const row = (us: number, snapshot: boolean, price: string): string =>
  `x,S,1580515200${us}00000,1580515200${us}00000,${snapshot},bid,${price},1`;

describe('lines', () => {
  const tardis = (text: string, more: Partial<ReplayFilesOptions> = {}): MarketSource =>
    replayFiles({ inputs: [memory(text)], decoder: () => createTardisCsvDecoder(), symbol: 'S', ...more });

  test('are records, quarantined or blank, and the end of a file completes what was open', async () => {
    const source = tardis([header, row(1, true, '5'), '', 'x,S,oops', row(2, false, '6'), ''].join('\n'));
    const items = await read(source);
    const { lines, blank, records, quarantined, events, reasons, symbols, inputs, firstReceiveNs, lastReceiveNs } =
      source.stats();
    // Five lines, and one more record for the message that the end completes.
    expect({ lines, blank, records, quarantined }).toEqual({ lines: 6, blank: 1, records: 4, quarantined: 1 });
    expect(events).toMatchObject({ bookSnapshot: 1, bookDelta: 1 });
    expect(reasons).toEqual({ 'bad-record': 1 });
    expect(symbols).toEqual({ S: 2 });
    expect(inputs).toMatchObject([{ name: 'memory', state: 'complete', gzip: false }]);
    expect([firstReceiveNs, lastReceiveNs]).toEqual(['0', '1580515200200000000']);
    expect(items.map((item) => item.kind)).toEqual(['record', 'record', 'status', 'quarantined', 'record', 'record']);
    expect(items.at(-1)).toMatchObject({ record: { raw: '', events: [{ type: 'book-delta' }] } });
    expect(() => assertSymbolSeen(source.stats())).not.toThrow();
  });

  test('longer than allowed, or of no UTF-8, are quarantined by their beginning', async () => {
    const source = tardis(`${header}\n${'x'.repeat(200)}\n`, { maxLineBytes: 100 });
    const bytes = Uint8Array.of(...new TextEncoder().encode(`${header}\n`), 0xff, 10);
    const other = replayFiles({ inputs: [memory(bytes)], decoder: () => createTardisCsvDecoder() });
    await read(source);
    await read(other);
    expect([source.stats().reasons, other.stats().reasons]).toEqual([{ 'line-too-long': 1 }, { 'bad-utf8': 1 }]);
  });

  test('end with the signal', async () => {
    const stop = new AbortController();
    const source = tardis(`${header}\n${row(1, true, '5')}\n`, { signal: stop.signal });
    await expect(
      (async () => {
        for await (const item of source) if (item.kind === 'record') stop.abort(new Error('enough'));
      })(),
    ).rejects.toThrow('enough');
  });
});

describe('binary records', () => {
  test('are records of the tape with their bytes, and a falling sequence is a gap before its record', async () => {
    const bytes = dbnStream(3, [mboRecord({ sequence: 5 }), mboRecord({ sequence: 4 })]);
    const items = await read(replayFiles({ inputs: [memory(bytes, 7)], decoder: () => createDbnDecoder() }));
    expect(items.map(({ kind }) => kind)).toEqual(['record', 'record', 'gap', 'record']);
    const tape = items.flatMap((item) => (item.kind === 'record' ? [Buffer.from(item.record.raw, 'base64')] : []));
    expect(Buffer.concat(tape).equals(bytes)).toBe(true);
    expect(items[2]).toMatchObject({ gap: { reason: 'sequence', after: { id: '5' }, before: { id: '4' } } });
  });

  test('that are cut are said once', async () => {
    const source = replayFiles({
      inputs: [memory(dbnStream(1, [tradeRecord()]).slice(0, -1))],
      decoder: () => createDbnDecoder(),
    });
    await read(source);
    expect(source.stats()).toMatchObject({ lines: 2, records: 1, quarantined: 1, reasons: { 'bad-frame': 1 } });
    const empty = replayFiles({ inputs: [memory('')], decoder: () => createDbnDecoder() });
    await read(empty);
    expect(empty.stats()).toMatchObject({ lines: 1, quarantined: 1 });
  });
});

test('a source is read once, and needs an input', async () => {
  const source = replayFiles({ inputs: [memory('')], decoder: () => createTardisCsvDecoder() });
  await read(source);
  expect(() => source[Symbol.asyncIterator]()).toThrow('replay:files was read already');
  expect(() => replayFiles({ inputs: [], decoder: () => createTardisCsvDecoder() })).toThrow('inputs is empty');
});

describe.skipIf(!hasRecordedData)('recorded files', () => {
  test('of Databento give the same events in both forms', async () => {
    const path = (kind: string): string => recordedPath(`futures/ESU4_2024-07-01_mbp-1.${kind}`);
    const sources = [
      replayFiles({ inputs: [dbnFile(path('dbn.zst'))], decoder: () => createDbnDecoder() }),
      replayFiles({
        inputs: [fileInput(path('csv.gz'))],
        decoder: () => createDatabentoCsvDecoder({ names: { 118: 'ESU4' } }),
      }),
    ];
    const [binary, csv] = await Promise.all(
      sources.map(async (source) =>
        (await read(source)).flatMap((item) => (item.kind === 'record' ? item.record.events : [])),
      ),
    );
    expect(binary).toEqual(csv);
    for (const source of sources) {
      expect(source.stats()).toMatchObject({ lines: 2_289, records: 2_289, quarantined: 0, symbols: { ESU4: 2_408 } });
    }
  });

  test('of LOBSTER give 999 messages and 999 books', async () => {
    const part = (kind: string): ByteInput =>
      fileInput(recordedPath(`trades_books/lobster_AAPL_2012-06-21_34200000_57600000_${kind}_10.csv`));
    const source = replayFiles({
      inputs: [lobsterInput(part('message'), part('orderbook'))],
      decoder: () => createLobsterDecoder({ symbol: 'AAPL', date: '2012-06-21' }),
    });
    await read(source);
    expect(source.stats()).toMatchObject({ lines: 1_998, records: 1_998, events: { bookSnapshot: 999, trade: 159 } });
  });
});

describe('archives of IPOT', () => {
  const pipe = (sequence: number, clock = '090002'): string =>
    `B|${clock}|0|TSTA|RG|${String(sequence).padStart(8, '0')}|2210|3|--|-|--|-|2220|00|72596|-10|0|2219|0|1`;
  /** 2026-02-19 09:00:02 in Jakarta. */
  const timeMs = Date.UTC(2026, 1, 19, 2, 0, 2);
  const kept = (sequence: number): string => JSON.stringify({ v: 2, fmt: 'pipe', raw: pipe(sequence), ts: timeMs });

  test('give trades, and the end of a file says what never came', async () => {
    const source = replayFiles({
      inputs: [memory([kept(1), kept(2), kept(5), ''].join('\n'))],
      decoder: () => createIpotDecoder({ input: 'archive' }),
    });
    const items = await read(source);
    expect(items.map(({ kind }) => kind)).toEqual(['record', 'record', 'record', 'gap']);
    expect(items[2]).toMatchObject({ record: { events: [{ type: 'trade', timeMs, sequence: 5 }] } });
    expect(items[3]).toMatchObject({ gap: { reason: 'sequence', after: { id: '2' }, before: { id: '5' } } });
    expect(source.stats()).toMatchObject({ lines: 3, records: 3, quarantined: 0, events: { trade: 3 } });
  });

  test('of bare lines have the day that they are told, and none without one', async () => {
    const text = `${pipe(1)}\n${pipe(2, '143000')}`;
    const dated = await read(
      replayFiles({
        inputs: [memory(text)],
        decoder: () => createIpotDecoder({ input: 'archive', date: '2026-02-19' }),
      }),
    );
    expect(dated).toMatchObject([
      { record: { events: [{ timeMs }] } },
      { record: { events: [{ timeMs: Date.UTC(2026, 1, 19, 7, 30) }] } },
    ]);
    expect(dated.flatMap((item) => (item.kind === 'record' ? item.record.events : []))[1]).not.toHaveProperty('flags');
    const undated = replayFiles({ inputs: [memory(text)], decoder: () => createIpotDecoder({ input: 'archive' }) });
    expect(await read(undated)).toMatchObject([
      {
        entry: {
          reason: 'bad-record',
          detail: expect.stringContaining('expected a line with its receive time, or the option date'),
        },
      },
      { kind: 'quarantined' },
    ]);
    expect(() => createIpotDecoder({ input: 'archive', date: '2026-02-30' })).toThrow(
      'date "2026-02-30" is not a day of the calendar; expected YYYY-MM-DD.',
    );
  });

  test.skipIf(!hasRecordedData)('recorded, give every trade, one gap and four lines that are none', async () => {
    const source = replayFiles({
      inputs: [fileInput(recordedPath('idx/synthetic_lt_2026-02-19.jsonl'))],
      decoder: () => createIpotDecoder({ input: 'archive' }),
    });
    const gaps = (await read(source)).filter(({ kind }) => kind === 'gap');
    expect(source.stats()).toMatchObject({ events: { trade: 895 }, quarantined: 4 });
    expect(gaps).toMatchObject([{ gap: { after: { id: '1180' }, before: { id: '1218' } } }]);
  });
});

describe('a decoder that reads no files', () => {
  test.each([
    ['a decoder of connections', () => ({ decode: () => undefined })],
    ['no framing that there is', () => ({ decode: () => undefined, end: () => undefined, framing: 'xml' })],
    ['nothing', () => undefined],
  ])('is an error and no empty replay: %s', async (_, decoder) => {
    const source = replayFiles({ inputs: [memory('x\n')], decoder: decoder as never });
    await expect(read(source)).rejects.toMatchObject({
      name: 'AdaptersError',
      code: 'bad-option',
      message: expect.stringContaining('decoder gave no decoder of files for "memory"; expected one with framing'),
    });
  });

  test('is an error when it is none at all', () => {
    expect(() => replayFiles({ inputs: [memory('')], decoder: {} as never })).toThrow(
      'decoder is no function; expected one that makes the decoder of a file, for example () => createDbnDecoder().',
    );
  });
});
