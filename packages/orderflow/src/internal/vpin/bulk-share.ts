/** The kernel of bulk volume classification: how much of a bar was bought, from its change of price alone. */
import { OrderflowError } from '../../errors.ts';
import { requireWhole } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import { normalCdf } from '../numbers/normal-cdf.ts';
import { count, fields, finite, listOf, orNull, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';
import { createRollingWindow } from '../numbers/rolling-window.ts';

/** Options of {@link createBulkVolume}. */
export interface BulkVolumeOptions {
  /**
   * How many past changes of price the deviation is taken from; `expanding` takes all since the start.
   * @defaultValue 250
   */
  readonly window?: number | 'expanding';
  /**
   * Changes of price needed before the first answer, from 2 on, at most `window`.
   * @defaultValue 20
   */
  readonly minChanges?: number;
}

/** What {@link createBulkVolume} uses where an option is left out; a shorter `window` shortens `minChanges` with it. */
export const bulkVolumeDefaults: Required<BulkVolumeOptions> = { window: 250, minChanges: 20 };

/** Shares of a bar's volume; each with its own precision, so that a small one is no difference of two large ones. */
export interface BulkShare {
  readonly buy: number;
  readonly sell: number;
}

/** The state of a {@link BulkShares}. */
export interface BulkSharesState {
  readonly lastClose: number | null;
  /** The last changes, oldest first; with `expanding` their number, mean and sum of squared deviations. */
  readonly changes: readonly number[];
}

export interface BulkShares {
  /** The share of the next bar; `undefined` while its change or the deviation of those before it is unknown. */
  next(close: number): BulkShare | undefined;
  /** The next close follows on no known one. */
  gap(): void;
  state(): BulkSharesState;
}

interface Scale {
  readonly push: (change: number) => void;
  /** Sample standard deviation (n − 1) about the mean, and of how many changes. */
  deviation(): { readonly size: number; readonly value: number } | undefined;
  readonly values: () => number[];
}

/**
 * The options with their defaults.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function bulkVolumeOptions(options: BulkVolumeOptions): Required<BulkVolumeOptions> {
  const window = options.window ?? bulkVolumeDefaults.window;
  if (window !== 'expanding') requireWhole('window', window, 2);
  const most = window === 'expanding' ? Infinity : window;
  const minChanges = options.minChanges ?? Math.min(bulkVolumeDefaults.minChanges, most);
  requireWhole('minChanges', minChanges, 2);
  if (minChanges <= most) return { window, minChanges };
  throw new OrderflowError(
    'bad-option',
    `minChanges ${excerpt(minChanges)} is more than the window of ${most} changes. Pass at most the window.`,
    minChanges,
  );
}

export function createBulkShares(
  { window, minChanges }: Required<BulkVolumeOptions>,
  from: BulkSharesState | undefined,
): BulkShares {
  const scale = window === 'expanding' ? expandingScale(from?.changes) : rollingScale(window, from?.changes);
  let last = from?.lastClose ?? undefined;
  return {
    next(close) {
      const before = last;
      // −0 is no price of its own and would not survive JSON.
      last = close + 0;
      const change = before === undefined ? undefined : last - before;
      if (change === undefined) return undefined;
      const past = scale.deviation();
      scale.push(change);
      if (!past || past.size < minChanges || !(past.value > 0)) return undefined;
      const z = change / past.value;
      return { buy: normalCdf(z), sell: normalCdf(-z) };
    },
    gap() {
      last = undefined;
    },
    state: () => ({ lastClose: last ?? null, changes: scale.values() }),
  };
}

function rollingScale(length: number, from: readonly number[] | undefined): Scale {
  const window = createRollingWindow(length, from);
  return {
    push: (change) => window.push(change),
    deviation() {
      const moments = window.moments();
      return moments && { size: window.size, value: moments.deviation };
    },
    values: () => window.values(),
  };
}

/** Welford's running moments. */
function expandingScale(from: readonly number[] | undefined): Scale {
  let [size, mean, squares] = (from ?? [0, 0, 0]) as [number, number, number];
  return {
    push(change) {
      size += 1;
      const before = change - mean;
      mean += before / size;
      squares += before * (change - mean);
    },
    deviation: () => (size < 2 ? undefined : { size, value: Math.sqrt(squares / (size - 1)) }),
    values: () => [size, mean, squares],
  };
}

/** Largest price of which every change is finite and its square far from overflow. */
const MAX_CLOSE = Number.MAX_SAFE_INTEGER;

/**
 * Refuses a close that is none.
 * @throws {@link OrderflowError} `bad-bar`.
 */
export function requireClose(close: number): void {
  if (typeof close === 'number' && Math.abs(close) <= MAX_CLOSE) return;
  throw badBar('close', close, `a number from −(2^53 − 1) to 2^53 − 1`);
}

/** The error for a bar that is none. */
export function badBar(field: string, value: unknown, expected: string): OrderflowError {
  return new OrderflowError(
    'bad-bar',
    `${field} ${excerpt(value)} of a bar is not ${expected}. Push undefined for a bar that is unknown.`,
    value,
  );
}

/** Shares as they are stored; what `changes` must be depends on the window, see {@link fitsWindow}. */
export const bulkSharesShape: Shape = fields({
  lastClose: orNull(where(finite, (close: number) => Math.abs(close) <= MAX_CLOSE)),
  changes: listOf(where(finite, (change: number) => Math.abs(change) <= 4 * MAX_CLOSE ** 2)),
});

/** Whether the changes are those of a window: `[n, mean, Σ squares]` for an expanding one. */
export function fitsWindow({ window }: Required<BulkVolumeOptions>, { changes }: BulkSharesState): boolean {
  if (window !== 'expanding') return changes.every((change) => Math.abs(change) <= 2 * MAX_CLOSE);
  const [size, mean, squares] = changes;
  return changes.length === 3 && count(size) === undefined && Math.abs(mean!) <= 2 * MAX_CLOSE && squares! >= 0;
}
