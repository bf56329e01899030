/** Stage two: the raw tape becomes verified archives, and what they prove is pruned. */
import { archiveStatus, housecleaningDefaults, runHousecleaning } from '@tapekit/housecleaning/housecleaning';
import type { ArchiveStatus } from '@tapekit/sdk/schemas';
import type { JobContext } from './context.ts';

/** What the archive's environment stamp says of a store that this job made. */
const archiveEnvironment = { env: 'local', bucketId: 'archive' } as const;

/**
 * Cleans the days of one symbol. A replay is its own only writer and has finished, so raw objects need no waiting time
 * before they are pruned; days that are not over by the wall clock stay open.
 */
export async function cleanHouse(
  symbol: string,
  dates: readonly string[],
  context: Pick<JobContext, 'store' | 'now' | 'signal'>,
  onStep: (cellsDone: number, message: string) => void,
): Promise<ArchiveStatus> {
  let done = 0;
  const report = await runHousecleaning({
    store: context.store,
    cells: dates.map((date) => ({ symbol, date })),
    nowMs: context.now(),
    minAgeMs: 0,
    allowImmediate: true,
    // The store is this job's own, and replays differ in size: what the ones before deleted says nothing.
    approve: 'first-run',
    limits: { floor: housecleaningDefaults.maxDeletes },
    writers: 'write-once',
    env: archiveEnvironment,
    signal: context.signal,
    onEvent(event) {
      if (event.type === 'cell-finished') {
        done = event.index + 1;
        onStep(done, `housecleaning: ${symbol} ${event.report.date} is ${event.report.state}`);
      } else if (event.type === 'step') {
        onStep(done, `housecleaning: ${symbol} ${event.cell.date}, ${event.step}`);
      }
    },
  });
  return archiveStatus(report);
}
