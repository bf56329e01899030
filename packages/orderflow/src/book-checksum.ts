/**
 * The checksums with which Kraken and OKX prove a book, over levels or as an option of `createBook`.
 *
 * Both are computed over the decimal strings that the venue sends. A book keeps ticks and lots; the strings follow from
 * them: Kraken prints a fixed number of decimals for each pair, OKX none that are not needed.
 */
import type { BookChecksum } from './book.ts';
import { createDepth } from './depth.ts';
import { OrderflowError } from './errors.ts';
import type { BookLevel, DecimalInput } from './market.ts';
import { requireBetween, requireWhole } from './internal/shared/checks.ts';
import { crc32 } from './internal/book/crc32.ts';
import { formatScaled, parseDecimal } from './internal/numbers/decimal-literal.ts';
import { excerpt } from './internal/shared/excerpt.ts';

export { crc32 } from './internal/book/crc32.ts';

/** The levels that a checksum is over. */
export interface ChecksumLevels {
  /** Best first; more than the checksum covers are ignored. */
  readonly bids: readonly BookLevel[];
  /** Best first; more than the checksum covers are ignored. */
  readonly asks: readonly BookLevel[];
}

/** How many decimals Kraken prints for a pair: those of its strings (v1), `price_precision`, `qty_precision` (v2). */
export interface KrakenDecimals {
  /** Decimals of a price, 5 in `"2192.68000"`. */
  readonly priceDecimals: number;
  /** Decimals of a size, 8 in `"3.00000000"`. */
  readonly sizeDecimals: number;
}

const KRAKEN_LEVELS = 10;
const OKX_LEVELS = 25;
/** More than any pair of Kraken has; bounds the powers of ten. */
const MOST_DECIMALS = 30;

/**
 * Kraken's checksum: for the ten best asks, then the ten best bids, price and size with all their decimals, without the
 * point and leading zeros, in one string; its CRC32, unsigned (Kraken, "Book Checksum", v1 and v2).
 *
 * @example
 * ```ts
 * const decimals = { priceDecimals: 1, sizeDecimals: 8 };
 * krakenChecksum({ asks: [[45285.2, 0.001]], bids: [[45283.5, '0.1']] }, decimals); // crc32('452852100000' + '45283510000000')
 * ```
 * @throws {@link OrderflowError} `bad-decimal` for what is no decimal, `off-grid` for more decimals than stated,
 *   `bad-option` for decimals that are not a whole number up to 30.
 */
export function krakenChecksum({ bids, asks }: ChecksumLevels, decimals: KrakenDecimals): number {
  requireDecimals(decimals);
  let text = '';
  for (const [price, size] of [...asks.slice(0, KRAKEN_LEVELS), ...bids.slice(0, KRAKEN_LEVELS)]) {
    text += digitsOf(price, decimals.priceDecimals) + digitsOf(size, decimals.sizeDecimals);
  }
  return crc32(text);
}

/**
 * OKX's checksum: the 25 best levels as `bid price:bid size:ask price:ask size:…`, and the rest of the longer side where
 * the other has run out; its CRC32, signed (OKX v5, "WS / Order book channel"). Strings are taken as they are, as the
 * venue asks for; numbers and `Decimal`s are printed without an exponent and without trailing zeros.
 *
 * @example
 * ```ts
 * okxChecksum({ bids: [['3366.1', '7'], ['3366', '6']], asks: [['3366.8', '9']] }); // crc32('3366.1:7:3366.8:9:3366:6') | 0
 * ```
 * @throws {@link OrderflowError} `bad-decimal` for a number that is not finite.
 */
export function okxChecksum({ bids, asks }: ChecksumLevels): number {
  const parts: string[] = [];
  for (let i = 0; i < OKX_LEVELS; i += 1) {
    for (const level of [bids[i], asks[i]]) if (level) parts.push(printed(level[0]), printed(level[1]));
  }
  return crc32(parts.join(':')) | 0;
}

/**
 * Kraken's checksum as an option of `createBook`.
 *
 * @example
 * ```ts
 * const book = createBook({
 *   grid: createGrid({ tickSize: '0.1', lotSize: '0.00000001' }),
 *   rule: bookRules.kraken,
 *   maxLevels: 10,
 *   checksum: krakenBookChecksum({ priceDecimals: 1, sizeDecimals: 8 }),
 * });
 * ```
 * @throws {@link OrderflowError} `bad-option` for decimals that are not a whole number up to 30; `createBook` throws it
 *   for a grid with a finer tick or lot than the decimals.
 */
