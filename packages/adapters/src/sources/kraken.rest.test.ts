import { readFileSync } from 'node:fs';
import { createGrid } from '@tapekit/orderflow/grid';
import type { DecimalInput } from '@tapekit/orderflow/market';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { askedHttp, gather } from '../internal/venue/requests.fixture.ts';
import { createKrakenClient, parseKrakenBars, parseKrakenBook, parseKrakenTrades } from './kraken.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1e-8' });
const sum = (sizes: readonly DecimalInput[]): string =>
  grid.formatSize(sizes.reduce<number>((lots, size) => lots + grid.toLots(size), 0));

describe.skipIf(!hasRecordedData)('the recorded answers of Kraken', () => {
  const trades = () =>
    parseKrakenTrades(readFileSync(recordedPath('fixtures/kraken_rest_trades_XBTUSDT.json'), 'utf8'), 'XBT/USDT');
  const bars = () =>
    parseKrakenBars(readFileSync(recordedPath('ohlcv/kraken_rest_ohlc_XBTUSDT_1m.json'), 'utf8'), 'XBT/USDT', 1);

  test('have 1,000 trades of which the buyers took 84.38067746', () => {
    const { trades: all, rejected, last } = trades();
    expect([all.length, rejected.length, last]).toEqual([1000, 0, '1762820035982277754']);
    expect(sum(all.map(({ size }) => size))).toBe('93.10181737');
    expect(sum(all.filter(({ side }) => side === 'buy').map(({ size }) => size))).toBe('84.38067746');
    expect(all[0]).toMatchObject({ timeMs: 1762795433971, price: '105433.60000', id: 10218208 });
    expect(all.every(({ id }, i) => id === 10218208 + i)).toBe(true);
  });

  test('have 721 bars without a hole, the last one open', () => {
    const { bars: all, rejected } = bars();
    expect([all.length, rejected.length]).toEqual([721, 0]);
    expect(
      all.every(({ startMs, endMs }, i) => startMs === 1762777020_000 + i * 60_000 && endMs === startMs + 60_000),
    ).toBe(true);
    expect(all.map(({ final }) => final).indexOf(false)).toBe(720);
    expect(sum(all.map(({ volume }) => volume))).toBe('137.57368379');
  });

  test('agree with each other: the trades of a minute are the volume of its bar', () => {
    const byMinute = new Map<number, DecimalInput[]>();
    for (const { timeMs, size } of trades().trades) {
      const start = timeMs - (timeMs % 60_000);
      byMinute.set(start, [...(byMinute.get(start) ?? []), size]);
    }
    // The first and the last minute are not whole.
    const whole = [...byMinute].slice(1, -1);
    const volumes = new Map(bars().bars.map(({ startMs, volume }) => [startMs, volume]));
    const differing = whole.filter(([start, sizes]) => sum(sizes) !== sum([volumes.get(start)!]));
    expect([whole.length, differing]).toEqual([272, []]);
  });
});

const trade = (id: number, time: number): string => `["5.0","1.5",${time},"s","l","",${id}]`;

describe('the client of Kraken', () => {
  test('pages through trades until the known one', async () => {
    const http = askedHttp(
      `{"error":[],"result":{"XXBTZUSD":[${trade(1, 1762795433.1)},${trade(2, 1762795434.2)}],"last":"1762795434200000000"}}`,
      `{"error":[],"result":{"XXBTZUSD":[${trade(3, 1762795435.1)},["5.0","x",1762795436.1,"s","l","",4]],"last":"1762795436100000000"}}`,
    );
    const pages = await gather(
      createKrakenClient({ http, minIntervalMs: 0 }).trades('XBT/USD', { startMs: 1762795433000, beforeId: '3' }),
    );
    expect(http.asked).toEqual([
      'https://api.kraken.com/0/public/Trades?pair=XBT/USD&since=1762795433000000000&count=1000',
      'https://api.kraken.com/0/public/Trades?pair=XBT/USD&since=1762795434200000000&count=1000',
    ]);
    expect(pages.flatMap(({ trades }) => trades.map(({ id }) => id))).toEqual([1, 2, 3]);
    expect(pages[1]?.rejected).toEqual([
      {
        reason: 'bad-record',
        at: 2,
        detail: 'trade[1] is "x"; expected a decimal that is not negative, such as 2683.80',
      },
    ]);
  });

  test('gives the bars of the query only', async () => {
    const rows = [0, 60, 120].map((s) => `[${1762777020 + s},"1","2","1","2","1.5","3",4]`);
    const http = askedHttp(`{"error":[],"result":{"XXBTZUSD":[${rows.join()}],"last":1762777080}}`);
    const query = { intervalMs: 60_000, startMs: 1762777080_000, endMs: 1762777140_000 };
    const [page] = await gather(createKrakenClient({ http, minIntervalMs: 0 }).bars('XBT/USD', query));
    expect(page?.bars.map(({ startMs, final }) => [startMs, final])).toEqual([[1762777080_000, true]]);
  });

  test('gives the book with the time of its youngest level', async () => {
    const body =
      '{"error":[],"result":{"XXBTZUSD":{"asks":[["101.0","1.5",1762777020]],"bids":[["100.0","2",1762777025],["99.0","0",1]]}}}';
    expect(parseKrakenBook(body, 'XBT/USD')).toMatchObject({ rejected: [{ reason: 'bad-record' }] });
    const http = askedHttp(body.replace(',1]', ',1762777001]'));
    const { book } = await createKrakenClient({ http, minIntervalMs: 0, baseUrl: 'http://localhost' }).book('XBT/USD', {
      depth: 2,
    });
    expect(http.asked).toEqual(['http://localhost/0/public/Depth?pair=XBT/USD&count=2']);
    expect(book).toEqual({
      type: 'book-snapshot',
      symbol: 'XBT/USD',
      timeMs: 1762777025_000,
      lastUpdateId: 0,
      bids: [['100.0', '2']],
      asks: [['101.0', '1.5']],
    });
  });

  test('says what Kraken answered', () => {
    const error = (body: string): string => {
      try {
        parseKrakenTrades(body, 'XBT/USD');
        return 'nothing';
      } catch (thrown) {
        const { code, message } = thrown as { code: string; message: string };
        return `${code}: ${message}`;
      }
    };
    expect(
      [
        '{"error":["EQuery:Unknown asset pair"]}',
        '{"error":["EAPI:Rate limit exceeded"]}',
        '<html>',
        '{"error":[]}',
      ].map(error),
    ).toMatchInlineSnapshot(`
      [
        "bad-response: Kraken answered "EQuery:Unknown asset pair". Check the symbol and the query.",
        "rate-limited: Kraken answered "EAPI:Rate limit exceeded". Ask less often.",
        "bad-response: Kraken answered "<html>"; expected JSON.",
        "bad-response: Kraken answered "{\\"error\\":[]}": result is missing; expected an object.",
      ]
    `);
  });
});
