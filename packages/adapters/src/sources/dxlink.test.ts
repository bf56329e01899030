import { describe, expect, test } from 'vitest';
import type { Trade } from '@tapekit/orderflow/market';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll } from '../internal/venue/recordings.fixture.ts';
import { amendTrades, dxlinkFeed } from './dxlink.ts';
import type { DxlinkFeedOptions, TradeAmendment } from './dxlink.ts';

const es = '/ESH26:XCME';
const timeMs = 1_700_000_000_123;
/** Seconds in the upper 32 bits: beyond 2^53. */
const index = '7301444403712000001';
const options: DxlinkFeedOptions = { symbols: [es], channels: ['trades', 'quotes'] };
const frame = (message: object): string => JSON.stringify(message);

const config = frame({
  type: 'FEED_CONFIG',
  channel: 1,
  dataFormat: 'COMPACT',
  aggregationPeriod: 0,
  eventFields: {
    TimeAndSale: ['eventSymbol', 'index', 'time', 'price', 'size', 'aggressorSide', 'spreadLeg', 'validTick', 'type'],
    Quote: ['eventSymbol', 'bidPrice', 'bidSize', 'askPrice', 'askSize', 'bidTime', 'askTime'],
  },
});
/** The index stands in the text as a number, as dxLink sends it. */
const data = (...items: unknown[]): string =>
  frame({ type: 'FEED_DATA', channel: 1, data: items }).replaceAll(`"${index}"`, index);
const sale = (
  fields: { price?: unknown; size?: unknown; side?: string; spread?: boolean; valid?: boolean; type?: string } = {},
): unknown[] => {
  const { price = 4500.25, size = 2, side = 'BUY', spread = false, valid = true, type = 'NEW' } = fields;
  return [es, index, timeMs, price, size, side, spread, valid, type];
};
const print = { type: 'trade', symbol: es, timeMs, price: '4500.25', size: '2', side: 'buy', id: index };

const decode = (frames: readonly string[], more: Partial<DxlinkFeedOptions> = {}) =>
  decodeAll(dxlinkFeed({ ...options, ...more }).decoder(), frames);

describe('the connection', () => {
  const unauthorized = frame({ type: 'AUTH_STATE', channel: 0, state: 'UNAUTHORIZED' });
  const authorized = frame({ type: 'AUTH_STATE', channel: 0, state: 'AUTHORIZED' });
  const opened = frame({ type: 'CHANNEL_OPENED', channel: 1, service: 'FEED', parameters: {} });

  test('takes one step for each answer: set-up, login, channel, configuration and subscription', async () => {
    const feed = dxlinkFeed({ ...options, channels: ['trades'], token: 'secret' });
    expect(await feed.url()).toBe('wss://demo.dxfeed.com/dxlink-ws');
    expect(feed.opening().map((text) => (JSON.parse(text as string) as { type: string }).type)).toEqual(['SETUP']);
    const { controls } = decodeAll(feed.decoder(), [
      frame({ type: 'SETUP', channel: 0 }),
      unauthorized,
      authorized,
      opened,
      config,
    ]);
    const said = controls.map((control) =>
      control.kind === 'reply' ? (JSON.parse(control.frame as string) as object) : control.kind,
    );
    expect(said).toEqual([
      'heartbeat',
      { type: 'AUTH', channel: 0, token: 'secret' },
      'subscribed',
      { type: 'CHANNEL_REQUEST', channel: 1, service: 'FEED', parameters: { contract: 'AUTO' } },
      expect.objectContaining({ type: 'FEED_SETUP', acceptDataFormat: 'COMPACT' }),
      { type: 'FEED_SUBSCRIPTION', channel: 1, reset: true, add: [{ type: 'TimeAndSale', symbol: es }] },
      'subscribed',
    ]);
  });

  test('needs no token where the server wants none', () => {
    expect(decode([authorized]).controls[1]).toMatchObject({ kind: 'reply' });
  });

  test('ends where the server wants a token that is missing or wrong', async () => {
    expect(decode([unauthorized]).controls).toEqual([
      { kind: 'refused', detail: 'the server wants a token, and none was given', fatal: true },
    ]);
    const feed = dxlinkFeed({ ...options, token: 'wrong' });
    await feed.url();
    expect(decodeAll(feed.decoder(), [unauthorized, unauthorized]).controls.at(-1)).toEqual({
      kind: 'refused',
      detail: 'the server does not accept the token',
      fatal: true,
    });
  });

  test('errors are told, and final only without authority', () => {
    const error = (name: string): string => frame({ type: 'ERROR', channel: 0, error: name, message: 'sorry' });
    const { controls, rejections } = decode([error('TIMEOUT'), error('UNAUTHORIZED')]);
    expect(rejections).toEqual(['TIMEOUT: sorry', 'UNAUTHORIZED: sorry']);
    expect(controls.map((control) => control.kind === 'refused' && control.fatal)).toEqual([false, true]);
  });

  test('a channel that the server closes needs a new connection', () => {
    expect(decode([frame({ type: 'CHANNEL_CLOSED', channel: 1 })]).controls).toMatchObject([{ kind: 'expires' }]);
  });
});

