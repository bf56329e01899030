/** Trades as objects to footprints: ours, trade bars of tardis-dev, a profile of chart-patterns, a map of decimals. */
import { pathToFileURL } from 'node:url';
import { Decimal } from 'decimal.js';
import type { FootprintBar } from '@tapekit/footprint/footprint-bar';
import { imbalances } from '@tapekit/footprint/imbalances';
import type { ImbalanceMark } from '@tapekit/footprint/imbalances';
import { createTimeBars } from '@tapekit/footprint/time-bars';
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
      handedOn('ours, `push` of decimal strings', trades, (see) => pushAll(decimals, see), digestsOfBars),
      handedOn('ours, `pushTicks` of integers', trades, (see) => pushAllTicks(ticks, see), digestsOfBars),
      {
        ...held('ours, `pushTicks`, result held', trades, (see) => pushAllTicks(ticks, see), digestsOfBars),
        note: 'all bars and imbalances in memory at the end',
      },
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

/** Makes bars and shows each to `see` when it is finished. */
type Make<Bar> = (see: (bar: Bar) => void) => unknown;

/**
 * Bars that are let go when they are finished, as by a service that writes them out: a million trades in objects take so
 * much memory that the time would be that of the collector. For the checksums they are made once more, and kept.
 */
function handedOn<Bar>(
  name: string,
  trades: number,
  make: Make<Bar>,
  digestsOf: (bars: readonly Bar[]) => Digests,
  note = '',
): Variant {
  return {
    name,
    trades,
    note,
    run: () => make(letGo),
    digests: async () => {
      const bars: Bar[] = [];
      await make((bar) => bars.push(bar));
      return digestsOf(bars);
    },
  };
}

function letGo(): void {
  // Nobody wants the bar.
}

/** Bars that are all there at the end. */
function held<Bar>(
  name: string,
  trades: number,
  make: Make<Bar>,
  digestsOf: (bars: readonly Bar[]) => Digests,
): Variant {
  let bars: Bar[] = [];
  return {
    name,
    trades,
    run: () => {
      bars = [];
      return make((bar) => bars.push(bar));
    },
    digests: () => digestsOf(bars),
  };
}

interface OwnBar {
  readonly bar: FootprintBar;
  readonly marks: readonly ImbalanceMark[];
}

/** The whole job with the defaults: duplicates told by id, two closed bars kept for late prints. */
function pushAll(trades: readonly Trade[], see: (made: OwnBar) => void): void {
  const bars = createTimeBars({ grid, intervalMs: MINUTE_MS });
  for (const trade of trades) {
    const closed = bars.push(trade);
    if (closed.length > 0) finish(closed, see);
  }
  finish(bars.flush(), see);
}

/** {@link pushAll} on the grid: a loop of its own, as a program has that calls but one of the two. */
function pushAllTicks(trades: readonly TickTrade[], see: (made: OwnBar) => void): void {
  const bars = createTimeBars({ grid, intervalMs: MINUTE_MS });
  for (const trade of trades) {
    const closed = bars.pushTicks(trade);
    if (closed.length > 0) finish(closed, see);
  }
  finish(bars.flush(), see);
}

function finish(closed: readonly FootprintBar[], see: (made: OwnBar) => void): void {
  for (const bar of closed) see({ bar, marks: imbalances(bar.rows) });
}

function digestsOfBars(done: readonly OwnBar[]): Digests {
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
  const digestsOf = (bars: readonly TardisBar[]): Digests => {
    const digests = createDigests();
    for (const { open, high, low, close, trades } of bars) {
      for (const price of [open, high, low, close]) digests.ohlc.add(Math.round(price * 10));
      digests.ohlc.add(trades);
    }
    return digestValues(digests, ['ohlc']);
  };
  const compute: Make<TardisBar> = async (see) => {
    for await (const message of tardis.compute(streamOf(messages), factory)) {
      if (message.type === 'trade_bar') see(message);
    }
  };
  const reduce: Make<TardisBar> = (see) => {
    const reducer = factory();
    for (const message of messages) for (const bar of reducer.compute(message)) see(bar);
  };
  const name = `tardis-dev ${version}`;
  const note = 'floating point; no ladder, value area or imbalances';
  return [
    handedOn(`${name}, \`compute\` of trade bars`, trades.length, compute, digestsOf, note),
    handedOn(
      `${name}, its bar reducer alone`,
      trades.length,
      reduce,
      digestsOf,
      `${note}; without its asynchronous loop`,
    ),
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
  interface DecimalBar {
    readonly startMs: number;
    readonly rows: readonly (readonly [string, Sums])[];
  }
  const zero = new Decimal(0);
  const make: Make<DecimalBar> = (see) => {
    let open = new Map<string, Sums>();
    let startMs = NaN;
    const close = (): void => {
      const rows = [...open].sort((a, b) => Number(a[0]) - Number(b[0]));
      if (rows.length > 0) see({ startMs, rows });
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
  };
  const digestsOf = (bars: readonly DecimalBar[]): Digests => {
    const digests = createDigests();
    for (const { startMs, rows } of bars) {
      for (const [price, { buy, sell, buys, sells }] of rows) {
        digests.ladder.add(startMs).add(grid.toTicks(price)).add(grid.toLots(buy)).add(grid.toLots(sell));
        digests.counts.add(buys).add(sells);
      }
    }
    return digestValues(digests, ['ladder', 'counts']);
  };
  return handedOn('Map and decimal.js', decimals.length, make, digestsOf, 'exact; ladder only');
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
  interface ProfileBar {
    readonly startMs: number;
    readonly levels: ReturnType<Profile['getVolumeDistribution']>['priceLevels'];
  }
  const make: Make<ProfileBar> = (see) => {
    let session = open();
    let startMs = NaN;
    const close = (): void => {
      if (!Number.isNaN(startMs)) see({ startMs, levels: session.getVolumeDistribution().priceLevels });
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
  };
  const digestsOf = (bars: readonly ProfileBar[]): Digests => {
    const digests = createDigests();
    for (const { startMs, levels } of bars) {
      for (const { price, buyVolume, sellVolume } of levels) {
        digests.ladder.add(startMs).add(Math.round(price * 10));
        digests.ladder.add(Math.round(buyVolume * 1000)).add(Math.round(sellVolume * 1000));
      }
    }
    return digestValues(digests, ['ladder']);
  };
  const note = 'decimal.js; value area over 24 rows, no counts, deltas or diagonal imbalances';
  return handedOn(`${label}, \`TickVolumeProfileSession\``, trades.length, make, digestsOf, note);
}
