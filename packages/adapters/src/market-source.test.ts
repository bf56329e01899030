import { describe, expect, test } from 'vitest';
import { isAdaptersError } from './errors.ts';
import { assertSymbolSeen, quarantineEntry, type SourceStats } from './market-source.ts';

const stats = (
  symbol: string,
  symbols: Record<string, number>,
): Pick<SourceStats, 'symbol' | 'symbols' | 'lines' | 'inputs'> => ({
  symbol,
  symbols,
  lines: 120,
  inputs: [{ name: 'day.gz', bytes: 1, lines: 120, gzip: true, state: 'complete' }],
});

describe('quarantineEntry', () => {
  test('gives back the line as it stood in the file', () => {
    const record = {
      seq: 7,
      line: 3,
      file: 'day.gz',
      receiveNs: '1723161254024619568',
      receiveMs: 1723161254024,
      raw: '{"p":"1.005"}',
      events: [],
    };
    expect(quarantineEntry(record, 'off-grid', 'price "1.005" is not a multiple of tickSize 0.01')).toEqual({
      seq: 7,
      line: 3,
      file: 'day.gz',
      reason: 'off-grid',
      detail: 'price "1.005" is not a multiple of tickSize 0.01',
      text: '1723161254024619568 {"p":"1.005"}',
    });
  });
});

describe('assertSymbolSeen', () => {
  test('is silent when a record named the symbol', () => {
    expect(() => assertSymbolSeen(stats('ETHUSDT', { ETHUSDT: 1, BTCUSDT: 99 }))).not.toThrow();
  });

  test('names the symbols that are there, the most frequent first', () => {
    expect(() => assertSymbolSeen(stats('ethusdt', { BTCUSDT: 20, ETHUSDT: 100 }))).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: symbol "ethusdt" is not in "day.gz": of 120 lines, there are ETHUSDT (100), BTCUSDT (20). Pass one of them, spelled the same way, or another input.]`,
    );
  });

  test('says so when no record names any symbol', () => {
    expect(() => assertSymbolSeen(stats('ETHUSDT', {}))).toThrowErrorMatchingInlineSnapshot(
      `[AdaptersError: symbol "ETHUSDT" is not in "day.gz": of 120 lines, no record names a symbol. Pass one of them, spelled the same way, or another input.]`,
    );
  });

  test('lists ten of many symbols', () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`S${i}`, 100 - i]));
    try {
      assertSymbolSeen(stats('ETHUSDT', many));
      expect.unreachable();
    } catch (error) {
      expect(isAdaptersError(error, 'unknown-symbol')).toBe(true);
      expect((error as Error).message).toContain('S9 (91) and 2 more');
    }
  });
});
