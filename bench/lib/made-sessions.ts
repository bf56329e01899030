/** Sessions of venues that nobody recorded here: frames in the shape of the venues' samples, with ids that rise. */
import { krakenChecksum } from '@tapekit/orderflow/book-checksum';
import { bybitFeed } from '@tapekit/adapters/sources/bybit';
import { coinbaseAdvancedFeed } from '@tapekit/adapters/sources/coinbase';
import { deribitFeed } from '@tapekit/adapters/sources/deribit';
import { dxlinkFeed } from '@tapekit/adapters/sources/dxlink';
import { krakenFeed } from '@tapekit/adapters/sources/kraken';
import { createStockbitDecoder } from '@tapekit/adapters/sources/stockbit';
import { createTardisCsvDecoder } from '@tapekit/adapters/sources/tardis-csv';
import { topstepxFeed } from '@tapekit/adapters/sources/topstepx';
import { createTwelveDataDecoder } from '@tapekit/adapters/sources/twelve-data';
import { csvSession, type SourceSession } from './source-session.ts';

const count = 4_000;
const channels = ['trades', 'book', 'quotes'] as const;
/** Every fifth frame of the crypto venues is a trade, the others change one level of the book. */
const isTrade = (n: number): boolean => n % 5 === 0;
const frames = <T>(make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n + 1));

export function madeSessions(): readonly SourceSession[] {
  return [bybit(), kraken(), coinbase(), deribit(), tardis(), stockbit(), topstepx(), dxlink(), twelveData()];
}

function json(name: string, list: readonly string[], decoder: SourceSession['decoder']): SourceSession {
  return { name, origin: 'made', frames: list, json: list, decoder };
}

function bybit(): SourceSession {
  const book = (type: string, u: number, bids: object, asks: object): string =>
    JSON.stringify({
      topic: 'orderbook.50.BTCUSDT',
      type,
      ts: 1709891679000 + u,
      data: { s: 'BTCUSDT', b: bids, a: asks, u, seq: 987654321 + u },
      cts: 1709891678990 + u,
    });
  const trade = (n: number): string =>
    JSON.stringify({
      topic: 'publicTrade.BTCUSDT',
      type: 'snapshot',
      ts: 1709891679005 + n,
      data: [
        {
          T: 1709891679000 + n,
          s: 'BTCUSDT',
          S: 'Buy',
          v: '0.010',
          p: '27451.00',
          L: 'PlusTick',
          i: `9dc75fca-4bdd-4773-9f78-${String(n).padStart(12, '0')}`,
          BT: false,
        },
      ],
    });
  const levels = (step: number): [string, string][] =>
    Array.from({ length: 50 }, (_, i) => [(27450 + step * (i + 1)).toFixed(2), '0.500']);
  let u = 0;
  const list = frames((n) =>
    isTrade(n) ? trade(n) : book('delta', (u += 1), [['27449.50', (n / 1000).toFixed(3)]], [['27450.50', '0.900']]),
  );
  const all = [book('snapshot', 0, levels(-0.5), levels(0.5)), ...list];
  return json('Bybit v5', all, () => bybitFeed({ symbols: ['BTCUSDT'], channels }).decoder());
}

function kraken(): SourceSession {
  const timestamp = '2023-10-06T17:35:55.440295Z';
  const level = (price: number): [string, string] => [price.toFixed(1), '0.00500000'];
  const bids = Array.from({ length: 10 }, (_, i) => level(105944.2 - i));
  const asks = Array.from({ length: 10 }, (_, i) => level(105944.3 + i));
  const text = (list: readonly (readonly [string, string])[]): string =>
    list.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join();
  const book = (type: string, b: string, a: string): string => {
    const checksum = krakenChecksum({ bids, asks }, { priceDecimals: 1, sizeDecimals: 8 });
    return `{"channel":"book","type":"${type}","data":[{"symbol":"BTC/USD","bids":[${b}],"asks":[${a}],"checksum":${checksum},"timestamp":"${timestamp}"}]}`;
  };
  const trade = (id: number): string =>
    `{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":105944.2,"qty":0.00027625,"ord_type":"limit","trade_id":${id},"timestamp":"${timestamp}"}]}`;
  let id = 0;
  const all = [book('snapshot', text(bids), text(asks))];
  for (let n = 1; n <= count; n += 1) {
    if (isTrade(n)) all.push(trade((id += 1)));
    else {
      const at = n % 10;
      bids[at] = [bids[at]![0], (0.005 + n / 1e6).toFixed(8)];
      all.push(book('update', text([bids[at]]), ''));
    }
  }
  return json('Kraken v2', all, () => krakenFeed({ symbols: ['BTC/USD'], channels }).decoder());
}

