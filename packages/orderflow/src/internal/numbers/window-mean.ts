import { requireWhole } from '../shared/checks.ts';
import { meanOf } from './mean.ts';
import { createRollingWindow } from './rolling-window.ts';
import { count, fields, finite, listOf } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** How many values a mean is over: the last n, or all of them. */
export type WindowLength = number | 'all';

/** The state of a {@link WindowMean}: its values, oldest first, or `[mean]` of all of them. */
export interface WindowMeanJson {
  readonly n: number;
  readonly values: readonly number[];
}

/** A mean of the last values or of all. */
export interface WindowMean {
  /** Values in the mean. */
  readonly n: number;
  push(value: number): void;
  /** `undefined` before the first value. */
  mean(): number | undefined;
  toJson(): WindowMeanJson;
}

export function requireLength(option: string, length: WindowLength): void {
  if (length !== 'all') requireWhole(option, length);
}

export function createWindowMean(length: WindowLength, from?: WindowMeanJson): WindowMean {
  if (length === 'all') {
    let n = from?.n ?? 0;
    let mean = from?.values[0] ?? 0;
    return {
      get n() {
        return n;
      },
      push(value) {
        n += 1;
        mean += (value - mean) / n;
      },
      mean: () => (n === 0 ? undefined : mean + 0),
      toJson: () => ({ n, values: n === 0 ? [] : [mean + 0] }),
    };
  }
  const window = createRollingWindow(length, from?.values);
  return {
    get n() {
      return window.size;
    },
    push: (value) => window.push(value + 0),
    mean: () => meanOf(window.values()),
    toJson: () => ({ n: window.size, values: window.values() }),
  };
}

/** A mean as it is stored. */
export const windowMeanShape: Shape = fields({ n: count, values: listOf(finite) });
