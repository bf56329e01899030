/** Trades of JSON lines by the kernel against those by TypeScript. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGrid } from '@tapekit/orderflow/grid';
import { kernelBytes, kernelModule } from '../scripts/kernel/compiled.ts';
import { difference } from '../scripts/kernel/sameness.ts';
import { createLineParser } from './internal/line-parser.ts';
import { LineRows } from './internal/line-rows.ts';
import { kernelOf } from './internal/wasm/kernel-exports.ts';
import { kernelLines } from './internal/wasm/kernel-lines.ts';
import { createTradeLines, tradeLineFields } from './trade-lines.ts';
import type { MalformedLine, TradeLines, TradeLinesOptions } from './trade-lines.ts';
import { loadKernel } from './wasm.ts';

const kernel = await loadKernel(kernelBytes);
const minute = { intervalMs: 60_000 };

describe('createTradeLines of the kernel', () => {
  const grid = createGrid({ tickSize: '0.05', lotSize: '0.001' });
  const asked: TradeLinesOptions = { grid, fields: tradeLineFields.binance };
  const text = (lines: readonly string[]): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${lines.join('\n')}\n`);
  const line = (p: string, q: string, m: string, T: number | string): string =>
    `{"e":"trade","E":1700000000003,"T":${T},"s":"X","t":12,"p":"${p}","q":"${q}","X":"MARKET","m":${m}}`;
  const shapes = [
    line,
    (p: string, q: string, m: string, T: number | string) => `{"m": ${m}, "q": "${q}", "p": "${p}", "T": ${T}}`,
    (p: string, q: string, m: string, T: number | string) =>
      `{"p":${p},"q":${q},"T":"${T}","m":${m},"x":[1.5e-3,-0.25,{"p":7}],"y":"a long word that spans blocks of sixteen"}`,
  ];

  /** Every trade, what was refused, and the statistics. */
  function readAll(create: (options: TradeLinesOptions) => TradeLines, parts: readonly Uint8Array[]): object {
    const refused: MalformedLine[] = [];
    const lines = create({ ...asked, onMalformed: (bad) => refused.push(bad) });
    const trades = [...parts.map((part) => lines.push(part)), lines.flush()].map((columns) => ({
      timeMs: [...columns.timeMs],
      priceTicks: [...columns.priceTicks],
      sizeLots: [...columns.sizeLots],
      side: [...columns.side],
    }));
    return { trades, refused, stats: lines.stats(), snapshot: lines.snapshot() };
  }
  const expectSameLines = (parts: readonly Uint8Array[]): void => {
    expect(readAll((options) => kernel.createTradeLines(options), parts)).toEqual(readAll(createTradeLines, parts));
  };

  const digits = fc.tuple(fc.nat({ max: 999_999 }), fc.nat({ max: 19 }), fc.constantFrom('', '0', '00000', '1'));
  const price = digits.map(([whole, steps, zeros]) => `${whole}.${String(steps * 5).padStart(2, '0')}${zeros}`);
  const odd = fc.constantFrom(
    ...['-1', '1e3', '+5', '.5', '5.', '', '0x1', '1_0', ' 1', '9'.repeat(40), '0.05', '007.10', '00', '0', '12'],
    ...[
      '123456789012.000',
      '1234567890123.00',
      '100.0500000000',
      '100.05000000000',
      '1.0500000000000000000',
      '1.05000000000001',
    ],
  );
  const values = fc.oneof({ weight: 6, arbitrary: price }, odd);
  const times = fc.oneof(
    { weight: 9, arbitrary: fc.nat() },
    fc.constantFrom('01', '1e12', '-5', '1.5', '123456789012345', '1234567890123456', '""', ''),
  );
  const tapes = fc
    .tuple(
      fc.constantFrom(...shapes),
      fc.array(fc.tuple(values, values, fc.constantFrom('true', 'false', 'true', 'null', 'tru'), times), {
        minLength: 30,
        maxLength: 60,
      }),
    )
    .map(([shape, rows]) => text([shape('1.05', '1', 'true', 5), ...rows.map((row) => shape(...row))]));

  test('gives what TypeScript gives, whatever the digits', () => {
    fc.assert(
      fc.property(tapes, fc.integer({ min: 2100, max: 9000 }), (all, cut) => {
        expectSameLines([all]);
        const parts = Array.from({ length: Math.ceil(all.length / cut) }, (_, i) =>
          all.subarray(i * cut, i * cut + cut),
        );
        expectSameLines(parts);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['1', '1'],
    ['0.5', '0.00000001'],
    ['0.000000000001', '100'],
    ['0.00000000000001', '0.000000000000001'],
  ])('gives what TypeScript gives on steps of %s and %s', (tickSize, lotSize) => {
    const own = { grid: createGrid({ tickSize, lotSize }), fields: tradeLineFields.binance };
    const decimal = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.integer({ min: 0, max: 15 }), fc.nat({ max: 10 ** 6 }))
      .map(([whole, decimals, rest]) => `${whole}${decimals === 0 ? '' : `.${String(rest).padEnd(decimals, '0')}`}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(decimal, decimal), { minLength: 40, maxLength: 60 }), (pairs) => {
        const all = text([line('1', '100', 'true', 5), ...pairs.map(([p, q], i) => line(p, q, 'false', i))]);
        const [fast, slow] = [kernel.createTradeLines(own), createTradeLines(own)];
        expect(difference(fast.push(all), slow.push(all))).toBeUndefined();
        expect(fast.stats()).toEqual(slow.stats());
      }),
      { numRuns: 300 },
    );
  });

  test('gives what TypeScript gives when bytes change, vanish or come in', () => {
    const mutation = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      kind: fc.constantFrom('set', 'drop', 'add'),
      byte: fc.oneof(fc.constantFrom(...new TextEncoder().encode('0123456789.-+eE"\n\r{},: \\')), fc.nat({ max: 255 })),
    });
    const whole = shapes.map((shape) =>
      text(
        Array.from({ length: 40 }, (_, i) => shape(`${i}.05`, `0.${i}`, String(i % 2 === 0), 1_700_000_000_000 + i)),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.array(mutation, { minLength: 1, maxLength: 12 }),
        (lines, mutations) => {
          const changed = [...lines];
          for (const { at, kind, byte } of mutations) {
            const index = Math.floor(at * changed.length);
            if (kind === 'set') changed[index] = byte;
            else changed.splice(index, kind === 'drop' ? 1 : 0, ...(kind === 'add' ? [byte] : []));
          }
          expectSameLines([Uint8Array.from(changed)]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each(shapes)('is made by the kernel, not by TypeScript, for lines of a known shape: %s', (shape) => {
    const all = text(Array.from({ length: 60 }, (_, i) => shape(`${i}.05`, `0.${i}`, 'true', i)));
    const roles = createLineParser(grid, asked.fields);
    const reader = roles.learn(all.subarray(0, all.indexOf(10)))!;
    const rows = new LineRows(60);
    const lines = kernelLines(kernelOf(kernelModule()));
    lines.start();
    expect(lines.read(reader, all, 0, all.length, rows)).toBe(all.length);
    expect(rows.length).toBe(60);
  });

  test('reads texts longer than its memory, and lines longer than that', () => {
    const many = Array.from({ length: 12_000 }, (_, i) => line(`${i}.05`, `${i % 7}.5`, String(i % 3 === 0), i));
    expectSameLines([text(many)]);
    const blank = `{"T":1,${' '.repeat(300_000)}"p":"1","q":"1","m":true}`;
    expectSameLines([text([...many.slice(0, 50), blank, blank, ...many.slice(50, 99)])]);
  });

  test('may read new bytes from the buffer of the last ones', () => {
    const buffer = text(Array.from({ length: 40 }, (_, i) => line('1.05', '1', 'true', i)));
    const other = text(Array.from({ length: 40 }, (_, i) => line('9.05', '2', 'true', i)));
    const lines = kernel.createTradeLines(asked);
    lines.push(buffer);
    buffer.set(other);
    expect([...lines.push(buffer).priceTicks]).toEqual(Array<number>(40).fill(181));
  });

  test('readers and tapes of one kernel may be used within each other', () => {
    const good = Array.from({ length: 60 }, (_, i) => line(`${i}.05`, '1', 'true', i));
    const withBad = good.flatMap((one, i) => (i % 9 === 8 ? ['no json', one] : [one]));
    const inner = kernel.createTradeLines({ ...asked, fields: tradeLineFields.tapekit });
    const innerText = text(Array(60).fill('{"timeMs":7,"price":"2.00","size":"3","side":"sell"}') as string[]);
    const seen: number[] = [];
    const outer = kernel.createTradeLines({
      ...asked,
      onMalformed: () => {
        const trades = inner.push(innerText);
        seen.push(trades.timeMs.length, kernel.footprintsOfColumns(trades, minute).bars);
      },
    });
    const expected = createTradeLines(asked).push(text(withBad));
    expect(difference(outer.push(text(withBad)), expected)).toBeUndefined();
    expect(seen).toEqual(Array(6).fill([60, 1]).flat());
  });

  test('a reader of one kind goes on where one of the other kind stopped', () => {
    const all = text(Array.from({ length: 90 }, (_, i) => line(`${i}.05`, '1', 'false', i)));
    const first = createTradeLines(asked);
    const whole = createTradeLines(asked).push(all);
    const begun = first.push(all.subarray(0, 3333));
    const ended = kernel.restoreTradeLines(first.snapshot(), asked).push(all.subarray(3333));
    expect([...begun.priceTicks, ...ended.priceTicks]).toEqual([...whole.priceTicks]);
  });
});
