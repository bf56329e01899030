import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  archiveKey,
  escapeSymbol,
  formatRawKey,
  healingKey,
  isDate,
  isStageKey,
  isSymbol,
  journalKey,
  leaseKey,
  manifestKey,
  parseArchiveKey,
  parseHealingKey,
  parseJournalKey,
  parseQuarantineKey,
  parseRawCell,
  parseRawKey,
  quarantineKey,
  rawCellPrefix,
  stageKey,
  unescapeSymbol,
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

  test('know the same calendar as Date does, day by day', () => {
    const two = (part: number): string => String(part).padStart(2, '0');
    let days = 0;
    for (const year of [1990, 1999, 2000, 2001, 2004, 2026, 2100, 2400, 2999]) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const text = `${year}-${two(month)}-${two(day)}`;
          const time = new Date(Date.UTC(year, month - 1, day));
          const isDay = time.toISOString().startsWith(text);
          if (isDate(text) !== isDay) expect.fail(`isDate("${text}") is ${!isDay}`);
          if (isDay) days += 1;
        }
      }
    }
    // 2000, 2004 and 2400 are leap years, 2100 is none.
    expect(days).toBe(9 * 365 + 3);
  });

  test('of days after the latest one belong to no cell', () => {
    expect(isDate('2026-11-21', '2026-11-21')).toBe(true);
    expect(isDate('2026-11-22', '2026-11-21')).toBe(false);
    const key = 'raw_tns/BTCUSDT/2026-11-22/a.jsonl';
    expect(parseRawCell(key, '2026-11-22')).toEqual({ symbol: 'BTCUSDT', date: '2026-11-22' });
    expect(parseRawCell(key, '2026-11-21')).toBeUndefined();
  });

  test('take a stage key of another cell or shape for none of theirs', () => {
    expect(isStageKey(cell, stageKey(cell, sha256, 9))).toBe(true);
    expect(isStageKey(cell, stageKey({ ...cell, symbol: 'BTCUSD' }, sha256))).toBe(false);
    expect(isStageKey(cell, archiveKey(cell))).toBe(false);
  });

  test('of journal and leases parse back, and take no other names', () => {
    expect(journalKey(7, 'run-1')).toBe('housecleaning/v1/journal/0000000000007-run-1.json');
    expect(parseJournalKey(journalKey(1_795_000_000_000, 'R_2'))).toEqual({
      startedAtMs: 1_795_000_000_000,
      runId: 'R_2',
    });
    expect(parseJournalKey('housecleaning/v1/journal/7-run-1.json')).toBeUndefined();
    expect(leaseKey('btc')).toBe('housecleaning/v1/lease/btc.json');
    for (const name of ['', '..', 'a/b', 'a.b', 'x'.repeat(65)]) {
      expect(() => leaseKey(name), name).toThrow('expected 1 to 64 of A-Z a-z 0-9 _ -.');
      expect(() => journalKey(0, name), name).toThrow('expected 1 to 64 of A-Z a-z 0-9 _ -.');
    }
    for (const time of [-1, 0.5, NaN, 1e13])
      expect(() => journalKey(time, 'a'), String(time)).toThrow('expected whole epoch milliseconds');
  });

  test('of notes of what is healed parse back, sort a note before its mark, and are no journal entries', () => {
    const note = healingKey(cell, 7, 'run-1');
    const mark = healingKey(cell, 7, 'run-1', true);
    expect(note).toBe(`housecleaning/v1/journal/healing/${cell.symbol}/${cell.date}/0000000000007-run-1.json`);
    expect(parseHealingKey(note)).toEqual({ cell, startedAtMs: 7, runId: 'run-1', isTold: false });
    expect(parseHealingKey(mark)).toEqual({ cell, startedAtMs: 7, runId: 'run-1', isTold: true });
    expect([[mark, note].sort(), parseJournalKey(note)]).toEqual([[note, mark], undefined]);
    for (const other of [journalKey(7, 'run-1'), note.replace(cell.date, '2026-13-01'), `${note}/x`, `${note}x`])
      expect(parseHealingKey(other), other).toBeUndefined();
  });

  test('name the value and what was expected in an error', () => {
    expect(() => archiveKey({ ...cell, symbol: 'btc/usd' })).toThrow(
      'The symbol "btc/usd" cannot be part of a key; expected 1 to 32 of A-Z 0-9 . _ - with a letter or digit first and last, ' +
        "or what escapeSymbol makes of the vendor's name.",
    );
    expect(() => formatRawKey({ ...cell, firstSeq: 5, lastSeq: 4, sha256 })).toThrow(
      'The lastSeq 4 cannot be part of a key; expected a whole number from firstSeq to 999999999999.',
    );
  });
});

describe('names of other vendors', () => {
  test.each([
    ['BTC-USD', 'BTC-USD'],
    ['BTC/USD', 'BTC~2FUSD'],
    ['^JKSE', '~5EJKSE'],
    ['kPEPE', '~6BPEPE'],
    ['BBCA.JK', 'BBCA.JK'],
    ['..', '~2E~2E'],
    ['BTC-', 'BTC~2D'],
    ['EUR=X', 'EUR~3DX'],
    ['100%', '100~25'],
    ['A~B', 'A~7EB'],
    ['é', '~C3~A9'],
    ['B'.repeat(33), `~42${'B'.repeat(32)}`],
  ])('%s become %s and come back', (name, symbol) => {
    expect(escapeSymbol(name)).toBe(symbol);
    expect(isSymbol(symbol)).toBe(true);
    expect(unescapeSymbol(symbol)).toBe(name);
    const key = archiveKey({ symbol, date: '2026-11-19' });
    expect(parseArchiveKey(key)).toEqual({ symbol, date: '2026-11-19' });
  });

  test('of any kind come back, and no two become one, not even where case is ignored', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), fc.string({ minLength: 1 }), (a, b) => {
        const [x, y] = [a, b].map((name) => {
          try {
            return escapeSymbol(name);
          } catch {
            return undefined;
          }
        });
        for (const [name, symbol] of [
          [a, x],
          [b, y],
        ])
          if (symbol !== undefined) expect([isSymbol(symbol), unescapeSymbol(symbol)]).toEqual([true, name]);
        if (a !== b && x !== undefined && y !== undefined) expect(x.toLowerCase()).not.toBe(y.toLowerCase());
      }),
      { numRuns: 2_000 },
    );
  });

  test('have one escape only: every other spelling is no symbol', () => {
    const wrong = [
      'BTC~2fUSD',
      '~42TC',
      'BTC~',
      'BTC~2',
      'BTC~ZZ',
      '~C3',
      '~ED~A0~80',
      '~00A',
      'A~7F',
      '~2F'.repeat(65),
    ];
    for (const symbol of wrong) {
      expect(isSymbol(symbol), symbol).toBe(false);
      expect(() => unescapeSymbol(symbol), symbol).toThrow('cannot be part of a key');
    }
    expect(unescapeSymbol('~2F'.repeat(64))).toBe('/'.repeat(64));
  });

  test.each(['', 'A\u0000', 'A\n', '\ud800', 'x'.repeat(65), 'é'.repeat(33)])('%j is none', (name) => {
    expect(() => escapeSymbol(name)).toThrow(
      `The name ${JSON.stringify(name)} cannot be part of a key; expected 1 to 64 bytes of UTF-8 without control characters.`,
    );
  });
});
