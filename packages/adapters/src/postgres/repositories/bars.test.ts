import { describe, expect, test } from 'vitest';
import { testBar } from '../internal/test-bars.ts';
import { useTestDatabases } from '../internal/test-database.ts';
import { createRepositories } from '../repositories.ts';

const databases = useTestDatabases();
const minute = 60_000;
const t = 1_723_075_200_000;
const setUp = async () => {
  const database = await databases.create();
  return { ...database, ...createRepositories(database.sql) };
};

describe('bars', () => {
  test('come back exactly as they went in, byte for byte', async () => {
    const { bars } = await setUp();
    const bar = testBar(t, {
      open: '2680.77',
      high: '2700',
      low: '0.00000001',
      close: '2680.774339338222',
      vwap: '2680.774339338222',
      volume: '123456789012345678901234567890.123456789',
      buy: '123456789012345678901234567890.123456788',
      unknown: '0.000000001',
      delta: '123456789012345678901234567890.123456788',
      maxDelta: '123456789012345678901234567890.123456788',
      levels: [
        { price: '-0.5', buy: '1', sell: '0.25', unknown: '0', buyTrades: 1, sellTrades: 2 },
        { price: '2680.7', buy: '3', sell: '0', unknown: '0', buyTrades: 1, sellTrades: 0 },
      ],
    });
    expect(await bars.upsertMany([bar], { intervalMs: minute })).toEqual({ written: 1, kept: 0 });
    const { items } = await bars.page({ symbol: 'ETHUSDT' });
    expect(items.map((item) => JSON.stringify(item))).toEqual([JSON.stringify(bar)]);
  });

  test('lose trailing zeros, leading zeros and a minus before zero', async () => {
    const { bars, sql } = await setUp();
    await bars.upsertMany(
      [
        testBar(t, {
          open: '002680.7700',
          vwap: '100.000',
          minDelta: '-0.00',
          levels: [{ price: '2680.70', buy: '3.0', sell: '-0', unknown: '0.', buyTrades: 1, sellTrades: 0 }],
        }),
      ],
      { intervalMs: minute },
    );
    const { items } = await bars.page({ symbol: 'ETHUSDT' });
    expect(items[0]).toEqual(testBar(t, { vwap: '100' }));
    await sql`update bars set vwap = '100.5000'`;
    expect((await bars.page({ symbol: 'ETHUSDT' })).items[0]!.vwap).toBe('100.5');
  });

  test.each([
    ['open', '1e3'],
    ['volume', 'NaN'],
    ['vwap', 'Infinity'],
    ['close', ''],
    ['low', 2680.77],
  ])('with %s "%s" are refused by name before anything is written', async (field, value) => {
    const { bars } = await setUp();
    const write = bars.upsertMany([testBar(t), testBar(t + minute, { [field]: value })], { intervalMs: minute });
    await expect(write).rejects.toMatchObject({
      code: 'bad-record',
      message: `${field} of bar ETHUSDT ${t + minute} "${value}" is not a decimal string such as '2680.77'. Nothing was written.`,
    });
    expect((await bars.page({ symbol: 'ETHUSDT' })).items).toEqual([]);
  });

  test('whose volume is not buy + sell + unknown are refused by the table', async () => {
    const { bars } = await setUp();
    await expect(
      bars.upsertMany([testBar(t), testBar(t + minute, { volume: '4' })], { intervalMs: minute }),
    ).rejects.toMatchObject({
      code: 'database-refused',
      message: expect.stringContaining('bars_volume_is_its_parts'),
    });
    expect((await bars.summary('ETHUSDT')).bars).toBe(0);
  });

  test('are counted as kept when the same is written again', async () => {
    const { bars } = await setUp();
    const two = [testBar(t), testBar(t + minute)];
    expect(await bars.upsertMany(two, { intervalMs: minute })).toEqual({ written: 2, kept: 0 });
    expect(await bars.upsertMany(two, { intervalMs: minute })).toEqual({ written: 0, kept: 2 });
    expect(await bars.upsertMany([], { intervalMs: minute })).toEqual({ written: 0, kept: 0 });
  });
});

