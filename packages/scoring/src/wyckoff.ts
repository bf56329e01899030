/**
 * Wyckoff's schematics of accumulation and distribution, read causally: each bar is judged with what was known at its
 * close. The volume average and the range are those of the bars before it, and a range is fixed when its automatic rally
 * is over. Appending bars never changes what was said.
 *
 * After the schematics of Wyckoff as the market teaches them (PS, SC, AR, ST, spring, test, SOS, LPS and their mirrors).
 */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { isUsable } from './internal/checks.ts';
import { scoreFromOffset } from './internal/micro-points.ts';
import { withDefaults } from './internal/options.ts';
import { checkSnapshot, fromSnapshot } from './internal/snapshots.ts';
import type { WyckoffEvent, WyckoffPhase, WyckoffSide } from './wyckoff/events.ts';
import { kindOn } from './wyckoff/events.ts';
import type { Oriented } from './wyckoff/measures.ts';
import { measuresOf, mirroredBar, mirroredMeasures } from './wyckoff/measures.ts';
import type { WyckoffOptions } from './wyckoff/options.ts';
import { checkWyckoff, wyckoffDefaults, wyckoffOptionNames } from './wyckoff/options.ts';
import type { Finding, SchematicState } from './wyckoff/schematic.ts';
import { idle, stepSchematic } from './wyckoff/schematic.ts';
import { readBars, readState } from './wyckoff/snapshot.ts';

export type { WyckoffEnd, WyckoffEvent, WyckoffKind, WyckoffPhase, WyckoffSide } from './wyckoff/events.ts';
export { wyckoffDefaults } from './wyckoff/options.ts';
export type { WyckoffOptions } from './wyckoff/options.ts';

/** A bar as Wyckoff reads it; the open does not matter. */
export type WyckoffBar = Oriented;

/** Where one schematic stands. */
export interface WyckoffRange {
  readonly phase: WyckoffPhase;
  /** Bar of the climax, counted from 0. */
  readonly since: number;
  /** Low (high for distribution) of the climax, until the range is fixed the lowest since. */
  readonly climaxLevel: number;
  /** High (low for distribution) of the automatic rally; `undefined` until that is over. */
  readonly rallyLevel: number | undefined;
}

/** What is known at the close of a bar. */
export interface WyckoffReading {
  /** The bar, counted from 0. */
  readonly at: number;
  /** What this bar confirmed, in the order of accumulation before distribution. */
  readonly events: readonly WyckoffEvent[];
  /** `undefined` while no range is open. */
  readonly accumulation: WyckoffRange | undefined;
  readonly distribution: WyckoffRange | undefined;
}

/** A streaming reading. Made by {@link createWyckoff}. */
export interface Wyckoff {
  /**
   * Takes the next bar.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(bar: WyckoffBar): WyckoffReading;
  /**
   * Puts another bar in the place of the last one, for a bar that is still open; the events of the reading before are
   * void, those of this one hold.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(bar: WyckoffBar): WyckoffReading;
  /** The state as plain JSON; {@link restoreWyckoff} carries on from it. */
  snapshot(): WyckoffSnapshot;
}

/** State of a streaming reading, version 1. Memory: `lookback` + 2 bars. */
export interface WyckoffSnapshot extends Required<WyckoffOptions> {
  readonly v: 1;
  readonly indicator: 'wyckoff';
  /** Bars taken. */
  readonly count: number;
  /** The latest bars, oldest first. */
  readonly bars: readonly WyckoffBar[];
  readonly state: WyckoffStates;
  /** Before the last bar, for `replaceLast`. */
  readonly previous: WyckoffStates;
}

/** Both schematics. */
export type WyckoffStates = Readonly<Record<WyckoffSide, SchematicState>>;

const atRest: WyckoffStates = { accumulation: idle, distribution: idle };

/**
 * The reading of every bar.
 *
 * @example
 * ```ts
 * const bar = (close: number, volume: number) => ({ high: close + 1, low: close - 1, close, volume });
 * const decline = Array.from({ length: 25 }, (_, i) => bar(200 - 2 * i, 100));
 * const climax = { high: 152, low: 140, close: 148, volume: 400 };
 * const readings = wyckoff([...decline, climax, bar(153, 150), bar(158, 150), bar(155, 100)]);
 * readings.flatMap(({ events }) => events.map((e) => `${e.kind} at ${e.eventAt}, known at ${e.confirmedAt}`));
 * // => ['SC at 25, known at 25', 'AR at 27, known at 28']
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of the bar.
 */
export function wyckoff(bars: readonly WyckoffBar[], options: WyckoffOptions = {}): WyckoffReading[] {
  const stream = createWyckoff(options);
  return bars.map((bar) => stream.push(bar));
}

/**
 * A streaming reading; {@link wyckoff} bar by bar.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createWyckoff(options: WyckoffOptions = {}): Wyckoff {
  return start(checkWyckoff(withDefaults(wyckoffDefaults, options)), 0, [], atRest, atRest);
}

/**
 * A streaming reading that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreWyckoff(snapshot: WyckoffSnapshot, options: WyckoffOptions = {}): Wyckoff {
  checkSnapshot(snapshot, 'wyckoff', wyckoffOptionNames, options);
  const own = Object.fromEntries(wyckoffOptionNames.map((name) => [name, snapshot[name]])) as Required<WyckoffOptions>;
  const checked = fromSnapshot('wyckoff', () => checkWyckoff(own));
  const bars = readBars(snapshot);
  return start(
    checked,
    snapshot.count,
    bars,
    {
      accumulation: readState(snapshot, 'state', 'accumulation'),
      distribution: readState(snapshot, 'state', 'distribution'),
    },
    {
      accumulation: readState(snapshot, 'previous', 'accumulation'),
      distribution: readState(snapshot, 'previous', 'distribution'),
    },
  );
}

/** Points of the component `wyckoff` by phase; accumulation counts for, distribution against. */
export const wyckoffPoints: Readonly<Record<WyckoffPhase, number>> = { A: 5, B: 5, C: 25, D: 40, E: 45 };

