/** Decimals as the edge writes them: digits without an exponent and without trailing zeros. */
import type { DecimalInput } from '@tapekit/orderflow/market';

const literal = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;

/**
 * The canonical text of a decimal: `'2683.80000000'` → `'2683.8'`, `1e-7` → `'0.0000001'`. `undefined` for what is no
 * finite decimal.
 */
export function decimalText(value: DecimalInput): string | undefined {
  const match = literal.exec(String(value));
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (whole + fraction === '' || Math.abs(shift) > 1000) return undefined;
  const digits = '0'.repeat(Math.max(0, -shift)) + whole + fraction + '0'.repeat(Math.max(0, shift));
  const point = Math.max(0, -shift) + whole.length + shift;
  const integer = digits.slice(0, point).replace(/^0+(?=\d)/, '') || '0';
  const decimals = digits.slice(point).replace(/0+$/, '');
  const text = decimals ? `${integer}.${decimals}` : integer;
  return text === '0' ? text : `${sign}${text}`;
}
