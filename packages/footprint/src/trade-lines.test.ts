import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { createTradeLines, restoreTradeLines, tradeLineFields } from './trade-lines.ts';
import type { MalformedLine, TradeLineFields, TradeLinesOptions } from './trade-lines.ts';

const grid = createGrid({ tickSize: '0.05', lotSize: '0.001' });
const options: TradeLinesOptions = { grid, fields: tradeLineFields.binance };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Rows as lists, of one or several calls. */
const rowsOf = (...parts: readonly TradeColumns[]): number[][] =>
  parts.flatMap(({ timeMs, priceTicks, sizeLots, side }) =>
    Array.from(timeMs, (time, i) => [time, priceTicks[i]!, sizeLots[i]!, side[i]!]),
  );

const line = (price: string, size: string, m = 'false', T = 1_700_000_000_000): string =>
  `{"e":"trade","E":${T + 3},"T":${T},"s":"X","t":12,"p":"${price}","q":"${size}","X":"MARKET","m":${m}}`;

describe('createTradeLines', () => {
  test('learns the shape of the first line and reads the next ones by it', () => {
    const lines = createTradeLines(options);
    const text = [line('100.05', '0.002'), line('99.95000000', '12.5', 'true', 5), line('100', '3')].join('\n');
    expect(rowsOf(lines.push(bytesOf(`${text}\n`)))).toEqual([
      [1_700_000_000_000, 2001, 2, 1],
      [5, 1999, 12_500, -1],
      [1_700_000_000_000, 2000, 3000, 1],
    ]);
    expect(lines.stats()).toEqual({ lines: 3, learned: 2, parsed: 1, blank: 0, malformed: 0 });
  });

  test('goes on with another shape after a few lines of it', () => {
    const lines = createTradeLines(options);
    const other = '{"p":"1.05","q":"1","m":true,"T":9}\n';
    lines.push(bytesOf(`${line('1', '1')}\n${other.repeat(20)}`));
    expect(lines.stats()).toEqual({ lines: 21, learned: 12, parsed: 9, blank: 0, malformed: 0 });
  });

  test('keeps what is no trade aside, with its line and why', () => {
    const kept: MalformedLine[] = [];
    const lines = createTradeLines({ ...options, maxLineBytes: 200, onMalformed: (bad) => kept.push(bad) });
    const text = [
      line('1', '1'),
      'not json',
      '{"T":1,"p":"1","q":"1"}',
      line('1.01', '1'),
      line('1', '-1'),
      '',
      `{"T":1,"p":"${'1'.repeat(300)}"}`,
      line('1', '2'),
    ].join('\n');
    expect(rowsOf(lines.push(bytesOf(`${text}\n`))).map(([, , lots]) => lots)).toEqual([1000, 2000]);
    expect(kept.map(({ line: number, reason }) => [number, reason])).toEqual([
      [2, 'not-json'],
      [3, 'no-trade'],
      [4, 'off-grid'],
      [5, 'no-trade'],
      [7, 'too-long'],
    ]);
    expect(kept[0]!.text).toBe('not json');
    const { lines: all, learned, parsed, blank, malformed } = lines.stats();
    expect(learned + parsed + blank + malformed).toBe(all);
  });

  test('an unknown word for the side is an unknown aggressor', () => {
    const lines = createTradeLines(options);
    const text = `${line('1', '1')}\n${line('1', '1', 'null')}\n`;
    expect(rowsOf(lines.push(bytesOf(text))).map(([, , , side]) => side)).toEqual([1, 0]);
  });

  test('reads the envelope of a combined stream, and Windows line ends', () => {
    const lines = createTradeLines({ grid, fields: tradeLineFields.binanceCombined });
    const enveloped = `{"stream":"x@trade","data":${line('1.05', '1')}}\r\n`;
    expect(rowsOf(lines.push(bytesOf(enveloped.repeat(2))))).toHaveLength(2);
    expect(lines.stats().malformed).toBe(0);
  });

  test('a line that is too long is skipped to its end, over many pushes, and memory stays bounded', () => {
    const lines = createTradeLines({ ...options, maxLineBytes: 1000 });
    for (let i = 0; i < 10; i += 1) lines.push(new Uint8Array(900).fill(120));
    expect(lines.snapshot().tail).toEqual([]);
    expect(rowsOf(lines.push(bytesOf(`xx\n${line('1', '1')}\n`)))).toHaveLength(1);
    expect(lines.stats()).toMatchObject({ lines: 2, malformed: 1 });
  });
});

