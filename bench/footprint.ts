/**
 * Trades per second to one-minute footprint bars, every variant in the same run over the same seeded tape:
 * `node --conditions=source bench/footprint.ts [trades]`. Only the ratios travel between machines.
 */
import { Decimal } from 'decimal.js';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade, Trade } from '@tapekit/orderflow/market';
import { createTimeBars } from '@tapekit/footprint/time-bars';

const trades = Number(process.argv[2] ?? 1_000_000);
const rounds = 5;
const grid = createGrid({ tickSize: '0.1', lotSize: '0.001' });
const options = { grid, intervalMs: 60_000 };

const ticks = seededTape(trades);
const decimals: readonly Trade[] = ticks.map(({ priceTicks, sizeLots, ...trade }) => ({
  ...trade,
  symbol: 'PERP',
  price: grid.formatPrice(priceTicks),
  size: grid.formatSize(sizeLots),
}));
const lines = decimals.map(({ id, price, size, timeMs, side }) =>
  JSON.stringify({
    e: 'trade',
    E: timeMs + 3,
    T: timeMs,
    s: 'PERP',
    t: id,
    p: price,
    q: size,
    X: 'MARKET',
    m: side === 'sell',
  }),
);

/** Each variant returns a checksum, so that nothing is optimised away; slow ones run over a part of the tape. */
const variants: readonly { readonly name: string; readonly part: number; readonly run: (count: number) => number }[] = [
  { name: 'pushTicks, integers', part: 1, run: integerDoor },
  { name: 'pushTicks, no ids', part: 1, run: (count) => integerDoor(count, false) },
  { name: 'push, decimal strings', part: 0.5, run: decimalDoor },
  { name: 'Map + decimal.js ladder', part: 0.02, run: mapOfDecimals },
  { name: 'JSON.parse per line, nothing else', part: 0.2, run: parseLines },
];

const rates = new Map(variants.map(({ name }) => [name, [] as number[]]));
for (let round = 0; round <= rounds; round++) {
  for (const { name, part, run } of variants) {
    const count = Math.round(trades * part);
    const start = performance.now();
    run(count);
    const seconds = (performance.now() - start) / 1000;
    if (round > 0) rates.get(name)!.push(count / seconds);
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const base = median(rates.get(variants[0]!.name)!);
console.log(`${trades} trades, ${rounds} interleaved rounds, medians`);
console.log(`${'variant'.padEnd(36)}${'trades/s'.padStart(12)}  first ÷ this`);
for (const { name } of variants) {
  const rate = median(rates.get(name)!);
  console.log(
    `${name.padEnd(36)}${Math.round(rate).toLocaleString('en').padStart(12)}${(base / rate).toFixed(1).padStart(14)}`,
  );
}

function integerDoor(count: number, dedupe = true): number {
  const bars = createTimeBars({ ...options, dedupe });
  let closed = 0;
  for (let i = 0; i < count; i++) closed += bars.pushTicks(ticks[i]!).length;
  return closed + bars.flush().length;
}

function decimalDoor(count: number): number {
  const bars = createTimeBars(options);
  let closed = 0;
  for (let i = 0; i < count; i++) closed += bars.push(decimals[i]!).length;
  return closed + bars.flush().length;
}

/** What most public code does, made exact: a map by price string with Decimal sums; no value area, no duplicates. */
function mapOfDecimals(count: number): number {
  let ladder = new Map<string, { buy: Decimal; sell: Decimal }>();
  let [start, delta, value] = [-1, new Decimal(0), new Decimal(0)];
  let closed = 0;
  for (let i = 0; i < count; i++) {
    const { timeMs, price, size, side } = decimals[i]!;
    const bar = Math.floor(timeMs / options.intervalMs);
    if (bar !== start) {
      closed += ladder.size;
      ladder = new Map();
      [start, delta, value] = [bar, new Decimal(0), new Decimal(0)];
    }
    const lots = new Decimal(size);
    const key = price as string;
    let row = ladder.get(key);
    if (!row) ladder.set(key, (row = { buy: new Decimal(0), sell: new Decimal(0) }));
    if (side === 'buy') row.buy = row.buy.plus(lots);
    else row.sell = row.sell.plus(lots);
    delta = side === 'buy' ? delta.plus(lots) : delta.minus(lots);
    value = value.plus(lots.times(key));
  }
  return closed + delta.toNumber() + value.toNumber();
}

function parseLines(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (JSON.parse(lines[i]!) as { t: number }).t;
  return sum;
}

/** A random walk in ticks with skewed sizes, about 1 400 trades a minute. */
function seededTape(count: number): readonly TickTrade[] {
  let state = 20_261_120;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  let [timeMs, priceTicks] = [1_700_000_000_000, 650_000];
  return Array.from({ length: count }, (_, id) => {
    timeMs += Math.floor(-43 * Math.log(1 - random()));
    priceTicks += Math.floor(random() * 5) - 2;
    const sizeLots = 1 + Math.floor(Math.exp(random() * 8));
    return { timeMs, priceTicks, sizeLots, side: random() < 0.5 ? 'buy' : 'sell', id };
  });
}
