import { describe, expect, test } from 'vitest';
import { isAdaptersError } from '../errors.ts';
import { testBar } from './internal/test-bars.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { sampleRecord } from './internal/test-tables.ts';
import { createRepositories, type Repositories } from './repositories.ts';
import { createStoredOrderBookProvider } from './stored-order-book-provider.ts';

const databases = useTestDatabases();
const setUp = async () => {
  const database = await databases.create();
  return { ...database, repositories: createRepositories(database.sql) };
};
const quote = { time: 1, symbol: 'ETHUSDT', bidPrice: '1', bidSize: '1', source: 'replay' };

describe('undefined in where', () => {
  test('deletes nothing, also beside values that are given', async () => {
    const { repositories } = await setUp();
    const { sentiment, stocks } = repositories;
    await stocks.upsertMany([sampleRecord('stocks')] as never);
    const one = { symbol: 'BBCA', timeMs: 1, textSnippet: null, sentiment: 'neutral', confidence: '1' } as const;
    await sentiment.upsertMany(['A', 'B'].map((itemId) => ({ ...one, source: 's', itemId })));
    await expect(sentiment.remove({ itemId: undefined, source: 's' } as never)).rejects.toMatchObject({
      code: 'bad-record',
      message:
        'where.itemId "undefined" is not a value; pass null for unknown, or leave the property out. Nothing was written.',
    });
    expect((await sentiment.page()).items).toHaveLength(2);
    await expect(sentiment.page({ where: { itemId: undefined } as never })).rejects.toMatchObject({
      code: 'bad-record',
    });
    await expect(sentiment.latest(undefined as never)).rejects.toMatchObject({ code: 'bad-record' });
  });

  test('never answers with the quote of another symbol', async () => {
    const { repositories } = await setUp();
    const { l1, metrics } = repositories;
    await l1.insertMany([quote]);
    const refused = { name: 'AdaptersError', code: 'bad-record' };
    await expect(l1.latest(undefined as never)).rejects.toMatchObject(refused);
    await expect(metrics.latest(undefined as never)).rejects.toMatchObject(refused);
    const provider = createStoredOrderBookProvider(repositories);
    await expect(provider.fetchL1(undefined as never)).rejects.toMatchObject(refused);
    expect(await provider.fetchL1('ETHUSDT')).toEqual(quote);
  });
});

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;
let deep: object = {};
for (let level = 0; level < 20_000; level += 1) deep = { deep };

