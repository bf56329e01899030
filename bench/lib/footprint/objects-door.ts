/** Trades as objects to footprints: ours, trade bars of tardis-dev, a profile of chart-patterns, a map of decimals. */
import { pathToFileURL } from 'node:url';
import { Decimal } from 'decimal.js';
import type { FootprintBar } from '@tapekit/footprint/footprint-bar';
import { imbalances } from '@tapekit/footprint/imbalances';
import type { ImbalanceMark } from '@tapekit/footprint/imbalances';
import { createTimeBars } from '@tapekit/footprint/time-bars';
import type { TimeBars } from '@tapekit/footprint/time-bars';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade, Trade } from '@tapekit/orderflow/market';
import type { Variant } from './contest.ts';
import { createDigests, digestValues } from './digest.ts';
import type { Digests } from './digest.ts';
import { peer } from './peers.ts';
import { MINUTE_MS } from './seeded-tape.ts';
import type { Tape } from './seeded-tape.ts';

/** The grid of the tape. */
export const grid = createGrid({ tickSize: '0.1', lotSize: '0.001' });

/** A trade as tardis-dev has it after normalisation. */
interface TardisTrade {
  readonly type: 'trade';
  readonly symbol: string;
  readonly exchange: string;
  readonly id: string;
  readonly price: number;
  readonly amount: number;
  readonly side: 'buy' | 'sell';
  readonly timestamp: Date;
  readonly localTimestamp: Date;
}

interface TardisBar {
  readonly type: 'trade_bar';
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly trades: number;
}

interface Tardis {
  computeTradeBars(options: { kind: 'time'; interval: number }): () => {
    compute(trade: TardisTrade): Iterable<TardisBar>;
  };
  compute(trades: AsyncIterable<TardisTrade>, bars: unknown): AsyncIterable<TardisTrade | TardisBar>;
}

interface ProfileTrade {
  readonly price: number;
  readonly volume: number;
  readonly isBuyer: boolean;
  readonly time: Date;
}

interface Profile {
  processTrade(trade: ProfileTrade): void;
  getVolumeDistribution(): {
    readonly priceLevels: readonly {
      readonly price: number;
      readonly buyVolume: number;
      readonly sellVolume: number;
    }[];
  };
}

interface ChartPatterns {
  readonly TickVolumeProfileSession: new (options: { pricePrecision: number; volumePrecision: number }) => Profile;
}

export interface ObjectsDoorOptions {
  /** Trades that quick variants get. */
  readonly trades: number;
  /** Trades that variants with a decimal object a trade get. */
  readonly fewTrades: number;
  /** A module with `TickVolumeProfileSession` and what to call it, for where the package is not installed. */
  readonly chartPatterns: { readonly path: string; readonly label: string } | undefined;
}

export async function objectsDoor(
  tape: Tape,
  { trades, fewTrades, chartPatterns }: ObjectsDoorOptions,
): Promise<{ readonly variants: readonly Variant[]; readonly missing: readonly string[] }> {
  const ticks = Array.from({ length: trades }, (_, i): TickTrade => tickTrade(tape, i));
  const decimals = ticks.map(({ timeMs, priceTicks, sizeLots, side, id }): Trade => ({
    symbol: 'PERP',
    timeMs,
    price: grid.formatPrice(priceTicks),
    size: grid.formatSize(sizeLots),
    side,
    id: id!,
  }));
  const missing: string[] = [];
  const tardis = await peer<Tardis>('tardis-dev');
  if (!tardis) missing.push('tardis-dev (bench/peers is not installed)');
  const profile = await findProfile(chartPatterns);
  if (!profile) missing.push('chart-patterns (not installed)');
  return {
    missing,
    variants: [
      ownVariant('ours, `push` of decimal strings', trades, (bars, i) => bars.push(decimals[i]!)),
      ownVariant('ours, `pushTicks` of integers', trades, (bars, i) => bars.pushTicks(ticks[i]!)),
      ...(tardis ? tardisVariants(tardis.module, tardis.version, decimals) : []),
      mapOfDecimals(decimals.slice(0, fewTrades)),
      ...(profile ? [profileVariant(profile.module, profile.label, decimals.slice(0, fewTrades))] : []),
    ],
  };
}

