/**
 * Time at price (Steidlmayer's Market Profile): a session in periods of half an hour, one letter per period and price
 * row that was touched; a row with many letters was accepted, one with a single letter was rejected.
 *
 * - **Trades** touch the row that they print in. **Bars** touch every row between their low and their high, traded or
 *   not: a bar does not say. So a session from bars has at least the letters that it has from trades.
 * - **Letters** are A to Z, a to z, then `A1` to `Z1`, `a1` … from the session's start on; a quiet period takes its letter along.
 * - **Point of control** is the row with the most letters; of equals the nearest to the middle between the lowest and
 *   the highest row, and of two equally near ones what `pocTie` says. The **value area** counts letters, not volume.
 * - Sizes do not matter, only that there was one: a size of 0, below 0 or NaN touches nothing.
 */
import { rowCount, sideOfCode, type TradeColumns } from '@tapekit/orderflow/columns';
import type { TickTrade } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { checkBar } from './internal/bar-check.ts';
import { areCounts } from './internal/bar-json-check.ts';
import { checkRowRule, checkRowTicks, rowOf, type RowRule } from './internal/rows.ts';
import { requireSameOptions, restored } from './internal/snapshot-checks.ts';
import { Touches, type TouchesJson } from './internal/touches.ts';
import { checkGiven, checkTrade } from './internal/trade-check.ts';
import { tpoProfileOf, type PocTie } from './internal/tpo-shape.ts';
import type { TpoProfile } from './internal/tpo-shape.ts';
import { valueAreaRule, type ValueAreaMethod } from './internal/value-area.ts';

export { tpoLetter } from './internal/tpo-shape.ts';
export type { PocTie, SinglePrints, TickRange, TpoPeriod, TpoProfile, TpoRow } from './internal/tpo-shape.ts';

/** What {@link createTpoProfile} is made with. */
export interface TpoProfileOptions {
  /** Start of the session and of its first period, epoch milliseconds UTC. */
  readonly startMs: number;
  /**
   * Exclusive end of the session, epoch milliseconds UTC.
   * @defaultValue Infinity
   */
  readonly endMs?: number;
  /**
   * Length of a period in milliseconds.
   * @defaultValue 1,800,000 (half an hour)
   */
  readonly periodMs?: number;
  /**
   * Height of a row in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /** As in `TimeBarsOptions`. @defaultValue 'floor' */
  readonly rowRule?: RowRule;
  /**
   * Periods of the initial balance, from the session's start.
   * @defaultValue 2 (the first hour)
   */
  readonly initialBalancePeriods?: number;
  /**
   * Share of the letters in the value area, above 0 and up to 100.
   * @defaultValue 70
   */
  readonly valueAreaPercent?: number;
  /** As in `ValueAreaOptions`, over letters. @defaultValue 'two-row' */
  readonly valueAreaMethod?: ValueAreaMethod;
  /**
   * Which of two rows with the most letters, equally near to the middle, is the point of control: the `lower`, or the
   * one on whose side of the middle there are more letters (`busier-side`; the lower where these are equal, too).
   * @defaultValue 'lower'
   */
  readonly pocTie?: PocTie;
}

/** The defaults of {@link TpoProfileOptions}. */
export const tpoProfileDefaults = {
  endMs: Infinity,
  periodMs: 1_800_000,
  rowTicks: 1,
  rowRule: 'floor',
  initialBalancePeriods: 2,
  valueAreaPercent: 70,
  valueAreaMethod: 'two-row',
  pocTie: 'lower',
} as const satisfies Required<Omit<TpoProfileOptions, 'startMs'>>;

/** The part of a bar that touches rows. */
export type TpoBar = Pick<
  FootprintBar,
  'startMs' | 'endMs' | 'openTicks' | 'highTicks' | 'lowTicks' | 'closeTicks' | 'trades'
>;

