import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  exportDay,
  type ExportDayOptions,
  type ExportDayResult,
  type ParquetColumn,
  type RefusedLine,
} from './parquet.ts';

/** A native program, which is not built for every platform. */
const native = await import('@duckdb/node-api').catch(() => undefined);
let folder: string;
let instance: DuckDBInstance;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-parquet-'));
  if (!native) return;
  instance = await native.DuckDBInstance.create(':memory:');
  duckdb = await instance.connect();
});
afterAll(async () => {
  if (native) {
    duckdb.closeSync();
    instance.closeSync();
  }
  await rm(folder, { recursive: true, force: true });
});

let files = 0;

/** Exports to a file and asks DuckDB; every value comes as text. */
async function exported(
  lines: Iterable<string>,
  options: ExportDayOptions,
): Promise<ExportDayResult & { ask: (sql: string) => Promise<unknown[][]>; writes: number[] }> {
  files += 1;
  const path = join(folder, `${files}.parquet`);
  const file = await open(path, 'w');
  const writes: number[] = [];
  const result = await exportDay(
    lines,
    {
      async write(bytes) {
        writes.push(bytes.length);
        await file.write(bytes);
      },
    },
    options,
  );
  await file.close();
  const ask = async (sql: string): Promise<unknown[][]> =>
    (await duckdb.runAndReadAll(sql.replaceAll('$file', `'${path}'`))).getRowsJson();
  return { ...result, ask, writes };
}

const price: ParquetColumn = { name: 'price', field: 'p', type: 'decimal', scale: 2 };
const size: ParquetColumn = { name: 'size', field: 'q', type: 'decimal', scale: 8, precision: 18 };
const time: ParquetColumn = { name: 'time', field: 'T', type: 'timestamp', unit: 'ms' };

