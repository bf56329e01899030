import { describe, expect, test } from 'vitest';
import type { BrokerClassEntry, BrokerClassTable } from './broker-classes.ts';
import { brokerClassLookup, idxBrokerClasses, isIsoDate } from './broker-classes.ts';
import { ScoringError } from './errors.ts';

function table(...entries: readonly Omit<BrokerClassEntry, 'source'>[]): BrokerClassTable {
  return { v: 1, id: 'test', sources: { own: 'own' }, entries: entries.map((entry) => ({ ...entry, source: 'own' })) };
}

describe('brokerClassLookup', () => {
  test('knows a broker on the first and on the last date of its span, and not a day longer', () => {
    const classOf = brokerClassLookup(table({ broker: 'AB', class: 'state', from: '2024-02-29', to: '2024-03-01' }));
    expect(['2024-02-28', '2024-02-29', '2024-03-01', '2024-03-02'].map((date) => classOf('AB', date))).toEqual([
      'unknown',
      'state',
      'state',
      'unknown',
    ]);
  });

  test('refuses two classes at one time', () => {
    const twice = table(
      { broker: 'AB', class: 'state', to: '2024-03-01' },
      { broker: 'AB', class: 'foreign', from: '2024-03-01' },
    );
    expect(() => brokerClassLookup(twice)).toThrow(
      'broker "AB" of table "test" is "state" and "foreign" at the same time, expected spans that do not overlap. ' +
        'End the earlier span with "to" before the later one begins.',
    );
  });

  test('refuses dates, classes and sources that are none', () => {
    expect(() => brokerClassLookup(table({ broker: 'AB', class: 'state', to: '2023-02-29' }))).toThrow(
      'date "2023-02-29"',
    );
    expect(() => brokerClassLookup(table({ broker: 'AB', class: 'unknown' as 'state' }))).toThrow('class "unknown"');
    expect(() =>
      brokerClassLookup(table({ broker: 'AB', class: 'state', from: '2024-01-02', to: '2024-01-01' })),
    ).toThrow('begins "2024-01-02" after its end "2024-01-01"');
    expect(() => brokerClassLookup({ ...table({ broker: 'AB', class: 'state' }), sources: {} })).toThrow(
      'source "own"',
    );
  });

  test('the table of the Indonesian exchange has every broker once', () => {
    const classOf = brokerClassLookup(idxBrokerClasses);
    const codes = idxBrokerClasses.entries.map(({ broker }) => broker);
    expect(new Set(codes).size).toBe(codes.length);
    expect(['YU', 'XL', 'CC', 'BB', 'DU', '??'].map((broker) => classOf(broker, '2026-07-31'))).toEqual([
      'foreign',
      'retail',
      'state',
      'local-institution',
      'foreign',
      'unknown',
    ]);
  });
});

test('a look-up refuses a date that does not exist, whatever was looked up before', () => {
  const classOf = brokerClassLookup(idxBrokerClasses);
  expect(classOf('YU', '2026-02-28')).toBe('foreign');
  for (const date of ['2026-02-30', '2026-2-28', '28-02-2026', '']) {
    expect(() => classOf('YU', date)).toThrow(
      `date "${date}" is not a date as YYYY-MM-DD. Write it as in "2024-06-30".`,
    );
  }
  expect(() => classOf('YU', undefined as unknown as string)).toThrow(ScoringError);
  expect(classOf('YU', '2026-02-28')).toBe('foreign');
});

describe('isIsoDate', () => {
  test.each([
    ['2024-02-29', true],
    ['2023-02-29', false],
    ['2024-2-9', false],
    ['2024-13-01', false],
    ['2024-01-01T00:00', false],
  ])('%s: %s', (text, is) => {
    expect(isIsoDate(text)).toBe(is);
  });
});