export function krakenBookChecksum(decimals: KrakenDecimals): BookChecksum {
  requireDecimals(decimals);
  const { priceDecimals, sizeDecimals } = decimals;
  return {
    name: `kraken ${priceDecimals}/${sizeDecimals}`,
    over(grid) {
      const price = digitsOfSteps('tickSize', grid.tickSize, 'priceDecimals', priceDecimals);
      const size = digitsOfSteps('lotSize', grid.lotSize, 'sizeDecimals', sizeDecimals);
      const depth = createDepth(KRAKEN_LEVELS);
      return (book) => {
        book.readDepth(depth);
        let text = '';
        for (let i = 0; i < depth.askLevels; i += 1) text += price(depth.askTicks[i]!) + size(depth.askLots[i]!);
        for (let i = 0; i < depth.bidLevels; i += 1) text += price(depth.bidTicks[i]!) + size(depth.bidLots[i]!);
        return crc32(text);
      };
    },
  };
}

/**
 * OKX's checksum as an option of `createBook`. OKX sends 0 where it has none, and since 2026 always; such events pass.
 */
export function okxBookChecksum(): BookChecksum {
  return {
    name: 'okx',
    absent: 0,
    over(grid) {
      const depth = createDepth(OKX_LEVELS);
      const price = (ticks: number): string => grid.formatPrice(ticks);
      const size = (lots: number): string => grid.formatSize(lots);
      return (book) => {
        const { bidLevels, askLevels, bidTicks, bidLots, askTicks, askLots } = book.readDepth(depth);
        let text = '';
        for (let i = 0; i < bidLevels || i < askLevels; i += 1) {
          if (i < bidLevels) text += `:${price(bidTicks[i]!)}:${size(bidLots[i]!)}`;
          if (i < askLevels) text += `:${price(askTicks[i]!)}:${size(askLots[i]!)}`;
        }
        return crc32(text.slice(1)) | 0;
      };
    },
  };
}

function requireDecimals({ priceDecimals, sizeDecimals }: KrakenDecimals): void {
  for (const [option, value] of [
    ['priceDecimals', priceDecimals],
    ['sizeDecimals', sizeDecimals],
  ] as const) {
    requireBetween(option, value, 0, MOST_DECIMALS);
    requireWhole(option, value, 0);
  }
}

/** The digits of a decimal with so many decimals, without point and leading zeros. */
function digitsOf(value: DecimalInput, decimals: number): string {
  const literal = readDecimal(value);
  if (literal.scale > decimals) {
    throw new OrderflowError(
      'off-grid',
      `${excerpt(value)} has more than ${decimals} decimals. Check the decimals of the pair.`,
      value,
    );
  }
  return withoutZero(literal.mantissa * 10n ** BigInt(decimals - literal.scale));
}

/** A printer of the digits of whole steps. */
function digitsOfSteps(what: string, step: string, option: string, decimals: number): (steps: number) => string {
  const { mantissa, scale } = readDecimal(step);
  if (scale > decimals) {
    throw new OrderflowError(
      'bad-option',
      `${option} ${decimals} cannot print a book with the ${what} ${step}. Pass the decimals of the pair, or its grid.`,
      decimals,
    );
  }
  const factor = mantissa * 10n ** BigInt(decimals - scale);
  const number = Number(factor);
  return (steps) => {
    const product = steps * number;
    return product > 0 && Number.isSafeInteger(product) ? String(product) : withoutZero(BigInt(steps) * factor);
  };
}

/** Leading zeros are stripped, so a zero is no digit at all. */
function withoutZero(value: bigint): string {
  return value === 0n ? '' : String(value);
}

function printed(value: DecimalInput): string {
  if (typeof value === 'string') return value;
  const { mantissa, scale } = readDecimal(value);
  return formatScaled(mantissa, scale);
}

function readDecimal(value: DecimalInput): { readonly mantissa: bigint; readonly scale: number } {
  const literal = parseDecimal(value);
  if (literal) return literal;
  throw new OrderflowError(
    'bad-decimal',
    `${excerpt(value)} is not a decimal number. Pass the level as it came.`,
    value,
  );
}
