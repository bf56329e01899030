/** Housecleaning by cron over a queue and over a Workflow; everything that can fail fails the first time. */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import type { HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import {
  createQueueDriver,
  runWorkflow,
  type HousecleaningMessage,
  type QueueDriver,
  type WorkflowStepLike,
} from '../../src/drivers/workers.ts';
import { createR2Store } from '../../src/stores/r2.ts';

interface Env {
  readonly TAPE: R2Bucket;
  readonly QUEUE: Queue<HousecleaningMessage>;
  readonly RUN: Workflow;
}

const cells = 30;
/** Deliveries and steps so far; every other one finds no options. */
let asked = 0;
let failures = 0;

function optionsOf(env: Env): HousecleaningOptions {
  asked += 1;
  if (asked % 2 === 1) {
    failures += 1;
    throw new Error('the configuration cannot be read');
  }
  return {
    ...{ store: createR2Store(env.TAPE), nowMs: Date.now(), writers: 'write-once', minAgeMs: 0 },
    ...{ allowImmediate: true, approve: 'first-run', env: { env: 'local', bucketId: 'tapekit-drivers' } },
  };
}

function driverOf(env: Env): QueueDriver {
  return createQueueDriver({ options: () => optionsOf(env), queue: env.QUEUE, pollSeconds: 1, retrySeconds: 0 });
}

/** One instance is one run. */
export class HousecleaningRun extends WorkflowEntrypoint<Env> {
  override async run(event: Readonly<WorkflowEvent<unknown>>, step: WorkflowStep): Promise<string> {
    const options = (): HousecleaningOptions => optionsOf(this.env);
    const { run } = await runWorkflow(step as WorkflowStepLike, { options, runId: event.instanceId, retrySeconds: 0 });
    return run.outcome;
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/failures') return Response.json(failures);
    const keys = await env.TAPE.list({ prefix: pathname.slice(1) });
    return Response.json(keys.objects.map(({ key }) => key));
  },
  async scheduled({ cron, scheduledTime }, env): Promise<void> {
    const date = cron.startsWith('7') ? '2024-08-08' : '2024-08-09';
    for (let i = 0; i < cells; i += 1) {
      const tape = createTapeWriter({ store: createR2Store(env.TAPE), symbol: `S${String(i).padStart(2, '0')}` });
      await tape.append({ date, seq: 0, line: `{"i":${i}}` });
      await tape.flush();
    }
    const runId = `tick-${scheduledTime}`;
    if (!cron.startsWith('7')) {
      await env.RUN.create({ id: runId });
      return;
    }
    const driver = driverOf(env);
    await driver.start(runId).catch(() => driver.start(runId));
  },
  async queue(batch, env): Promise<void> {
    await driverOf(env).consume(batch);
  },
} satisfies ExportedHandler<Env, HousecleaningMessage>;
