/** The deletes of a run, handed out to its cells in their order, however many are worked on at once. */
export interface Budget {
  /**
   * What a cell gets of the `wanted` deletes. The first time it waits until every cell before it has asked or ended, so
   * that the answer does not depend on who is faster.
   */
  take(index: number, wanted: number): Promise<number>;
  /** Deletes that a cell got and did not make. */
  giveBack(count: number): void;
  /** A cell that is done asks no more. */
  end(index: number): void;
}

/** A budget for cells numbered from 0. */
export function createBudget(total: number): Budget {
  let left = total;
  let next = 0;
  const ahead = new Set<number>();
  const waiting = new Map<number, () => void>();
  const settle = (index: number): void => {
    if (index < next) return;
    ahead.add(index);
    while (ahead.delete(next)) next += 1;
    waiting.get(next)?.();
  };
  return {
    async take(index, wanted) {
      if (index > next) await new Promise<void>((resolve) => waiting.set(index, resolve));
      const granted = Math.min(left, wanted);
      left -= granted;
      settle(index);
      return granted;
    },
    giveBack(count) {
      left += count;
    },
    end: settle,
  };
}