describe('revisions', () => {
  const growing = (trades: number) => testBar(t, { trades });

  test('replace earlier ones and an unfinished bar, never later ones', async () => {
    const { bars } = await setUp();
    const write = (trades: number, revision: number) =>
      bars.upsertMany([growing(trades)], { intervalMs: minute, revisions: [revision] });
    const stored = async () => (await bars.page({ symbol: 'ETHUSDT' })).items[0]!.trades;
    expect(await write(1, 0)).toEqual({ written: 1, kept: 0 });
    expect(await write(2, 0)).toEqual({ written: 1, kept: 0 });
    expect(await write(5, 3)).toEqual({ written: 1, kept: 0 });
    expect(await write(4, 2)).toEqual({ written: 0, kept: 1 });
    expect(await stored()).toBe(5);
    expect(await write(6, 4)).toEqual({ written: 1, kept: 0 });
    expect(await stored()).toBe(6);
    const history = await bars.revisions({ symbol: 'ETHUSDT', intervalMs: minute, startMs: t });
    expect(history.map(({ revision, bar }) => [revision, bar.trades])).toEqual([
      [0, 2],
      [3, 5],
    ]);
  });

  test('of one bar in one batch end with the latest, whatever their order', async () => {
    const { bars } = await setUp();
    await bars.upsertMany([growing(3), growing(9), growing(4)], { intervalMs: minute, revisions: [0, 2, 1] });
    expect((await bars.page({ symbol: 'ETHUSDT' })).items[0]!.trades).toBe(9);
    const history = await bars.revisions({ symbol: 'ETHUSDT', intervalMs: minute, startMs: t });
    expect(history.map(({ revision }) => revision)).toEqual([0]);
  });

  test('must be as many as the bars', async () => {
    const { bars } = await setUp();
    await expect(bars.upsertMany([testBar(t)], { intervalMs: minute, revisions: [1, 2] })).rejects.toMatchObject({
      code: 'bad-record',
      message: 'revisions "2" is not as long as the 1 bars. Nothing was written.',
    });
  });

  test('written by two processes in opposite orders never wait for each other', async () => {
    const { bars, connect } = await setUp();
    const other = createRepositories(connect({ max: 2 })).bars;
    const many = Array.from({ length: 600 }, (_, index) => testBar(t + index * minute));
    const rounds = Array.from({ length: 6 }, (_, revision) => revision);
    await Promise.all(
      rounds.flatMap((revision) => [
        bars.upsertMany(many, { intervalMs: minute, revisions: many.map(() => revision) }),
        other.upsertMany([...many].reverse(), { intervalMs: minute, revisions: many.map(() => revision) }),
      ]),
    );
    expect((await bars.summary('ETHUSDT')).bars).toBe(600);
  });
});

