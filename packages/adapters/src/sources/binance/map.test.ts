import { describe, expect, test } from 'vitest';
import { mapAggTrade, mapTrade } from './map.ts';
import { RecordError } from '../../internal/record-error.ts';

const fill = { s: 'ETHUSDT', p: '2683.80', q: '0.5', T: 1_723_161_255_611, m: true } as const;

describe('a print', () => {
  test('of a buyer who was the maker is a sell', () => {
    expect(mapTrade({ ...fill, t: 7 })).toMatchObject({ type: 'trade', side: 'sell', price: '2683.80', id: 7 });
    expect(mapAggTrade({ ...fill, a: 8, m: false })).toMatchObject({ side: 'buy', id: 8 });
  });

  test('without a size, or that nobody traded in the market, is no market trade', () => {
    expect(mapTrade({ ...fill, t: 7, q: '0.000' })).toMatchObject({ nonMarket: true });
    expect(mapTrade({ ...fill, t: 7, X: 'INSURANCE_FUND' })).toMatchObject({ nonMarket: true });
    expect(mapTrade({ ...fill, t: 7, p: '0', q: '0', X: 'NA' })).toMatchObject({ nonMarket: true });
  });

  test('with a size but for nothing is a bad record', () => {
    expect(() => mapTrade({ ...fill, t: 7, p: '0.00' })).toThrow(RecordError);
    expect(() => mapAggTrade({ ...fill, a: 7, p: '0' })).toThrow(RecordError);
  });
});
