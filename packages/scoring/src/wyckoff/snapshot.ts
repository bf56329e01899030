import { ScoringError } from '../errors.ts';
import { isUsable } from '../internal/checks.ts';
import type { WyckoffSide } from './events.ts';
import type { Oriented } from './measures.ts';
import type { SchematicState } from './schematic.ts';
import { idle } from './schematic.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The bars of a snapshot; throws `bad-snapshot` unless they are as many and as sound as it says. */
export function readBars(snapshot: { count: unknown; bars: unknown; lookback: number }): Oriented[] {
  const { count, bars, lookback } = snapshot;
  const isSound =
    Number.isSafeInteger(count) &&
    (count as number) >= 0 &&
    Array.isArray(bars) &&
    bars.length === Math.min(count as number, lookback + 2) &&
    [...(bars as unknown[])].every(isBar);
  if (!isSound) throw bad('bars', `${Array.isArray(bars) ? bars.length : String(bars)} of ${String(count)}`);
  return (bars as Oriented[]).map(({ high, low, close, volume }) => ({ high, low, close, volume }));
}

/** One schematic of a snapshot; throws `bad-snapshot` unless it has the shape of a state. */
export function readState(snapshot: { count: number }, when: 'previous' | 'state', side: WyckoffSide): SchematicState {
  const state = fieldsOf(fieldsOf(fieldsOf(snapshot)[when])[side]);
  for (const [key, like] of Object.entries(idle)) {
    const value = state[key];
    if (!isLike(key, like, value, snapshot.count)) throw bad(`${when}.${side}.${key}`, String(value));
  }
  return Object.fromEntries(Object.keys(idle).map((key) => [key, state[key]])) as unknown as SchematicState;
}

function isLike(key: string, like: unknown, value: unknown, count: number): boolean {
  if (key === 'phase') return value === null || (typeof value === 'string' && /^[A-E]$/.test(value));
  if (typeof like === 'boolean') return typeof value === 'boolean';
  if (typeof like === 'number') return places.has(key) ? isPlace(value, count + 1) : isNumber(value);
  const { at, price, volume } = fieldsOf(value);
  return isPlace(at, count) && isNumber(price) && isNumber(volume);
}

/** Bars and counts of bars; −1 for none. The other numbers of a state are prices and ranges. */
const places: ReadonlySet<string> = new Set(['testedAt', 'belowSince', 'above']);

function isPlace(value: unknown, count: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= -1 && (value as number) < count;
}

/** A range of two prices is at most twice as large as they are. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && isUsable(value / 2);
}

function isBar(value: unknown): boolean {
  const { high, low, close, volume } = fieldsOf(value);
  if (![high, low, close, volume].every((number) => typeof number === 'number' && isUsable(number))) return false;
  const bar = value as Oriented;
  return bar.low <= bar.close && bar.close <= bar.high && bar.volume >= 0;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function bad(what: string, value: string): ScoringError {
  return new ScoringError(
    'bad-snapshot',
    `snapshot of "wyckoff" has "${value}" for ${what}, which no snapshot has. Pass the snapshot as it was taken.`,
    value,
  );
}