function coinbase(): SourceSession {
  const envelope = (channel: string, sequence: number, event: object): string =>
    JSON.stringify({
      channel,
      client_id: '',
      timestamp: '2026-04-07T14:30:01.456789Z',
      sequence_num: sequence,
      events: [event],
    });
  const update = (side: string, price: string, quantity: string): object => ({
    side,
    event_time: '2026-04-07T14:30:01.456789Z',
    price_level: price,
    new_quantity: quantity,
  });
  const book = (type: string, updates: object[]): object => ({ type, product_id: 'BTC-USD', updates });
  const first = Array.from({ length: 50 }, (_, i) => update('bid', (68900 - i).toFixed(2), '0.5'));
  const list = frames((n) =>
    isTrade(n)
      ? envelope('market_trades', n, {
          type: 'update',
          trades: [
            {
              trade_id: String(995098700 + n),
              product_id: 'BTC-USD',
              price: '68900.50',
              size: '0.00150000',
              side: 'BUY',
              time: '2026-04-07T14:30:02.789012Z',
            },
          ],
        })
      : envelope(
          'l2_data',
          n,
          book('update', [update('bid', '68900.00', String(n / 1000)), update('offer', '68901.00', '1')]),
        ),
  );
  const all = [envelope('l2_data', 0, book('snapshot', first)), ...list];
  return json('Coinbase Advanced', all, () => coinbaseAdvancedFeed({ symbols: ['BTC-USD'], channels }).decoder());
}

function deribit(): SourceSession {
  const symbol = 'BTC-PERPETUAL';
  const notice = (channel: string, data: unknown): string =>
    JSON.stringify({ jsonrpc: '2.0', method: 'subscription', params: { channel, data } });
  const book = (id: number, before: number | undefined, bids: unknown): string =>
    notice(`book.${symbol}.100ms`, {
      type: before === undefined ? 'snapshot' : 'change',
      instrument_name: symbol,
      timestamp: 1699999999500 + id,
      change_id: id,
      ...(before === undefined ? {} : { prev_change_id: before }),
      bids,
      asks: before === undefined ? [['new', 42501, 800]] : [],
    });
  const trade = (n: number): string =>
    notice(`trades.${symbol}.100ms`, [
      {
        timestamp: 1765531356452 + n,
        price: 92294.5,
        amount: 10,
        direction: 'sell',
        index_price: 92276.75,
        instrument_name: symbol,
        trade_seq: n,
        mark_price: 92291.11,
        tick_direction: 2,
        contracts: 1,
        trade_id: `4036${n}`,
      },
    ]);
  let [id, sequence] = [5, 0];
  const list = frames((n) =>
    isTrade(n) ? trade((sequence += 1)) : book((id += 1), id - 1, [['change', 42500.5, 900 + n]]),
  );
  const first = Array.from({ length: 50 }, (_, i) => ['new', 42500.5 - i / 2, 1000]);
  return json('Deribit', [book(5, undefined, first), ...list], () =>
    deribitFeed({ symbols: [symbol], channels }).decoder(),
  );
}

function tardis(): SourceSession {
  const header = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
  const rows = frames((n) => {
    const us = 1_580_515_200_000_000 + n * 1000;
    return `deribit,BTC-PERP,${us},${us + 1},${n <= 50},${n % 2 ? 'bid' : 'ask'},${9350 + (n % 2 ? -1 : 1) * (n % 50)},${n}`;
  });
  return csvSession('Tardis CSV, book', 'made', [header, ...rows], () => createTardisCsvDecoder());
}

