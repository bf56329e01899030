/** Bars of one tape into a longer bar, profiles into a wider profile: what one pass over all the trades would give. */
import { addExact, compareExact, type ExactInt } from '@tapekit/orderflow/exact';
import { maxTradeLots } from './bar-stats.ts';
import { FootprintError } from './errors.ts';
import type { BarIntegrity, FootprintBar, FootprintRow } from './footprint-bar.ts';
import { checkBar, checkGivenBar, checkRowsGiven, checkWholes } from './internal/bar-check.ts';
import { Ladder } from './internal/ladder.ts';
import { rowVolume } from './internal/value-area.ts';
import { valueArea, valueAreaDefaults, type ValueAreaOptions, type VolumeProfile } from './profile.ts';

/** How {@link mergeBars} and {@link mergeProfiles} count; those of the merged bars or profiles, to get what they would. */
export type MergeOptions = ValueAreaOptions;

/**
 * The bar of all trades of the bars given, or `undefined` for none. The bars come in the order of the tape: the first
 * that has trades opens the merged bar, the last one closes it, and the lowest and highest delta run on from bar to bar
 * (`min(minA, deltaA + minB)`). So cutting a tape anywhere and merging its parts gives the bar of the whole, if its
 * prints came in order of time.
 *
 * The span is from the earliest start to the latest end, `revision` is 0. `rowTicks` may be a multiple of the bars' own:
 * rows are put together by `floor`. `maxTradeLots` and `integrity` are kept where every bar with trades has them.
 *
 * @example
 * ```ts
 * const bars = createTimeBars({ grid: createGrid({ tickSize: '1', lotSize: '1' }), intervalMs: 60_000 });
 * bars.pushTicks({ timeMs: 0, priceTicks: 100, sizeLots: 6, side: 'buy' });
 * const [one] = bars.pushTicks({ timeMs: 60_000, priceTicks: 102, sizeLots: 9, side: 'sell' });
 * const [two] = bars.flush();
 * const { openTicks, closeTicks, deltaLots, maxDeltaLots } = mergeBars([one!, two!])!;
 * [openTicks, closeTicks, deltaLots, maxDeltaLots]; // => [100, 102, -3, 6]
 * ```
 * @throws FootprintError `bad-option`; `bad-trade` for what is no whole bar, also for a footprint that was read from JSON: it
 *   does not keep its value and its unknown counts. Merge before you store, or store with `encodeFootprints`.
 */
export function mergeBars(bars: readonly FootprintBar[], options: MergeOptions = {}): FootprintBar | undefined {
  checkList('bars', bars);
  for (const bar of bars) checkMergeable(bar);
  const traded = bars.filter((bar) => bar.trades > 0);
  const [first, last] = [traded[0] ?? bars[0], traded.at(-1) ?? bars.at(-1)];
  if (!first || !last) return undefined;
  const rows = mergeRows(
    traded.map((bar) => bar.rows),
    options,
  );
  const area = valueArea(rows, options);
  const total = (of: (bar: FootprintBar) => ExactInt): ExactInt => bars.map(of).reduce(addExact, 0);
  const integrity = mergeIntegrity(traded);
  return {
    startMs: bars.reduce((least, bar) => Math.min(least, bar.startMs), Infinity),
    endMs: bars.reduce((most, bar) => Math.max(most, bar.endMs), -Infinity),
    openTicks: first.openTicks,
    highTicks: traded.reduce((most, bar) => Math.max(most, bar.highTicks), first.highTicks),
    lowTicks: traded.reduce((least, bar) => Math.min(least, bar.lowTicks), first.lowTicks),
    closeTicks: last.closeTicks,
    volumeLots: total((bar) => bar.volumeLots),
    buyLots: total((bar) => bar.buyLots),
    sellLots: total((bar) => bar.sellLots),
    unknownLots: total((bar) => bar.unknownLots),
    ...runningDelta(bars),
    trades: bars.reduce((sum, bar) => sum + bar.trades, 0),
    valueTickLots: total((bar) => bar.valueTickLots),
    pocTicks: area?.pocTicks ?? last.pocTicks,
    vahTicks: area?.vahTicks ?? last.vahTicks,
    valTicks: area?.valTicks ?? last.valTicks,
    revision: 0,
    ...(integrity ? { integrity } : {}),
    rows,
  };
}

