/** Close-location imbalances of the last bars, bar by bar. */
import type { DecimalInput } from '../../market.ts';
import { requireWhole } from '../shared/checks.ts';
import { parseDecimal } from '../numbers/decimal-literal.ts';
import { calculateOhlcImbalanceProxy, calculateTrendNormalized, windowImbalance } from './ohlc-imbalance.ts';
import { createRollingWindow } from '../numbers/rolling-window.ts';

/** Options of `orderflowInputsFromOhlcv` and `createOhlcvProxy`. */
export interface OhlcvProxyOptions {
  /**
   * Number of bars to look at, counted back from the last.
   * @defaultValue 60
   */
  readonly window?: number;
}

/** What is used where an option is left out. */
export const ohlcvProxyDefaults: Required<OhlcvProxyOptions> = { window: 60 };

/** Stand-ins for order book imbalance and the trend of order flow. */
export interface OrderflowProxyInputs {
  /** From −1 (all sold) to 1 (all bought); `undefined` when nothing traded in the window. */
  readonly obi: number | undefined;
  /** From −1 to 1; `undefined` with fewer than two bars, or when nothing traded in one half of the window. */
  readonly ofiTrend: number | undefined;
  /** Always `proxy`: not measured on a book or a tape. */
  readonly quality: 'proxy';
}

/** What the proxy sees of a bar. */
export interface OhlcvProxyBar {
  readonly high: DecimalInput;
  readonly low: DecimalInput;
  readonly close: DecimalInput;
  /** Traded size, in any unit that is the same for all bars. */
  readonly volume: DecimalInput;
}

/** What became of the bars so far. */
export interface OhlcvProxyCounts {
  /** Bars taken, with those that had no volume. */
  readonly bars: number;
  /** Bars taken without volume: neutral, but they fill their place in the window. */
  readonly zeroVolumeBars: number;
  /** Bars that were not known: they take no place in the window. */
  readonly unknownBars: number;
}

/** A running proxy. Made by `createOhlcvProxy`. */
export interface OhlcvProxy {
  /**
   * Takes the next bar and gives the inputs as of it: what `orderflowInputsFromOhlcv` gives for the bars so far.
   * Push `undefined` for a bar that is not known.
   * @throws {@link OrderflowError} `bad-bar` as in `calculateOhlcImbalanceProxy`; the state is as before.
   */
  push(bar: OhlcvProxyBar | undefined): OrderflowProxyInputs;
  /** Nothing is held back: every bar is answered at once. */
  flush(): undefined;
  /** The inputs as of the last bar. */
  readonly value: OrderflowProxyInputs;
  /** What became of the bars so far. */
  readonly counts: OhlcvProxyCounts;
  /** The state as plain JSON: two numbers a bar of the window. */
  snapshot(): OhlcvProxySnapshot;
}

/** The state of an {@link OhlcvProxy}. */
export interface OhlcvProxySnapshot {
  readonly v: 1;
  readonly kind: 'ohlcv-proxy';
  readonly options: Required<OhlcvProxyOptions>;
  /** Volume × close-location of the bars in the window, oldest first. */
  readonly flows: readonly number[];
  /** Volumes of the same bars. */
  readonly volumes: readonly number[];
  readonly counts: OhlcvProxyCounts;
}

/** A proxy from zero, or from where a snapshot was taken. */
export function startOhlcvProxy(
  options: Required<OhlcvProxyOptions>,
  from: OhlcvProxySnapshot | undefined,
): OhlcvProxy {
  const flows = createRollingWindow(options.window, from?.flows);
  const volumes = createRollingWindow(options.window, from?.volumes);
  const counts = { ...(from?.counts ?? { bars: 0, zeroVolumeBars: 0, unknownBars: 0 }) };
  let value = inputsOf(flows.values(), volumes.values());
  return {
    push(bar) {
      if (!bar) {
        counts.unknownBars += 1;
        return value;
      }
      const [high, low, close, volume] = [bar.high, bar.low, bar.close, bar.volume].map(numberOf) as Four;
      flows.push(flowOf(high, low, close, volume));
      volumes.push(volume);
      counts.bars += 1;
      if (volume === 0) counts.zeroVolumeBars += 1;
      value = inputsOf(flows.values(), volumes.values());
      return value;
    },
    flush: () => undefined,
    get value() {
      return value;
    },
    get counts() {
      return { ...counts };
    },
    snapshot: () => ({
      v: 1,
      kind: 'ohlcv-proxy',
      options: { ...options },
      flows: flows.values(),
      volumes: volumes.values(),
      counts: { ...counts },
    }),
  };
}

type Four = [number, number, number, number];

/**
 * The options with their defaults.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function ohlcvProxyOptions(options: OhlcvProxyOptions): Required<OhlcvProxyOptions> {
  const { window } = { ...ohlcvProxyDefaults, ...options };
  requireWhole('window', window);
  return { window };
}

/** Volume × close-location; no −0, which JSON would lose. */
export function flowOf(high: number, low: number, close: number, volume: number): number {
  return calculateOhlcImbalanceProxy(high, low, close, volume) * volume + 0;
}

/** What the bars of a window, oldest first, say. */
export function inputsOf(flows: readonly number[], volumes: readonly number[]): OrderflowProxyInputs {
  const { obi, older, newer } = windowImbalance(flows, volumes);
  const known = older !== undefined && newer !== undefined;
  return { obi, ofiTrend: known ? calculateTrendNormalized([older, newer]) : undefined, quality: 'proxy' };
}

/** The nearest double of a decimal; NaN, which no bar may have, for what is none. */
function numberOf(value: DecimalInput): number {
  if (typeof value === 'number') return value + 0;
  return parseDecimal(value) ? Number(String(value)) + 0 : NaN;
}