function stockbit(): SourceSession {
  const price = (n: number): number => 6275 + 25 * (n % 5);
  const bytes = (n: number): Uint8Array => {
    const varint = (tag: number, value: number): number[] => {
      const out = [tag * 8];
      for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
      return [...out, value];
    };
    const double = (tag: number, value: number): number[] => [
      tag * 8 + 1,
      ...new Uint8Array(new Float64Array([value]).buffer),
    ];
    const part = (tag: number, content: readonly number[]): number[] => [
      ...varint(tag, content.length).with(0, tag * 8 + 2),
      ...content,
    ];
    const time = part(7, [...varint(1, 1_771_466_405), ...varint(2, 500_000_000)]);
    const symbol = part(2, [...new TextEncoder().encode('TEST')]);
    const trade = [
      symbol,
      double(3, price(n)),
      double(4, 200),
      varint(5, 1 + (n % 2)),
      time,
      varint(9, n),
      varint(10, 1),
    ];
    return Uint8Array.from(part(1, trade.flat()));
  };
  const same = (n: number): string =>
    JSON.stringify({
      symbol: 'TEST',
      price: price(n),
      shares: 200,
      action: 1 + (n % 2),
      time: { seconds: 1_771_466_405, nanos: 500_000_000 },
      number: n,
      board: 1,
    });
  return {
    name: 'Stockbit, running trade (protobuf)',
    origin: 'made',
    frames: frames(bytes),
    json: frames(same),
    decoder: () => createStockbitDecoder(),
  };
}

function topstepx(): SourceSession {
  const symbol = 'F.US.ENQ';
  const timestamp = '2026-01-15T14:30:00.123Z';
  const list = frames((n) =>
    JSON.stringify(
      isTrade(n)
        ? {
            type: 1,
            target: 'RealTimeTradeLogWithSpeed',
            arguments: [symbol, [{ price: 21450.25, volume: n, type: n % 2, timestamp }]],
          }
        : {
            type: 1,
            target: 'RealTimeSymbolQuote',
            arguments: [{ symbol, bestBid: 21450 - (n % 4) / 4, bestAsk: 21450.25, timestamp }],
          },
    ),
  );
  const feed = () => topstepxFeed({ symbols: [symbol], channels: ['trades', 'quotes'], token: 'none' }).decoder();
  return {
    name: 'TopstepX',
    origin: 'made',
    frames: list.map((text) => `${text}\u001e`),
    json: list,
    decoder: feed,
  };
}

function dxlink(): SourceSession {
  const symbol = '/ESH26:XCME';
  const config = JSON.stringify({
    type: 'FEED_CONFIG',
    channel: 1,
    dataFormat: 'COMPACT',
    aggregationPeriod: 0,
    eventFields: {
      TimeAndSale: ['eventSymbol', 'index', 'time', 'price', 'size', 'aggressorSide', 'spreadLeg', 'validTick', 'type'],
      Quote: ['eventSymbol', 'bidPrice', 'bidSize', 'askPrice', 'askSize', 'bidTime', 'askTime'],
    },
  });
  const list = frames((n) => {
    const sale = `"${symbol}",73014444037120${String(n).padStart(5, '0')},${1_700_000_000_123 + n},4500.25,2,"BUY",false,true,"NEW"`;
    const quote = `"${symbol}",4500,${n},4500.25,7,0,0`;
    const data = isTrade(n) ? `"TimeAndSale",[${sale}]` : `"Quote",[${quote},${quote}]`;
    return `{"type":"FEED_DATA","channel":1,"data":[${data}]}`;
  });
  return json('dxLink', [config, ...list], () =>
    dxlinkFeed({ symbols: [symbol], channels: ['trades', 'quotes'] }).decoder(),
  );
}

function twelveData(): SourceSession {
  const list = frames((n) =>
    JSON.stringify({
      event: 'price',
      symbol: 'TEST',
      currency: 'USD',
      exchange: 'NASDAQ',
      type: 'Common Stock',
      timestamp: 1_618_482_192 + n,
      price: 134.28 + (n % 10) / 100,
      bid: 134.2,
      ask: 134.4,
      day_volume: 1_000 * n,
    }),
  );
  return json('Twelve Data', list, () => createTwelveDataDecoder({ sizes: 'day-volume' }));
}