function tickTrade({ timeMs, priceTicks, sizeLots, side }: Tape, i: number): TickTrade {
  return {
    timeMs: timeMs[i]!,
    priceTicks: priceTicks[i]!,
    sizeLots: sizeLots[i]!,
    side: side[i] === 1 ? 'buy' : 'sell',
    id: i + 1,
  };
}

/** The whole job with the defaults: duplicates told by id, two closed bars kept for late prints. */
function ownVariant(
  name: string,
  trades: number,
  push: (bars: TimeBars, i: number) => readonly FootprintBar[],
): Variant {
  let done: { bar: FootprintBar; marks: readonly ImbalanceMark[] }[] = [];
  const keep = (closed: readonly FootprintBar[]): void => {
    for (const bar of closed) done.push({ bar, marks: imbalances(bar.rows) });
  };
  return {
    name,
    trades,
    run: () => {
      done = [];
      const bars = createTimeBars({ grid, intervalMs: MINUTE_MS });
      for (let i = 0; i < trades; i += 1) {
        const closed = push(bars, i);
        if (closed.length > 0) keep(closed);
      }
      keep(bars.flush());
    },
    digests: () => digestsOfBars(done),
  };
}

function digestsOfBars(done: readonly { bar: FootprintBar; marks: readonly ImbalanceMark[] }[]): Digests {
  const digests = createDigests();
  for (const { bar, marks } of done) {
    const flags = new Map<number, number>();
    for (const { priceTicks, side } of marks)
      flags.set(priceTicks, (flags.get(priceTicks) ?? 0) | (side === 'buy' ? 1 : 2));
    const { openTicks, highTicks, lowTicks, closeTicks, trades } = bar;
    for (const value of [openTicks, highTicks, lowTicks, closeTicks, trades]) digests.ohlc.add(value);
    digests.delta.add(Number(bar.minDeltaLots)).add(Number(bar.maxDeltaLots));
    digests.area.add(bar.pocTicks).add(bar.vahTicks).add(bar.valTicks);
    for (const row of bar.rows) {
      digests.ladder.add(bar.startMs).add(row.priceTicks).add(Number(row.buyLots)).add(Number(row.sellLots));
      digests.counts.add(row.buyTrades).add(row.sellTrades);
      digests.marks.add(flags.get(row.priceTicks) ?? 0);
    }
  }
  return digestValues(digests);
}

/** Bars without a ladder, in floating point: by the documented way, and without its asynchronous loop. */
function tardisVariants(tardis: Tardis, version: string, decimals: readonly Trade[]): readonly Variant[] {
  const trades = decimals.map(({ timeMs, price, size, side, id }): TardisTrade => {
    const timestamp = new Date(timeMs);
    return {
      type: 'trade',
      symbol: 'PERP',
      exchange: 'binance-futures',
      id: String(id),
      price: Number(price),
      amount: Number(size),
      side: side as 'buy' | 'sell',
      timestamp,
      localTimestamp: timestamp,
    };
  });
  // The peer closes a bar when the next trade comes.
  const last = trades[trades.length - 1]!;
  const messages = [...trades, { ...last, timestamp: new Date(last.timestamp.getTime() + MINUTE_MS) }];
  const factory = tardis.computeTradeBars({ kind: 'time', interval: MINUTE_MS });
  let bars: TardisBar[] = [];
  const digests = (): Digests => {
    const digests = createDigests();
    for (const { open, high, low, close, trades } of bars) {
      for (const price of [open, high, low, close]) digests.ohlc.add(Math.round(price * 10));
      digests.ohlc.add(trades);
    }
    return digestValues(digests, ['ohlc']);
  };
  const note = 'floating point; no ladder, value area or imbalances';
  return [
    {
      name: `tardis-dev ${version}, \`compute\` of trade bars`,
      trades: trades.length,
      note,
      run: async () => {
        bars = [];
        for await (const message of tardis.compute(streamOf(messages), factory)) {
          if (message.type === 'trade_bar') bars.push(message);
        }
      },
      digests,
    },
    {
      name: `tardis-dev ${version}, its bar reducer alone`,
      trades: trades.length,
      note: `${note}; without its asynchronous loop`,
      run: () => {
        bars = [];
        const reducer = factory();
        for (const message of messages) for (const bar of reducer.compute(message)) bars.push(bar);
      },
      digests,
    },
  ];
}

