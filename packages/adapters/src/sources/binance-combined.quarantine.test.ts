import { describe, expect, test } from 'vitest';
import { depth, line, ns, replay, snapshot, ticker, trade, tradeLine } from './binance/tape.fixture.ts';

describe('a line that is refused', () => {
  test.each([
    ['bad-envelope', 'hello', 'the line starts with "hello"; expected 19 digits (nanoseconds since 1970) and a space'],
    [
      'bad-envelope',
      tradeLine.replace(' ', ''),
      'the line starts with "1723161254024619568{\\"str"; expected 19 digits (nanoseconds since 1970) and a space',
    ],
    [
      'bad-envelope',
      tradeLine.slice(6),
      'the line starts with "1254024619568 {\\"stream\\":"; expected 19 digits (nanoseconds since 1970) and a space',
    ],
    ['bad-record', `${ns} 17`, 'the record is 17; expected an object'],
    [
      'bad-record',
      `${ns} {"a":1}`,
      'stream is missing; expected a combined-stream envelope {"stream","data"} or a REST depth snapshot',
    ],
    ['bad-record', line('ethusdt@trade', null), 'data is null; expected an object'],
    [
      'bad-record',
      line('ethusdt@trade', { ...trade, p: 2683.8 }),
      'data.p is 2683.8; expected a decimal in quotes that is not negative, such as "2683.80"',
    ],
    [
      'bad-record',
      line('ethusdt@trade', { ...trade, q: '-1' }),
      'data.q is "-1"; expected a decimal in quotes that is not negative, such as "2683.80"',
    ],
    [
      'bad-record',
      line('ethusdt@trade', { ...trade, q: '1e3' }),
      'data.q is "1e3"; expected a decimal in quotes that is not negative, such as "2683.80"',
    ],
    ['bad-record', line('ethusdt@trade', { ...trade, m: 1 }), 'data.m is 1; expected true or false'],
    [
      'bad-record',
      line('ethusdt@trade', { ...trade, t: 2 ** 53 }),
      'data.t is 9007199254740992; expected an integer from 0 to 2^53 - 1',
    ],
    [
      'bad-record',
      line('ethusdt@trade', { ...trade, T: undefined }),
      'data.T is missing; expected a time in whole milliseconds or microseconds since 1970',
    ],
    ['bad-record', line('ethusdt@trade', { ...trade, s: 5 }), 'data.s is 5; expected a text that is not empty'],
    ['bad-record', line('ethusdt@depth', { ...depth, U: 506 }), 'data.U is 506; expected at most data.u, which is 505'],
    [
      'bad-record',
      line('ethusdt@depth', { ...depth, b: [['1', '2'], ['3']] }),
      'data.b[1] is ["3"]; expected [price, quantity]',
    ],
    [
      'bad-record',
      line('ethusdt@depth', { ...depth, a: [['1', 'x']] }),
      'data.a[0][1] is "x"; expected a decimal in quotes that is not negative, such as "2683.80"',
    ],
    ['bad-record', `${ns} {"lastUpdateId":5,"bids":[]}`, 'asks is missing; expected a list of [price, quantity]'],
    [
      'other-symbol',
      line('btcusdt@trade', { ...trade, s: 'BTCUSDT' }),
      'the record is of "BTCUSDT"; expected "ETHUSDT"',
    ],
    [
      'other-symbol',
      line('btcusdt@trade', { ...trade, s: 'BTCUSDT', p: 'x' }),
      'the record is of "BTCUSDT"; expected "ETHUSDT"',
    ],
    [
      'other-symbol',
      `${ns} ${JSON.stringify({ ...snapshot, symbol: 'ETHUSD_PERP' })}`,
      'the record is of "ETHUSD_PERP"; expected "ETHUSDT"',
    ],
  ])('is kept whole with its reason: %s, %s', async (reason, text, detail) => {
    const { records, entries } = await replay(`${tradeLine}\n${text}\n${tradeLine}\n`);
    expect(entries).toEqual([{ seq: 2, file: 'tape', line: 2, reason, detail, text }]);
    expect(records.map((record) => record.seq)).toEqual([1, 3]);
  });

  test('is no JSON', async () => {
    const { entries } = await replay(`${ns} {"stream":\n${tradeLine}\n`);
    expect(entries[0]).toMatchObject({ reason: 'bad-json', text: `${ns} {"stream":` });
    expect(entries[0]!.detail).toMatch(/^after the receive time: .*JSON.*; expected one JSON object$/);
  });

  test('is no UTF-8, and its bytes come back from base64', async () => {
    const bytes = new TextEncoder().encode(`${tradeLine}\nx${tradeLine}\n${tradeLine}\n`);
    bytes[tradeLine.length + 1] = 0xff;
    const { records, entries } = await replay(bytes);
    expect(records.map((record) => record.line)).toEqual([1, 3]);
    expect(entries).toMatchObject([{ reason: 'bad-utf8', line: 2, encoding: 'base64' }]);
    expect(
      Buffer.from(entries[0]!.text, 'base64').equals(bytes.subarray(tradeLine.length + 1, 2 * tradeLine.length + 2)),
    ).toBe(true);
  });

  test('is too long, and the next one is read', async () => {
    const long = line('ethusdt@depth', { ...depth, b: Array.from({ length: 40 }, () => ['2683.80', '1.0']) });
    const { records, entries } = await replay(`${long}\n${tradeLine}\n`, { maxLineBytes: 300 });
    expect(records.map((record) => record.line)).toEqual([2]);
    expect(entries).toMatchObject([{ reason: 'line-too-long', line: 1, text: long }]);
    expect(entries[0]!.detail).toBe(
      `the line has ${long.length} bytes; expected at most 300 (maxLineBytes). Its first ${long.length} bytes are kept`,
    );
  });

  test('is cut at the end of the input, at whichever byte', async () => {
    for (let cut = 1; cut < tradeLine.length; cut++) {
      const { records, entries } = await replay(`${tradeLine}\n${tradeLine.slice(0, cut)}`);
      expect(records).toHaveLength(1);
      expect(entries).toMatchObject([{ reason: 'truncated-line', line: 2, text: tradeLine.slice(0, cut) }]);
    }
  });

  test('is nested deeper than a stack', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const { records, entries } = await replay(`${ns} {"stream":${deep}}\n${ns} ${deep}\n${tradeLine}\n`);
    expect(entries.map((entry) => entry.line)).toEqual([1, 2]);
    expect(records.map((record) => record.line)).toEqual([3]);
  });

  describe('has a time that cannot be', () => {
    const receiveMs = 1723161254024;
    const day = 86_400_000;
    const at = (T: number): string => line('ethusdt@trade', { ...trade, T });

    test('a trade more than a day ahead of its receive time, and only that one', async () => {
      const text = `${at(receiveMs + day)}\n${at(receiveMs + day + 1)}\n${at(33_000_000_000_000)}\n${tradeLine}\n`;
      const { records, entries } = await replay(text);
      expect(records.map((record) => record.line)).toEqual([1, 4]);
      expect(entries.map(({ reason, line: at_, detail }) => [reason, at_, detail])).toEqual([
        [
          'bad-record',
          2,
          "the venue's time of the trade is 1723247654025; expected at most 86400000 ms (maxAheadMs) after the receive time 1723161254024",
        ],
        [
          'bad-record',
          3,
          "the venue's time of the trade is 33000000000000; expected at most 86400000 ms (maxAheadMs) after the receive time 1723161254024",
        ],
      ]);
    });

    test('a quote, a book update and a book snapshot of the future', async () => {
      const E = receiveMs + 2 * day;
      const text = [
        line('ethusdt@bookTicker', { ...ticker, E }),
        line('ethusdt@depth', { ...depth, E, pu: 498 }),
        `${ns} ${JSON.stringify({ ...snapshot, E })}`,
      ].join('\n');
      const { entries, stats } = await replay(`${text}\n${line('ethusdt@depth', depth)}\n`);
      expect(entries.map(({ reason, detail }) => [reason, detail.slice(0, 44)])).toEqual([
        ['bad-record', "the venue's time of the quote is 17233340540"],
        ['bad-record', "the venue's time of the book-delta is 172333"],
        ['bad-record', "the venue's time of the book-snapshot is 172"],
      ]);
      expect(stats).toMatchObject({ records: 1, bookRule: 'binanceSpot' });
    });

    test('a trade more than seven days behind its receive time; a quote may be older', async () => {
      const old = receiveMs - 7 * day;
      const quote = line('ethusdt@bookTicker', { ...ticker, E: old - 1 });
      const { records, entries } = await replay(`${at(old)}\n${at(old - 1)}\n${quote}\n`);
      expect(records.map((record) => record.line)).toEqual([1, 3]);
      expect(entries[0]!.detail).toBe(
        "the venue's time of the trade is 1722556454023; expected at most 604800000 ms (maxBehindMs) before the receive time 1723161254024",
      );
    });

    test('by the limits that the caller sets', async () => {
      const text = `${at(receiveMs + 11)}\n${at(receiveMs - 21)}\n`;
      expect((await replay(text, { maxAheadMs: 10, maxBehindMs: 20 })).entries).toHaveLength(2);
      expect((await replay(text, { maxAheadMs: 11, maxBehindMs: 21 })).records).toHaveLength(2);
      expect((await replay(at(1), { maxBehindMs: Infinity })).records).toHaveLength(1);
      await expect(replay(text, { maxAheadMs: -1 })).rejects.toThrow(
        'maxAheadMs "-1" is not a number of milliseconds from 0 on.',
      );
      await expect(replay(text, { maxBehindMs: NaN })).rejects.toThrow(
        'maxBehindMs "NaN" is not a number of milliseconds from 0 on.',
      );
    });

    test('was received before 1990 or after 2199: the clock was not set', async () => {
      const received = ['0000000012000000000', '0631151999999999999', '0631152000000000000', '7258118400000000000'];
      const E = 631_152_000_000;
      const quote = JSON.stringify({ stream: 'ethusdt@bookTicker', data: { ...ticker, E } });
      const { records, entries, stats } = await replay(received.map((time) => `${time} ${quote}\n`).join(''));
      expect(records.map(({ receiveNs }) => receiveNs)).toEqual(['0631152000000000000']);
      expect(entries.map(({ reason, line: at_, detail }) => [reason, at_, detail])).toEqual([
        [
          'bad-envelope',
          1,
          'the receive time is 0000000012000000000 (1970-01-01T00:00:12.000Z); expected a time from 1990 to 2199. Was the clock set?',
        ],
        [
          'bad-envelope',
          2,
          'the receive time is 0631151999999999999 (1989-12-31T23:59:59.999Z); expected a time from 1990 to 2199. Was the clock set?',
        ],
        [
          'bad-envelope',
          4,
          'the receive time is 7258118400000000000 (2200-01-01T00:00:00.000Z); expected a time from 1990 to 2199. Was the clock set?',
        ],
      ]);
      expect(stats.firstReceiveNs).toBe('0631152000000000000');
    });
  });
});
