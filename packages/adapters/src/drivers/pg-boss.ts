/**
 * Housecleaning as jobs of pg-boss, over the Postgres that a Node deployment has anyway: a job starts a run, one a cell works
 * on it on any number of machines, the last one reports. Jobs may run twice or be lost; state decides what there is to do.
 */
import type { HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { createFanOut, type MessageOutcome } from '../internal/fan-out/fan-out.ts';

export type { HousecleaningMessage, MessageOutcome } from '../internal/fan-out/fan-out.ts';

/** The part of a pg-boss instance (12.30 or later) that is used. */
export interface BossLike {
  createQueue(name: string, options?: BossQueueOptions): Promise<unknown>;
  insert(name: string, jobs: { data: object; startAfter?: number }[]): Promise<unknown>;
  send(name: string, data: object, options?: { singletonKey?: string }): Promise<string | null>;
  schedule(name: string, cron: string, data?: object | null, options?: { tz?: string }): Promise<unknown>;
  work(
    name: string,
    options: { batchSize: number; pollingIntervalSeconds: number },
    handler: (jobs: readonly { readonly id: string; readonly data: unknown }[]) => Promise<unknown>,
  ): Promise<unknown>;
}

/** How a queue of pg-boss is made. */
export interface BossQueueOptions {
  readonly policy?: 'standard' | 'singleton' | 'short' | 'stately';
  readonly retryLimit?: number;
  readonly retryDelay?: number;
  readonly retryBackoff?: boolean;
  readonly expireInSeconds?: number;
}

/** How runs go over pg-boss. */
export interface BossDriverOptions {
  /** The options of a part, made anew for each job; `nowMs` is the time of the job. */
  readonly options: () => HousecleaningOptions | Promise<HousecleaningOptions>;
  /**
   * Name of the queue that starts runs; that of the cells is this with `-cell`.
   * @defaultValue 'housecleaning'
   */
  readonly queue?: string;
  /**
   * When runs start, as a cron expression in UTC.
   * @defaultValue none: only `start` does
   */
  readonly cron?: string;
  /**
   * Cells under way at once in this process; 0 takes none.
   * @defaultValue 1
   */
  readonly lanes?: number;
  /**
   * Seconds between two looks for cells that are not done.
   * @defaultValue 15
   */
  readonly pollSeconds?: number;
  /**
   * Looks after which a run is reported without the cells that are missing.
   * @defaultValue 480
   */
  readonly maxRounds?: number;
  /**
   * Seconds until a job that failed is tried again, doubled each time; five times in all.
   * @defaultValue 15
   */
  readonly retrySeconds?: number;
  /** Told what became of each message, for logs. */
  readonly onMessage?: (outcome: MessageOutcome | { readonly type: 'failed'; readonly error: unknown }) => void;
}

/** The defaults of {@link BossDriverOptions}. */
export const bossDriverDefaults = {
  queue: 'housecleaning',
  lanes: 1,
  pollSeconds: 15,
  maxRounds: 480,
  retrySeconds: 15,
} as const;

/** Housecleaning over pg-boss. */
export interface BossDriver {
  /** Starts a run now; while one waits to be started, no second one is. Resolves to its name, `null` where there was one. */
  readonly start: () => Promise<string | null>;
}

/** Registers queues, workers and the schedule on a started pg-boss; its `stop()` ends them. */
export async function registerHousecleaning(boss: BossLike, given: BossDriverOptions): Promise<BossDriver> {
  const { queue, cron, lanes, onMessage, options, pollSeconds, maxRounds, retrySeconds } = {
    ...bossDriverDefaults,
    ...given,
  };
  const cellQueue = `${queue}-cell`;
  const patience = { retryLimit: 5, retryDelay: retrySeconds, retryBackoff: true, expireInSeconds: 3_600 };
  // At most one waits and one runs: a tick that comes too early is dropped.
  await boss.createQueue(queue, { ...patience, policy: 'stately' });
  await boss.createQueue(cellQueue, patience);
  const fanOut = createFanOut({
    ...{ options, pollSeconds, maxRounds },
    async send(messages, delaySeconds) {
      if (messages.length === 0) return;
      await boss.insert(
        cellQueue,
        messages.map((data) => ({ data, ...(delaySeconds > 0 ? { startAfter: delaySeconds } : {}) })),
      );
    },
  });
  const take = async (work: () => Promise<MessageOutcome | undefined>): Promise<void> => {
    try {
      const outcome = await work();
      if (outcome) onMessage?.(outcome);
    } catch (error) {
      onMessage?.({ type: 'failed', error });
      throw error;
    }
  };
  const polling = { batchSize: 1, pollingIntervalSeconds: 1 };
  await boss.work(queue, polling, async (jobs) => {
    for (const { id } of jobs) {
      await take(async () => {
        await fanOut.start(id);
        return undefined;
      });
    }
  });
  for (let lane = 0; lane < lanes; lane += 1) {
    await boss.work(cellQueue, polling, async (jobs) => {
      for (const { data } of jobs) await take(() => fanOut.take(data));
    });
  }
  if (cron !== undefined) await boss.schedule(queue, cron, {}, { tz: 'UTC' });
  return { start: () => boss.send(queue, {}) };
}
