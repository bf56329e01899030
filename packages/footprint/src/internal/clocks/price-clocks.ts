/** Bars that end after a fixed movement of the price: range bars and Renko bricks. */
import { checkWhole, checkWord } from '../option-checks.ts';
import { checkBarsOfPrint, type BarClock, type BarPart, type BarPlan, type OpenBar } from './clock.ts';

/** What a range bar does when the price jumps over its end. */
export type RangeJump = 'phantom' | 'wide';

/** How {@link rangeClock} treats jumps. */
export interface RangeClockOptions {
  /**
   * A print beyond the end of the range:
   * - `phantom`: the bar ends at its range without it; bars without prints, each of the whole range, bridge the way; and
   *   the print goes into the last, which opens where they ended. Every bar has the same range;
   * - `wide`: the bar ends with it, wider than the others.
   * @defaultValue 'phantom'
   */
  readonly jump?: RangeJump;
}

/** The defaults of {@link RangeClockOptions}. */
export const rangeClockDefaults = { jump: 'phantom' } as const satisfies Required<RangeClockOptions>;

/**
 * Bars whose high − low is `ticks`: a bar ends with the print that makes it so, and the next opens at the print after it.
 * @throws FootprintError `bad-option`.
 */
export function rangeClock(ticks: number, options: RangeClockOptions = {}): BarClock<null> {
  checkWhole('ticks', ticks);
  const { jump } = { ...rangeClockDefaults, ...options };
  checkWord('jump', jump, ['phantom', 'wide']);
  return {
    kind: 'range',
    options: { ticks, jump },
    start: null,
    step(state, { priceTicks, sizeLots }, { open }) {
      const high = Math.max(open?.highTicks ?? priceTicks, priceTicks);
      const low = Math.min(open?.lowTicks ?? priceTicks, priceTicks);
      if (high - low < ticks) return { state, plan: 'keep' };
      if (high - low === ticks || jump === 'wide') return { state, plan: 'close' };
      return { state, plan: bridge(open!, priceTicks, sizeLots, ticks) };
    },
  };
}

/** The open bar to the end of its range, the bars that no print reaches, and the one of the print. */
function bridge(open: OpenBar, priceTicks: number, lots: number, ticks: number): BarPlan {
  const way = priceTicks > open.highTicks ? 1 : -1;
  let edge = way > 0 ? open.lowTicks + ticks : open.highTicks - ticks;
  const phantoms = Math.ceil((way * (priceTicks - edge)) / ticks) - 1;
  checkBarsOfPrint(phantoms + 2, 'priceTicks', priceTicks, `${ticks} ticks`);
  const parts: BarPart[] = [{ lots: 0, closes: true, closeTicks: edge }];
  for (let i = 0; i < phantoms; i++) {
    parts.push({ lots: 0, closes: true, openTicks: edge, closeTicks: edge + way * ticks });
    edge += way * ticks;
  }
  return [...parts, { lots, closes: way * (priceTicks - edge) === ticks, openTicks: edge }];
}

/** Where the last brick ended, and which way it went (0 before the first). */
export interface RenkoState {
  readonly edgeTicks: number | null;
  readonly way: -1 | 0 | 1;
}

/**
 * Renko bricks of `ticks`. The first print of all is the edge that bricks start from. A brick ends when the price is one
 * brick from the last edge in the direction of the last brick, or two in the other: then it opens one brick from the edge.
 *
 * Open and close are the edges of the brick; high and low reach its prints too. The prints before the last are in the brick
 * that they came in. The print that completes several bricks at once is shared over them in equal lots, the first ones
 * having one lot more where it does not divide; with fewer lots than bricks the last ones are without. No lot is counted
 * twice.
 * @throws FootprintError `bad-option` when that is no whole number above 0.
 */
export function renkoClock(ticks: number): BarClock<RenkoState> {
  checkWhole('ticks', ticks);
  return {
    kind: 'renko',
    options: { ticks },
    start: { edgeTicks: null, way: 0 },
    isState: (state) => {
      const { edgeTicks, way } = state as RenkoState;
      return (edgeTicks === null || Number.isSafeInteger(edgeTicks)) && [-1, 0, 1].includes(way);
    },
    step(state, { priceTicks, sizeLots }) {
      const { edgeTicks, way } = state;
      if (edgeTicks === null) return { state: { edgeTicks: priceTicks, way }, plan: 'keep' };
      const next = priceTicks > edgeTicks ? 1 : -1;
      const from = way === -next ? edgeTicks + next * ticks : edgeTicks;
      const bricks = Math.floor((next * (priceTicks - from)) / ticks);
      if (bricks < 1) return { state, plan: 'keep' };
      checkBarsOfPrint(bricks, 'priceTicks', priceTicks, `${ticks} ticks`);
      return {
        state: { edgeTicks: from + next * bricks * ticks, way: next },
        plan: share(from, next * ticks, bricks, sizeLots),
      };
    },
  };
}

function share(from: number, step: number, bricks: number, lots: number): BarPlan {
  const [each, over] = [Math.floor(lots / bricks), lots % bricks];
  return Array.from({ length: bricks }, (_, i): BarPart => {
    const openTicks = from + i * step;
    return { lots: each + (i < over ? 1 : 0), closes: true, openTicks, closeTicks: openTicks + step };
  });
}
