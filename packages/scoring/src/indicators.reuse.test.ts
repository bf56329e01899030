import { describe, expect, test } from 'vitest';
import { adx, atr, bollinger, ichimoku, macd, rsi, type IndicatorSeries } from './indicators.ts';

/** A seeded walk as columns; every seed is another market. */
function columnsOf(length: number, seed: number) {
  let state = seed;
  const draw = (): number => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) / 2_147_483_647;
  const close = new Float64Array(length);
  const [high, low] = [new Float64Array(length), new Float64Array(length)];
  for (let i = 0, price = 100; i < length; i++) {
    price = Math.max(1, price + draw() - 0.5);
    close[i] = price;
    high[i] = price + draw();
    low[i] = price - draw() / 2;
  }
  return { high, low, close };
}

type Columns = ReturnType<typeof columnsOf>;
type Lines = Readonly<Record<string, IndicatorSeries>>;

const batches: readonly (readonly [string, (columns: Columns, used?: Lines) => Lines])[] = [
  ['rsi', ({ close }, used) => ({ rsi: rsi(close, {}, used?.['rsi']) })],
  ['macd', ({ close }, used) => ({ ...macd(close, {}, used as ReturnType<typeof macd> | undefined) })],
  ['bollinger', ({ close }, used) => ({ ...bollinger(close, {}, used as ReturnType<typeof bollinger> | undefined) })],
  ['atr', (columns, used) => ({ atr: atr(columns, {}, used?.['atr']) })],
  ['adx', (columns, used) => ({ ...adx(columns, {}, used as ReturnType<typeof adx> | undefined) })],
  ['ichimoku', (columns, used) => ({ ...ichimoku(columns, {}, used as ReturnType<typeof ichimoku> | undefined) })],
];

const buffersOf = (lines: Lines): Set<ArrayBufferLike> =>
  new Set(Object.values(lines).map(({ values }) => values.buffer));

describe.each(batches)('%s in the memory of a result that is done with', (_, batch) => {
  test.each([
    [300, 300],
    [300, 120],
    [300, 10],
    [120, 300],
    [10, 300],
  ])('of %i bars gives what new memory does for %i', (before, length) => {
    const columns = columnsOf(length, 7);
    expect(batch(columns, batch(columnsOf(before, 1)))).toEqual(batch(columns));
  });

  test('takes that memory, once', () => {
    const used = batch(columnsOf(300, 1));
    const mine = buffersOf(used);
    const again = batch(columnsOf(300, 2), used);
    expect([...buffersOf(again)].every((buffer) => mine.has(buffer))).toBe(true);
    const other = buffersOf(batch(columnsOf(300, 3), used));
    expect([...other].some((buffer) => mine.has(buffer))).toBe(false);
  });

  test('leaves alone what somebody else made', () => {
    const copy = (lines: Lines): Lines =>
      Object.fromEntries(
        Object.entries(lines).map(([name, { from, values }]) => [name, { from, values: values.slice() }]),
      );
    const foreign = copy(batch(columnsOf(300, 1)));
    const before = structuredClone(foreign);
    batch(columnsOf(300, 2), foreign);
    expect(foreign).toEqual(before);
  });
});

test('an indicator of an indicator does not write over its own input', () => {
  const { close } = columnsOf(300, 1);
  const first = rsi(close);
  expect(rsi(first.values, {}, first)).toEqual(rsi(rsi(close).values));
});