describe('a learned shape', () => {
  const digits = fc.stringMatching(/^[0-9]{1,12}(\.[0-9]{1,10})?$/);
  const odd = fc.constantFrom('-1', '1e3', '+5', '.5', '5.', '', '0x1', '1_0', ' 1', '9'.repeat(40), '0.05', '007.10');
  const values = fc.oneof({ weight: 4, arbitrary: digits }, odd);
  const shapes = [
    (p: string, q: string, m: string, T: number) => line(p, q, m, T),
    (p: string, q: string, m: string, T: number) => `{"m": ${m}, "q": "${q}", "p": "${p}", "T": ${T}}`,
    (p: string, q: string, m: string, T: number) => `{"p":${p},"q":${q},"T":"${T}","m":${m},"x":[1,{"p":"7"}],"y":"é"}`,
    (p: string, q: string, m: string, T: number) => `{"T":${T},"p":"${p}","n":"a\\"b","q":"${q}","m":${m}}`,
  ];
  const tapes = fc
    .tuple(
      fc.nat({ max: shapes.length - 1 }),
      fc.array(fc.tuple(values, values, fc.constantFrom('true', 'false', 'null'), fc.nat()), { maxLength: 30 }),
    )
    .map(([shape, rows]) => rows.map(([p, q, m, T]) => `${shapes[shape]!(p, q, m, T)}\n`));

  test('gives what JSON.parse gives, whatever the digits, cut anywhere', () => {
    fc.assert(
      fc.property(tapes, fc.integer({ min: 1, max: 90 }), (texts, cut) => {
        const bytes = bytesOf(texts.join(''));
        const whole = createTradeLines(options);
        const pieces = createTradeLines(options);
        const parts: TradeColumns[] = [];
        for (let at = 0; at < bytes.length; at += cut) parts.push(pieces.push(bytes.subarray(at, at + cut)));
        // One reader a line: nothing is ever learned.
        const slow = texts.map((text) => createTradeLines(options).push(bytesOf(text)));
        const expected = rowsOf(...slow);
        expect(rowsOf(whole.push(bytes))).toEqual(expected);
        expect(rowsOf(...parts)).toEqual(expected);
        expect(pieces.stats()).toEqual(whole.stats());
      }),
      { numRuns: 400 },
    );
  });
});

describeReducerContract({
  name: 'createTradeLines',
  create: () => createTradeLines(options),
  restore: (snapshot) => restoreTradeLines(snapshot, options),
  inputs: fc.array(
    fc.constantFrom(`${line('1', '1')}\n`, '\n', '{"T":1,"p":"1.05","q":"2","m":true}\n', '{"T":1,', '"p":"2"', 'é}\n'),
    { maxLength: 12 },
  ),
  push: (lines, text) => rowsOf(lines.push(bytesOf(text))),
  flush: (lines) => [...rowsOf(lines.flush()), [lines.stats().malformed]],
});

test('fields and bytes that are none are refused', () => {
  const code = expect.objectContaining({ code: 'bad-option' }) as Error;
  const some = createGrid({ tickSize: '0.01', lotSize: '1' });
  expect(() => createTradeLines({ grid: some, fields: 'binance' as never })).toThrow(code);
  expect(() => createTradeLines({ grid: some } as never)).toThrow(code);
  expect(() => createTradeLines({ fields: tradeLineFields.binance } as never)).toThrow(code);
  expect(() => createTradeLines({ grid: some, fields: tradeLineFields.binance }).push('{}' as never)).toThrow(code);
});

test('a side of another kind than its words is no trade; another word and null are an unknown aggressor', () => {
  const read = (fields: TradeLineFields, sides: readonly string[]): readonly unknown[] => {
    const lines = createTradeLines({ grid: createGrid({ tickSize: '1', lotSize: '1' }), fields });
    const text = sides.map((side) => `{"T":1,"p":"1","q":"1","m":${side}}\n`).join('');
    return [...lines.push(new TextEncoder().encode(text)).side, lines.stats().malformed];
  };
  const { binance } = tradeLineFields;
  const words = { ...binance, side: { path: 'm', buy: 'B', sell: 'S' } };
  expect(read(words, ['"B"', '"S"', '"X"', 'null', '1', 'true', '{}'])).toEqual([1, -1, 0, 0, 3]);
  expect(read(binance, ['false', 'true', 'null', '"true"', '0', '"false"'])).toEqual([1, -1, 0, 3]);
});

test.each([
  ['numbers', { path: 'm', buy: 1, sell: 2 }],
  ['one word twice', { path: 'm', buy: 'B', sell: 'B' }],
  ['no words', { path: 'm' }],
])('sides that are %s are refused', (_, side) => {
  const grid = createGrid({ tickSize: '1', lotSize: '1' });
  expect(() => createTradeLines({ grid, fields: { ...tradeLineFields.binance, side: side as never } })).toThrow(
    expect.objectContaining({ code: 'bad-option' }),
  );
});

/** As Node's Buffer, whose `slice` is a view. */
class ViewSlicing extends Uint8Array {
  override slice(from?: number, to?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(from, to);
  }
}

test('the caller may write over its buffer after each push, a Node Buffer too', () => {
  const some = createGrid({ tickSize: '0.01', lotSize: '0.001' });
  const text = Array.from(
    { length: 200 },
    (_, i) => `{"T":${i},"p":"${(10 + i / 100).toFixed(2)}","q":"0.00${1 + (i % 9)}","m":${i % 2 === 0}}\n`,
  ).join('');
  const bytes = new TextEncoder().encode(text);
  const lines = createTradeLines({ grid: some, fields: tradeLineFields.binance });
  const buffer = new ViewSlicing(97);
  const prices: number[] = [];
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const part = bytes.subarray(at, at + buffer.length);
    buffer.fill(120);
    buffer.set(part);
    prices.push(...lines.push(buffer.subarray(0, part.length)).priceTicks);
  }
  expect(prices).toEqual(Array.from({ length: 200 }, (_, i) => 1000 + i));
  expect(lines.stats()).toMatchObject({ lines: 200, malformed: 0 });
});
