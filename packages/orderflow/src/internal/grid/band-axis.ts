/** A price axis whose tick changes with the price: counted in the finest tick, legal only where the band's tick says. */
import { OrderflowError } from '../../errors.ts';
import type { DecimalInput } from '../../market.ts';
import { formatScaled, parseDecimal } from '../numbers/decimal-literal.ts';
import { excerpt } from '../shared/excerpt.ts';
import { createAxis, requireSafe } from './grid-axis.ts';
import type { Axis, Bracket } from './grid-axis.ts';

/** A range of prices with one tick. It reaches to the `from` of the next band, or has no end. */
export interface TickBand {
  /** First price of the band; a multiple of its tick. */
  readonly from: DecimalInput;
  /** Price step in the band: its prices are the multiples of it. */
  readonly tickSize: DecimalInput;
}

/** A {@link TickBand} in canonical decimals. */
export interface CanonicalBand {
  readonly from: string;
  readonly tickSize: string;
}

/** One band in ticks of the axis, with the number of legal prices below it. */
export interface CountedBand {
  readonly from: number;
  readonly tick: number;
  readonly steps: number;
}

export interface BandAxis extends Axis {
  readonly bands: readonly CanonicalBand[];
  readonly counted: readonly CountedBand[];
  /** Index of the band that holds these ticks; −1 below the first. */
  readonly bandAt: (ticks: number | bigint) => number;
  /** True when the ticks are a price of their band. */
  readonly isLegal: (ticks: number) => boolean;
  /** The error for a price of no band. */
  readonly offBand: (value: unknown, ticks: number | bigint) => OrderflowError;
}

/**
 * The axis of some bands.
 * @throws {@link OrderflowError} `bad-option` when there is no band, a `from` is negative, does not ascend or is no
 *   multiple of its tick, a tick is no positive decimal, or a band starts more than 2^53 − 1 finest ticks from 0.
 */
export function createBandAxis(bands: readonly TickBand[]): BandAxis {
  if (bands.length === 0) {
    throw new OrderflowError(
      'bad-option',
      'bands is empty, expected at least one band. For one tick use createGrid.',
      bands,
    );
  }
  const parsed = bands.map(({ from, tickSize }) => {
    const tick = createAxis('tickSize', 'price', tickSize);
    const start = parseDecimal(from);
    if (!start || start.mantissa < 0n || tick.bracket(from).rest !== 0n) {
      throw badBand(from, `a multiple of its tick ${tick.step} from 0 on`);
    }
    return { tick, start };
  });
  const scale = Math.max(0, ...parsed.map(({ tick }) => tick.scale));
  const [ticks, starts] = [
    parsed.map(({ tick }) => tick.mantissa * 10n ** BigInt(scale - tick.scale)),
    // A multiple of a tick has no more decimals than the tick, and is one of the finest tick too.
    parsed.map(({ start }) => start.mantissa * 10n ** BigInt(scale - start.scale)),
  ];
  const finest = ticks.reduce(greatestCommonDivisor, 0n);
  const axis = createAxis('tickSize', 'price', formatScaled(finest, scale));

  const counted: CountedBand[] = [];
  for (const [i, start] of starts.entries()) {
    const from = Number(start / finest);
    const tick = Number(ticks[i]! / finest);
    const below = counted.at(-1);
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(tick)) {
      throw badBand(bands[i]!.from, `at most ${Number.MAX_SAFE_INTEGER} times ${axis.step}, the finest tick`);
    }
    if (below && from <= below.from) throw badBand(bands[i]!.from, 'above the band before it');
    counted.push({ from, tick, steps: below ? below.steps + Math.ceil((from - below.from) / below.tick) : 0 });
  }

  const bandAt = (price: number | bigint): number => {
    let i = counted.length - 1;
    while (i >= 0 && price < counted[i]!.from) i -= 1;
    return i;
  };
  const isLegal = (price: number): boolean => {
    const band = counted[bandAt(price)];
    return band !== undefined && price % band.tick === 0;
  };
  const canonical = parsed.map(({ tick, start }) => ({
    from: formatScaled(start.mantissa, start.scale),
    tickSize: tick.step,
  }));
  const offBand = (value: unknown, price: number | bigint): OrderflowError => {
    const band = canonical[bandAt(price)];
    return new OrderflowError(
      'off-grid',
      band
        ? `price ${excerpt(value)} is not a multiple of ${band.tickSize}, the tick from ${band.from} on. ` +
            `Round it under a stated rule, or check the instrument's bands.`
        : `price ${excerpt(value)} is below ${canonical[0]!.from}, where the first band starts. ` +
            `Check the instrument's bands.`,
      value,
    );
  };

  const bracket = (value: DecimalInput): Bracket => {
    const fine = axis.bracket(value);
    const i = bandAt(fine.low);
    const band = counted[i];
    if (!band) throw offBand(value, fine.low);
    const tick = BigInt(band.tick);
    const above = fine.low % tick;
    const low = fine.low - above;
    // The last price of a band may be nearer to the next band than a tick.
    const border = counted[i + 1];
    const high = border && low + tick > border.from ? BigInt(border.from) : low + tick;
    return {
      low,
      high,
      rest: fine.rest + above * fine.gap,
      gap: (high - low) * fine.gap,
      scale: fine.scale,
      lowIsEven: (low / tick) % 2n === 0n,
    };
  };

  const quickSteps = (value: DecimalInput): number => {
    const price = axis.quickSteps(value);
    return isLegal(price) ? price : NaN;
  };

  return {
    ...axis,
    bands: canonical,
    counted,
    bandAt,
    isLegal,
    offBand,
    bracket,
    quickSteps,
    toSteps(value) {
      const price = quickSteps(value);
      if (!Number.isNaN(price)) return price;
      const { low, rest } = bracket(value);
      if (rest !== 0n) throw offBand(value, low);
      return requireSafe('price', value, low, `tickSize ${axis.step}`);
    },
  };
}

function badBand(from: unknown, expected: string): OrderflowError {
  return new OrderflowError(
    'bad-option',
    `band from ${excerpt(from)} is not ${expected}. Pass the bands lowest first, as the venue lists them.`,
    from,
  );
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