describe('prints', () => {
  test('come in the order of fields that the server says, several in one list, with ids beyond 2^53', () => {
    const { events } = decode([
      config,
      data('TimeAndSale', [...sale(), ...sale({ side: 'SELL' }), ...sale({ side: 'UNDEFINED' })]),
    ]);
    expect(events).toEqual([print, { ...print, side: 'sell' }, { ...print, side: 'unknown' }]);
  });

  test('come in full where the server prefers that', () => {
    const full = {
      eventType: 'TimeAndSale',
      eventSymbol: es,
      index,
      time: timeMs,
      price: 4500.25,
      size: 2,
      aggressorSide: 'BUY',
    };
    expect(decode([data(full)]).events).toEqual([print]);
  });

  test('of spread legs, of invalid ticks and of size 0 are no market trades', () => {
    const { events } = decode([
      config,
      data('TimeAndSale', [...sale({ spread: true }), ...sale({ valid: false }), ...sale({ size: 0 })]),
    ]);
    expect(events.map(({ nonMarket }) => nonMarket)).toEqual([true, true, true]);
  });

  test('without a price or with another side are refused, and their neighbours stay', () => {
    const { events, rejections } = decode([
      config,
      data('TimeAndSale', [...sale({ price: 'NaN' }), ...sale({ side: 'B' }), ...sale()]),
    ]);
    expect(events).toEqual([print]);
    expect(rejections).toEqual([
      'TimeAndSale: price is "NaN"; expected a decimal, such as 2683.80',
      'TimeAndSale: aggressorSide is "B"; expected BUY, SELL or UNDEFINED',
    ]);
  });

  test('in a list that cannot be cut into events are refused, and the next list is read', () => {
    const { events, rejections } = decode([config, data('TimeAndSale', sale().slice(1), 'TimeAndSale', sale())]);
    expect(events).toEqual([print]);
    expect(rejections).toEqual(['the number of values is 8; expected a multiple of 9, the fields of TimeAndSale']);
  });

  test('that are corrected or cancelled are told by their id', () => {
    const amendments: TradeAmendment[] = [];
    const { events, counts } = decode(
      [
        config,
        data('TimeAndSale', [
          ...sale(),
          ...sale({ type: 'CORRECTION', size: 3 }),
          ...sale({ type: 'CANCEL', price: 'NaN' }),
        ]),
      ],
      { onAmendment: (amendment) => void amendments.push(amendment) },
    );
    expect(events).toHaveLength(1);
    expect(counts.unmodelled).toEqual({ 'TimeAndSale correction': 1, 'TimeAndSale cancel': 1 });
    const trade = Object.fromEntries(Object.entries(print).filter(([name]) => name !== 'type'));
    expect(amendments).toEqual([
      { kind: 'correction', symbol: es, id: index, trade: { ...trade, size: '3' } },
      { kind: 'cancel', symbol: es, id: index },
    ]);
  });

  test('with the flag that takes an event back are cancels, with others prints', () => {
    const full = (eventFlags: number): object => {
      return { eventType: 'TimeAndSale', eventSymbol: es, index: 7, eventFlags, time: timeMs, price: 1, size: 1 };
    };
    const { events, counts } = decode([data(full(2), full(6), full(0), full(8))]);
    expect(events).toHaveLength(2);
    expect(counts.unmodelled).toEqual({ 'TimeAndSale cancel': 2 });
  });

  test('amendments change the tape: corrected in place, cancelled gone', () => {
    const tape = ['1', '2', '3'].map((id): Trade => ({ symbol: es, timeMs, price: '5', size: '1', side: 'buy', id }));
    const corrected: Trade = { ...tape[1]!, size: '9' };
    const { trades, unmatched } = amendTrades(tape, [
      { kind: 'cancel', symbol: es, id: '1' },
      { kind: 'correction', symbol: es, id: '2', trade: corrected },
      { kind: 'cancel', symbol: 'other', id: '3' },
    ]);
    expect(trades).toEqual([corrected, tape[2]]);
    expect(unmatched).toEqual([{ kind: 'cancel', symbol: 'other', id: '3' }]);
  });
});

