/** Buckets of time for flow: which bucket an event belongs to, and how far the mid moved over each. */
import { OrderflowError } from '../../errors.ts';
import { addExact, exactFromJson, exactToJson, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { requireBetween, requireWhole } from '../shared/checks.ts';
import { windowStartMs } from '../tape/cvd-window.ts';
import { excerpt } from '../shared/excerpt.ts';
import { counts, exact, fields, finite, flag, orNull, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Options of `createOfiBuckets` and `createMlofiBuckets`. */
export interface FlowBucketOptions {
  /**
   * Length of a bucket in milliseconds; buckets are aligned to the epoch.
   * @defaultValue 10_000
   */
  readonly everyMs?: number;
  /**
   * Start of the buckets after the epoch, in milliseconds.
   * @defaultValue 0
   */
  readonly offsetMs?: number;
  /**
   * What becomes of a bucket without a contribution: `emit` gives it with a flow of 0 (nothing happened), as a series of
   * equal steps needs it; `skip` leaves it out.
   * @defaultValue 'skip'
   */
  readonly emptyBuckets?: 'skip' | 'emit';
  /**
   * With `emit`: a silence of more buckets than this (the night, a broken feed) emits none of them; they are counted in
   * `skippedBuckets`.
   * @defaultValue 10_000
   */
  readonly maxEmptyBuckets?: number;
}

/** What the buckets use where an option is left out. */
export const flowBucketDefaults: Required<FlowBucketOptions> = {
  everyMs: 10_000,
  offsetMs: 0,
  emptyBuckets: 'skip',
  maxEmptyBuckets: 10_000,
};

/** The frame of one bucket: its time and its mid. Prices in half ticks, as `bid + ask`, so that every mid is whole. */
export interface FlowBucketFrame {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
  /**
   * Whether a two-sided quote stood from start to end, and the end was reached. False for the bucket in which the stream
   * begins (unless exactly at its start), for one with a break, and for what `flush` gives.
   */
  readonly complete: boolean;
  /** Mid at the start, or of the first quote where none stood; `undefined` when there was none at all. */
  readonly firstMidHalfTicks: ExactInt | undefined;
  /** Last mid of the bucket. */
  readonly lastMidHalfTicks: ExactInt | undefined;
  /** Σ of the changes of the mid between consecutive quotes: last − first, without the moves over breaks. */
  readonly midChangeHalfTicks: ExactInt;
}

/** What became of the quotes, since the start. */
export interface FlowBucketCounts {
  /** Quotes (books) taken in. */
  readonly quotes: number;
  /** Quotes and breaks with a time before the latest one; left out. */
  readonly lateQuotes: number;
  /** Times at which a two-sided quote gave way to none. */
  readonly breaks: number;
  /** Empty buckets of silences longer than `maxEmptyBuckets`, not emitted. */
  readonly skippedBuckets: number;
}

/** The state of a {@link BucketFrame}. */
export interface FlowBucketState {
  readonly latestMs: number | null;
  readonly startMs: number | null;
  readonly touched: boolean;
  readonly whole: boolean;
  readonly mid: ExactIntJson | null;
  readonly chainMid: ExactIntJson | null;
  readonly firstMid: ExactIntJson | null;
  readonly lastMid: ExactIntJson | null;
  readonly changed: ExactIntJson;
  readonly counts: FlowBucketCounts;
}

/** The sums that fill the frames. */
export interface FlowSums<Flow extends { readonly events: number }> {
  /** Contributions so far. */
  readonly events: number;
  /** The sums so far; starts again from zero. */
  take(): Flow;
}

/** The buckets of a flow, without the flow. */
export interface BucketFrame<Flow> {
  /** Whether an event of this time is late: before the latest one. */
  isLate(timeMs: number): boolean;
  /** Counts a late event; gives no bucket. */
  late(): readonly never[];
  /** Moves on to a time that is not late; gives the buckets that ended, with what was put into the sums so far. */
  enter(timeMs: number): readonly (FlowBucketFrame & Flow)[];
  /** `enter` for a time alone: one that is late, or comes before anything else, changes nothing. */
  advanceTo(timeMs: number): readonly (FlowBucketFrame & Flow)[];
  /** The quote of the time entered: its mid, or `undefined` for none. */
  mark(timeMs: number, mid: ExactInt | undefined): void;
  /** Counts a quote taken in. */
  taken(): void;
  flush(): (FlowBucketFrame & Flow) | undefined;
  counts(): FlowBucketCounts;
  toJson(): FlowBucketState;
}

/** Furthest time from the epoch that dates can have; beyond it sums of times would round. */
const FURTHEST_MS = 8.64e15;
const LONGEST_MS = 366 * 86_400_000;
const none: readonly never[] = Object.freeze([]);

/**
 * Refuses a time that is none.
 * @throws {@link OrderflowError} `bad-quote`.
 */
export function requireQuoteTime(timeMs: number): void {
  if (typeof timeMs === 'number' && Math.abs(timeMs) <= FURTHEST_MS) return;
  throw new OrderflowError(
    'bad-quote',
    `timeMs ${excerpt(timeMs)} of a quote is not a time in epoch milliseconds.`,
    timeMs,
  );
}

/** The options with their defaults filled in and their fields in one order. */
export function flowBucketOptions(options: FlowBucketOptions): Required<FlowBucketOptions> {
  const { everyMs, offsetMs, emptyBuckets, maxEmptyBuckets } = { ...flowBucketDefaults, ...options };
  requireWhole('everyMs', everyMs);
  requireBetween('everyMs', everyMs, 1, LONGEST_MS);
  requireWhole('offsetMs', offsetMs, -LONGEST_MS);
  requireBetween('offsetMs', offsetMs, -LONGEST_MS, LONGEST_MS);
  // Options may come from JSON, so the static type is a claim.
  if (!['skip', 'emit'].includes(emptyBuckets)) {
    throw new OrderflowError(
      'bad-option',
      `emptyBuckets ${excerpt(emptyBuckets)} is neither "skip" nor "emit". Leave it out for the default.`,
      emptyBuckets,
    );
  }
  requireWhole('maxEmptyBuckets', maxEmptyBuckets, 0);
  return { everyMs, offsetMs: offsetMs + 0, emptyBuckets, maxEmptyBuckets };
}

/** Inclusive start of the bucket that holds a time; never after it, however the division rounds. */
export function bucketStartMs(timeMs: number, everyMs: number, offsetMs: number): number {
  const startMs = windowStartMs(timeMs, everyMs, offsetMs);
  return startMs > timeMs ? startMs - everyMs : startMs;
}

export function createBucketFrame<Flow extends { readonly events: number }>(
  options: Required<FlowBucketOptions>,
  sums: FlowSums<Flow>,
  from: FlowBucketState | undefined,
): BucketFrame<Flow> {
  const { everyMs, offsetMs, emptyBuckets, maxEmptyBuckets } = options;
  const emit = emptyBuckets === 'emit';
  const midOf = (json: ExactIntJson | null | undefined): ExactInt | undefined =>
    json == null ? undefined : exactFromJson(json);
  let latest = from?.latestMs ?? undefined;
  let start = from?.startMs ?? undefined;
  /** Whether the open bucket has anything to tell; not after a flush, until something comes. */
  let touched = from?.touched ?? false;
  let whole = from?.whole ?? false;
  let mid = midOf(from?.mid);
  /** Mid with which the unbroken run of quotes began, or that stood when the bucket did. */
  let chainMid = midOf(from?.chainMid);
  let firstMid = midOf(from?.firstMid);
  let lastMid = midOf(from?.lastMid);
  let changed: ExactInt = midOf(from?.changed) ?? 0;
  let { quotes, lateQuotes, breaks, skippedBuckets } = from?.counts ?? {
    quotes: 0,
    lateQuotes: 0,
    breaks: 0,
    skippedBuckets: 0,
  };

  const runChange = (): ExactInt => (mid === undefined ? 0 : subtractExact(mid, chainMid!));
  /** Gives the open bucket and opens the one at `next`, in which what stands now stands from the start. */
  const close = (next: number, ended: boolean): FlowBucketFrame & Flow => {
    const bucket = {
      startMs: start!,
      endMs: start! + everyMs,
      complete: ended && whole,
      ...sums.take(),
      firstMidHalfTicks: firstMid,
      lastMidHalfTicks: lastMid,
      midChangeHalfTicks: addExact(changed, runChange()),
    };
    start = next;
    whole = ended && mid !== undefined;
    chainMid = firstMid = lastMid = mid;
    changed = 0;
    return bucket;
  };

  const enter: BucketFrame<Flow>['enter'] = (timeMs) => {
    latest = timeMs + 0;
    if (start !== undefined && timeMs < start + everyMs) {
      touched = true;
      return none;
    }
    const next = bucketStartMs(timeMs, everyMs, offsetMs);
    if (start === undefined) {
      start = next;
      touched = true;
      return none;
    }
    const closed: (FlowBucketFrame & Flow)[] = [];
    const keep = touched && (emit || sums.events > 0);
    touched = true;
    const empty = (next - start) / everyMs - 1;
    const bucket = close(start + everyMs, true);
    if (keep) closed.push(bucket);
    if (emit && empty <= maxEmptyBuckets) {
      while (start < next) closed.push(close(start + everyMs, true));
    } else {
      if (emit) skippedBuckets += empty;
      start = next;
    }
    return closed;
  };

  return {
    isLate: (timeMs) => latest !== undefined && timeMs < latest,
    late() {
      lateQuotes += 1;
      return none;
    },
    enter,
    advanceTo(timeMs) {
      requireQuoteTime(timeMs);
      if (start === undefined || timeMs < latest!) return none;
      if (timeMs >= start + everyMs) return enter(timeMs);
      latest = timeMs + 0;
      return none;
    },
    mark(timeMs, newMid) {
      if (newMid === undefined) {
        if (mid !== undefined) {
          breaks += 1;
          changed = addExact(changed, runChange());
        }
        mid = chainMid = undefined;
        whole = false;
        return;
      }
      if (mid === undefined) {
        chainMid = newMid;
        if (firstMid === undefined) {
          firstMid = newMid;
          whole = timeMs === start;
        }
      }
      mid = lastMid = newMid;
    },
    taken() {
      quotes += 1;
    },
    flush() {
      if (!touched || (!emit && sums.events === 0)) return undefined;
      touched = false;
      return close(start!, false);
    },
    counts: () => ({ quotes, lateQuotes, breaks, skippedBuckets }),
    toJson: () => ({
      latestMs: latest ?? null,
      startMs: start ?? null,
      touched,
      whole,
      mid: jsonOf(mid),
      chainMid: jsonOf(chainMid),
      firstMid: jsonOf(firstMid),
      lastMid: jsonOf(lastMid),
      changed: exactToJson(changed),
      counts: { quotes, lateQuotes, breaks, skippedBuckets },
    }),
  };
}

function jsonOf(value: ExactInt | undefined): ExactIntJson | null {
  return value === undefined ? null : exactToJson(value);
}

const time = orNull(where(finite, (timeMs: number) => Math.abs(timeMs) <= 2 * FURTHEST_MS));
const mid = orNull(exact);

/** A frame as it is stored. */
export const flowBucketShape: Shape = where(
  fields({
    latestMs: time,
    startMs: time,
    touched: flag,
    whole: flag,
    mid,
    chainMid: mid,
    firstMid: mid,
    lastMid: mid,
    changed: exact,
    counts,
  }),
  (state: FlowBucketState) =>
    (state.startMs === null) === (state.latestMs === null) &&
    (state.startMs !== null || !state.touched) &&
    (state.mid === null) === (state.chainMid === null),
);
