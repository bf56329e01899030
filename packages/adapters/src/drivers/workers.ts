/**
 * Housecleaning on Cloudflare Workers: a cron tick becomes one message, or one step of a Workflow, a cell, so that no
 * invocation has more to do than its time allows. State decides what there is to do: a tick that is missed, doubled or broken
 * off needs no repair.
 *
 * - {@link createQueueDriver}: any number of consumers at once; what passes between them lies in the store.
 * - {@link runWorkflow}: every step is retried and remembered by the platform; one instance is one run.
 */
import {
  continueReport,
  finishParts,
  runPart,
  type HousecleaningOptions,
  type SanityReport,
} from '@tapekit/housecleaning/housecleaning';
import type { Cell } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import {
  createFanOut,
  fanOutDefaults,
  type HousecleaningMessage,
  type MessageOutcome,
} from '../internal/fan-out/fan-out.ts';
import { listDueCells, readDueCells } from '../internal/fan-out/due-cells.ts';
import { partOfLost } from '../internal/fan-out/lost-part.ts';

export type { HousecleaningMessage, MessageOutcome } from '../internal/fan-out/fan-out.ts';

/** The part of a Workers `Queue` that is used. */
export interface QueueLike {
  sendBatch(
    messages: Iterable<{ readonly body: HousecleaningMessage }>,
    options?: { readonly delaySeconds?: number },
  ): Promise<unknown>;
}

/** The part of a Workers `MessageBatch` that is used. */
export interface MessageBatchLike {
  readonly messages: readonly {
    readonly body: unknown;
    readonly attempts: number;
    ack(): void;
    retry(options?: { readonly delaySeconds?: number }): void;
  }[];
}

/** How a run goes over a queue. */
export interface QueueDriverOptions {
  /** The options of a part, made anew for each message; `nowMs` is the time of the message. */
  readonly options: () => HousecleaningOptions | Promise<HousecleaningOptions>;
  readonly queue: QueueLike;
  /**
   * Seconds between two looks for cells that are not done.
   * @defaultValue 60
   */
  readonly pollSeconds?: number;
  /**
   * Looks after which the run is reported without the cells that are missing.
   * @defaultValue 120
   */
  readonly maxRounds?: number;
  /**
   * Seconds until a message that failed is asked for again, doubled each time up to an hour.
   * @defaultValue 15
   */
  readonly retrySeconds?: number;
  /** Told what became of each message, for logs. */
  readonly onMessage?: (outcome: MessageOutcome | { readonly type: 'failed'; readonly error: unknown }) => void;
}

/** The defaults of {@link QueueDriverOptions}. */
export const queueDriverDefaults = { ...fanOutDefaults, retrySeconds: 15 } as const;

/** Housecleaning over a queue. */
export interface QueueDriver {
  /**
   * For `scheduled`: sends one message a cell that is due and one that ends the run.
   * @param runId - names the run; two ticks with the same name are one run
   * @returns the cells that are due
   */
  readonly start: (runId: string) => Promise<readonly Cell[]>;
  /** For `queue`: acknowledges each message that was dealt with, and asks for the others again. */
  readonly consume: (batch: MessageBatchLike) => Promise<void>;
}

/** Most messages of one `sendBatch`. */
const maxBatch = 100;
const maxRetrySeconds = 3_600;

/** Housecleaning over a Workers Queue. Give the queue `max_batch_size: 1`, so that each cell has the time of an invocation. */
export function createQueueDriver(given: QueueDriverOptions): QueueDriver {
  const { queue, onMessage, retrySeconds, ...rest } = { ...queueDriverDefaults, ...given };
  const fanOut = createFanOut({
    ...rest,
    async send(messages, delaySeconds) {
      for (let i = 0; i < messages.length; i += maxBatch) {
        await queue.sendBatch(
          messages.slice(i, i + maxBatch).map((body) => ({ body })),
          { delaySeconds },
        );
      }
    },
  });
  return {
    start: fanOut.start,
    async consume({ messages }) {
      for (const message of messages) {
        try {
          const outcome = await fanOut.take(message.body);
          message.ack();
          onMessage?.(outcome);
        } catch (error) {
          message.retry({
            delaySeconds: Math.min(maxRetrySeconds, retrySeconds * 2 ** Math.min(20, message.attempts - 1)),
          });
          onMessage?.({ type: 'failed', error });
        }
      }
    },
  };
}

/** The part of a Workers `WorkflowStep` that is used. */
export interface WorkflowStepLike {
  do<Result>(
    name: string,
    config: {
      readonly retries: { readonly limit: number; readonly delay: number; readonly backoff: 'exponential' };
      readonly timeout: string;
    },
    work: () => Promise<Result>,
  ): Promise<Result>;
}