describe.skipIf(!native)('exportDay', () => {
  test('gives DuckDB exact decimals: 0.1 + 0.2 is 0.3, and the count and the sums are those of the lines', async () => {
    const lines = ['{"T":1700000000001,"p":"0.10","q":0.1}', '{"T":1700000000002,"p":"0.20","q":0.2}'];
    const { ask, rows } = await exported(lines, { columns: [time, price, size] });
    expect(rows).toBe(2);
    expect(await ask('SELECT count(*), sum(price), sum(size), sum(size) = 0.3::DECIMAL(18,8) FROM $file')).toEqual([
      ['2', '0.30', '0.30000000', true],
    ]);
    expect(await ask('SELECT name, type FROM (DESCRIBE SELECT * FROM $file) d(name, type, n, k, x, y)')).toEqual([
      ['time', 'TIMESTAMP WITH TIME ZONE'],
      ['price', 'DECIMAL(38,2)'],
      ['size', 'DECIMAL(18,8)'],
    ]);
    expect(await ask('SELECT epoch_ms(time) FROM $file ORDER BY time')).toEqual([['1700000000001'], ['1700000000002']]);
  });

  test('sums a day over many row groups exactly as integers do', async () => {
    const count = 20_000;
    let expected = 0n;
    const lines = Array.from({ length: count }, (_, i) => {
      const lots = BigInt((i * 7_919) % 1_000_003);
      expected += lots;
      return `{"T":${1_700_000_000_000 + i},"p":"${i % 2 === 0 ? '-' : ''}${i}.05","q":${Number(lots) / 1e8}}`;
    });
    const { ask, rowGroups, writes, bytes } = await exported(lines, { columns: [time, price, size], rowGroup: 3_000 });
    expect(rowGroups).toBe(7);
    // One write a row group, and the footer.
    expect(writes).toHaveLength(8);
    expect(writes.reduce((a, b) => a + b)).toBe(bytes);
    const [row] = await ask('SELECT count(*), sum(size), min(price), max(price) FROM $file');
    expect(row).toEqual([String(count), decimal(expected, 8), '-19998.05', '19999.05']);
    // Statistics skip row groups: with bounds in the wrong order rows would be missing here.
    expect(await ask('SELECT count(*) FROM $file WHERE price < 0')).toEqual([['10000']]);
    expect(await ask('SELECT price, size = 0 FROM $file WHERE price = 15001.05')).toEqual([['15001.05', false]]);
    expect(await ask('SELECT count(*) FROM $file WHERE epoch_ms(time) >= 1700000015000')).toEqual([['5000']]);
  });

  test('gives back every decimal of 38 digits, whole number and text exactly', async () => {
    const digits = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });
    const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const text = fc.string({ unit: 'binary' }).filter((s) => !/\p{Surrogate}/u.test(s));
    const record = fc.record({ p: digits, n: whole, s: text, quoted: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), async (records) => {
        const lines = records.map(({ p, n, s, quoted }) => {
          const q = quoted ? '"' : '';
          return `{"p":${q}${decimal(p, 10)}${q},"n":${q}${n}${q},"s":${JSON.stringify(s)}}`;
        });
        const { ask, refused } = await exported(lines, {
          columns: [
            { name: 'p', type: 'decimal', scale: 10 },
            { name: 'n', type: 'integer' },
            { name: 's', type: 'text' },
          ],
          rawColumn: 'line',
          rowGroup: 7,
        });
        expect(refused).toBe(0);
        expect(await ask('SELECT p::VARCHAR, n::VARCHAR, encode(s)::BLOB, line FROM $file')).toEqual(
          records.map(({ p, n, s }, i) => [decimal(p, 10), String(n), blob(s), lines[i]]),
        );
      }),
      { numRuns: 25 },
    );
  });

  test('keeps refused lines aside, says why, and writes the others', async () => {
    const kept: RefusedLine[] = [];
    const lines = [
      '{"T":1,"p":"1.10","q":"1"}',
      '{"T":2,"p":"1.105","q":"1"}',
      '{"T":3,"p":"1.1000","q":"1"}',
      '{"T":4,"p":"1e2","q":"1"}',
      '{"T":5,"p":"abc","q":"1"}',
      '{"T":6,"q":"1"}',
      '{"T":7,"p":null,"q":"1"}',
      '{"T":8.5,"p":"1","q":"1"}',
      '{"T":99999999999999999999,"p":"1","q":"1"}',
      '{"T":9,"p":"1","q":"99999999999.0"}',
      '{"T":10,"p":"1","q":"1e-9"}',
      '{"T":11,"p":01,"q":"1"}',
      '# Hour 07',
      '{"T":12,"p":"1","q":',
      '[1,2]',
      '"text"',
      '\ufeff{"T":13,"p":true,"q":"1"}',
      '\ufeff{"T":14,"p":-0.00,"q":1E2}',
    ];
    const { ask, rows, refused, refusedBy } = await exported(lines, {
      columns: [time, price, size],
      onRefused: (line) => void kept.push(line),
    });
    expect({ rows, refused, refusedBy }).toEqual({
      rows: 4,
      refused: 14,
      refusedBy: { 'not-json': 3, missing: 4, 'wrong-type': 4, 'out-of-range': 3 },
    });
    expect(await ask('SELECT epoch_ms(time), price, size FROM $file')).toEqual([
      ['1', '1.10', '1.00000000'],
      ['3', '1.10', '1.00000000'],
      ['4', '100.00', '1.00000000'],
      ['14', '0.00', '100.00000000'],
    ]);
    expect(kept[0]).toEqual({ number: 2, line: lines[1], reason: 'out-of-range', column: 'price' });
    expect(kept.map(({ line }) => line)).toEqual(lines.filter((_, i) => ![0, 2, 3, 17].includes(i)));
  });

  test('tells numbers from what stands in texts, also after backslashes and quotes, and the ends of 64 bits', async () => {
    const whole: ParquetColumn = { name: 'n', type: 'integer' };
    const { ask, refusedBy } = await exported(
      [
        String.raw`{"s":"\\","n":9223372036854775807}`,
        String.raw`{"s":"\\\"5\\","n":-9223372036854775808}`,
        String.raw`{"s":"\"1\",2","n":9007199254740993}`,
        '{"s":"","n":9223372036854775808}',
        '{"s":"","n":-9223372036854775809}',
        String.raw`{"s":"\ud800","n":1}`,
      ],
      { columns: [{ name: 's', type: 'text' }, whole] },
    );
    expect(refusedBy).toEqual({ 'out-of-range': 2, 'wrong-type': 1 });
    expect(await ask('SELECT s, n::VARCHAR FROM $file')).toEqual([
      ['\\', '9223372036854775807'],
      ['\\"5\\', '-9223372036854775808'],
      ['"1",2', '9007199254740993'],
    ]);
  });

  test('reads nested fields, lists, NULL, booleans and ISO times, and never what every object has', async () => {
    const lines = [
      '{"data":{"t":"2026-02-19T10:00:00.123456Z","book":[["1.5","2"]]},"m":true,"a.b":"x"}',
      '{"data":{"t":"2026-02-19T17:00:00+07:00","book":[["1.6","2"]]},"m":null}',
      '{"data":{"t":"2026-02-30T10:00:00Z","book":[["1.6","2"]]}}',
      '{"data":{"t":"2026-02-19T10:00:00.1234567Z","book":[["1.6","2"]]}}',
      '{"data":{"t":"2026-02-19T10:00:00","book":[["1.6","2"]]}}',
    ];
    const { ask, refusedBy } = await exported(lines, {
      columns: [
        { name: 't', field: 'data.t', type: 'timestamp', unit: 'iso' },
        { name: 'bid', field: 'data.book.0.0', type: 'decimal', scale: 1 },
        { name: 'm', type: 'boolean', nullable: true },
        { name: 'a.b', type: 'text', nullable: true },
        { name: 'constructor', type: 'text', nullable: true },
      ],
    });
    expect(refusedBy).toEqual({ 'out-of-range': 2, 'wrong-type': 1 });
    expect(await ask('SELECT epoch_us(t), bid, m, "a.b", constructor FROM $file')).toEqual([
      ['1771495200123456', '1.5', true, 'x', null],
      ['1771495200000000', '1.6', null, null, null],
    ]);
  });

  test('writes a whole file for a day without records, and its metadata', async () => {
    const { ask, rows } = await exported([], { columns: [time, price], metadata: { archive: 'sha256:ab' } });
    expect(rows).toBe(0);
    expect(await ask('SELECT count(*) FROM $file')).toEqual([['0']]);
    expect(await ask("SELECT decode(value) FROM parquet_kv_metadata($file) WHERE decode(key) = 'archive'")).toEqual([
      ['sha256:ab'],
    ]);
  });

  test('takes one row group of lines before it waits for the sink, also where lines are long', async () => {
    let read = 0;
    let atFirstWrite = 0;
    function* lines(): Generator<string> {
      for (; read < 1_000; read++) yield `{"p":"1.00","x":"${'y'.repeat(1_000)}"}`;
    }
    await exportDay(
      lines(),
      { write: () => void (atFirstWrite ||= read) },
      { columns: [price], rawColumn: 'line', rowGroupChars: 50_000 },
    );
    expect(atFirstWrite).toBeLessThanOrEqual(50);
  });

  test('passes on an error of the lines, of the sink and of the signal; no footer is written then', async () => {
    const tail = async (lines: Iterable<string>, options: Partial<ExportDayOptions>): Promise<string> => {
      let end = '';
      const sink = { write: (bytes: Uint8Array) => void (end = Buffer.from(bytes).subarray(-4).toString()) };
      await exportDay(lines, sink, { columns: [price], rowGroup: 1, ...options });
      return end;
    };
    expect(await tail(['{"p":1}'], {})).toBe('PAR1');
    function* failing(): Generator<string> {
      yield '{"p":1}';
      throw new Error('the archive is damaged');
    }
    await expect(tail(failing(), {})).rejects.toThrow('the archive is damaged');
    await expect(tail(['{"p":1}'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const full = { write: () => Promise.reject(new Error('no space')) };
    await expect(exportDay(['{"p":1}'], full, { columns: [price] })).rejects.toThrow('no space');
  });

  test.each<[string, Partial<ExportDayOptions>]>([
    ['no columns', { columns: [] }],
    ['a column twice', { columns: [price, price] }],
    ['a raw column of a name that is taken', { rawColumn: 'price' }],
    ['more decimals than digits', { columns: [{ name: 'p', type: 'decimal', scale: 3, precision: 2 }] }],
    ['more digits than Parquet has', { columns: [{ name: 'p', type: 'decimal', scale: 3, precision: 39 }] }],
    ['a float', { columns: [{ name: 'p', type: 'double' } as unknown as ParquetColumn] }],
    ['an empty row group', { rowGroup: 0 }],
  ])('refuses %s', async (_, over) => {
    await expect(exportDay([], { write: () => undefined }, { columns: [price], ...over })).rejects.toMatchObject({
      code: 'bad-option',
    });
  });
});

function decimal(scaled: bigint, scale: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(scale + 1, '0');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** A BLOB as DuckDB's JSON form shows it. */
function blob(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte >= 32 && byte < 127 && ![34, 39, 92].includes(byte)
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
