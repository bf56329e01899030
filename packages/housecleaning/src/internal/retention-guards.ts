import { HousecleaningError } from '../errors.ts';
import { archiveKey, envKey, manifestPrefix, stagePrefix, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { probeClock } from './environment.ts';
import { parseKeptCopyKey } from './keep-copy.ts';
import { readQuarantine } from './quarantine.ts';
import { readObject } from './reading.ts';
import type { PlannedDelete } from './retention-survey.ts';
import type { Environment } from './run-types.ts';
import { fromUtf8 } from './utf8.ts';

/** Cells looked at together, two requests each; Workers allow six connections. */
const cellsAtOnce = 3;

/** Refuses a store that is not the one that the configuration means. */
export async function assertEnvironment(
  store: ObjectStore,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<void> {
  const read = await readObject(store, envKey, signal ? { signal } : {});
  const stamp = read && readStamp(fromUtf8(read.bytes));
  if (stamp?.env === env.env && stamp.bucketId === env.bucketId) return;
  throw new HousecleaningError(
    'wrong-store',
    `"${envKey}" ${read ? `says ${fromUtf8(read.bytes).trim()}` : 'is missing'}; expected env "${env.env}" and bucket "${env.bucketId}". Compare the store with the configuration.`,
    env,
  );
}

/** Ages are by the store's clock, so a clock of ours that is ahead would make everything old. */
export async function assertClock(store: ObjectStore, nowMs: number, clockToleranceMs: number): Promise<void> {
  const clock = await probeClock(store, { nowMs, clockToleranceMs, dryRun: false });
  if ('problem' in clock) throw new HousecleaningError('bad-option', `${clock.problem} Nothing was deleted.`, nowMs);
}

/** A batch without the objects of cells that were quarantined or whose archive moved on since the run began. */
export async function dropMoved(
  store: ObjectStore,
  batch: readonly PlannedDelete[],
  archives: ReadonlyMap<string, string>,
  kept: string[],
  signal: AbortSignal | undefined,
): Promise<readonly PlannedDelete[]> {
  const names = [...new Set(batch.map(({ key }) => cellNameOf(key)).filter((name) => name !== undefined))];
  const moved = new Map<string, string>();
  const options = signal ? { signal } : {};
  for (let at = 0; at < names.length; at += cellsAtOnce) {
    await Promise.all(
      names.slice(at, at + cellsAtOnce).map(async (name) => {
        const [symbol = '', date = ''] = name.split('/');
        const cell: Cell = { symbol, date };
        const [archive, quarantine] = await Promise.all([
          store.head(archiveKey(cell), options),
          readQuarantine(store, cell, signal),
        ]);
        if (quarantine?.stops) moved.set(name, 'its cell is in quarantine by now');
        else if (archive?.etag !== archives.get(name)) moved.set(name, 'its archive is another one by now; plan again');
      }),
    );
  }
  if (moved.size === 0) return batch;
  return batch.filter(({ key }) => {
    const why = moved.get(cellNameOf(key) ?? '');
    if (why !== undefined) kept.push(`"${key}": ${why}`);
    return why === undefined;
  });
}

/** What a stamp says; `undefined` for a text that is none. */
function readStamp(text: string): { readonly env?: unknown; readonly bucketId?: unknown } | undefined {
  try {
    return JSON.parse(text) as ReturnType<typeof readStamp>;
  } catch {
    return undefined;
  }
}

/** `{SYMBOL}/{DATE}` of a manifest, a stage or a kept copy. */
function cellNameOf(key: string): string | undefined {
  const copy = parseKeptCopyKey(key);
  if (copy) return `${copy.cell.symbol}/${copy.cell.date}`;
  const prefix = [manifestPrefix, stagePrefix].find((own) => key.startsWith(own));
  return prefix && key.slice(prefix.length).split('/').slice(0, 2).join('/');
}