async function* streamOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** Exact, as one would write it with decimal.js: a map by price with sums a side. */
function mapOfDecimals(decimals: readonly Trade[]): Variant {
  interface Sums {
    buy: Decimal;
    sell: Decimal;
    buys: number;
    sells: number;
  }
  const zero = new Decimal(0);
  let bars: { startMs: number; rows: (readonly [string, Sums])[] }[] = [];
  return {
    name: 'Map and decimal.js',
    trades: decimals.length,
    note: 'exact; ladder only',
    run: () => {
      bars = [];
      let open = new Map<string, Sums>();
      let startMs = NaN;
      const close = (): void => {
        const rows = [...open].sort((a, b) => Number(a[0]) - Number(b[0]));
        if (rows.length > 0) bars.push({ startMs, rows });
        open = new Map();
      };
      for (const { timeMs, price, size, side } of decimals) {
        if (!(timeMs < startMs + MINUTE_MS)) {
          close();
          startMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
        }
        let row = open.get(price as string);
        if (!row) open.set(price as string, (row = { buy: zero, sell: zero, buys: 0, sells: 0 }));
        if (side === 'buy') {
          row.buy = row.buy.plus(size);
          row.buys += 1;
        } else {
          row.sell = row.sell.plus(size);
          row.sells += 1;
        }
      }
      close();
    },
    digests: () => {
      const digests = createDigests();
      for (const { startMs, rows } of bars) {
        for (const [price, { buy, sell, buys, sells }] of rows) {
          digests.ladder.add(startMs).add(grid.toTicks(price)).add(grid.toLots(buy)).add(grid.toLots(sell));
          digests.counts.add(buys).add(sells);
        }
      }
      return digestValues(digests, ['ladder', 'counts']);
    },
  };
}

async function findProfile(
  given: ObjectsDoorOptions['chartPatterns'],
): Promise<{ module: ChartPatterns; label: string } | undefined> {
  if (given) {
    const module = (await import(pathToFileURL(given.path).href)) as ChartPatterns;
    return { module, label: given.label };
  }
  const installed = await peer<ChartPatterns>('chart-patterns');
  return installed && { module: installed.module, label: `chart-patterns ${installed.version}` };
}

/** A session a bar; its levels are exact to its `volumePrecision`, its value area is over 24 rows of its own. */
function profileVariant(
  { TickVolumeProfileSession }: ChartPatterns,
  label: string,
  decimals: readonly Trade[],
): Variant {
  const trades = decimals.map(({ timeMs, price, size, side }): ProfileTrade => ({
    price: Number(price),
    volume: Number(size),
    isBuyer: side === 'buy',
    time: new Date(timeMs),
  }));
  const open = (): Profile => new TickVolumeProfileSession({ pricePrecision: 1, volumePrecision: 3 });
  let done: { startMs: number; levels: ReturnType<Profile['getVolumeDistribution']>['priceLevels'] }[] = [];
  return {
    name: `${label}, \`TickVolumeProfileSession\``,
    trades: trades.length,
    note: 'decimal.js; value area over 24 rows, no counts, deltas or diagonal imbalances',
    run: () => {
      done = [];
      let session = open();
      let startMs = NaN;
      const close = (): void => {
        if (!Number.isNaN(startMs)) done.push({ startMs, levels: session.getVolumeDistribution().priceLevels });
        session = open();
      };
      for (const trade of trades) {
        const timeMs = trade.time.getTime();
        if (!(timeMs < startMs + MINUTE_MS)) {
          close();
          startMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
        }
        session.processTrade(trade);
      }
      close();
    },
    digests: () => {
      const digests = createDigests();
      for (const { startMs, levels } of done) {
        for (const { price, buyVolume, sellVolume } of levels) {
          digests.ladder.add(startMs).add(Math.round(price * 10));
          digests.ladder.add(Math.round(buyVolume * 1000)).add(Math.round(sellVolume * 1000));
        }
      }
      return digestValues(digests, ['ladder']);
    },
  };
}
