import { isHousecleaningError } from '../errors.ts';
import type { Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { createBudget } from './budget.ts';
import { createPruner } from './prune.ts';
import { recordMutations, type Mutation } from './recorded-store.ts';
import type { CellReport } from './report-types.ts';
import { runCell } from './run-cell.ts';
import type { RunFrame } from './run-context.ts';
import { withoutDelete } from './run-store.ts';

/** Failures in a row after which a store is taken for unreachable. */
const maxFailuresInARow = 5;

/** What came of the cells of a run; grows while they are worked on, so that an abort loses nothing of it. */
export interface CellResults {
  readonly reports: (CellReport | undefined)[];
  /** Changes of each cell. */
  readonly mutations: (readonly Mutation[] | undefined)[];
}

/**
 * Works on cells, `concurrency` at once. Reports, changes and the budget of deletes follow the order of the cells, not of
 * their ends.
 *
 * @throws the error of the fifth cell in a row that fails, a lost lease, or an abort
 */
export async function runCells(
  frame: RunFrame,
  ground: ObjectStore,
  cells: readonly Cell[],
  limits: { readonly deletes: number; readonly mayDelete: ReadonlySet<string> | undefined },
  results: CellResults,
): Promise<void> {
  const { tell, options } = frame;
  tell({ type: 'run-started', cells: cells.length });
  const budget = createBudget(limits.deletes);
  const failed: (boolean | undefined)[] = [];
  let next = 0;
  let stop: { readonly error: unknown } | undefined;

  async function work(): Promise<void> {
    for (let index = next++; index < cells.length && !stop; index = next++) {
      const cell = cells[index]!;
      try {
        options.signal?.throwIfAborted();
      } catch (error) {
        stop = { error };
        return;
      }
      tell({ type: 'cell-started', cell, index, cells: cells.length });
      const { store, mutations } = recordMutations(ground, limits.mayDelete);
      results.mutations[index] = mutations;
      const { report, error } = await runCell(
        {
          ...frame,
          store: withoutDelete(store),
          prune: createPruner(store),
          takeDeletes: (wanted) => budget.take(index, wanted),
          giveBackDeletes: (count) => budget.giveBack(count),
        },
        cell,
      );
      budget.end(index);
      results.reports[index] = report;
      failed[index] = error !== undefined;
      tell({ type: 'cell-finished', report, index, cells: cells.length });
      if (isFinal(error) || (error !== undefined && failuresAround(failed, index) >= maxFailuresInARow))
        stop ??= { error };
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.concurrency, cells.length) }, work));
  if (stop) throw stop.error;
}

/** What no other cell can do better. */
function isFinal(error: unknown): boolean {
  return isHousecleaningError(error, 'lease-lost') || isHousecleaningError(error, 'plan-changed');
}

/** Failed cells in a row, this one among them. */
function failuresAround(failed: readonly (boolean | undefined)[], index: number): number {
  let count = 1;
  for (let i = index - 1; failed[i] === true; i--) count += 1;
  for (let i = index + 1; failed[i] === true; i++) count += 1;
  return count;
}