describe('quotes', () => {
  test('have the later time of their sides; NaN is unknown', () => {
    const { events } = decode([
      config,
      data('Quote', [es, 4500, 10, 4500.25, 7, timeMs - 123, timeMs - 1_123, es, 4500, 10, 'NaN', 'NaN', 0, 0]),
    ]);
    expect(events).toEqual([
      {
        type: 'quote',
        symbol: es,
        timeMs: timeMs - 123,
        bidPrice: '4500',
        bidSize: '10',
        askPrice: '4500.25',
        askSize: '7',
      },
      { type: 'quote', symbol: es, timeMs: 1_700_000_000_000, bidPrice: '4500', bidSize: '10' },
    ]);
  });

  test('of other symbols are rejected, and other events counted', () => {
    const { counts } = decode([config, data('Quote', ['AAPL', 1, 1, 2, 1, 0, 0], 'Trade', [es, 5])]);
    expect(counts.rejected).toEqual({ 'other-symbol': 1 });
    expect(counts.unmodelled).toEqual({ Trade: 1 });
  });
});

test('options outside their domain are refused', () => {
  expect(() => dxlinkFeed({ ...options, channels: ['book'] as never })).toThrow(
    'channels "book" of dxlinkFeed is not offered',
  );
  expect(() => dxlinkFeed({ ...options, aggregationSeconds: -1 })).toThrow('aggregationSeconds -1 of dxlinkFeed');
});

test('damaged frames are refused and counted', () => {
  const corpus = [
    config,
    data('TimeAndSale', [...sale(), ...sale({ type: 'CANCEL' })], 'Quote', [es, 1, 1, 2, 1, 0, 0]),
    data({ eventType: 'Quote', eventSymbol: es, bidPrice: 1, bidSize: 1, askPrice: 2, askSize: 1 }),
    frame({ type: 'AUTH_STATE', channel: 0, state: 'AUTHORIZED' }),
    frame({ type: 'CHANNEL_OPENED', channel: 1 }),
    frame({ type: 'ERROR', channel: 0, error: 'TIMEOUT', message: 'sorry' }),
  ];
  const result = fuzzDecoder(() => dxlinkFeed(options).decoder(), corpus, { seed: 8_201, count: fuzzCount() });
  expect(result.frames).toBe(fuzzCount());
  expect(result.events).toBeGreaterThan(0);
  expect(result.rejected['bad-frame']).toBeGreaterThan(0);
  expect(result.rejected['bad-record']).toBeGreaterThan(0);
});