/** How a run goes through a Workflow. */
export interface WorkflowRunOptions {
  /** The options of a step, made anew for each; `nowMs` is the time of the step. */
  readonly options: () => HousecleaningOptions | Promise<HousecleaningOptions>;
  /** Name of the run, for example the id of the instance. */
  readonly runId: string;
  /**
   * Names archives to look at beside the cells that are due, which are those with raw objects: each is proven, healed where it
   * is gone or damaged, and told in the report; nothing of them is deleted. Give a few in turn, not all at once.
   * @defaultValue none
   */
  readonly beside?: (store: ObjectStore) => readonly Cell[] | Promise<readonly Cell[]>;
  /**
   * Cells under way at once.
   * @defaultValue 4
   */
  readonly lanes?: number;
  /**
   * Times that a step is tried again.
   * @defaultValue 5
   */
  readonly retries?: number;
  /**
   * Seconds until a step is tried again, doubled each time.
   * @defaultValue 10
   */
  readonly retrySeconds?: number;
}

/** The defaults of {@link WorkflowRunOptions}. */
export const workflowRunDefaults = { lanes: 4, retries: 5, retrySeconds: 10 } as const;

/**
 * One run as the steps of a Workflow, to be called from `run(event, step)`: a step lists the cells, each cell has one that
 * archives and one that proves again and prunes, the last one reports what both did. A cell whose step fails for good is
 * reported with the reason; the others go on.
 */
export async function runWorkflow(step: WorkflowStepLike, run: WorkflowRunOptions): Promise<SanityReport> {
  const { options, runId, lanes, retries, retrySeconds } = { ...workflowRunDefaults, ...run };
  const config = {
    retries: { limit: retries, delay: retrySeconds * 1_000, backoff: 'exponential' },
    timeout: '15 minutes',
  } as const;
  const optionsOf = async (): Promise<HousecleaningOptions> => ({ ...(await options()), runId });

  const listed = await step.do('list cells', config, async () => {
    const all = await optionsOf();
    return { ...(await listDueCells(all)), beside: [...((await run.beside?.(all.store)) ?? [])] };
  });
  const { cells, foreign } = readDueCells(listed);
  const due = new Set(cells.map(nameOf));
  // An instance that an earlier release began remembered cells alone.
  const beside = ((listed as Partial<typeof listed>).beside ?? []).filter((cell) => !due.has(nameOf(cell)));
  const parts: SanityReport[] = [];

  /** Compressing and proving take as long as each other: an invocation for each. */
  const clean = async (cell: Cell): Promise<SanityReport> => {
    const part = { cells: [cell], share: 1 / cells.length };
    let archived: SanityReport | undefined;
    let ended: SanityReport;
    try {
      archived = reportOfStep(
        await step.do(`${nameOf(cell)}: archive`, config, async () =>
          runPart({ ...(await optionsOf()), ...part, stopAfter: 'publish' }),
        ),
      );
      ended = await step.do(`${nameOf(cell)}: prune`, config, async () => runPart({ ...(await optionsOf()), ...part }));
    } catch (reason) {
      ended = await giveUp(cell, reason);
    }
    return archived ? continueReport(archived, ended) : ended;
  };
  const prove = async (cell: Cell): Promise<SanityReport> => {
    try {
      return await step.do(`${nameOf(cell)}: prove`, config, async () =>
        runPart({ ...(await optionsOf()), cells: [cell], stopAfter: 'publish' }),
      );
    } catch (reason) {
      return giveUp(cell, reason);
    }
  };
  const giveUp = (cell: Cell, reason: unknown): Promise<SanityReport> =>
    step.do(`${nameOf(cell)}: give up`, config, async () => partOfLost(await optionsOf(), [cell], reason));

  const all = [...cells.map((cell) => ({ cell, work: clean })), ...beside.map((cell) => ({ cell, work: prove }))];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < all.length) {
      const i = next;
      next += 1;
      const { cell, work } = all[i]!;
      parts[i] = await work(cell);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return step.do('report', config, async () => {
    const ending = await optionsOf();
    return finishParts(ending, parts.length > 0 ? parts : [await partOfLost(ending, [], undefined)], foreign);
  });
}

function nameOf({ symbol, date }: Cell): string {
  return `${symbol} ${date}`;
}

/** What a step remembered. A release before this one remembered the outcome of archiving alone. */
function reportOfStep(remembered: unknown): SanityReport | undefined {
  return typeof remembered === 'string' ? undefined : (remembered as SanityReport);
}
