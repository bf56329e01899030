import type { ShapesOptions } from './options.ts';
import type { ShapeTemplate } from './templates.ts';
import { sampleTemplate } from './templates.ts';
import { warp, warpRows } from './warp.ts';

/** A series with the band around it that any alignment stays in. */
interface Enveloped {
  readonly values: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** A template at one length. */
export interface SampledTemplate extends Enveloped {
  readonly template: ShapeTemplate;
  /** Places by how far the band is from the other end of the scale: where a window that is unlike shows it first. */
  readonly order: Uint16Array;
}

/** Compares one window after the other with templates of its length. */
export interface Matcher {
  /** To be filled with the window, stretched to 0…1. */
  readonly window: Float64Array;
  /** To be called when the window was filled anew. */
  begin(): void;
  /** The cost of the window against a template; `undefined` above `atMost`. */
  costOf(shape: SampledTemplate, atMost: number): number | undefined;
}

/** Every template at every length. */
export function sampleAll({ templates, lengths, bandShare }: Required<ShapesOptions>): readonly SampledTemplate[][] {
  return lengths.map((length) =>
    templates.map((template) => {
      const values = sampleTemplate(template, length);
      const band = { values, lower: new Float64Array(length), upper: new Float64Array(length) };
      envelop(band, Math.floor(bandShare * length));
      const farthest = (i: number): number => Math.max(band.lower[i]!, 1 - band.upper[i]!);
      const order = Uint16Array.from(values.keys()).sort((i, j) => farthest(j) - farthest(i) || i - j);
      return { ...band, template, order };
    }),
  );
}

/**
 * A matcher with lower bounds: on an aligned path every point of the window is at least as far away as from the band
 * around the template, and every point of the template as from the band around the window (Keogh's bound, both ways; with
 * symmetric weights each of the two is paid in full). Most windows are decided by the first, and the rest of a path is
 * never cheaper than what is left of both.
 */
export function createMatcher(length: number, reach: number): Matcher {
  const window = new Float64Array(length);
  const own = { values: window, lower: new Float64Array(length), upper: new Float64Array(length) };
  const rows = warpRows(length);
  const low = new Uint16Array(length);
  const high = new Uint16Array(length);
  const still = new Float64Array(length + 1);
  const theirs = new Float64Array(length + 1);
  let isEnveloped = false;
  return {
    window,
    begin: () => {
      isEnveloped = false;
    },
    costOf(shape, atMost) {
      const limit = atMost * 2 * length * (1 + 1e-12);
      const toTemplate = distance(window, shape, shape.order, limit);
      if (toTemplate > limit) return undefined;
      if (!isEnveloped) envelop(own, reach, low, high);
      isEnveloped = true;
      if (distance(shape.values, own, shape.order, limit - toTemplate) > limit - toTemplate) return undefined;
      distances(still, window, shape);
      distances(theirs, shape.values, own);
      // After row i the template is known up to place i + reach; what lies behind that is still to be paid.
      for (let i = 1; i <= length; i++) still[i]! += theirs[Math.min(length, i + reach)]!;
      return warp(window, shape.values, reach, atMost, rows, still);
    },
  };
}

/** How far values are from a band in all; stops as soon as it is more than `limit`. */
function distance(values: Float64Array, { lower, upper }: Enveloped, order: Uint16Array, limit: number): number {
  let sum = 0;
  for (let k = 0; k < order.length && sum <= limit; k++) {
    const i = order[k]!;
    const value = values[i]!;
    if (value > upper[i]!) sum += value - upper[i]!;
    else if (value < lower[i]!) sum += lower[i]! - value;
  }
  return sum;
}

/** Writes how far the values from each place on are from a band. */
function distances(left: Float64Array, values: Float64Array, { lower, upper }: Enveloped): void {
  let sum = 0;
  left[values.length] = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    sum += Math.max(0, values[i]! - upper[i]!, lower[i]! - values[i]!);
    left[i] = sum;
  }
}

/** Lowest and highest value within `reach` places on either side; deques of places, so the width costs nothing. */
function envelop(
  { values, lower, upper }: Enveloped,
  reach: number,
  low = new Uint16Array(values.length),
  high = new Uint16Array(values.length),
): void {
  const { length } = values;
  let lowHead = 0;
  let lowTail = 0;
  let highHead = 0;
  let highTail = 0;
  for (let i = 0, next = 0; i < length; i++) {
    for (; next < length && next <= i + reach; next++) {
      const value = values[next]!;
      while (lowTail > lowHead && values[low[lowTail - 1]!]! >= value) lowTail--;
      while (highTail > highHead && values[high[highTail - 1]!]! <= value) highTail--;
      low[lowTail++] = next;
      high[highTail++] = next;
    }
    while (low[lowHead]! < i - reach) lowHead++;
    while (high[highHead]! < i - reach) highHead++;
    lower[i] = values[low[lowHead]!]!;
    upper[i] = values[high[highHead]!]!;
  }
}
