/** Exact arithmetic on the API's decimal strings, for the few figures that the page derives itself. */

const pattern = /^(-?)(\d+)(?:\.(\d+))?$/;

interface Scaled {
  readonly units: bigint;
  readonly digits: number;
}

function parse(value: string): Scaled {
  const match = pattern.exec(value);
  if (!match) throw new TypeError(`"${value}" is not a decimal; expected digits with an optional sign and fraction`);
  const fraction = match[3] ?? '';
  const units = BigInt(`${match[2] ?? '0'}${fraction}`);
  return { units: match[1] === '-' ? -units : units, digits: fraction.length };
}

function format(units: bigint, digits: number): string {
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  const unsigned = fraction === '' ? whole : `${whole}.${fraction}`;
  return units < 0n ? `-${unsigned}` : unsigned;
}

/** The exact sum of decimal strings, without trailing zeros; `"0"` for none. */
export function addDecimals(values: readonly string[]): string {
  const parsed = values.map(parse);
  const digits = parsed.reduce((most, { digits: own }) => Math.max(most, own), 0);
  return format(
    parsed.reduce((sum, { units, digits: own }) => sum + units * 10n ** BigInt(digits - own), 0n),
    digits,
  );
}

/** The exact difference of two decimal strings, without trailing zeros. */
export function subtractDecimals(left: string, right: string): string {
  return addDecimals([left, right.startsWith('-') ? right.slice(1) : `-${right}`]);
}

/** −1, 0 or 1: the sign of a decimal string. */
export function signOf(value: string): -1 | 0 | 1 {
  const { units } = parse(value);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** How many digits stand behind the decimal point. */
export function fractionDigits(value: string): number {
  return parse(value).digits;
}
