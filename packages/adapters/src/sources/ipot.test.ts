import { readFileSync } from 'node:fs';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder, mutateFrame, seededRandom } from '../internal/fuzz-frames.ts';
import { isAdaptersError } from '../errors.ts';
import type { FeedControl, FrameSink } from '../venue-feed.ts';
import { brokerTotals } from '../internal/broker-day.ts';
import { createIpotDecoder, type IpotTrade, ipotFeed, parseAppsession, parseIpotBrokerSummary } from './ipot.ts';

/** 2026-02-19 (a Thursday) 09:00:05 in Jakarta. */
const nineOClock = Date.UTC(2026, 1, 19, 2, 0, 5);

function collect() {
  const trades: IpotTrade[] = [];
  const rejects: string[] = [];
  const kinds: string[] = [];
  const controls: FeedControl[] = [];
  const sink: FrameSink = {
    event: (event) => trades.push(event as IpotTrade),
    reject: (reason, detail) => rejects.push(`${reason}: ${detail}`),
    unmodelled: (kind) => kinds.push(kind),
    control: (control) => controls.push(control),
  };
  return { trades, rejects, kinds, controls, sink };
}

const pipe = (sequence: number, more: { clock?: string; market?: string; buyer?: string; seller?: string } = {}) =>
  `B|${more.clock ?? '090002'}|0|TSTA|${more.market ?? 'RG'}|${String(sequence).padStart(8, '0')}|2210|3|--|-|--|-|2220|` +
  `${more.buyer ?? '00'}|${more.seller ?? '72596'}|-10|0|2219|0|1`;
const streamFrame = (line: string) =>
  JSON.stringify({ event: 'stream', data: { source: 'IDX', service: 'mi', rtype: 'LT', code: 'ANY', data: line } });

