import { describe, expect, test } from 'vitest';
import { decodeAll } from '../internal/venue/recordings.fixture.ts';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { topstepxFeed } from './topstepx.ts';
import type { TopstepxFeedOptions } from './topstepx.ts';

const rs = '\u001e';
const now = Date.parse('2026-01-15T14:30:01.000Z');
const timeMs = Date.parse('2026-01-15T14:30:00.123Z');
const timestamp = '2026-01-15T14:30:00.123Z';
const options: TopstepxFeedOptions = { symbols: ['F.US.ENQ'], channels: ['trades', 'quotes'], token: 'opaque' };

const record = (message: object): string => JSON.stringify(message) + rs;
const print = (fields: object = {}): object => ({ price: 21450.25, volume: 2, type: 0, timestamp, ...fields });
const trades = (list: unknown, symbol: string | null = 'F.US.ENQ'): string =>
  record({ type: 1, target: 'RealTimeTradeLogWithSpeed', arguments: [symbol, list] });
const quote = (fields: object): string =>
  record({ type: 1, target: 'RealTimeSymbolQuote', arguments: [{ symbol: 'F.US.ENQ', ...fields }] });

function decode(frames: readonly string[], more: Partial<TopstepxFeedOptions> = {}) {
  const decoder = topstepxFeed({ ...options, ...more }).decoder();
  return decodeAll(
    decoder,
    frames.map((text) => ({ text, receiveMs: now })),
  );
}

