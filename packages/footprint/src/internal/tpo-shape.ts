/** What a session looks like by its letters. */
import type { RowRule } from './rows.ts';
import type { Touches } from './touches.ts';
import { valueAreaOf, type ValueAreaRule, type VolumeRow } from './value-area.ts';

/** How a tie between points of control ends. */
export type PocTie = 'lower' | 'busier-side';

/** From a low to a high, both inclusive, in ticks. */
export interface TickRange {
  readonly lowTicks: number;
  readonly highTicks: number;
}

/** One row of a time profile. */
export interface TpoRow {
  /** Name of the row in ticks: its lower edge, middle or upper edge, by `rowRule`. */
  readonly priceTicks: number;
  /** Periods that touched the row, from 0 at the session's start, ascending. */
  readonly periods: readonly number[];
  /** The periods as letters, in the same order. */
  readonly letters: string;
  /** Number of letters: time price opportunities. */
  readonly tpos: number;
}

/** One period that had a trade. */
export interface TpoPeriod extends TickRange {
  /** From 0 at the session's start. */
  readonly period: number;
  readonly letter: string;
}

/** Neighbouring rows of one letter each, on the price grid. */
export interface SinglePrints {
  /** Names of the lowest and the highest row, in ticks. */
  readonly lowTicks: number;
  readonly highTicks: number;
  /** Number of rows. */
  readonly rows: number;
  /**
   * At the `high` of the profile (a selling tail), at its `low` (a buying tail), `inside`, or `all` of it: one letter a
   * row from low to high.
   */
  readonly at: 'high' | 'low' | 'inside' | 'all';
}

/** The time profile of a session. */
export interface TpoProfile {
  /** Row with the most letters (its name, in ticks). */
  readonly pocTicks: number;
  /** Highest row of the value area (its name, in ticks). */
  readonly vahTicks: number;
  /** Lowest row of the value area (its name, in ticks). */
  readonly valTicks: number;
  /** Letters in the value area; for `sorted` those of the rows taken. */
  readonly valueAreaTpos: number;
  /** All letters. */
  readonly tpos: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  /** High − low, in ticks. */
  readonly rangeTicks: number;
  /** Range of the first period; `undefined` while it has no trade. */
  readonly openRange: TickRange | undefined;
  /** Range of the first `initialBalancePeriods` periods, of what has come of them so far; `undefined` without trades in them. */
  readonly initialBalance: TickRange | undefined;
  /** From the lowest price to the highest. */
  readonly singlePrints: readonly SinglePrints[];
  /** Periods that had a trade, ascending. */
  readonly periods: readonly TpoPeriod[];
  /** Rows that were touched, from the lowest to the highest price. */
  readonly rows: readonly TpoRow[];
}

/** How {@link tpoProfileOf} counts. */
export interface TpoShapeOptions {
  readonly rowTicks: number;
  readonly rowRule: RowRule;
  readonly initialBalancePeriods: number;
  readonly pocTie: PocTie;
  readonly rule: ValueAreaRule;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * The letter of a period, from 0: A to Z, a to z, then with a number behind it.
 *
 * @example
 * ```ts
 * [0, 25, 26, 51, 52].map(tpoLetter); // => ['A', 'Z', 'a', 'z', 'A1']
 * ```
 */
export function tpoLetter(period: number): string {
  const round = Math.floor(period / LETTERS.length);
  return `${LETTERS[period % LETTERS.length]!}${round === 0 ? '' : round}`;
}

export function tpoProfileOf(touches: Touches, options: TpoShapeOptions): TpoProfile | undefined {
  const { rowTicks, initialBalancePeriods, pocTie, rule } = options;
  const rows = touches.rows().map(([row, periods]): TpoRow => {
    const letters = periods.map(tpoLetter).join('');
    return { priceTicks: row * rowTicks, periods: [...periods], letters, tpos: periods.length };
  });
  if (rows.length === 0) return undefined;
  const poc = pocOf(rows, pocTie);
  const weights = rows.map(({ priceTicks, tpos }): VolumeRow => ({
    priceTicks,
    buyLots: tpos,
    sellLots: 0,
    unknownLots: 0,
  }));
  const area = valueAreaOf(weights, poc, rowTicks, rule);
  const periods = touches
    .periods()
    .map(([period, highTicks, lowTicks]): TpoPeriod => ({ period, letter: tpoLetter(period), lowTicks, highTicks }));
  const { lowTicks, highTicks } = rangeOf(periods)!;
  return {
    pocTicks: rows[poc]!.priceTicks,
    vahTicks: rows[area.high]!.priceTicks,
    valTicks: rows[area.low]!.priceTicks,
    valueAreaTpos: Number(area.volumeLots),
    tpos: rows.reduce((sum, row) => sum + row.tpos, 0),
    openTicks: touches.openTicks!,
    highTicks,
    lowTicks,
    closeTicks: touches.closeTicks!,
    rangeTicks: highTicks - lowTicks,
    openRange: rangeOf(periods.filter(({ period }) => period === 0)),
    initialBalance: rangeOf(periods.filter(({ period }) => period < initialBalancePeriods)),
    singlePrints: singlePrintsOf(rows, rowTicks),
    periods,
    rows,
  };
}

/** Most letters; of equals the nearest to the middle, then by `pocTie`. */
function pocOf(rows: readonly TpoRow[], pocTie: PocTie): number {
  const ends = rows[0]!.priceTicks + rows[rows.length - 1]!.priceTicks;
  const fromMiddle = (i: number): number => 2 * rows[i]!.priceTicks - ends;
  let best = 0;
  for (let i = 1; i < rows.length; i++) {
    const more = rows[i]!.tpos - rows[best]!.tpos;
    const nearer = Math.abs(fromMiddle(best)) - Math.abs(fromMiddle(i));
    if (more > 0 || (more === 0 && nearer > 0)) best = i;
    else if (more === 0 && nearer === 0 && pocTie === 'busier-side') {
      const side = (sign: number): number =>
        rows.reduce((sum, row, j) => (Math.sign(fromMiddle(j)) === sign ? sum + row.tpos : sum), 0);
      if (side(1) > side(-1)) best = i;
    }
  }
  return best;
}

function rangeOf(parts: readonly TickRange[]): TickRange | undefined {
  if (parts.length === 0) return undefined;
  return {
    lowTicks: parts.reduce((least, part) => Math.min(least, part.lowTicks), Infinity),
    highTicks: parts.reduce((most, part) => Math.max(most, part.highTicks), -Infinity),
  };
}

function singlePrintsOf(rows: readonly TpoRow[], rowTicks: number): SinglePrints[] {
  const zones: SinglePrints[] = [];
  const last = rows.length - 1;
  for (let from = 0; from <= last; from++) {
    if (rows[from]!.tpos !== 1) continue;
    let to = from;
    while (to < last && rows[to + 1]!.tpos === 1 && rows[to + 1]!.priceTicks === rows[to]!.priceTicks + rowTicks) to++;
    const [isLow, isHigh] = [from === 0, to === last];
    zones.push({
      lowTicks: rows[from]!.priceTicks,
      highTicks: rows[to]!.priceTicks,
      rows: to - from + 1,
      at: isLow && isHigh ? 'all' : isLow ? 'low' : isHigh ? 'high' : 'inside',
    });
    from = to;
  }
  return zones;
}