/** What became of the trades and bars. Pushed = `taken` + `outside` + `ignored`. */
export interface TpoProfileStats {
  readonly taken: number;
  /** Before the session's start, or at its end or later. */
  readonly outside: number;
  /** Trades without volume, bars without trades, and bars of more than 65,536 rows: a broken price. */
  readonly ignored: number;
}

/** The state of {@link createTpoProfile} as plain JSON. */
export interface TpoProfileSnapshot extends TouchesJson {
  readonly v: 1;
  readonly kind: 'tpo-profile';
  readonly startMs: number;
  readonly periodMs: number;
  readonly rowTicks: number;
  readonly rowRule: RowRule;
  readonly stats: TpoProfileStats;
}

/** Made by {@link createTpoProfile}. Memory grows with the letters: periods × rows touched in them. */
export interface TpoProfileBuilder {
  /**
   * Touches the row of a trade, in the period of its time: late trades are welcome, duplicates change nothing.
   * @throws {@link FootprintError} `bad-trade`.
   */
  pushTicks(trade: TickTrade): void;
  /**
   * Touches the rows from the low to the high of a bar. An earlier revision of it must not have been pushed: what was
   * touched stays so.
   * @throws {@link FootprintError} `bad-trade` for a bar that reaches over the end of its period.
   */
  pushBar(bar: TpoBar): void;
  /** The profile so far; `undefined` before the first trade. Ends nothing. */
  flush(): TpoProfile | undefined;
  /** Counts so far. */
  stats(): TpoProfileStats;
  /** The state as plain JSON, for {@link restoreTpoProfile}. */
  snapshot(): TpoProfileSnapshot;
}

/**
 * The time profile of one session.
 *
 * @example
 * ```ts
 * const tpo = createTpoProfile({ startMs: 0 });
 * const halfHour = 1_800_000;
 * for (const [period, priceTicks] of [[0, 10], [0, 11], [1, 11], [1, 12], [2, 11]] as const) {
 *   tpo.pushTicks({ timeMs: period * halfHour, priceTicks, sizeLots: 1, side: 'buy' });
 * }
 * tpo.flush()?.rows.map((row) => `${row.priceTicks} ${row.letters}`); // => ['10 A', '11 ABC', '12 B']
 * ```
 * @throws {@link FootprintError} `bad-option`.
 */
export function createTpoProfile(options: TpoProfileOptions): TpoProfileBuilder {
  return builderOf(options);
}

/**
 * The builder that a snapshot was taken of; `startMs`, `periodMs`, `rowTicks` and `rowRule` must be those of the snapshot.
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreTpoProfile(snapshot: TpoProfileSnapshot, options: TpoProfileOptions): TpoProfileBuilder {
  return restored('tpo-profile', snapshot, () => builderOf(options, snapshot));
}

/**
 * The time profile of a whole tape in columns; `undefined` when no trade is in the session.
 * @throws {@link FootprintError} `bad-option` or `bad-trade`; OrderflowError `bad-columns`.
 */
export function tpoProfileOfColumns(trades: TradeColumns, options: TpoProfileOptions): TpoProfile | undefined {
  const builder = builderOf(options);
  const rows = rowCount(trades);
  for (let i = 0; i < rows; i += 1) {
    const [timeMs, priceTicks, sizeLots] = [trades.timeMs[i]!, trades.priceTicks[i]!, trades.sizeLots[i]!];
    builder.pushTicks({ timeMs, priceTicks, sizeLots, side: sideOfCode(trades.side[i]!) });
  }
  return builder.flush();
}

/** As in the ladder of a bar: more rows than this are a broken price. */
const MAX_BAR_ROWS = 65_536;

