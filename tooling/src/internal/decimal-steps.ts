/** A decimal step and its multiples as text, in integers. */
export interface DecimalSteps {
  /** A multiple as Binance spells it: eight decimals. */
  padded(steps: number): string;
  /** A multiple without trailing zeros. */
  canonical(steps: number | bigint): string;
  /** A decimal in whole steps. @throws `RangeError` when it is none. */
  parse(decimal: string): number;
  readonly mantissa: number;
  readonly scale: number;
}

/** @throws `RangeError` when the step is no positive decimal of at most eight decimals. */
export function decimalSteps(name: string, step: string): DecimalSteps {
  const { mantissa, scale } = read(name, step);
  if (mantissa === 0) throw new RangeError(`${name} "${step}" is 0; expected a positive decimal such as "0.01"`);
  return {
    mantissa,
    scale,
    padded: (steps) => withPoint(BigInt(steps) * BigInt(mantissa) * 10n ** BigInt(8 - scale), 8),
    canonical: (steps) => trimmed(withPoint(BigInt(steps) * BigInt(mantissa), scale)),
    parse(decimal) {
      const value = read('startPrice', decimal);
      const steps = (value.mantissa * 10 ** (8 - value.scale)) / (mantissa * 10 ** (8 - scale));
      if (!Number.isSafeInteger(steps)) throw new RangeError(`"${decimal}" is no multiple of ${name} "${step}"`);
      return steps;
    },
  };
}

/** An integer count of 10^−scale without trailing zeros, for sums of price × size. */
export function scaledText(units: bigint, scale: number): string {
  return trimmed(withPoint(units, scale));
}

function read(name: string, decimal: string): { readonly mantissa: number; readonly scale: number } {
  const match = /^(\d{1,9})(?:\.(\d{1,8}))?$/.exec(decimal);
  if (!match) throw new RangeError(`${name} "${decimal}" is no decimal such as "0.01"`);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  return { mantissa: Number(match[1]! + fraction), scale: fraction.length };
}

function withPoint(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
