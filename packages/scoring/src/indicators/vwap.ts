/** Volume-weighted average price of a session. */
import { ScoringError } from '../errors.ts';
import { fullInput, readColumns } from '../internal/bar-input.ts';
import { checkWhole } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { typicalPrice } from '../internal/prices.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link vwap} and {@link createVwap}. */
export interface VwapOptions {
  /**
   * Length of a session in milliseconds; 0 for one session without end.
   * @defaultValue 86_400_000
   */
  readonly sessionMs?: number;
  /**
   * Exchange time − UTC in milliseconds, for sessions that start at midnight there; 25,200,000 in Jakarta.
   * @defaultValue 0
   */
  readonly utcOffsetMs?: number;
}

/** The options that apply where none are given. */
export const vwapDefaults: Required<VwapOptions> = { sessionMs: 86_400_000, utcOffsetMs: 0 };

/**
 * Σ typical price × volume ÷ Σ volume since the start of the session, from index 0 on. A session that traded nothing yet has
 * none: NaN (`undefined` from a stream).
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function vwap(bars: BarColumns, options: VwapOptions = {}): IndicatorSeries {
  const complete = completeOptions(vwapDefaults, options);
  check(complete);
  const { startMs, high, low, close, volume } = readColumns(bars, ['startMs', 'high', 'low', 'close', 'volume']);
  return vwapKernel(startMs, high, low, close, volume, complete);
}

/**
 * A session VWAP as a stream, with the numbers of {@link vwap} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createVwap(options: VwapOptions = {}): IndicatorStream<IndicatorBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreVwap(
  snapshot: IndicatorSnapshot,
  options: VwapOptions = {},
): IndicatorStream<IndicatorBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<IndicatorBar, number, VwapOptions> = {
  name: 'vwap',
  defaults: vwapDefaults,
  input: fullInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function vwapKernel(
  startMs: Float64Array,
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  options: Required<VwapOptions>,
): IndicatorSeries {
  return { from: 0, values: averagePrices(startMs, high, low, close, volume, options) };
}

function averagePrices(
  startMs: Float64Array,
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  options: Required<VwapOptions>,
): Float64Array {
  const values = new Float64Array(close.length);
  let session = Number.NaN;
  let anchor = 0;
  // Distances from the first price of the session, and what the sums round away.
  let money = 0;
  let moneyLost = 0;
  let shares = 0;
  let sharesLost = 0;
  for (let i = 0; i < values.length; i++) {
    const price = typicalPrice(high[i]!, low[i]!, close[i]!);
    const of = sessionOf(startMs[i]!, options);
    if (of !== session) {
      session = of;
      anchor = price;
      money = moneyLost = shares = sharesLost = 0;
    }
    const size = volume[i]!;
    const value = (price - anchor) * size;
    const moneyNow = money + value;
    const valuePart = moneyNow - money;
    moneyLost += money - (moneyNow - valuePart) + (value - valuePart);
    money = moneyNow;
    const sharesNow = shares + size;
    const sizePart = sharesNow - shares;
    sharesLost += shares - (sharesNow - sizePart) + (size - sizePart);
    shares = sharesNow;
    values[i] = shares > 0 ? anchor + (money + moneyLost) / (shares + sharesLost) : Number.NaN;
  }
  return values;
}

function machine(options: Required<VwapOptions>): Machine<IndicatorBar, number> {
  // Session, its first price, money and what it lost, shares and what they lost.
  const past = new Memory(6);
  return {
    ...joinParts([past]),
    push({ startMs, high, low, close, volume }) {
      past.next();
      const { now } = past;
      const price = typicalPrice(high, low, close);
      const session = sessionOf(startMs, options);
      if (past.count === 1 || session !== now[0]) {
        now.fill(0);
        now[0] = session;
        now[1] = price;
      }
      add(now, 2, (price - now[1]!) * volume);
      add(now, 4, volume);
      return now[4]! > 0 ? now[1]! + (now[2]! + now[3]!) / (now[4]! + now[5]!) : undefined;
    },
  };
}

function check(options: Required<VwapOptions>): void {
  checkWhole('sessionMs', options.sessionMs);
  if (Number.isSafeInteger(options.utcOffsetMs)) return;
  throw new ScoringError(
    'bad-option',
    `utcOffsetMs "${options.utcOffsetMs}" is not a whole number of milliseconds.`,
    options.utcOffsetMs,
  );
}

function sessionOf(startMs: number, { sessionMs, utcOffsetMs }: Required<VwapOptions>): number {
  return sessionMs === 0 ? 0 : Math.floor((startMs + utcOffsetMs) / sessionMs);
}

/** Adds to the sum at `at`; what the addition rounds away goes to the place behind it (Knuth's two-sum). */
function add(sums: Float64Array, at: number, value: number): void {
  const before = sums[at]!;
  const sum = before + value;
  const part = sum - before;
  sums[at + 1] = sums[at + 1]! + (before - (sum - part) + (value - part));
  sums[at] = sum;
}