function builderOf(options: TpoProfileOptions, snapshot?: TpoProfileSnapshot): TpoProfileBuilder {
  const all = { ...tpoProfileDefaults, ...options };
  const { startMs, endMs, periodMs, rowTicks, rowRule } = all;
  checkOptions(all);
  const rule = valueAreaRule(all.valueAreaPercent, all.valueAreaMethod);
  if (snapshot) requireSameOptions(snapshot, all, ['startMs', 'periodMs', 'rowTicks', 'rowRule']);
  if (snapshot && !areCounts(snapshot.stats)) throw new TypeError('counts that are none');
  const touches = new Touches(snapshot);
  const stats = snapshot ? { ...snapshot.stats } : { taken: 0, outside: 0, ignored: 0 };
  const isInside = (timeMs: number): boolean => timeMs >= startMs && timeMs < endMs;
  return {
    pushTicks(trade) {
      checkGiven(trade);
      const { timeMs, priceTicks, sizeLots, side, id } = trade;
      checkTrade(timeMs, priceTicks, sizeLots, side, id);
      if (!(sizeLots > 0)) stats.ignored += 1;
      else if (!isInside(timeMs)) stats.outside += 1;
      else {
        const row = rowOf(priceTicks, rowTicks, rowRule);
        touches.add(Math.floor((timeMs - startMs) / periodMs), row, row, priceTicks, priceTicks);
        touches.trade(timeMs, priceTicks + 0, timeMs, priceTicks + 0);
        stats.taken += 1;
      }
    },
    pushBar(bar) {
      checkBar(bar, ['openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'trades']);
      const lowRow = rowOf(bar.lowTicks, rowTicks, rowRule);
      const highRow = rowOf(bar.highTicks, rowTicks, rowRule);
      const period = Math.floor((bar.startMs - startMs) / periodMs);
      if (bar.trades === 0 || !(highRow - lowRow < MAX_BAR_ROWS)) stats.ignored += 1;
      else if (!isInside(bar.startMs) || bar.endMs > endMs) stats.outside += 1;
      else if (bar.endMs > startMs + (period + 1) * periodMs) throw spansPeriods(bar, all);
      else {
        touches.add(period, lowRow, highRow, bar.lowTicks, bar.highTicks);
        touches.trade(bar.startMs, bar.openTicks, bar.startMs, bar.closeTicks);
        stats.taken += 1;
      }
    },
    flush: () => tpoProfileOf(touches, { ...all, rule }),
    stats: () => ({ ...stats }),
    snapshot: () => ({
      v: 1,
      kind: 'tpo-profile',
      ...{ startMs, periodMs, rowTicks, rowRule },
      stats: { ...stats },
      ...touches.toJson(),
    }),
  };
}

type Checked = Required<TpoProfileOptions>;

function checkOptions(options: Checked): void {
  const { startMs, endMs, periodMs, rowTicks, rowRule, initialBalancePeriods, pocTie } = options;
  const wrong = (option: keyof Checked, expected: string): FootprintError =>
    new FootprintError('bad-option', `${option} "${options[option]}" is not ${expected}.`, options[option]);
  if (!Number.isSafeInteger(startMs)) throw wrong('startMs', 'a whole number of epoch milliseconds');
  if (!(endMs > startMs)) throw wrong('endMs', `after startMs "${startMs}"`);
  if (!Number.isSafeInteger(periodMs) || periodMs < 1) throw wrong('periodMs', 'a whole number of at least 1');
  checkRowTicks(rowTicks);
  checkRowRule(rowRule);
  if (!Number.isSafeInteger(initialBalancePeriods) || initialBalancePeriods < 1) {
    throw wrong('initialBalancePeriods', 'a whole number of at least 1');
  }
  if (!['lower', 'busier-side'].includes(pocTie)) throw wrong('pocTie', "'lower' or 'busier-side'");
}

function spansPeriods(bar: TpoBar, { startMs, periodMs }: Checked): FootprintError {
  return new FootprintError(
    'bad-trade',
    `Bar "${bar.startMs} to ${bar.endMs}" reaches over the end of its period of ${periodMs} ms from ${startMs}. Pass bars whose length and start divide the periods.`,
    bar,
  );
}
