import { describe, expect, test } from 'vitest';
import { operations, parseInput } from './contract.ts';

const symbol = 'ETHUSDT';
const footprints = (query: string, params = { symbol }) =>
  parseInput('listFootprints', params, new URLSearchParams(query));

describe('the parameters of a request', () => {
  test('become numbers and keep what was not given apart', () => {
    expect(footprints('from=1723075200000&limit=500')).toEqual({
      ok: true,
      input: { symbol, from: 1_723_075_200_000, limit: 500 },
    });
    expect(footprints('')).toEqual({ ok: true, input: { symbol } });
  });

  test.each([
    ['limit=abc', 'Parameter "limit" is "abc"; expected an integer from 1 to 500.'],
    ['limit=0', 'Parameter "limit" is "0"; expected an integer from 1 to 500.'],
    ['limit=501', 'Parameter "limit" is "501"; expected an integer from 1 to 500.'],
    ['limit=', 'Parameter "limit" is ""; expected an integer from 1 to 500.'],
    ['limit=0x10', 'Parameter "limit" is "0x10"; expected an integer from 1 to 500.'],
    ['limit=1.5', 'Parameter "limit" is "1.5"; expected an integer from 1 to 500.'],
    ['from=-1', 'Parameter "from" is "-1"; expected a time in epoch milliseconds UTC, for example 1723075200000.'],
    ['from=5&to=4', 'Parameter "to" is "4"; expected a time at or after "from".'],
    ['cursor=a%00b', 'Parameter "cursor" is "a\\u0000b"; expected the "nextCursor" of the page before.'],
    ['limt=5', 'Query parameter "limt" is unknown; listFootprints takes from, to, limit, cursor.'],
    ['__proto__=5', 'Query parameter "__proto__" is unknown; listFootprints takes from, to, limit, cursor.'],
    ['limit=5&limit=6', 'Query parameter "limit" is given more than once.'],
  ])('are refused in words that name them: %s', (query, message) => {
    expect(footprints(query)).toEqual({ ok: false, message });
  });

  test('are refused for operations that take none', () => {
    expect(parseInput('getArchive', {}, [['x', '1']])).toEqual({
      ok: false,
      message: 'Query parameter "x" is unknown; getArchive takes no query parameters.',
    });
  });

  test('hold a symbol to its grammar, and a long value is cut in the message', () => {
    for (const good of ['A', 'ETHUSDT', 'BBRI.JK', 'BTC-PERP', '1INCH_USDT', 'A'.repeat(32)]) {
      expect(footprints('', { symbol: good }).ok).toBe(true);
    }
    for (const bad of ['', 'ethusdt', '.', '..', '../etc', 'A.', '-A', 'A B', 'A/B', 'A'.repeat(33)]) {
      expect(footprints('', { symbol: bad }).ok).toBe(false);
    }
    expect(footprints('', { symbol: 'x'.repeat(1000) })).toEqual({
      ok: false,
      message: `Parameter "symbol" is "${'x'.repeat(58)}…; expected an upper-case symbol such as ETHUSDT or BBRI.JK, 1 to 32 of A-Z 0-9 . _ -, no mark at the ends.`,
    });
  });
});

test('every operation is filed under its own name', () => {
  for (const [name, { operationId }] of Object.entries(operations)) expect(operationId).toBe(name);
});
