/** Accumulation/distribution line (Marc Chaikin). */
import { volumeInput, readColumns } from '../internal/bar-input.ts';
import { moneyFlowMultiplier, moneyFlowMultipliers } from '../internal/prices.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { createStream, restoreStream } from '../internal/stream.ts';
import { joinParts } from '../internal/windows/part.ts';
import { RunningTotal, runningTotals } from '../internal/windows/recursive.ts';
import type { VolumeBar, VolumeColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/**
 * Σ money flow multiplier × volume from the first bar on. The multiplier is 1 for a close at the high, −1 at the low, 0 for
 * a bar without range.
 *
 * @throws {@link ScoringError} `bad-value` with the index of a value that cannot be.
 */
export function adl(bars: VolumeColumns): IndicatorSeries {
  const { high, low, close, volume } = readColumns(bars, ['high', 'low', 'close', 'volume']);
  return adlKernel(high, low, close, volume);
}

/** The accumulation/distribution line as a stream, with the numbers of {@link adl} bit for bit. */
export function createAdl(): IndicatorStream<VolumeBar, number> {
  return createStream(definition, {});
}

/**
 * A stream that carries on from a snapshot.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreAdl(snapshot: IndicatorSnapshot): IndicatorStream<VolumeBar, number> {
  return restoreStream(definition, snapshot, {});
}

const definition: StreamDefinition<VolumeBar, number, object> = {
  name: 'adl',
  defaults: {},
  input: volumeInput,
  check: () => undefined,
  machine,
};

/** The batch over columns that were checked. */
export function adlKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
): IndicatorSeries {
  const flow = moneyFlowMultipliers(high, low, close);
  for (let i = 0; i < flow.length; i++) flow[i] = flow[i]! * volume[i]!;
  return { from: 0, values: runningTotals(flow) };
}

function machine(): Machine<VolumeBar, number> {
  const total = new RunningTotal();
  return {
    ...joinParts([total]),
    push: ({ high, low, close, volume }) => total.add(moneyFlowMultiplier(high, low, close) * volume),
  };
}
