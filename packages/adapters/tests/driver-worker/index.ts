/** Housecleaning by cron over a queue and over a Workflow; everything that can fail fails the first time. */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { readReport, type HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { archiveKey } from '@tapekit/housecleaning/keys';
import { findDay, readDay } from '@tapekit/housecleaning/read-day';
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
  readonly RUN: Workflow<Ending>;
}

/** After which step an instance ends itself; never, if it does not say. */
interface Ending {
  readonly endAfter?: number;
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
export class HousecleaningRun extends WorkflowEntrypoint<Env, Ending> {
  override async run({ instanceId, payload }: Readonly<WorkflowEvent<Ending>>, step: WorkflowStep): Promise<string> {
    const options = (): HousecleaningOptions => optionsOf(this.env);
    let done = 0;
    const ending: WorkflowStepLike = {
      do: async (...asked) => {
        const result = await (step as WorkflowStepLike).do(...asked);
        done += 1;
        if (done === payload.endAfter) await (await this.env.RUN.get(instanceId)).terminate();
        return result;
      },
    };
    const { run } = await runWorkflow(ending, { options, runId: instanceId, retrySeconds: 0 });
    return run.outcome;
  }
}

/** Puts record `seq` of a day of so many cells. */
async function write(env: Env, date: string, count: number, seq: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const tape = createTapeWriter({ store: createR2Store(env.TAPE), symbol: `S${String(i).padStart(2, '0')}` });
    await tape.append({ date, seq, line: `{"i":${i},"seq":${seq}}` });
    await tape.flush();
  }
}

/** `/instance/{id}`: begins an instance over two cells with `POST {"endAfter":n}`, and says how one is. */
async function instance(request: Request, env: Env, id: string): Promise<Response> {
  if (request.method === 'GET') return Response.json((await (await env.RUN.get(id)).status()).status);
  await env.RUN.create({ id, params: await request.json<Ending>() });
  return Response.json(id);
}

/** `/records/{symbol}/{date}`: the lines of a cell, archived or raw or both. */
async function records(env: Env, [symbol = '', date = '']: readonly string[]): Promise<Response> {
  const store = createR2Store(env.TAPE);
  const cell = { symbol, date };
  const lines = new Set<string>();
  for (const layout of ['archive', 'raw'] as const) {
    if ((await findDay(store, cell, { layout })).layout === 'none') continue;
    for await (const line of readDay(store, cell, { layout })) lines.add(line);
  }
  return Response.json([...lines]);
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, what, ...rest] = pathname.split('/');
    if (what === 'failures') return Response.json(failures);
    if (what === 'instance') return instance(request, env, rest[0]!);
    if (what === 'records') return records(env, rest);
    if (what === 'write') {
      await write(env, rest[0]!, 2, Number(rest[1]));
      return Response.json('written');
    }
    if (what === 'report') return Response.json(await readReport(createR2Store(env.TAPE)));
    if (what === 'lose') {
      const [symbol = '', date = ''] = rest;
      await env.TAPE.delete(archiveKey({ symbol, date }));
      return Response.json('lost');
    }
    const keys = await env.TAPE.list({ prefix: pathname.slice(1) });
    return Response.json(keys.objects.map(({ key }) => key));
  },
  async scheduled({ cron, scheduledTime }, env): Promise<void> {
    const date = cron.startsWith('7') ? '2024-08-08' : '2024-08-09';
    await write(env, date, cells, 0);
    const runId = `tick-${scheduledTime}`;
    if (!cron.startsWith('7')) {
      await env.RUN.create({ id: runId, params: {} });
      return;
    }
    const driver = driverOf(env);
    await driver.start(runId).catch(() => driver.start(runId));
  },
  async queue(batch, env): Promise<void> {
    await driverOf(env).consume(batch);
  },
} satisfies ExportedHandler<Env, HousecleaningMessage>;
