/** Prices in units of 1e-9, as Databento stores them, to decimal text. */

/** The stored value that stands for "no price". */
export const undefinedPrice = 0x7fff_ffff_ffff_ffffn;

const unit = 1_000_000_000;

/** Books return to the same few thousand prices; beyond this the texts are made anew. */
const maxRemembered = 1 << 14;

/**
 * A reader of prices that remembers the texts it made. It gives `undefined` for the stored "no price".
 * @param high - upper 32 bits, signed
 * @param low - lower 32 bits, unsigned
 */
export function createPriceReader(): (high: number, low: number) => string | undefined {
  let texts = new Map<number, string>();
  return (high, low) => {
    const price = high * 4_294_967_296 + low;
    // Beyond 2^53 (nine million units of the currency) the sum is not exact; such prices are rare.
    if (!Number.isSafeInteger(price)) {
      const exact = (BigInt(high) << 32n) | BigInt(low);
      return exact === undefinedPrice ? undefined : fixedPriceText(exact);
    }
    const known = texts.get(price);
    if (known !== undefined) return known;
    if (texts.size >= maxRemembered) texts = new Map();
    const text = smallPriceText(price);
    texts.set(price, text);
    return text;
  };
}

/** Decimal text of a price in units of 1e-9: `5528750000000n` → `'5528.75'`. */
export function fixedPriceText(price: bigint): string {
  const sign = price < 0n ? '-' : '';
  const digits = (price < 0n ? -price : price).toString().padStart(10, '0');
  return withFraction(sign + digits.slice(0, -9), digits.slice(-9));
}

function smallPriceText(price: number): string {
  const size = Math.abs(price);
  const whole = Math.floor(size / unit);
  return withFraction(`${price < 0 ? '-' : ''}${whole}`, String(size - whole * unit).padStart(9, '0'));
}

function withFraction(whole: string, fraction: string): string {
  const digits = fraction.replace(/0+$/, '');
  return digits === '' ? whole : `${whole}.${digits}`;
}