/**
 * The profile of all trades of the profiles given, in any order, or `undefined` for none. `valueTickLots` is kept where
 * every profile has it.
 * @throws FootprintError `bad-option`, `bad-trade`.
 */
export function mergeProfiles(
  profiles: readonly VolumeProfile[],
  options: MergeOptions = {},
): VolumeProfile | undefined {
  checkList('profiles', profiles);
  for (const profile of profiles) {
    checkGivenBar(profile);
    checkRowsGiven(profile.rows);
    checkWholes('Bar', profile, ['trades']);
  }
  const rows = mergeRows(
    profiles.map((profile) => profile.rows),
    options,
  );
  const area = valueArea(rows, options);
  if (!area) return undefined;
  let value: ExactInt | undefined = 0;
  for (const { valueTickLots } of profiles) {
    value = value === undefined || valueTickLots === undefined ? undefined : addExact(value, valueTickLots);
  }
  return {
    ...area,
    totalLots: rows.map(rowVolume).reduce(addExact, 0),
    trades: profiles.reduce((sum, { trades }) => sum + trades, 0),
    ...(value === undefined ? {} : { valueTickLots: value }),
    rows,
  };
}

const barNumbers = [
  'openTicks',
  'highTicks',
  'lowTicks',
  'closeTicks',
  'pocTicks',
  'vahTicks',
  'valTicks',
  'volumeLots',
  'buyLots',
  'sellLots',
  'unknownLots',
  'valueTickLots',
  'deltaLots',
  'minDeltaLots',
  'maxDeltaLots',
  'trades',
] as const;

function checkMergeable(bar: FootprintBar): void {
  checkBar(bar, barNumbers);
  checkRowsGiven(bar.rows);
}

function checkList(name: string, list: unknown): void {
  if (Array.isArray(list)) return;
  throw new FootprintError('bad-option', `${name} "${String(list)}" is no array.`, list);
}

function mergeRows(
  parts: readonly (readonly FootprintRow[])[],
  { rowTicks = valueAreaDefaults.rowTicks }: MergeOptions,
): FootprintRow[] {
  const rows = parts.flat();
  const ladder = new Ladder(maxTradeLots(rows) !== undefined);
  for (const row of rows) {
    ladder.addRow(
      Math.floor(row.priceTicks / rowTicks) + 0,
      [row.buyLots, row.sellLots, row.unknownLots],
      [row.buyTrades, row.sellTrades, row.unknownTrades],
      row.maxTradeLots,
    );
  }
  return ladder.toRows(rowTicks);
}

function runningDelta(
  bars: readonly FootprintBar[],
): Pick<FootprintBar, 'deltaLots' | 'minDeltaLots' | 'maxDeltaLots'> {
  let [deltaLots, minDeltaLots, maxDeltaLots]: ExactInt[] = [0, 0, 0];
  for (const bar of bars) {
    const lowest = addExact(deltaLots!, bar.minDeltaLots);
    const highest = addExact(deltaLots!, bar.maxDeltaLots);
    if (compareExact(lowest, minDeltaLots!) < 0) minDeltaLots = lowest;
    if (compareExact(highest, maxDeltaLots!) > 0) maxDeltaLots = highest;
    deltaLots = addExact(deltaLots!, bar.deltaLots);
  }
  return { deltaLots: deltaLots!, minDeltaLots: minDeltaLots!, maxDeltaLots: maxDeltaLots! };
}

function mergeIntegrity(bars: readonly FootprintBar[]): BarIntegrity | undefined {
  const parts = bars.map((bar) => bar.integrity);
  if (parts.length === 0 || !parts.every((part) => part !== undefined)) return undefined;
  const sum = (of: keyof BarIntegrity): number => parts.reduce((all, part) => all + part[of], 0);
  return {
    late: sum('late'),
    outOfOrder: sum('outOfOrder'),
    duplicates: sum('duplicates'),
    cancelled: sum('cancelled'),
    corrected: sum('corrected'),
  };
}
