import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  archiveKey,
  formatRawKey,
  isDate,
  isStageKey,
  isSymbol,
  manifestKey,
  parseArchiveKey,
  parseQuarantineKey,
  parseRawCell,
  parseRawKey,
  quarantineKey,
  rawCellPrefix,
  stageKey,
} from './keys.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const sha256 = 'ab'.repeat(32);

describe('keys', () => {
  test('spell out where everything lies', () => {
    expect(formatRawKey({ ...cell, firstSeq: 7, lastSeq: 1_234, sha256 })).toBe(
      'raw_tns/BTCUSDT/2026-11-19/000000000007-000000001234-abababababababab.jsonl',
    );
    expect(rawCellPrefix(cell)).toBe('raw_tns/BTCUSDT/2026-11-19/');
    expect(archiveKey(cell)).toBe('raw_tns_compressed/BTCUSDT/2026-11-19.jsonl.gz');
    expect(manifestKey(cell, sha256)).toBe(`housecleaning/v1/manifest/BTCUSDT/2026-11-19/${sha256}.json`);
    expect(stageKey(cell, sha256)).toBe(`housecleaning/v1/stage/BTCUSDT/2026-11-19/${sha256}.jsonl.gz`);
    expect(stageKey(cell, sha256, 2)).toBe(`housecleaning/v1/stage/BTCUSDT/2026-11-19/${sha256}.2.jsonl.gz`);
    expect(quarantineKey(cell)).toBe('housecleaning/v1/quarantine/BTCUSDT/2026-11-19.json');
  });

  test('of segments sort as their sequence numbers do', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999_999), fc.nat(999_999_999_999), (a, b) => {
        const [x, y] = [a, b].map((seq) => formatRawKey({ ...cell, firstSeq: seq, lastSeq: seq, sha256 }));
        expect(Math.sign(a - b)).toBe(x! < y! ? -1 : x! > y! ? 1 : 0);
      }),
    );
  });

  test('parse back to what they were made of', () => {
    const symbols = fc.stringMatching(/^[A-Z0-9](?:[A-Z0-9._-]{0,30}[A-Z0-9])?$/);
    const dates = fc
      .integer({ min: Date.parse('1990-01-01'), max: Date.parse('2999-12-31') })
      .map((ms) => new Date(ms).toISOString().slice(0, 10));
    fc.assert(
      fc.property(symbols, dates, fc.nat(), fc.nat(), (symbol, date, firstSeq, more) => {
        const segment = { symbol, date, firstSeq, lastSeq: firstSeq + more };
        const key = formatRawKey({ ...segment, sha256 });
        expect(parseRawKey(key)).toEqual({ ...segment, sha256Prefix: 'abababababababab' });
        expect(parseRawCell(key)).toEqual({ symbol, date });
        expect(parseArchiveKey(archiveKey({ symbol, date }))).toEqual({ symbol, date });
        expect(parseQuarantineKey(quarantineKey({ symbol, date }))).toEqual({ symbol, date });
        expect(key.startsWith(rawCellPrefix({ symbol, date }))).toBe(true);
      }),
    );
  });

  test('of any text either belong to the cell that they name or to none', () => {
    const piece = fc.oneof(fc.constantFrom('raw_tns', 'BTC', '2026-11-19', '..', '', 'x', '2026-02-30'), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const key = pieces.join('/');
        const found = parseRawCell(key);
        if (found) expect(key.startsWith(rawCellPrefix(found))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('refuse symbols that could leave their place', () => {
    for (const symbol of [
      '',
      '.',
      '..',
      'a',
      'BTC/USD',
      'BTC\\',
      'BTC%2F',
      'BTC ',
      '-BTC',
      'BTC.',
      'É',
      'B'.repeat(33),
    ]) {
      expect(isSymbol(symbol), symbol).toBe(false);
      expect(() => archiveKey({ symbol, date: cell.date })).toThrow(/symbol/);
    }
    for (const symbol of ['B', 'BRK.B', 'BTC-PERP', '0700', 'B'.repeat(32)])
      expect(isSymbol(symbol), symbol).toBe(true);
  });

  test('know the calendar', () => {
    for (const date of ['2024-02-29', '1990-01-01', '2026-12-31']) expect(isDate(date), date).toBe(true);
    const wrong = [
      '2025-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-11-31',
      '1989-12-31',
      '26-11-19',
      '2026-11-19 ',
      '2026-1-1',
    ];
    for (const date of wrong) expect(isDate(date), date).toBe(false);
  });

  test('take a stage key of another cell or shape for none of theirs', () => {
    expect(isStageKey(cell, stageKey(cell, sha256, 9))).toBe(true);
    expect(isStageKey(cell, stageKey({ ...cell, symbol: 'BTCUSD' }, sha256))).toBe(false);
    expect(isStageKey(cell, archiveKey(cell))).toBe(false);
  });

  test('name the value and what was expected in an error', () => {
    expect(() => formatRawKey({ ...cell, firstSeq: 5, lastSeq: 4, sha256 })).toThrow(
      'The lastSeq 4 cannot be part of a key; expected a whole number from firstSeq to 999999999999.',
    );
  });
});
