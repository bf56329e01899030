/** Which numbers of an ascending sequence came, came late, came twice or never came; bounded memory. */

/** Numbers that did not come, both ends inclusive. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** What a number says about the sequence. */
type Arrival = 'in-order' | 'late' | 'duplicate';

export interface SequenceWatch {
  push(sequence: number, receiveMs: number): Arrival;
  /** The holes that no late number can be expected to fill any more; each is handed out once. */
  settle(receiveMs: number): readonly Hole[];
  /** All holes that were not handed out yet. */
  settleAll(): readonly Hole[];
}

interface OpenHole {
  from: number;
  to: number;
  readonly bornAt: number;
  readonly bornMs: number;
  told: boolean;
}

/** How long a late number is waited for. */
export interface SequenceWatchOptions {
  /** After so many later numbers a missing one is lost. */
  readonly reorderWindow: number;
  /** After so many milliseconds of receive time a missing one is lost. */
  readonly reorderMs: number;
}

/** Holes that are remembered, so that a number that comes very late is not taken for a duplicate. */
const maxHoles = 1024;

const nothing: readonly Hole[] = [];

export function createSequenceWatch({ reorderWindow, reorderMs }: SequenceWatchOptions): SequenceWatch {
  let high = -1;
  let pushes = 0;
  /** Ascending, none overlap. */
  let holes: OpenHole[] = [];

  const fill = (sequence: number): Arrival => {
    const at = holes.findIndex((hole) => hole.from <= sequence && sequence <= hole.to);
    const hole = holes[at];
    if (hole === undefined) return 'duplicate';
    const parts: OpenHole[] = [];
    if (hole.from < sequence) parts.push({ ...hole, to: sequence - 1 });
    if (sequence < hole.to) parts.push({ ...hole, from: sequence + 1 });
    holes.splice(at, 1, ...parts);
    return 'late';
  };

  const tell = (when: (hole: OpenHole) => boolean): Hole[] => {
    const told: Hole[] = [];
    const crowded = holes.length - maxHoles;
    for (const [i, hole] of holes.entries()) {
      if (hole.told || !(when(hole) || i < crowded)) continue;
      hole.told = true;
      told.push({ from: hole.from, to: hole.to });
    }
    if (crowded > 0) holes = holes.slice(crowded);
    return told;
  };

  return {
    push(sequence, receiveMs) {
      pushes += 1;
      if (high < 0) {
        // What was before the first number that we saw is nobody's loss.
        if (sequence > 0) holes.push({ from: 0, to: sequence - 1, bornAt: pushes, bornMs: receiveMs, told: true });
        high = sequence;
        return 'in-order';
      }
      if (sequence <= high) return fill(sequence);
      if (sequence > high + 1) {
        holes.push({ from: high + 1, to: sequence - 1, bornAt: pushes, bornMs: receiveMs, told: false });
      }
      high = sequence;
      return 'in-order';
    },
    settle: (receiveMs) =>
      holes.length <= maxHoles && holes.every((hole) => hole.told)
        ? nothing
        : tell((hole) => pushes - hole.bornAt >= reorderWindow || receiveMs - hole.bornMs >= reorderMs),
    settleAll: () => tell(() => true),
  };
}
