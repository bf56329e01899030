/** On-balance volume (Joseph Granville, 1963). */
import { closeVolumeInput, readColumns } from '../internal/bar-input.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { createStream, restoreStream } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { RunningTotal, runningTotals } from '../internal/windows/recursive.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/**
 * The volume of rising closes − that of falling ones, summed from the first bar, which counts 0. Only its changes mean
 * something: its level depends on where the bars begin.
 *
 * @example
 * ```ts
 * obv({ close: [1, 2, 2, 1], volume: [5, 3, 4, 1] }).values; // => Float64Array.of(0, 3, 3, 2)
 * ```
 *
 * @throws {@link ScoringError} `bad-value` with the index of a value that cannot be.
 */
export function obv(bars: Pick<BarColumns, 'close' | 'volume'>): IndicatorSeries {
  const { close, volume } = readColumns(bars, ['close', 'volume']);
  return obvKernel(close, volume);
}

/** On-balance volume as a stream, with the numbers of {@link obv} bit for bit. */
export function createObv(): IndicatorStream<Pick<IndicatorBar, 'close' | 'volume'>, number> {
  return createStream(definition, {});
}

/**
 * A stream that carries on from a snapshot.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreObv(
  snapshot: IndicatorSnapshot,
): IndicatorStream<Pick<IndicatorBar, 'close' | 'volume'>, number> {
  return restoreStream(definition, snapshot, {});
}

const definition: StreamDefinition<Pick<IndicatorBar, 'close' | 'volume'>, number, object> = {
  name: 'obv',
  defaults: {},
  input: closeVolumeInput,
  check: () => undefined,
  machine,
};

/** The batch over columns that were checked. */
export function obvKernel(close: Float64Array, volume: Float64Array): IndicatorSeries {
  const signed = new Float64Array(close.length);
  for (let i = 1; i < signed.length; i++) {
    const change = close[i]! - close[i - 1]!;
    signed[i] = change > 0 ? volume[i]! : change < 0 ? -volume[i]! : 0;
  }
  return { from: 0, values: runningTotals(signed) };
}

function machine(): Machine<Pick<IndicatorBar, 'close' | 'volume'>, number> {
  const total = new RunningTotal();
  const past = new Memory(1);
  return {
    ...joinParts([past, total]),
    push({ close, volume }) {
      past.next();
      const change = past.count === 1 ? 0 : close - past.now[0]!;
      past.now[0] = close;
      return total.add(change > 0 ? volume : change < 0 ? -volume : 0);
    },
  };
}
