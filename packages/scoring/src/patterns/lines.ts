import type {
  Divergence,
  DivergenceOptions,
  DivergencePoint,
  Divergences,
  DivergencesSnapshot,
} from '../divergences.ts';
import { createDivergences, restoreDivergences } from '../divergences.ts';
import { ScoringError } from '../errors.ts';
import { createMacd, restoreMacd } from '../indicators/macd.ts';
import type { MacdSnapshot } from '../indicators/macd.ts';
import { createRsi, restoreRsi } from '../indicators/rsi.ts';
import type { RsiSnapshot } from '../indicators/rsi.ts';
import { isUsable } from '../internal/checks.ts';

/** What the lines read of a bar. */
interface LineBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly delta?: number | undefined;
}

/** A line that the price can diverge from. */
export type DivergenceLineName = 'cvd' | 'macd' | 'obv' | 'rsi';

/** All of them. */
export const divergenceLineNames: readonly DivergenceLineName[] = ['cvd', 'macd', 'obv', 'rsi'];

/** The lines beside a price, and the divergences of each. */
export interface LineStreams {
  /** Throws `bad-value` for what the other modules do not look at. */
  check(bar: LineBar, index: number): void;
  push(bar: LineBar): readonly (Divergence & { readonly line: DivergenceLineName })[];
  replaceLast(bar: LineBar): readonly (Divergence & { readonly line: DivergenceLineName })[];
  /** True when the delta of the last bar is known. */
  hasCvd(): boolean;
  snapshot(): LinesSnapshot;
}

/** Running sums; `cvd` is `null` after a bar whose delta is unknown. */
interface Sums {
  readonly close: number | null;
  readonly obv: number;
  readonly cvd: number | null;
}

/** State of the lines. */
export interface LinesSnapshot {
  readonly rsi: RsiSnapshot;
  readonly macd: MacdSnapshot;
  readonly sums: Sums;
  /** Before the last bar. */
  readonly previous: Sums;
  readonly divergences: Readonly<Record<DivergenceLineName, DivergencesSnapshot>>;
  /** What the search of the CVD forgot with the last bar, should that be replaced by one with a delta. */
  readonly forgotten: Forgotten | null;
}

/** A search before it forgot, and how the last bar is to be put into it. */
interface Forgotten {
  readonly snapshot: DivergencesSnapshot;
  readonly method: 'push' | 'replaceLast';
}

const zero: Sums = { close: null, obv: 0, cvd: 0 };

/** The lines from zero, or from where a snapshot was taken. */
export function createLines(options: DivergenceOptions | undefined, saved?: LinesSnapshot): LineStreams {
  const open = (snapshot: DivergencesSnapshot | undefined): Divergences =>
    snapshot ? restoreDivergences(snapshot, options) : createDivergences(options);
  const rsi = saved ? restoreRsi(saved.rsi) : createRsi();
  const macd = saved ? restoreMacd(saved.macd) : createMacd();
  const streams = {
    macd: open(saved?.divergences.macd),
    obv: open(saved?.divergences.obv),
    rsi: open(saved?.divergences.rsi),
  };
  let cvd = open(saved?.divergences.cvd);
  let forgotten = saved?.forgotten ?? null;
  // Opened to see that it can be.
  if (forgotten) open(forgotten.snapshot);
  let sums = saved ? readSums(saved.sums) : zero;
  let previous = saved ? readSums(saved.previous) : zero;

  /** A bar without delta makes the search forget the pivots before it: the CVD since then starts from elsewhere. */
  const takeCvd = (point: DivergencePoint, wanted: 'push' | 'replaceLast'): readonly Divergence[] => {
    const before = wanted === 'replaceLast' ? forgotten : null;
    const method = before?.method ?? wanted;
    if (before) cvd = open(before.snapshot);
    forgotten = null;
    if (point.line === undefined && previous.cvd !== null) {
      const snapshot = before?.snapshot ?? cvd.snapshot();
      forgotten = { snapshot, method };
      cvd = open(forgetful(snapshot));
    }
    return cvd[method](point);
  };
  const take = (bar: LineBar, isNew: boolean): (Divergence & { line: DivergenceLineName })[] => {
    const { high, low, close, volume, delta } = bar;
    const method = isNew ? 'push' : 'replaceLast';
    const direction = previous.close === null ? 0 : Math.sign(close - previous.close);
    sums = {
      close,
      obv: previous.obv + direction * volume + 0,
      cvd: delta === undefined ? null : (previous.cvd ?? 0) + delta + 0,
    };
    const found = {
      cvd: takeCvd({ high, low, line: sums.cvd ?? undefined }, method),
      macd: streams.macd[method]({ high, low, line: macd[method](close)?.macd }),
      obv: streams.obv[method]({ high, low, line: sums.obv }),
      rsi: streams.rsi[method]({ high, low, line: rsi[method](close) }),
    };
    return divergenceLineNames.flatMap((line) => found[line].map((divergence) => ({ ...divergence, line })));
  };
  return {
    check({ delta }, index) {
      if (delta === undefined || (typeof delta === 'number' && isUsable(delta))) return;
      throw new ScoringError(
        'bad-value',
        `delta "${String(delta)}" of bar ${index} is not a finite number within ±1e150. Leave it out when it is unknown.`,
        delta,
      );
    },
    push(bar) {
      previous = sums;
      return take(bar, true);
    },
    replaceLast: (bar) => take(bar, false),
    hasCvd: () => sums.close !== null && sums.cvd !== null,
    snapshot: () => ({
      ...{ rsi: rsi.snapshot(), macd: macd.snapshot(), sums, previous, forgotten },
      divergences: {
        cvd: cvd.snapshot(),
        macd: streams.macd.snapshot(),
        obv: streams.obv.snapshot(),
        rsi: streams.rsi.snapshot(),
      },
    }),
  };
}

/** The same search without pivots and values of the line: what it went through meanwhile is unknown. */
function forgetful(snapshot: DivergencesSnapshot): DivergencesSnapshot {
  const none = { high: null, low: null };
  const points = snapshot.points.map(({ high, low }) => ({ high, low, line: null }));
  return { ...snapshot, points, state: none, previous: none };
}

function readSums(sums: Sums): Sums {
  const { close = '', obv = '', cvd = '' } = (sums as Partial<Sums> | null) ?? {};
  if ([close ?? 0, obv, cvd ?? 0].every((value) => typeof value === 'number' && isUsable(value))) {
    return { close, obv, cvd } as Sums;
  }
  throw new ScoringError(
    'bad-snapshot',
    `snapshot of "patterns" has "${JSON.stringify(sums)}" as its sums. Pass the snapshot as it was taken.`,
    sums,
  );
}
