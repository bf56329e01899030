/** The readings of `readings.ts` one bar at a time. */
import { createAdx, restoreAdx } from '../indicators/adx.ts';
import { createAwesome, restoreAwesome } from '../indicators/awesome.ts';
import type { VolumeBar } from '../indicators/bar-columns.ts';
import { createCci, restoreCci } from '../indicators/cci.ts';
import { createElderRay, restoreElderRay } from '../indicators/elder-ray.ts';
import { createEma, restoreEma } from '../indicators/ema.ts';
import { createHma, restoreHma } from '../indicators/hma.ts';
import { createIchimoku, restoreIchimoku } from '../indicators/ichimoku.ts';
import type { IndicatorSnapshot } from '../indicators/indicator-stream.ts';
import type { MacdSnapshot } from '../indicators/macd.ts';
import { createMacd, restoreMacd } from '../indicators/macd.ts';
import { createPriceMomentum, restorePriceMomentum } from '../indicators/price-momentum.ts';
import type { RsiSnapshot } from '../indicators/rsi.ts';
import { createRsi, restoreRsi } from '../indicators/rsi.ts';
import { createSma, restoreSma } from '../indicators/sma.ts';
import { createStochRsi, restoreStochRsi } from '../indicators/stoch-rsi.ts';
import { createStochastic, restoreStochastic } from '../indicators/stochastic.ts';
import { createUltimate, restoreUltimate } from '../indicators/ultimate.ts';
import { createVwma, restoreVwma } from '../indicators/vwma.ts';
import { createWilliamsR, restoreWilliamsR } from '../indicators/williams-r.ts';
import { averagePeriods, place, rowSize } from './readings.ts';

/** Snapshot of any one of the streams. */
export type ReadingSnapshot = IndicatorSnapshot | RsiSnapshot | MacdSnapshot;

/** One indicator: writes what it knows at a bar into its places of the row. */
export interface Reading {
  /** `replace` takes the last bar back first. */
  read(bar: VolumeBar, row: Float64Array, replace: boolean): void;
  snapshot(): ReadingSnapshot;
}

interface Stream<Input, Output> {
  push(input: Input): Output | undefined;
  replaceLast(input: Input): Output | undefined;
  snapshot(): ReadingSnapshot;
}

/** All readings, fresh or out of the snapshots of the same ones in the same order. */
export function openReadings(snapshots?: readonly ReadingSnapshot[]): Reading[] {
  let next = 0;
  const open = <Input, Output, Snapshot>(
    fresh: () => Stream<Input, Output>,
    again: (snapshot: Snapshot) => Stream<Input, Output>,
    inputOf: (bar: VolumeBar) => Input,
    write: (row: Float64Array, value: Output) => void,
  ): Reading => {
    const stream = snapshots ? again(snapshots[next++] as Snapshot) : fresh();
    return {
      read(bar, row, replace) {
        const input = inputOf(bar);
        const value = replace ? stream.replaceLast(input) : stream.push(input);
        if (value !== undefined) write(row, value);
      },
      snapshot: () => stream.snapshot(),
    };
  };
  const close = (bar: VolumeBar): number => bar.close;
  const whole = (bar: VolumeBar): VolumeBar => bar;
  const into =
    (at: number) =>
    (row: Float64Array, value: number): void => {
      row[at] = value;
    };
  const orNaN = (value: number | undefined): number => value ?? Number.NaN;
  return [
    ...averagePeriods.map((period, i) =>
      open(
        () => createSma({ period }),
        (snapshot: IndicatorSnapshot) => restoreSma(snapshot, { period }),
        close,
        into(place.averages + i),
      ),
    ),
    ...averagePeriods.map((period, i) =>
      open(
        () => createEma({ period }),
        (snapshot: IndicatorSnapshot) => restoreEma(snapshot, { period }),
        close,
        into(place.averages + averagePeriods.length + i),
      ),
    ),
    open(createHma, (snapshot: IndicatorSnapshot) => restoreHma(snapshot), close, into(place.hma)),
    open(createVwma, (snapshot: IndicatorSnapshot) => restoreVwma(snapshot), whole, into(place.vwma)),
    open(
      createIchimoku,
      (snapshot: IndicatorSnapshot) => restoreIchimoku(snapshot),
      whole,
      (row, point) => {
        row[place.conversion] = point.conversion;
        row[place.base] = orNaN(point.base);
        row[place.spanA] = orNaN(point.spanA);
        row[place.spanB] = orNaN(point.spanB);
      },
    ),
    open(createRsi, (snapshot: RsiSnapshot) => restoreRsi(snapshot), close, into(place.rsi)),
    open(
      createStochastic,
      (snapshot: IndicatorSnapshot) => restoreStochastic(snapshot),
      whole,
      (row, point) => {
        row[place.stochK] = point.k;
        row[place.stochD] = orNaN(point.d);
      },
    ),
    open(createCci, (snapshot: IndicatorSnapshot) => restoreCci(snapshot), whole, into(place.cci)),
    open(
      createAdx,
      (snapshot: IndicatorSnapshot) => restoreAdx(snapshot),
      whole,
      (row, point) => {
        row[place.plusDi] = point.plusDi;
        row[place.minusDi] = point.minusDi;
        row[place.adx] = orNaN(point.adx);
      },
    ),
    open(createAwesome, (snapshot: IndicatorSnapshot) => restoreAwesome(snapshot), whole, into(place.awesome)),
    open(
      createPriceMomentum,
      (snapshot: IndicatorSnapshot) => restorePriceMomentum(snapshot),
      close,
      into(place.momentum),
    ),
    open(
      createMacd,
      (snapshot: MacdSnapshot) => restoreMacd(snapshot),
      close,
      (row, point) => {
        row[place.macd] = point.macd;
        row[place.signal] = orNaN(point.signal);
      },
    ),
    open(
      createStochRsi,
      (snapshot: IndicatorSnapshot) => restoreStochRsi(snapshot),
      close,
      (row, point) => {
        row[place.stochRsiK] = point.k;
        row[place.stochRsiD] = orNaN(point.d);
      },
    ),
    open(createWilliamsR, (snapshot: IndicatorSnapshot) => restoreWilliamsR(snapshot), whole, into(place.williamsR)),
    open(
      createElderRay,
      (snapshot: IndicatorSnapshot) => restoreElderRay(snapshot),
      whole,
      (row, point) => {
        row[place.bull] = point.bull;
        row[place.bear] = point.bear;
      },
    ),
    open(createUltimate, (snapshot: IndicatorSnapshot) => restoreUltimate(snapshot), whole, into(place.ultimate)),
  ];
}

/** How many readings there are. */
export const readingCount = 26;

/** A row in which nothing is known. */
export function emptyRow(): Float64Array {
  return new Float64Array(rowSize).fill(Number.NaN);
}