/** A token with these claims; its signature is nobody's. */
function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.x`;
}

describe('the connection', () => {
  test('asks with the token, shakes hands, and subscribes when the hub agrees', async () => {
    const feed = topstepxFeed({ ...options, token: 'a b' });
    expect(await feed.url()).toBe('wss://chartapi.topstepx.com/hubs/chart?access_token=a%20b');
    expect(feed.opening()).toEqual([`{"protocol":"json","version":1}${rs}`]);
    const { controls } = decodeAll(feed.decoder(), [`{}${rs}`]);
    expect(controls).toEqual([
      { kind: 'subscribed', channel: 'handshake' },
      {
        kind: 'reply',
        frame: `{"type":1,"target":"SubscribeTradeLogWithSpeed","arguments":["F.US.ENQ",0],"invocationId":"1"}${rs}`,
      },
      {
        kind: 'reply',
        frame: `{"type":1,"target":"SubscribeQuotesForSymbolWithSpeed","arguments":["F.US.ENQ",0],"invocationId":"2"}${rs}`,
      },
    ]);
  });

  test('of the documented API has its own address and methods', async () => {
    const feed = topstepxFeed({ symbols: ['CON.F.US.ENQ.H26'], channels: ['trades'], token: 't', hub: 'market' });
    expect(await feed.url()).toBe('wss://rtc.topstepx.com/hubs/market?access_token=t');
    const { controls } = decodeAll(feed.decoder(), [`{}${rs}`]);
    expect(controls[1]).toMatchObject({
      frame: expect.stringContaining('"SubscribeContractTrades","arguments":["CON.F.US.ENQ.H26"]'),
    });
  });

  test('no other message is taken for a good handshake, and a refused one is final', () => {
    expect(decode([trades([print()])]).counts.controls).toEqual({});
    expect(decode([`{"error":"Requested protocol is not available."}${rs}`]).controls).toEqual([
      { kind: 'refused', detail: 'handshake: Requested protocol is not available.', fatal: true },
    ]);
  });

  test('pings are answered; {} after the handshake is a sign of life', () => {
    const { controls } = decode([`{}${rs}`, `{"type":6}${rs}{}${rs}`]);
    expect(controls.slice(-3)).toEqual([
      { kind: 'heartbeat' },
      { kind: 'reply', frame: `{"type":6}${rs}` },
      { kind: 'heartbeat' },
    ]);
  });

  test('answers name their subscription', () => {
    const { controls } = decode([
      record({ type: 3, invocationId: '1', result: null }),
      record({ type: 3, invocationId: '2', error: 'Unknown contract' }),
    ]);
    expect(controls).toEqual([
      { kind: 'subscribed', channel: 'trades F.US.ENQ' },
      { kind: 'refused', detail: 'quotes F.US.ENQ: Unknown contract', fatal: false },
    ]);
  });

  test('a closing hub is left before it hangs up', () => {
    expect(decode([record({ type: 7, allowReconnect: true })]).controls).toEqual([
      { kind: 'expires', atMs: now, detail: 'the hub closes the connection' },
    ]);
    expect(decode([record({ type: 7, error: 'Too many connections' })]).controls).toEqual([
      { kind: 'refused', detail: 'the hub closes: Too many connections', fatal: false },
    ]);
  });

  test('the end of a token is announced, and a token that has ended is refused', async () => {
    const open = async (token: TopstepxFeedOptions['token']) => {
      const feed = topstepxFeed({ ...options, token });
      await feed.url();
      return decodeAll(feed.decoder(), [{ text: `{}${rs}`, receiveMs: now }]).controls[1];
    };
    const [later, before] = [jwt({ exp: now / 1000 + 60 }), jwt({ exp: now / 1000 - 60 })];
    expect(await open(later)).toEqual({
      kind: 'expires',
      atMs: now + 60_000,
      detail: 'the access token ends at 2026-01-15T14:31:01.000Z',
    });
    expect(await open(before)).toMatchObject({ kind: 'refused', fatal: true });
    expect(await open(() => before)).toMatchObject({ kind: 'refused', fatal: false });
    expect(await open(jwt({ exp: 'soon' }))).toMatchObject({ kind: 'reply' });
  });

  test('an empty token is refused, also from a function', async () => {
    expect(() => topstepxFeed({ ...options, token: '' })).toThrow('token of topstepxFeed is empty');
    await expect(topstepxFeed({ ...options, token: () => '' }).url()).rejects.toMatchObject({ code: 'bad-option' });
  });
});

describe('trades', () => {
  test('type 0 bought, 1 sold; identical prints are all real', () => {
    const { events } = decode([trades([print(), print(), print({ type: 1, price: 21450 })])]);
    const trade = { type: 'trade', symbol: 'F.US.ENQ', timeMs, price: '21450.25', size: '2', side: 'buy' };
    expect(events).toEqual([trade, trade, { ...trade, price: '21450', side: 'sell' }]);
  });

  test('keys may be in PascalCase, and the symbol missing where only one was asked for', () => {
    const { events } = decode([trades([{ Price: 5, Volume: 1, Type: 1, Timestamp: timestamp }], null)]);
    expect(events).toMatchObject([{ symbol: 'F.US.ENQ', price: '5', side: 'sell' }]);
  });

  test('the documented API sends one record or several', () => {
    const gateway = (body: unknown): string =>
      record({ type: 1, target: 'GatewayTrade', arguments: ['F.US.ENQ', body] });
    expect(decode([gateway(print()), gateway([print(), print()])]).counts.events).toEqual({ trade: 3 });
  });

  test('a record may come in pieces, and several in one frame', () => {
    const whole = trades([print()]) + quote({ bestBid: 1, bestAsk: 2 });
    for (let cut = 1; cut < whole.length; cut += 1) {
      const { events, rejections } = decode([whole.slice(0, cut), whole.slice(cut)]);
      expect(events.map(({ type }) => type)).toEqual(['trade', 'quote']);
      expect(rejections).toEqual([]);
    }
  });

  test('a bad print never takes its neighbours with it', () => {
    const { events, rejections } = decode([trades([print({ price: 'NaN' }), print(), print({ timestamp: 'now' }), 5])]);
    expect(events).toHaveLength(1);
    expect(rejections).toEqual([
      'price is "NaN"; expected a decimal, such as 2683.80',
      'timestamp is "now"; expected a time such as 2023-10-06T17:35:55.440295Z',
      'trade is 5; expected an object',
    ]);
  });

  test('of other symbols are rejected, and of volume 0 are no market trades', () => {
    expect(decode([trades([print()], 'F.US.EP')]).counts.rejected).toEqual({ 'other-symbol': 1 });
    expect(decode([trades([print({ volume: 0 })])]).counts.events).toEqual({ nonMarket: 1 });
  });

  test('a record that never ends is let go, and the next one is read', () => {
    const { counts } = decode(['x'.repeat(60), 'x'.repeat(60) + rs + trades([])], { maxRecordLength: 100 });
    expect(counts.rejected).toEqual({ 'too-long': 1 });
  });
});

describe('quotes', () => {
  test('carry what is known of both sides, since the hub sends what changed', () => {
    const { events } = decode([
      quote({ bestBid: 21450, bestAsk: 21450.25, lastPrice: 21450.25, volume: 123456 }),
      quote({ bestAsk: 21450.5 }),
      quote({ bestBid: 0 }),
    ]);
    const at = { type: 'quote', symbol: 'F.US.ENQ', timeMs: now };
    expect(events).toEqual([
      { ...at, bidPrice: '21450', askPrice: '21450.25' },
      { ...at, bidPrice: '21450', askPrice: '21450.5' },
      { ...at, askPrice: '21450.5' },
    ]);
  });

  test('without best prices are counted', () => {
    expect(decode([quote({ lastPrice: 5 })]).counts.unmodelled).toEqual({ 'quote without best prices': 1 });
  });

  test('decide the side of a trade at the best prices, where the tick size is given', () => {
    const sides = (price: number, type: number, tickSizes: Record<string, number>): string => {
      const { events } = decode([quote({ bestBid: 100, bestAsk: 101 }), trades([print({ price, type })])], {
        tickSizes,
      });
      const trade = events[1]!;
      return trade.type === 'trade' ? trade.side : '';
    };
    const tick = { 'F.US.ENQ': 0.25 };
    expect([sides(101, 1, tick), sides(100.875, 1, tick)]).toEqual(['buy', 'buy']);
    expect([sides(100, 0, tick), sides(100.125, 0, tick)]).toEqual(['sell', 'sell']);
    expect([sides(100.5, 0, tick), sides(100.5, 1, tick)]).toEqual(['buy', 'sell']);
    expect(sides(101, 1, {})).toBe('sell');
  });

  test('that are too old, or crossed, decide nothing', () => {
    const decoder = topstepxFeed({ ...options, tickSizes: { 'F.US.ENQ': 0.25 } }).decoder();
    const { events } = decodeAll(decoder, [
      { text: quote({ bestBid: 100, bestAsk: 101 }), receiveMs: now },
      { text: trades([print({ price: 101, type: 1 })]), receiveMs: now + 5_000 },
      { text: trades([print({ price: 101, type: 1 })]), receiveMs: now + 5_001 },
      { text: quote({ bestBid: 102 }), receiveMs: now + 5_001 },
      { text: trades([print({ price: 101, type: 1 })]), receiveMs: now + 5_001 },
    ]);
    expect(events.flatMap((event) => (event.type === 'trade' ? [event.side] : []))).toEqual(['buy', 'sell', 'sell']);
  });
});

test('damaged frames are refused and counted', () => {
  const corpus = [
    `{}${rs}`,
    trades([print(), print({ type: 1 })]),
    quote({ bestBid: 100, bestAsk: 101, timestamp }),
    `{"type":6}${rs}${record({ type: 3, invocationId: '1', result: null })}`,
    record({ type: 7, error: 'gone' }),
    record({ type: 1, target: 'GatewayTrade', arguments: ['F.US.ENQ', print()] }),
  ];
  const make = () => topstepxFeed({ ...options, tickSizes: { 'F.US.ENQ': 0.25 }, maxRecordLength: 65_536 }).decoder();
  const result = fuzzDecoder(make, corpus, { seed: 8_101, count: fuzzCount() });
  expect(result.frames).toBe(fuzzCount());
  expect(result.events).toBeGreaterThan(0);
  expect(result.rejected['bad-frame']).toBeGreaterThan(0);
  expect(result.rejected['bad-record']).toBeGreaterThan(0);
});
