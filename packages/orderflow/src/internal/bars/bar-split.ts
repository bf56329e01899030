/** The volume of a bar split by where it closed, exact: as decimals and as whole lots. */
import { addExact, divideExact, subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import type { DecimalInput } from '../../market.ts';
import { formatScaled, parseDecimal, parseScaled } from '../numbers/decimal-literal.ts';
import { badBar } from './ohlc-imbalance.ts';

/** The volume of one bar, split by where it closed. `buy + sell` is the volume, to the last digit. */
export interface BarVolumeSplit {
  /** Decimal string. */
  readonly buy: string;
  /** Decimal string. */
  readonly sell: string;
  /** buy − sell, decimal string. */
  readonly delta: string;
  /** Always `proxy`: no side of any print was seen. */
  readonly quality: 'proxy';
}

/** The lots of one bar, split by where it closed. `buyLots + sellLots` is the volume, exactly. */
export interface BarLotsSplit {
  readonly buyLots: ExactInt;
  readonly sellLots: ExactInt;
  /** buyLots − sellLots. */
  readonly deltaLots: ExactInt;
  /** Always `proxy`: no side of any print was seen. */
  readonly quality: 'proxy';
}

/**
 * `calculateOhlcImbalanceProxy` over decimals: a decimal string of at most 16 significant digits, rounded half to even.
 *
 * @example
 * ```ts
 * calculateOhlcImbalanceProxyExact('0.3', '0.1', '0.2', '5'); // => '0'
 * calculateOhlcImbalanceProxyExact('0.3', '0', '0.1', '5'); // => '-0.3333333333333333'
 * ```
 * @throws {@link OrderflowError} `bad-bar` as in `calculateOhlcImbalanceProxy`.
 */
export function calculateOhlcImbalanceProxyExact(
  high: DecimalInput,
  low: DecimalInput,
  close: DecimalInput,
  volume: DecimalInput,
): string {
  const { part, whole, mantissa } = shareOf(high, low, close, volume);
  return mantissa === 0n ? '0' : divideExact(2n * part - whole, whole);
}

/**
 * The volume of a bar split by where it closed: `buy = V·(C − L) ÷ (H − L)`, half of it without range. Where that ratio
 * does not end, buy is rounded half to even to 16 significant digits, or to as many as the volume has, and sell takes
 * the rest, so nothing is lost.
 *
 * @example
 * ```ts
 * splitBarVolume(110, 100, 109, 1001); // => { buy: '900.9', sell: '100.1', delta: '800.8', quality: 'proxy' }
 * ```
 * @throws {@link OrderflowError} `bad-bar` as in `calculateOhlcImbalanceProxy`.
 */
export function splitBarVolume(
  high: DecimalInput,
  low: DecimalInput,
  close: DecimalInput,
  volume: DecimalInput,
): BarVolumeSplit {
  const { part, whole, mantissa, scale } = shareOf(high, low, close, volume);
  // As many digits as the volume has, so that rounding cannot lift buy above it.
  const digits = Math.min(1000, Math.max(16, mantissa.toString().length));
  const bought = parseScaled(divideExact(mantissa * part, whole * 10n ** BigInt(scale), digits))!;
  const common = Math.max(scale, bought.scale);
  const buy = bought.mantissa * 10n ** BigInt(common - bought.scale);
  const sell = mantissa * 10n ** BigInt(common - scale) - buy;
  const text = (value: bigint): string => formatScaled(value, common);
  return { buy: text(buy), sell: text(sell), delta: text(buy - sell), quality: 'proxy' };
}

/**
 * {@link splitBarVolume} in whole lots: bought lots are rounded to the nearest lot, half to even, and sell takes the
 * rest, so an odd volume loses no lot. Prices in ticks of one grid.
 *
 * @example
 * ```ts
 * splitBarLots(110, 100, 109, 1001); // => { buyLots: 901, sellLots: 100, deltaLots: 801, quality: 'proxy' }
 * splitBarLots(100, 100, 100, 7); // => { buyLots: 4, sellLots: 3, deltaLots: 1, quality: 'proxy' }
 * ```
 * @throws {@link OrderflowError} `bad-bar` as in `calculateOhlcImbalanceProxy`, and for what is no whole number.
 */
export function splitBarLots(
  highTicks: number,
  lowTicks: number,
  closeTicks: number,
  volumeLots: ExactInt,
): BarLotsSplit {
  const whole = [highTicks, lowTicks, closeTicks].every(Number.isSafeInteger);
  if (!whole || (typeof volumeLots === 'number' ? !Number.isSafeInteger(volumeLots) : typeof volumeLots !== 'bigint')) {
    throw badBar(highTicks, lowTicks, closeTicks, volumeLots);
  }
  const share = shareOf(highTicks, lowTicks, closeTicks, volumeLots.toString());
  const product = share.mantissa * share.part;
  const [floor, twice] = [product / share.whole, (product % share.whole) * 2n];
  const up = twice > share.whole || (twice === share.whole && floor % 2n === 1n);
  const buyLots = addExact(up ? floor + 1n : floor, 0);
  const sellLots = subtractExact(volumeLots, buyLots);
  return { buyLots, sellLots, deltaLots: subtractExact(buyLots, sellLots), quality: 'proxy' };
}

/** The bought share of a bar, `part ÷ whole`, and its volume, `mantissa × 10^−scale`. */
function shareOf(
  high: DecimalInput,
  low: DecimalInput,
  close: DecimalInput,
  volume: DecimalInput,
): { readonly part: bigint; readonly whole: bigint; readonly mantissa: bigint; readonly scale: number } {
  const bar = [high, low, close, volume].map(parseDecimal);
  const scale = Math.max(...bar.map((value) => value?.scale ?? 0));
  const [h, l, c, v] = bar.map((value) => value && value.mantissa * 10n ** BigInt(scale - value.scale));
  if (h === undefined || l === undefined || c === undefined || v === undefined || v < 0n) {
    throw badBar(high, low, close, volume);
  }
  // Without volume nobody traded, whatever the prices of the bar are.
  if (v === 0n) return { part: 1n, whole: 2n, mantissa: 0n, scale: 0 };
  if (l > c || c > h) throw badBar(high, low, close, volume);
  return h === l ? { part: 1n, whole: 2n, mantissa: v, scale } : { part: c - l, whole: h - l, mantissa: v, scale };
}
