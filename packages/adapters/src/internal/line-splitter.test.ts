import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter, type Line } from './line-splitter.ts';

const utf8 = new TextEncoder();

function split(chunks: readonly Uint8Array[], maxLineBytes = 1000): (Line | undefined)[] {
  const splitter = createLineSplitter(maxLineBytes);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), splitter.end()];
}

describe('createLineSplitter', () => {
  test('gives the lines that a chunk completes and the rest at the end', () => {
    expect(split([utf8.encode('a\nb'), utf8.encode('c\n\nd')])).toEqual(['a', 'bc', '', 'd']);
  });

  test('has no rest after a final line feed', () => {
    expect(split([utf8.encode('a\n')])).toEqual(['a', undefined]);
  });

  test('decodes a character whose bytes are in two chunks', () => {
    const euro = utf8.encode('€');
    expect(split([euro.subarray(0, 1), euro.subarray(1), utf8.encode('\n')])).toEqual(['€', undefined]);
  });

  test('tells bytes that are not UTF-8 and keeps the lines around them', () => {
    const bytes = new Uint8Array([...utf8.encode('a\n'), 0xff, 0x41, ...utf8.encode('\nb\n')]);
    const [before, bad, after] = split([bytes]);
    expect(before).toBe('a');
    expect(bad).toEqual({ problem: 'bad-utf8', bytes: new Uint8Array([0xff, 0x41]) });
    expect(after).toBe('b');
  });

  test.each([1, 3, 7, 1000])('tells a line of 11 bytes where 10 are allowed, in chunks of %i', (size) => {
    const bytes = utf8.encode('0123456789\n0123456789x\nok\n');
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const prefix = utf8.encode('0123456789x');
    const tooLong = { problem: 'line-too-long', prefix, byteLength: 11 };
    expect(split(chunks, 10)).toEqual(['0123456789', tooLong, 'ok', undefined]);
  });

  test('keeps 4,096 bytes of a line that is longer than memory should hold', () => {
    const chunk = new Uint8Array(1500).fill(0x61);
    const [line, rest] = split([...Array.from({ length: 100 }, () => chunk), utf8.encode('\nb')], 4000);
    expect(line).toMatchObject({ problem: 'line-too-long', byteLength: 150_000 });
    expect((line as { prefix: Uint8Array }).prefix.length).toBe(4096);
    expect(rest).toBe('b');
  });

  test('keeps its own copy of a line that goes on, of a Node Buffer too, whose slice is a view', () => {
    const splitter = createLineSplitter(1000);
    const buffer = Buffer.from('abc');
    splitter.push(buffer);
    buffer.fill(0x78);
    expect(splitter.push(utf8.encode('d\n'))).toEqual(['abcd']);
  });

  test('finds the same lines however the bytes are cut', () => {
    const byte = fc.constantFrom(0x0a, 0x0d, 0x20, 0x30, 0x41, 0x42, 0x43, 0x44, 0xe2, 0x82, 0xac, 0xff);
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 80 }),
        fc.array(fc.nat(80)),
        fc.integer({ min: 1, max: 20 }),
        (all, cuts, max) => {
          const bytes = Uint8Array.from(all);
          const at = [0, ...cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b), bytes.length];
          const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
          expect(split(chunks, max)).toEqual(split([bytes], max));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
