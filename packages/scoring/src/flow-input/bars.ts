import { ScoringError } from '../errors.ts';
import { clampUnit } from '../internal/micro-points.ts';
import type { RestingFlow } from './books.ts';

/** What is read of an OHLCV bar. */
export interface FlowBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The stand-in from bars; `offset` is the index of the first one, for messages. */
export function barFlow(bars: readonly FlowBar[], offset: number): RestingFlow | undefined {
  const flows = bars.map((bar, i) => {
    const { high, low, close, volume } = bar;
    const isEmpty = volume === 0 && Number.isFinite(high - low) && Number.isFinite(close);
    if (!isEmpty && !(low <= close && close <= high && volume > 0 && volume < Infinity && high - low < Infinity)) {
      throw new ScoringError(
        'bad-value',
        `bar ${offset + i} closes at "${String(close)}" with high "${String(high)}", low "${String(low)}" and volume ` +
          `"${String(volume)}", expected low ≤ close ≤ high and no negative volume. Leave the bar out, or mend it.`,
        bar,
      );
    }
    // Days without a print come as high 0 and low 0 beside the close of before.
    if (isEmpty || high === low) return 0;
    return clampUnit((close - low - (high - close)) / (high - low)) * volume;
  });
  const share = (from: number, to: number): number | undefined => {
    let [flow, traded] = [0, 0];
    for (let i = from; i < to; i++) {
      flow += flows[i]!;
      traded += bars[i]!.volume;
    }
    return traded >= 1e-200 && traded < Infinity ? clampUnit(flow / traded) + 0 : undefined;
  };
  const middle = Math.floor(bars.length / 2);
  const obi = share(0, bars.length);
  if (obi === undefined) return undefined;
  const older = share(0, middle);
  const newer = share(middle, bars.length);
  const known = bars.filter(({ volume }) => volume > 0).length;
  return {
    obi,
    ofiTrend: older === undefined || newer === undefined ? undefined : clampUnit(newer - older) + 0,
    known,
    unknown: bars.length - known,
  };
}
