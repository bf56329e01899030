/** Bars as the detectors remember them, oldest first. */
import { exactFromJson, exactToJson, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { FootprintBar } from '../footprint-bar.ts';
import { isSpan, isWhole } from './bar-check.ts';
import type { DivergenceBar } from './divergence-rule.ts';

/** What is remembered of a bar. */
export type KeptBar = DivergenceBar & Pick<FootprintBar, 'revision'>;

/** `[startMs, endMs, highTicks, lowTicks, deltaLots, revision]`. */
export type DivergenceBarJson = readonly [number, number, number, number, ExactIntJson, number];

/** The whole numbers of a {@link KeptBar}. */
export const keptNumbers = ['highTicks', 'lowTicks', 'deltaLots', 'revision', 'trades'] as const;

export function keptBarOf({ startMs, endMs, highTicks, lowTicks, deltaLots, revision }: KeptBar): KeptBar {
  return { startMs, endMs, highTicks, lowTicks, deltaLots, revision };
}

export function keptBarToJson({
  startMs,
  endMs,
  highTicks,
  lowTicks,
  deltaLots,
  revision,
}: KeptBar): DivergenceBarJson {
  return [startMs, endMs, highTicks, lowTicks, exactToJson(deltaLots), revision];
}

export function keptBarFromJson([startMs, endMs, highTicks, lowTicks, delta, revision]: DivergenceBarJson): KeptBar {
  return { startMs, endMs, highTicks, lowTicks, deltaLots: exactFromJson(delta), revision };
}

/** Whether these are at most so many bars in the order of their start. */
export function areKeptBars(bars: readonly KeptBar[], most: number): boolean {
  return (
    bars.length <= most &&
    bars.every((bar, i) => {
      const isBar = [bar.highTicks, bar.lowTicks, bar.revision].every(isWhole) && bar.revision >= 0;
      return isBar && isSpan(bar.startMs, bar.endMs) && bar.startMs >= (bars[i - 1]?.startMs ?? -Infinity);
    })
  );
}