/** What JavaScript, where no types are checked, may hand in. */
const calls: Readonly<Record<string, (repositories: Repositories) => Promise<unknown>>> = {
  'a name that every object has, in where': ({ stocks }) => stocks.page({ where: { toString: 'x' } as never }),
  'constructor in where': ({ stocks }) => stocks.page({ where: { constructor: 'x' } as never }),
  '__proto__ in where': ({ stocks }) => stocks.page({ where: JSON.parse('{"__proto__":"x"}') as never }),
  'a where that is none': ({ stocks }) => stocks.page({ where: null as never }),
  'a query that is none': ({ stocks }) => stocks.page(null as never),
  'a cursor that is no text': ({ stocks }) => stocks.page({ cursor: 5 as never }),
  'a cyclic value in where': ({ stocks }) => stocks.page({ where: { symbol: cyclic } as never }),
  'a BigInt in where': ({ stocks }) => stocks.page({ where: { marketCap: 1n } as never }),
  'a symbol as limit': ({ stocks }) => stocks.page({ limit: Symbol('x') as never }),
  'null as a record': ({ stocks }) => stocks.upsertMany([null as never]),
  'no list of records': ({ stocks }) => stocks.upsertMany({} as never),
  'a key without text': ({ stocks }) => stocks.upsertMany([{ symbol: Object.create(null) as never } as never]),
  'null as a quote': ({ l1 }) => l1.insertMany([null as never]),
  'no list of quotes': ({ l1 }) => l1.insertMany(undefined as never),
  'null as a session': ({ sessions }) => sessions.save(null as never),
  'a session of nobody': ({ sessions }) => sessions.latest(undefined as never),
  'null as a score': ({ scores }) => scores.upsert(null as never),
  'a score of nobody': ({ scores }) => scores.latest(undefined as never),
  'null as a report': ({ archive }) => archive.save(null as never),
  'null as an instrument': ({ instruments }) => instruments.upsert(null as never),
  'an instrument of nobody': ({ instruments }) => instruments.get(undefined as never),
  'null as a bar': ({ bars }) => bars.upsertMany([null as never], { intervalMs: 60_000 }),
  'a bar without levels': ({ bars }) =>
    bars.upsertMany([{ ...testBar(0), levels: undefined as never }], { intervalMs: 60_000 }),
  'levels that are text': ({ bars }) =>
    bars.upsertMany([{ ...testBar(0), levels: 'x' as never }], { intervalMs: 60_000 }),
  'null as a level': ({ bars }) =>
    bars.upsertMany([{ ...testBar(0), levels: [null as never] }], { intervalMs: 60_000 }),
  'bars without options': ({ bars }) => bars.upsertMany([testBar(0)], undefined as never),
  'bars of nobody': ({ bars }) => bars.page({ symbol: undefined as never }),
  'no question for bars': ({ bars }) => bars.page(undefined as never),
  'no question for the latest bars': ({ bars }) => bars.latest(undefined as never),
  'bars from a time that is none': ({ bars }) => bars.page({ symbol: 'A', fromMs: Symbol('x') as never }),
  'revisions of nothing': ({ bars }) => bars.revisions(undefined as never),
  'a summary of nobody': ({ bars }) => bars.summary(undefined as never),
  'a document that holds itself': ({ settings }) =>
    settings.upsertMany([{ owner: 'u', name: 'n', value: cyclic as never }]),
  'a document without end': ({ settings }) => settings.upsertMany([{ owner: 'u', name: 'n', value: deep as never }]),
  'a BigInt in a document': ({ settings }) =>
    settings.upsertMany([{ owner: 'u', name: 'n', value: { a: 1n } as never }]),
  'NaN in a document': ({ settings }) => settings.upsertMany([{ owner: 'u', name: 'n', value: { a: [NaN] } }]),
  'a date in a document': ({ settings }) =>
    settings.upsertMany([{ owner: 'u', name: 'n', value: { a: new Date(0) } as never }]),
  'NUL in a document': ({ settings }) => settings.upsertMany([{ owner: 'u', name: 'n', value: { a: '\0' } }]),
  'a report that holds itself': ({ archive }) => archive.save({ id: 'a', finishedAtMs: 1, report: cyclic }),
  'a symbol that is none': (repositories) => repositories.clearSymbol(undefined as never),
};

describe('what a table cannot hold is refused with an AdaptersError', () => {
  let known: Repositories | undefined;
  test.each(Object.keys(calls))('%s', async (name) => {
    known ??= (await setUp()).repositories;
    const outcome = await calls[name]!(known).then(
      () => 'accepted',
      (error: unknown) => error,
    );
    expect(outcome).toSatisfy((error: unknown) => isAdaptersError(error));
    expect(outcome).toMatchObject({ code: expect.stringMatching(/^bad-(record|option|cursor)$/) });
  });
});

describe('values of a query', () => {
  test('that name no order are refused', async () => {
    const { repositories } = await setUp();
    await expect(repositories.stocks.page({ orderBy: 'nonsense' as never })).rejects.toMatchObject({
      code: 'bad-option',
      message: `orderBy "nonsense" is no order. Pass 'key' or 'range'.`,
    });
  });

  test('and of a record that name the 30th of February are refused', async () => {
    const { repositories } = await setUp();
    const { financials } = repositories;
    const message = (field: string) =>
      `${field} "2026-02-30" is not a day of the calendar as YYYY-MM-DD. Nothing was written.`;
    await expect(financials.page({ where: { periodEnd: '2026-02-30' } })).rejects.toThrow(message('periodEnd'));
    await expect(financials.page({ from: '2026-02-30' })).rejects.toThrow(message('periodEnd'));
    await expect(
      financials.upsertMany([{ ...sampleRecord('financials'), periodEnd: '2026-02-30' }] as never),
    ).rejects.toMatchObject({ code: 'bad-record' });
  });
});

test('a document leaves out properties that are undefined, as JSON does', async () => {
  const { repositories } = await setUp();
  const { archive } = repositories;
  await archive.save({ id: 'a', finishedAtMs: 1, report: { a: 1, b: undefined } });
  expect((await archive.latest())?.report).toEqual({ a: 1 });
});