describe('the running trade of IPOT', () => {
  test('takes the date from the receive time and the aggressor from the masked order', () => {
    const { trades, sink } = collect();
    createIpotDecoder().decode(streamFrame(pipe(7)), nineOClock, sink);
    expect(trades).toEqual([
      {
        type: 'trade',
        symbol: 'TSTA',
        timeMs: Date.UTC(2026, 1, 19, 2, 0, 2),
        price: '2210',
        size: '300',
        side: 'buy',
        id: 2026021900000007,
        sequence: 7,
        market: 'RG',
        lots: 3,
        previousClose: 2220,
        restingOrder: '72596',
      },
    ]);
  });

  test('a masked seller sold; where both or none are masked, nobody is known to be the taker', () => {
    const { trades, sink } = collect();
    const decoder = createIpotDecoder({ sizeUnit: 'lots' });
    const masks = [
      ['5', '00'],
      ['5', '6'],
      ['00', '00'],
    ] as const;
    for (const [i, [buyer, seller]] of masks.entries()) {
      decoder.decode(streamFrame(pipe(i + 1, { buyer, seller })), nineOClock, sink);
    }
    expect(trades.map(({ side, size }) => [side, size])).toEqual([
      ['sell', '3'],
      ['unknown', '3'],
      ['unknown', '3'],
    ]);
  });

  test('trades of the negotiated and the cash market are other tapes', () => {
    const { trades, sink } = collect();
    const decoder = createIpotDecoder();
    decoder.decode(streamFrame(pipe(1, { market: 'NG' })), nineOClock, sink);
    decoder.decode(streamFrame(pipe(2, { market: 'TN' })), nineOClock, sink);
    expect(trades.map(({ symbol }) => symbol)).toEqual(['TSTA.NG', 'TSTA.TN']);
  });

  test('a line received after midnight belongs to the day before', () => {
    const { trades, sink } = collect();
    const decoder = createIpotDecoder();
    decoder.decode(streamFrame(pipe(1, { clock: '161000' })), Date.UTC(2026, 1, 19, 17, 5), sink);
    expect(trades[0]?.timeMs).toBe(Date.UTC(2026, 1, 19, 9, 10));
    expect(trades[0]?.flags).toEqual(['time-mismatch']);
  });

  test('flags a clock outside the sessions: 11:45 is lunch on Friday and trading on Thursday', () => {
    const { trades, sink } = collect();
    const decoder = createIpotDecoder();
    const at1145 = Date.UTC(2026, 1, 19, 4, 45);
    decoder.decode(streamFrame(pipe(1, { clock: '114500' })), at1145, sink);
    decoder.decode(streamFrame(pipe(1, { clock: '114500' })), at1145 + 86_400_000, sink);
    expect(trades.map(({ flags }) => flags)).toEqual([undefined, ['outside-session']]);
  });

  test('drops a number that came before, keeps one that comes late, and reports what never came', () => {
    const { trades, kinds, controls, sink } = collect();
    const decoder = createIpotDecoder({ reorderWindow: 3 });
    for (const sequence of [10, 11, 11, 13, 12, 14, 20, 21, 22, 23]) {
      decoder.decode(streamFrame(pipe(sequence)), nineOClock, sink);
    }
    expect(trades.map(({ sequence }) => sequence)).toEqual([10, 11, 13, 12, 14, 20, 21, 22, 23]);
    expect(trades[3]?.flags).toEqual(['late']);
    expect(kinds).toEqual(['LT:duplicate']);
    expect(controls).toEqual([
      {
        kind: 'gap',
        symbol: '*',
        channel: 'LT',
        afterId: '14',
        beforeId: '20',
        detail: '5 trades of 2026-02-19 never came: sequence 15 to 19',
      },
    ]);
    expect(decoder.stats()).toMatchObject({ trades: 9, duplicates: 1, late: 1, gaps: 1, missing: 5, malformed: 0 });
  });

  test('reports a gap by time when the tape stands still', () => {
    const { controls, sink } = collect();
    const decoder = createIpotDecoder();
    decoder.decode(streamFrame(pipe(1)), nineOClock, sink);
    decoder.decode(streamFrame(pipe(4)), nineOClock, sink);
    expect(controls).toEqual([]);
    decoder.decode('#1', nineOClock + 2000, sink);
    expect(controls.map(({ kind }) => kind)).toEqual(['reply', 'gap']);
  });

  test('sees gaps over all codes, also when only some are kept', () => {
    const { trades, rejects, sink } = collect();
    const decoder = createIpotDecoder({ codes: ['BBCA'] });
    decoder.decode(streamFrame(pipe(1)), nineOClock, sink);
    decoder.decode(streamFrame(pipe(3)), nineOClock, sink);
    decoder.flush(sink);
    expect(trades).toEqual([]);
    expect(rejects[0]).toBe('other-symbol: code TSTA was not asked for');
    expect(decoder.stats().missing).toBe(1);
  });

  test('reads the two older layouts, whose first field is a date', () => {
    const { trades, sink } = collect();
    const decoder = createIpotDecoder({ input: 'archive' });
    decoder.decode('20260219|090002|BBRI|4500|10|BUY', 0, sink);
    decoder.decode('20260219|090003|0|BBRI|RG|T|4490|5', 0, sink);
    expect(trades.map(({ timeMs, price, size, side }) => [timeMs, price, size, side])).toEqual([
      [Date.UTC(2026, 1, 19, 2, 0, 2), '4500', '1000', 'buy'],
      [Date.UTC(2026, 1, 19, 2, 0, 3), '4490', '500', 'unknown'],
    ]);
  });

  test.each([
    [pipe(1).slice(0, 40), 'bad-record: fields is 11; expected 20 between pipes'],
    [pipe(1).replace('2210', 'abc'), 'bad-record: field 6 is "abc"; expected a whole number from 1'],
    [pipe(1).replace('|3|', '|0|'), 'bad-record: field 7 is "0"; expected a whole number from 1'],
    [pipe(1, { clock: '250000' }), 'bad-record: field 1 is "250000"; expected a clock as HHMMSS'],
    [pipe(1, { market: 'XX' }), 'bad-record: field 4 is "XX"; expected "RG", "TN" or "NG"'],
    [pipe(1).replace('TSTA', 'tsta'), 'bad-record: field 3 is "tsta"; expected 4 to 12 of A-Z, 0-9 and "-"'],
  ])('refuses %s', (line, why) => {
    const { rejects, sink } = collect();
    createIpotDecoder().decode(streamFrame(line), nineOClock, sink);
    expect(rejects).toEqual([why]);
  });

  test('keeps nothing of order books and tokens but their count', () => {
    const { kinds, rejects, sink } = collect();
    const decoder = createIpotDecoder();
    decoder.decode('{"event":"stream","data":{"rtype":"OB2","code":"SCMA","data":"{}"}}', nineOClock, sink);
    decoder.decode('{"event":"#setAuthToken","data":{"token":"secret"}}', nineOClock, sink);
    expect(kinds).toEqual(['OB2', '#setAuthToken']);
    expect(rejects).toEqual([]);
  });
});