/**
 * The component `wyckoff`: 50 + the points of the accumulation's phase − those of the distribution's. `missing` while no
 * range is open: no pattern is no opinion.
 *
 * @throws {@link ScoringError} as {@link wyckoff}.
 */
export function scoreWyckoff(reading: WyckoffReading | undefined): ComponentScore {
  const phaseOf = (range: WyckoffRange | undefined): number | undefined => range && wyckoffPoints[range.phase];
  const inputs = { accumulation: phaseOf(reading?.accumulation), distribution: phaseOf(reading?.distribution) };
  const { accumulation, distribution } = reading ?? {};
  if (!accumulation && !distribution) {
    return missingComponent('wyckoff', 'no range of accumulation or distribution is open', inputs);
  }
  const reasons = [
    ...(accumulation ? [`accumulation in phase ${accumulation.phase} since bar ${accumulation.since}`] : []),
    ...(distribution ? [`distribution in phase ${distribution.phase} since bar ${distribution.since}`] : []),
  ];
  const offset = (inputs.accumulation ?? 0) - (inputs.distribution ?? 0);
  const rule = '50 + accumulation − distribution';
  return { name: 'wyckoff', score: scoreFromOffset(offset), quality: 'measured', reasons, inputs, rule };
}

function start(
  options: Required<WyckoffOptions>,
  initialCount: number,
  initialBars: readonly WyckoffBar[],
  initialState: WyckoffStates,
  initialPrevious: WyckoffStates,
): Wyckoff {
  const { lookback } = options;
  const bars: WyckoffBar[] = [...initialBars];
  let count = initialCount;
  let state = initialState;
  let previous = initialPrevious;

  const read = (): WyckoffReading => {
    const at = count - 1;
    const m = measuresOf(bars, bars.length - 1, lookback);
    if (!m) return { at, events: [], accumulation: undefined, distribution: undefined };
    const bar = bars[bars.length - 1]!;
    const up: Finding[] = [];
    const down: Finding[] = [];
    state = {
      accumulation: stepSchematic(previous.accumulation, bar, at, m, options, up),
      distribution: stepSchematic(previous.distribution, mirroredBar(bar), at, mirroredMeasures(m), options, down),
    };
    const events =
      up.length + down.length === 0
        ? []
        : [
            ...up.map((finding) => eventOf('accumulation', finding, at)),
            ...down.map((finding) => eventOf('distribution', finding, at)),
          ];
    return {
      at,
      events,
      accumulation: rangeOf(state.accumulation, 1),
      distribution: rangeOf(state.distribution, -1),
    };
  };
  return {
    push(bar) {
      const kept = checkBar(bar, count);
      previous = state;
      bars.push(kept);
      // One more than the averages read, so that the last bar can be replaced.
      if (bars.length > lookback + 2) bars.shift();
      count += 1;
      return read();
    },
    replaceLast(bar) {
      if (count === 0) {
        throw new ScoringError('no-open-bar', 'replaceLast was called before the first push. Push the open bar first.');
      }
      bars[bars.length - 1] = checkBar(bar, count - 1);
      return read();
    },
    snapshot: () => ({
      ...{ v: 1, indicator: 'wyckoff' },
      ...options,
      ...{ count, bars: [...bars], state, previous },
    }),
  };
}

function eventOf(side: WyckoffSide, { kind, mark, phase, reason }: Finding, at: number): WyckoffEvent {
  // + 0: no negative zero, which JSON cannot carry.
  const price = (side === 'accumulation' ? mark.price : -mark.price) + 0;
  const event = {
    side,
    kind: kindOn(side, kind),
    eventAt: mark.at,
    confirmedAt: at,
    price,
    volume: mark.volume,
    phase,
  };
  return reason === undefined ? event : { ...event, reason };
}

function rangeOf(s: SchematicState, sign: 1 | -1): WyckoffRange | undefined {
  if (s.phase === null) return undefined;
  return {
    phase: s.phase,
    since: s.climax.at,
    climaxLevel: sign * s.support + 0,
    rallyLevel: s.fixed ? sign * s.resistance + 0 : undefined,
  };
}

/** A copy of what is read of the bar; throws `bad-value` where no market trades like that. */
function checkBar({ high, low, close, volume }: WyckoffBar, index: number): WyckoffBar {
  const fields = { high, low, close, volume };
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'number' && isUsable(value)) continue;
    throw new ScoringError(
      'bad-value',
      `${name} "${String(value)}" of bar ${index} is not a finite number within ±1e150. ` +
        'Leave the bar out, or mend it where it comes from.',
      value,
    );
  }
  if (low <= close && close <= high && volume >= 0) return fields;
  throw new ScoringError(
    'bad-value',
    `bar ${index} closes at "${close}" with high "${high}", low "${low}" and volume "${volume}", expected ` +
      'low ≤ close ≤ high and no negative volume. Leave the bar out, or mend it where it comes from.',
    close,
  );
}
