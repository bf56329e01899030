import { vwapOf } from '@tapekit/orderflow/vwap';
import type { Grid } from '@tapekit/orderflow/grid';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { checkStored, fieldsOf, type StoredFootprint } from './internal/stored-footprint.ts';

export type { StoredFootprint } from './internal/stored-footprint.ts';

/** The stored and served form of a footprint bar, version 1: decimals as strings, times as epoch milliseconds UTC. */
export interface FootprintJson {
  readonly v: 1;
  readonly symbol: string;
  /** Inclusive start, epoch milliseconds UTC. */
  readonly t0: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly t1: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
  readonly delta: string;
  readonly minDelta: string;
  readonly maxDelta: string;
  readonly trades: number;
  /** Σ price × size ÷ volume, to 16 significant digits, half to even; in a bar without trades its close. */
  readonly vwap: string;
  /** Lower edge of the row with the most volume. */
  readonly poc: string;
  /** Lower edge of the highest row of the value area. */
  readonly vah: string;
  /** Lower edge of the lowest row of the value area. */
  readonly val: string;
  /** From the lowest to the highest price. */
  readonly levels: readonly FootprintLevelJson[];
}

/** One price row of a {@link FootprintJson}. */
export interface FootprintLevelJson {
  /** Lower edge of the row. */
  readonly price: string;
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
  readonly buyTrades: number;
  readonly sellTrades: number;
}

/** What a bar does not know about itself. */
export interface FootprintJsonContext {
  /** Instrument, as it shall stand in the record. */
  readonly symbol: string;
  /** The grid that the bar was counted on. */
  readonly grid: Grid;
}

/**
 * A bar in decimals, ready to store or to serve.
 *
 * @example
 * ```ts
 * footprintToJson(bar, { symbol: 'ETHUSDT', grid }).delta; // => '-66.1069'
 * ```
 */
export function footprintToJson(bar: FootprintBar, { symbol, grid }: FootprintJsonContext): FootprintJson {
  return {
    v: 1,
    symbol,
    t0: bar.startMs,
    t1: bar.endMs,
    open: grid.formatPrice(bar.openTicks),
    high: grid.formatPrice(bar.highTicks),
    low: grid.formatPrice(bar.lowTicks),
    close: grid.formatPrice(bar.closeTicks),
    volume: grid.formatSize(bar.volumeLots),
    buy: grid.formatSize(bar.buyLots),
    sell: grid.formatSize(bar.sellLots),
    unknown: grid.formatSize(bar.unknownLots),
    delta: grid.formatSize(bar.deltaLots),
    minDelta: grid.formatSize(bar.minDeltaLots),
    maxDelta: grid.formatSize(bar.maxDeltaLots),
    trades: bar.trades,
    vwap: vwapOf(grid, bar.valueTickLots, bar.volumeLots) ?? grid.formatPrice(bar.closeTicks),
    poc: grid.formatPrice(bar.pocTicks),
    vah: grid.formatPrice(bar.vahTicks),
    val: grid.formatPrice(bar.valTicks),
    levels: bar.rows.map((row) => ({
      price: grid.formatPrice(row.priceTicks),
      buy: grid.formatSize(row.buyLots),
      sell: grid.formatSize(row.sellLots),
      unknown: grid.formatSize(row.unknownLots),
      buyTrades: row.buyTrades,
      sellTrades: row.sellTrades,
    })),
  };
}

/** A bar as one line of JSONL, with the line feed at its end. */
export function formatFootprintLine(bar: FootprintBar, context: FootprintJsonContext): string {
  return `${JSON.stringify(footprintToJson(bar, context))}\n`;
}

/**
 * The bar of a parsed {@link FootprintJson}, checked: buy + sell + unknown = volume in the bar and over its levels, delta = buy − sell,
 * prices between low and high, levels ascending, point of control inside the value area.
 *
 * @throws {@link FootprintError} `bad-json` naming the field, also for decimals off the grid.
 */
export function footprintFromJson(json: unknown, grid: Grid): StoredFootprint {
  const bar = fieldsOf(json, grid);
  const version = bar.whole('v');
  if (version !== 1) {
    throw new FootprintError('bad-json', `Footprint v "${version}" cannot be read, expected 1.`, version);
  }
  const stored: StoredFootprint = {
    symbol: bar.text('symbol'),
    startMs: bar.whole('t0'),
    endMs: bar.whole('t1'),
    openTicks: bar.ticks('open'),
    highTicks: bar.ticks('high'),
    lowTicks: bar.ticks('low'),
    closeTicks: bar.ticks('close'),
    volumeLots: bar.lots('volume'),
    buyLots: bar.lots('buy'),
    sellLots: bar.lots('sell'),
    unknownLots: bar.lots('unknown'),
    deltaLots: bar.lots('delta'),
    minDeltaLots: bar.lots('minDelta'),
    maxDeltaLots: bar.lots('maxDelta'),
    trades: bar.count('trades'),
    vwap: bar.text('vwap'),
    pocTicks: bar.ticks('poc'),
    vahTicks: bar.ticks('vah'),
    valTicks: bar.ticks('val'),
    rows: bar.list('levels').map((row) => ({
      priceTicks: row.ticks('price'),
      buyLots: row.lots('buy'),
      sellLots: row.lots('sell'),
      unknownLots: row.lots('unknown'),
      buyTrades: row.count('buyTrades'),
      sellTrades: row.count('sellTrades'),
    })),
  };
  checkStored(stored);
  return stored;
}

/**
 * {@link footprintFromJson} of one JSONL line.
 * @throws {@link FootprintError} `bad-json`.
 */
export function parseFootprintLine(line: string, grid: Grid): StoredFootprint {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new FootprintError(
      'bad-json',
      `Footprint line "${line.slice(0, 60)}" is not JSON. Pass one whole line.`,
      line,
    );
  }
  return footprintFromJson(json, grid);
}