describe('the connection to IPOT', () => {
  test('subscribes when the handshake was answered, and answers heartbeats', async () => {
    const feed = ipotFeed({ appsession: 'a b', rawOrderBooks: ['SCMA'] });
    expect(await feed.url()).toBe('wss://ipotapp.ipot.id/socketcluster/?appsession=a%20b');
    expect(feed.opening()).toEqual(['{"event":"#handshake","data":{"authToken":null},"cid":1}']);
    const { controls, sink } = collect();
    const decoder = feed.decoder();
    decoder.decode('{"rid":1,"data":{"id":"x","isAuthenticated":false,"pingTimeout":20000}}', 0, sink);
    decoder.decode('#1', 0, sink);
    decoder.decode('{"rid":2,"data":{"status":"OK"}}', 0, sink);
    decoder.decode('{"rid":3,"data":{"status":"ERROR","text":"NOSERVICE"}}', 0, sink);
    expect(controls.map((control) => [control.kind, 'frame' in control ? control.frame : ''])).toEqual([
      [
        'reply',
        '{"event":"cmd","data":{"cmdid":1000,"param":{"cmd":"subscribe","service":"mi","rtype":"LT","code":"*","subsid":"tapekit_2"}},"cid":2}',
      ],
      [
        'reply',
        '{"event":"cmd","data":{"cmdid":1001,"param":{"cmd":"subscribe","service":"mi","rtype":"OB2","code":"SCMA","subsid":"tapekit_3"}},"cid":3}',
      ],
      ['reply', '#2'],
      ['subscribed', ''],
      ['refused', ''],
    ]);
  });

  test('finds the token in the script and says nothing of its text otherwise', () => {
    expect(parseAppsession('var x; appsession = "T0K3N";')).toBe('T0K3N');
    expect(() => parseAppsession('secret stuff')).toThrow(
      'no appsession in a text of 12 characters; expected appsession = "TOKEN". Check that the page is the script.',
    );
  });
});

interface Expected {
  valid_unique_rows: number;
  tickers: Record<
    string,
    { n: number; buy_lot: number; sell_lot: number; none_lot: number; value: number; last: number }
  >;
  faults: { duplicate: number; swapped_pair: number; malformed: number; gap: { after_seq: number; missing: number } };
}

