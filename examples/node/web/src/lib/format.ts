/** Text for numbers and times. Decimal strings of the API are shown as they came; only what is said to be short is. */

/** A decimal string cut for display: digit groups are set apart by space alone, so that the text stays verbatim. */
export interface DigitGroups {
  /** Sign and digits before the decimal point, in groups of three from the right. */
  readonly groups: readonly string[];
  /** The decimal point and what follows it, or nothing. */
  readonly fraction: string;
}

/** Splits a number's text for reading; joining the parts gives the text back. Four digits or fewer stay together. */
export function digitGroups(text: string): DigitGroups {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(text);
  if (!match) return { groups: [text], fraction: '' };
  const [, sign = '', digits = '', fraction = ''] = match;
  if (digits.length <= 4) return { groups: [sign + digits], fraction };
  const first = digits.length % 3 || 3;
  const groups = [sign + digits.slice(0, first)];
  for (let at = first; at < digits.length; at += 3) groups.push(digits.slice(at, at + 3));
  return { groups, fraction };
}

const units: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/**
 * About three significant digits, for a footprint cell: `1.23k`, `12.3`, `0.05`, `<.01`; about two where `digits` is 2
 * and the room is small: `1.2k`, `12`.
 */
export function abbreviate(value: number, digits: 2 | 3 = 3): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const sign = value < 0 ? '-' : '';
  // What would read as nothing is not nothing.
  if (size < (digits === 3 ? 0.005 : 0.05)) return `${sign}<${digits === 3 ? '.01' : '.1'}`;
  for (const [at, [unit, suffix]] of units.entries()) {
    if (size < unit * 0.9995) continue;
    const text = short(size / unit, digits);
    // 999.96k rounds to 1000k: say 1M.
    return text === '1000' && at > 0 ? `${sign}1${units[at - 1]![1]}` : `${sign}${text}${suffix}`;
  }
  return sign + short(size, digits);
}

function short(size: number, digits: 2 | 3): string {
  const behind = Math.max(0, (size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2) - (3 - digits));
  const text = size.toFixed(behind);
  return behind === 0 ? text : text.replace(/\.?0+$/, '');
}

/** A byte count for people, with three significant digits: `1.18 MiB`. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < names.length - 1) {
    value /= 1024;
    at += 1;
  }
  const digits = at === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${names[at]!}`;
}

/** Raw bytes per compressed byte, `12.3×`; undefined when nothing was compressed. */
export function compressionRatio(rawBytes: number, gzBytes: number): string | undefined {
  return gzBytes > 0 && rawBytes > 0 ? `${(rawBytes / gzBytes).toFixed(1)}×` : undefined;
}

/** A plain number with at most `digits` digits behind the point and no trailing zeros. */
export function formatNumber(value: number, digits = 2): string {
  return String(Number(value.toFixed(digits)));
}

/** A share of 0 to 1 as a percentage. */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100, 1)} %`;
}

/** `14:05:30`, UTC; seconds are left out when they are zero, milliseconds shown when they are not. */
export function formatTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  if (timeMs % 1000 !== 0) return iso.slice(11, 23);
  return timeMs % 60_000 === 0 ? iso.slice(11, 16) : iso.slice(11, 19);
}

/** `2026-11-20`, UTC. */
export function formatDate(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** `2026-11-20 14:05:30`, UTC. */
export function formatDateTime(timeMs: number): string {
  return `${formatDate(timeMs)} ${formatTime(timeMs)}`;
}