describe('pages', () => {
  test('cover every bar exactly once, oldest first, while others are written', async () => {
    const { bars } = await setUp();
    const starts = Array.from({ length: 57 }, (_, index) => t + index * minute);
    await bars.upsertMany(
      starts.map((start) => testBar(start)),
      { intervalMs: minute },
    );
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await bars.page({ symbol: 'ETHUSDT', limit: 10, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.items.map(({ t0 }) => t0));
      cursor = page.nextCursor;
      // One before everything, and one between two that were read: neither shifts the pages that follow.
      await bars.upsertMany([testBar(t - seen.length * minute), testBar(seen.at(-1)! - 30_000)], {
        intervalMs: minute,
      });
    } while (cursor !== null);
    expect(seen).toEqual(starts);
  });

  test('end without a cursor when the last bar is the last of a page', async () => {
    const { bars } = await setUp();
    await bars.upsertMany([testBar(t), testBar(t + minute)], { intervalMs: minute });
    const page = await bars.page({ symbol: 'ETHUSDT', limit: 2 });
    expect([page.items.length, page.nextCursor]).toEqual([2, null]);
  });

  test('include the start of a range and exclude its end', async () => {
    const { bars } = await setUp();
    await bars.upsertMany(
      [0, 1, 2, 3].map((n) => testBar(t + n * minute)),
      { intervalMs: minute },
    );
    const { items } = await bars.page({ symbol: 'ETHUSDT', fromMs: t + minute, toMs: t + 3 * minute });
    expect(items.map(({ t0 }) => t0)).toEqual([t + minute, t + 2 * minute]);
  });

  test("hold bars of the instrument's interval unless another is asked for", async () => {
    const { bars, instruments } = await setUp();
    await bars.upsertMany([testBar(t)], { intervalMs: minute });
    await bars.upsertMany([testBar(t, { t1: t + 5 * minute, trades: 5 })], { intervalMs: 5 * minute });
    const trades = async (intervalMs?: number) =>
      (await bars.page({ symbol: 'ETHUSDT', ...(intervalMs === undefined ? {} : { intervalMs }) })).items.map(
        (bar) => bar.trades,
      );
    expect(await trades()).toEqual([1]);
    await instruments.upsert({
      symbol: 'ETHUSDT',
      tickSize: '0.01',
      lotSize: '0.0001',
      rowTicks: 10,
      intervalMs: 5 * minute,
    });
    expect(await trades()).toEqual([5]);
    expect(await trades(minute)).toEqual([1]);
  });

  test('refuse a cursor that was altered or belongs to another symbol', async () => {
    const { bars } = await setUp();
    await bars.upsertMany([testBar(t), testBar(t + minute), testBar(t, { symbol: 'BTCUSDT' })], { intervalMs: minute });
    const { nextCursor } = await bars.page({ symbol: 'ETHUSDT', limit: 1 });
    const altered = nextCursor!.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    await expect(bars.page({ symbol: 'ETHUSDT', cursor: altered })).rejects.toMatchObject({
      code: 'bad-cursor',
      message: `Cursor "${altered}" is not one that a page of "ETHUSDT" ended with. Pass nextCursor unchanged, or leave it out to start over.`,
    });
    await expect(bars.page({ symbol: 'BTCUSDT', cursor: nextCursor! })).rejects.toMatchObject({ code: 'bad-cursor' });
    await expect(bars.page({ symbol: 'ETHUSDT', cursor: "1' or 1=1" })).rejects.toMatchObject({ code: 'bad-cursor' });
  });

  test.each([0, 1001, 1.5])('refuse a limit of %s', async (limit) => {
    const { bars } = await setUp();
    await expect(bars.page({ symbol: 'ETHUSDT', limit })).rejects.toMatchObject({
      code: 'bad-option',
      message: `limit "${limit}" is not a page size. Pass 1 to 1000.`,
    });
  });

  test('of a symbol that is not stored are empty', async () => {
    const { bars } = await setUp();
    expect(await bars.page({ symbol: 'NOPE' })).toEqual({ items: [], nextCursor: null });
    expect(await bars.latest({ symbol: 'NOPE' })).toEqual([]);
    expect(await bars.summary('NOPE')).toEqual({
      symbol: 'NOPE',
      intervalMs: null,
      bars: 0,
      firstBarMs: null,
      lastBarMs: null,
    });
  });
});

describe('summaries', () => {
  test('count bars and name the first and the last start', async () => {
    const { bars, instruments } = await setUp();
    const instrument = { tickSize: '0.01', lotSize: '0.0001', rowTicks: 10, intervalMs: minute };
    await instruments.upsert({ symbol: 'ETHUSDT', ...instrument });
    await instruments.upsert({ symbol: 'BTCUSDT', ...instrument });
    await bars.upsertMany(
      [0, 1, 2].map((n) => testBar(t + n * minute)),
      { intervalMs: minute },
    );
    const full = { symbol: 'ETHUSDT', intervalMs: minute, bars: 3, firstBarMs: t, lastBarMs: t + 2 * minute };
    expect(await bars.summary('ETHUSDT')).toEqual(full);
    expect(await bars.summaries()).toEqual([
      { symbol: 'BTCUSDT', intervalMs: minute, bars: 0, firstBarMs: null, lastBarMs: null },
      full,
    ]);
    expect((await bars.latest({ symbol: 'ETHUSDT', limit: 2 })).map(({ t0 }) => t0)).toEqual([
      t + minute,
      t + 2 * minute,
    ]);
  });

  test('keep times before 1970 and milliseconds', async () => {
    const { bars } = await setUp();
    await bars.upsertMany([testBar(-1), testBar(1_723_075_200_123)], { intervalMs: minute });
    expect((await bars.page({ symbol: 'ETHUSDT' })).items.map(({ t0, t1 }) => [t0, t1])).toEqual([
      [-1, 59_999],
      [1_723_075_200_123, 1_723_075_260_123],
    ]);
  });
});
