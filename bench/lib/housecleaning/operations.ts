/** What a store is asked for while a tape is written, archived, proven and pruned. */
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { withCounts, type StoreCounts } from '@tapekit/adapters/stores/counting';
import { runHousecleaning } from '@tapekit/housecleaning/housecleaning';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { tapeSources } from '../../../packages/housecleaning/scripts/archive-memory.ts';

/** Requests, as R2 and S3 bill them; deleting is free. */
export interface Operations {
  readonly trades: number;
  readonly writer: Pick<StoreCounts, 'classA' | 'classB'>;
  readonly housecleaning: Pick<StoreCounts, 'classA' | 'classB'>;
}

/** A day of at least so many trades, one line each, through the writer's defaults and one run. */
export async function countOperations(trades: number): Promise<Operations> {
  const { store, counts } = withCounts(createMemoryStore());
  const tape = createTapeWriter({ store, symbol: 'BTCUSDT' });
  let seq = 0;
  for await (const line of tapeLines(trades)) await tape.append({ date: '2024-08-08', seq: seq++, line });
  await tape.flush();
  const written = { classA: counts.classA, classB: counts.classB };
  const report = await runHousecleaning({
    store,
    nowMs: Date.now(),
    minAgeMs: 0,
    allowImmediate: true,
    approve: 'first-run',
    writers: 'write-once',
    env: { env: 'bench', bucketId: 'memory' },
  });
  if (report.run.outcome !== 'ok') throw new Error(`The run ended "${report.run.outcome}".`);
  const { classA, classB } = counts;
  return {
    trades: seq,
    writer: written,
    housecleaning: { classA: classA - written.classA, classB: classB - written.classB },
  };
}

async function* tapeLines(trades: number): AsyncGenerator<string, void, undefined> {
  let given = 0;
  for await (const { open } of tapeSources(Math.ceil(trades / 8_000))) {
    for await (const piece of open()) {
      for (const line of Buffer.from(piece).toString('latin1').split('\n')) {
        if (!line.startsWith('{')) continue;
        yield line;
        if (++given === trades) return;
      }
    }
  }
}
