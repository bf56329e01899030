import { addExact, exactFromJson, exactToJson, multiplyExact, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { ratioOf } from '../numbers/ratio.ts';
import { count, exactCount, fields, finite, listOf, tupleOf, where, whole } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** A push that is over, as far as it matters. */
export interface EndedPush {
  readonly extremeTicks: number;
  readonly confirmedTicks: number;
  readonly startMs: number;
  readonly extremeMs: number;
  readonly confirmedMs: number;
  readonly volumesLots: readonly ExactInt[];
  readonly unknownLots: ExactInt;
  readonly share: number | undefined;
  readonly extremes: number;
}

/** The state of one push, as plain JSON. */
export interface PushJson {
  readonly startMs: number;
  readonly extremeMs: number;
  readonly extremeTicks: number;
  /** Volume of the push's aggressors, and of unknown ones, at each of the last extremes. */
  readonly volumes: readonly (readonly [lots: ExactIntJson, unknownLots: ExactIntJson])[];
  readonly extremes: number;
}

/** Follows the pushes in one direction. */
export interface Push {
  /** Takes a print and gives the push that it ended, where it did; the next push starts with this print. */
  push(timeMs: number, priceTicks: number, sizeLots: number, side: number): EndedPush | undefined;
  toJson(): PushJson | null;
}

/** Pushes up (`direction` 1) or down (−1), with the volumes of the last `extremes` extremes. */
export function createPush(
  direction: 1 | -1,
  {
    extremes,
    reverseTicks,
    rowTicks,
  }: { readonly extremes: number; readonly reverseTicks: number; readonly rowTicks: number },
  from: PushJson | undefined,
): Push {
  let started = from !== undefined;
  let startMs = from?.startMs ?? 0;
  let extremeMs = from?.extremeMs ?? 0;
  let extremeTicks = from?.extremeTicks ?? 0;
  let count = from?.extremes ?? 0;
  let volumes: [lots: ExactInt, unknownLots: ExactInt][] = (from?.volumes ?? []).map(([lots, unknownLots]) => [
    exactFromJson(lots),
    exactFromJson(unknownLots),
  ]);

  const rowOf = (ticks: number): number => Math.floor(ticks / rowTicks) * direction;
  const start = (timeMs: number, ticks: number): void => {
    started = true;
    startMs = extremeMs = timeMs;
    extremeTicks = ticks;
    volumes = [[0, 0]];
    count = 1;
  };
  const ended = (timeMs: number, ticks: number): EndedPush => {
    const volumesLots = volumes.map(([lots]) => lots);
    const last = volumesLots[volumesLots.length - 1]!;
    const before = volumesLots.slice(0, -1);
    return {
      extremeTicks,
      confirmedTicks: ticks,
      startMs,
      extremeMs,
      confirmedMs: timeMs,
      volumesLots,
      unknownLots: volumes.reduce<ExactInt>((sum, [, unknown]) => addExact(sum, unknown), 0),
      share: ratioOf(multiplyExact(last, before.length), before.reduce(addExact, 0)),
      extremes: count,
    };
  };

  return {
    push(timeMs, ticks, lots, side) {
      let done: EndedPush | undefined;
      const back = multiplyExact(subtractExact(extremeTicks, ticks), direction);
      if (!started) start(timeMs, ticks);
      else if (back >= reverseTicks) {
        done = ended(timeMs, ticks);
        start(timeMs, ticks);
      } else if (rowOf(ticks) > rowOf(extremeTicks)) {
        volumes.push([0, 0]);
        if (volumes.length > extremes) volumes.shift();
        count += 1;
      }
      if (back < 0 && !done) {
        extremeTicks = ticks;
        extremeMs = timeMs;
      }
      if (rowOf(ticks) === rowOf(extremeTicks)) {
        const volume = volumes[volumes.length - 1]!;
        if (side === direction) volume[0] = addExact(volume[0], lots);
        else if (side === 0) volume[1] = addExact(volume[1], lots);
      }
      return done;
    },
    toJson: () =>
      started
        ? {
            startMs,
            extremeMs,
            extremeTicks,
            volumes: volumes.map(([lots, unknown]) => [exactToJson(lots), exactToJson(unknown)] as const),
            extremes: count,
          }
        : null,
  };
}

/** A push as it is stored: it holds a volume for each of its last extremes. */
export const pushShape: Shape = where(
  fields({
    startMs: finite,
    extremeMs: finite,
    extremeTicks: whole,
    volumes: listOf(tupleOf(exactCount, exactCount)),
    extremes: count,
  }),
  ({ volumes, extremes }: PushJson) => volumes.length > 0 && volumes.length <= extremes,
);
