/** Volume by price: profiles of any row size, their point of control and their value area, exact. */
import {
  addExact,
  exactFromJson,
  exactToJson,
  multiplyExact,
  type ExactInt,
  type ExactIntJson,
} from '@tapekit/orderflow/exact';
import type { TickTrade } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import { checkGivenBar, checkRowsGiven, checkWholes } from './internal/bar-check.ts';
import { checkRows } from './internal/bar-json-check.ts';
import { columnOf, Ladder, type RowJson } from './internal/ladder.ts';
import { checkRowRule, checkRowTicks, rowOf, type RowRule } from './internal/rows.ts';
import { requireSameOptions, restored } from './internal/snapshot-checks.ts';
import { checkGiven } from './internal/trade-check.ts';
import {
  areaOf,
  pocIndex,
  rowVolume,
  valueAreaRule,
  type ValueAreaMethod,
  type ValueAreaRule,
  type VolumeRow,
} from './internal/value-area.ts';

export type { RowJson } from './internal/ladder.ts';
export type { RowRule } from './internal/rows.ts';
export type { ValueAreaMethod, VolumeRow } from './internal/value-area.ts';

/** How {@link valueArea} counts. */
export interface ValueAreaOptions {
  /**
   * Share of the volume to collect, above 0 and up to 100, at most 6 decimals.
   * @defaultValue 70
   */
  readonly percent?: number;
  /**
   * How the area grows from the point of control:
   * - `two-row`: the two rows above against the two below, the larger pair is added (CBOT, TradingView);
   * - `one-row`: one row at a time, the larger neighbour;
   * - `sorted`: rows by falling volume, of equal ones the nearest in price to the point of control, then the upper; the
   *   area spans all that were taken.
   * @defaultValue 'two-row'
   */
  readonly method?: ValueAreaMethod;
  /**
   * Height of a row in ticks; the step of the price grid that the area grows on.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
}

/** The defaults of {@link ValueAreaOptions}. */
export const valueAreaDefaults = {
  percent: 70,
  method: 'two-row',
  rowTicks: 1,
} as const satisfies Required<ValueAreaOptions>;

/** Where most of the volume traded. */
export interface ValueArea {
  /** Point of control: lower edge of the row with the most volume, in ticks. */
  readonly pocTicks: number;
  /** Lower edge of the highest row that traded inside the area, in ticks. */
  readonly vahTicks: number;
  /** Lower edge of the lowest row that traded inside the area, in ticks. */
  readonly valTicks: number;
  /** Volume that was collected, in lots; for `sorted` that of the rows taken, not of the rows between them. */
  readonly volumeLots: ExactInt;
}

/**
 * The row with the most volume, or `undefined` when there is none. Among equals the one nearest to the middle between
 * the lowest and the highest row, and of two equally near ones the lower.
 *
 * @param rows - Sorted from the lowest to the highest price.
 */
export function pointOfControl<Row extends VolumeRow>(rows: readonly Row[]): Row | undefined {
  return rows.length === 0 ? undefined : rows[pocIndex(rows)];
}

/**
 * The value area around the point of control, or `undefined` without rows.
 *
 * The area grows on the price grid: rows without volume between two traded ones are steps too. When both sides offer
 * the same volume (none, too), it grows up; when a side has no more rows, it grows on the other. It stops as soon as
 * volume × 100 ≥ total × percent, compared exactly. Its ends are rows that traded.
 *
 * @example
 * ```ts
 * const row = (priceTicks: number, buyLots: number) => ({ priceTicks, buyLots, sellLots: 0, unknownLots: 0 });
 * valueArea([row(100, 4), row(101, 10), row(102, 1), row(500, 6)]);
 * // => { pocTicks: 101, vahTicks: 102, valTicks: 100, volumeLots: 15 }
 * ```
 * @param rows - Sorted from the lowest to the highest price.
 * @throws {@link FootprintError} `bad-option`, also for rows that do not ascend.
 */
export function valueArea(rows: readonly VolumeRow[], options: ValueAreaOptions = {}): ValueArea | undefined {
  const { percent, method, rowTicks } = { ...valueAreaDefaults, ...options };
  checkRowTicks(rowTicks);
  checkAscending(rows);
  return valueAreaOver(rows, rowTicks, valueAreaRule(percent, method));
}

/** What {@link createProfile} is made with. It takes what it is given: duplicates are told apart by bars, not here. */
export interface ProfileOptions {
  /**
   * Height of a row in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * Which row a price belongs to: the one that starts at or below it, the nearest (`half-even`, as freqtrade) or the one
   * that ends at or above it (`ceil`, as py-market-profile). A row is named by its lower edge, middle or upper edge.
   * @defaultValue 'floor'
   */
  readonly rowRule?: RowRule;
  /** As in {@link ValueAreaOptions}. @defaultValue 70 */
  readonly valueAreaPercent?: number;
  /** As in {@link ValueAreaOptions}. @defaultValue 'two-row' */
  readonly valueAreaMethod?: ValueAreaMethod;
}

/** The defaults of {@link ProfileOptions}. */
export const profileDefaults = {
  rowTicks: 1,
  rowRule: 'floor',
  valueAreaPercent: 70,
  valueAreaMethod: 'two-row',
} as const satisfies Required<ProfileOptions>;

/** A volume profile: rows, totals, point of control and value area. */
export interface VolumeProfile extends ValueArea {
  /** Total of all rows, in lots. */
  readonly totalLots: ExactInt;
  /** Number of prints. */
  readonly trades: number;
  /** Σ price × size of the trades pushed, in ticks × lots; absent once whole rows were merged in. */
  readonly valueTickLots?: ExactInt;
  /** Rows that traded, from the lowest to the highest price. */
  readonly rows: readonly FootprintRow[];
}

/** The state of {@link createProfile} as plain JSON, version 1. */
export interface ProfileSnapshot {
  readonly v: 1;
  readonly kind: 'profile';
  readonly rowTicks: number;
  /** Absent for `floor`. */
  readonly rowRule?: RowRule;
  /** Absent once whole rows were merged in. */
  readonly value?: ExactIntJson;
  readonly rows: readonly RowJson[];
}

/** Made by {@link createProfile}. */
export interface Profile {
  /**
   * Adds a trade. It has no memory of ids: feed it what passed a bar builder, or a tape without duplicates.
   * Sizes of 0, below 0 and NaN change nothing.
   * @throws {@link FootprintError} `bad-trade`.
   */
  pushTicks(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'side'>): void;
  /** Adds the rows of a footprint bar, whose row size must divide this profile's. The value is not known from then on. */
  pushRows(rows: readonly FootprintRow[]): void;
  /** Adds a footprint bar, whose row size must divide this profile's, with its value. */
  pushBar(bar: Pick<FootprintBar, 'rows' | 'valueTickLots'>): void;
  /** The profile so far; `undefined` before the first trade. Ends nothing. */
  flush(): VolumeProfile | undefined;
  /** The state as plain JSON, for {@link restoreProfile}. */
  snapshot(): ProfileSnapshot;
}

/**
 * A volume profile of a session, or of any other stretch of the tape.
 * @throws {@link FootprintError} `bad-option`.
 */
export function createProfile(options: ProfileOptions = {}): Profile {
  return profileOf(options);
}

/**
 * The profile that a snapshot was taken of; `rowTicks` and `rowRule` must be those of the snapshot.
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreProfile(snapshot: ProfileSnapshot, options: ProfileOptions = {}): Profile {
  return restored('profile', snapshot, () => profileOf(options, snapshot));
}

function profileOf(options: ProfileOptions, snapshot?: ProfileSnapshot): Profile {
  const { rowTicks, rowRule, valueAreaPercent, valueAreaMethod } = { ...profileDefaults, ...options };
  checkRowTicks(rowTicks);
  checkRowRule(rowRule);
  const rule = valueAreaRule(valueAreaPercent, valueAreaMethod);
  if (snapshot) {
    const stored = { rowRule: 'floor', ...snapshot } as const;
    requireSameOptions(stored, { rowTicks, rowRule }, ['rowTicks', 'rowRule']);
  }
  if (snapshot) checkRows(snapshot.rows);
  const ladder = snapshot ? Ladder.fromJson(snapshot.rows) : new Ladder();
  let value: ExactInt | undefined =
    snapshot === undefined ? 0 : snapshot.value === undefined ? undefined : exactFromJson(snapshot.value);
  const addRows = (rows: readonly FootprintRow[]): void => {
    for (const { priceTicks, buyLots, sellLots, unknownLots, buyTrades, sellTrades, unknownTrades } of rows) {
      const row = rowOf(priceTicks, rowTicks, rowRule);
      ladder.addRow(row, [buyLots, sellLots, unknownLots], [buyTrades, sellTrades, unknownTrades]);
    }
  };
  return {
    pushTicks(trade) {
      checkGiven(trade);
      const { priceTicks, sizeLots, side } = trade;
      const column = columnOf(side);
      if (
        column === undefined ||
        !Number.isSafeInteger(priceTicks) ||
        !(Number.isSafeInteger(sizeLots) || Number.isNaN(sizeLots))
      ) {
        throw new FootprintError(
          'bad-trade',
          `Trade "${side} ${sizeLots} at ${priceTicks}" is not a side, whole lots and whole ticks.`,
          { priceTicks, sizeLots, side },
        );
      }
      if (!(sizeLots > 0)) return;
      ladder.add(rowOf(priceTicks, rowTicks, rowRule), column, sizeLots);
      if (value !== undefined) value = addExact(value, multiplyExact(priceTicks, sizeLots));
    },
    pushRows(rows) {
      checkRowsGiven(rows);
      if (rows.length > 0) value = undefined;
      addRows(rows);
    },
    pushBar(bar) {
      checkGivenBar(bar);
      const { rows, valueTickLots } = bar;
      checkWholes('Bar', bar, ['valueTickLots']);
      checkRowsGiven(rows);
      if (value !== undefined) value = addExact(value, valueTickLots);
      addRows(rows);
    },
    flush() {
      const rows = ladder.toRows(rowTicks);
      const area = valueAreaOver(rows, rowTicks, rule);
      if (!area) return undefined;
      return {
        ...area,
        totalLots: rows.map(rowVolume).reduce(addExact),
        trades: rows.reduce(
          (sum, { buyTrades, sellTrades, unknownTrades }) => sum + buyTrades + sellTrades + unknownTrades,
          0,
        ),
        ...(value === undefined ? {} : { valueTickLots: value }),
        rows,
      };
    },
    snapshot: () => ({
      v: 1,
      kind: 'profile',
      rowTicks,
      ...(rowRule === 'floor' ? {} : { rowRule }),
      ...(value === undefined ? {} : { value: exactToJson(value) }),
      rows: ladder.toJson(),
    }),
  };
}

function valueAreaOver(rows: readonly VolumeRow[], rowTicks: number, rule: ValueAreaRule): ValueArea | undefined {
  const area = areaOf(rows, rowTicks, rule);
  return (
    area && {
      pocTicks: rows[area.poc]!.priceTicks,
      vahTicks: rows[area.high]!.priceTicks,
      valTicks: rows[area.low]!.priceTicks,
      volumeLots: area.volumeLots,
    }
  );
}

function checkAscending(rows: readonly VolumeRow[]): void {
  for (let i = 1; i < rows.length; i++) {
    const [below, at] = [rows[i - 1]!.priceTicks, rows[i]!.priceTicks];
    if (at > below) continue;
    throw new FootprintError('bad-option', `Row at "${at}" comes after the one at "${below}". Sort rows by price.`, at);
  }
}