describe.skipIf(!hasRecordedData)('recorded data', () => {
  const archive = () =>
    readFileSync(recordedPath('idx/synthetic_lt_2026-02-19.jsonl'), 'utf8').replace(/\n$/, '').split('\n');

  test('every fault of the running trade is found, and the totals are the expected ones', () => {
    const expected = expectedAnswers<Expected>('synthetic_lt_2026-02-19');
    const { trades, controls, sink } = collect();
    const decoder = createIpotDecoder({ input: 'archive' });
    for (const line of archive()) decoder.decode(line, 0, sink);
    decoder.flush(sink);
    const { faults } = expected;
    expect(decoder.stats()).toEqual({
      trades: expected.valid_unique_rows,
      duplicates: faults.duplicate,
      late: faults.swapped_pair,
      gaps: 1,
      missing: faults.gap.missing,
      malformed: faults.malformed,
      flags: { late: 1 },
    });
    expect(controls).toMatchObject([{ kind: 'gap', afterId: '1180', beforeId: '1218' }]);
    expect(faults.gap.after_seq).toBe(1180);
    const tickers: Expected['tickers'] = {};
    for (const { symbol, market, lots, price, side } of [...trades].sort((a, b) => a.sequence! - b.sequence!)) {
      const key = `${symbol.replace(/\.(NG|TN)$/, '')}|${market}`;
      const sum = (tickers[key] ??= { n: 0, buy_lot: 0, sell_lot: 0, none_lot: 0, value: 0, last: 0 });
      sum.n += 1;
      sum[side === 'buy' ? 'buy_lot' : side === 'sell' ? 'sell_lot' : 'none_lot'] += lots;
      sum.value += Number(price) * lots * 100;
      sum.last = Number(price);
    }
    expect(tickers).toEqual(expected.tickers);
  });

  // Sums by a line of Python over brokers_buy[].blotv, bvalv and brokers_sell[].slotv, svalv.
  test.each([
    ['BBCA_2026-01-20', 61, 97_022_000, 780_392_392_889],
    ['BBRI_2026-01-19', 77, 374_643_000, 1_442_718_361_009],
  ])('the broker summary %s balances to the share and the rupiah', (name, brokers, shares, value) => {
    const summary = parseIpotBrokerSummary(readFileSync(recordedPath(`idx/ipot_broksum_${name}.json`), 'utf8'));
    expect(summary.rejected).toEqual([]);
    expect(summary.days).toHaveLength(brokers);
    expect(brokerTotals(summary.days)).toEqual({
      buyShares: shares,
      sellShares: shares,
      buyValue: value,
      sellValue: value,
    });
    expect(`${summary.symbol}_${summary.days[0]?.date}`).toBe(name);
  });
});

describe('under fuzz', () => {
  const corpus = [1, 2, 5].map((n) => streamFrame(pipe(n)));
  corpus.push(
    '{"rid":1,"data":{"id":"x","isAuthenticated":false,"pingTimeout":20000}}',
    '{"event":"stream","data":{"rtype":"OB2","code":"SCMA","data":"{}"}}',
    '#1',
  );

  test('the socket loses no frame and emits nothing impossible', () => {
    const result = fuzzDecoder(() => createIpotDecoder(), corpus, { seed: 41, count: fuzzCount() });
    expect(result.events).toBeGreaterThan(0);
    expect(result.rejected['bad-record']).toBeGreaterThan(0);
  });

  test('archives lose no line and emit nothing impossible', () => {
    const lines = [1, 2, 5, 4].map((n) => JSON.stringify({ v: 2, fmt: 'pipe', raw: pipe(n), ts: nineOClock }));
    lines.push(pipe(9), '20260219|090002|BBRI|4500|10|BUY');
    const result = fuzzDecoder(() => createIpotDecoder({ input: 'archive' }), lines, { seed: 42, count: fuzzCount() });
    expect(result.events).toBeGreaterThan(0);
  });

  test('a damaged broker summary is refused as a whole or row by row', () => {
    const row = (side: 'b' | 's') => ({
      netbs_broker_code: 'ZP',
      netbs_date: '20260120',
      netbs_stock_code: 'TEST',
      [`${side}lot`]: '2',
      [`${side}lotv`]: '200',
      [`${side}valv`]: '1600',
    });
    const good = JSON.stringify({
      data: { broker_summary: { symbol: 'TEST', brokers_buy: [row('b')], brokers_sell: [row('s')] } },
    });
    const random = seededRandom(43);
    for (let i = 0; i < fuzzCount(); i += 1) {
      try {
        const { days } = parseIpotBrokerSummary(mutateFrame(good, random) as string);
        expect(days.every((day) => Number.isSafeInteger(day.buyShares) && Number.isSafeInteger(day.sellValue))).toBe(
          true,
        );
      } catch (error) {
        expect(isAdaptersError(error, 'bad-response'), String(error)).toBe(true);
      }
    }
  });
});
