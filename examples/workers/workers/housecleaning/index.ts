/**
 * The housecleaning worker: compresses, proves, reports and prunes what the ingest worker stored. It wakes up by cron;
 * state decides what there is to do, so a missed, doubled or broken run needs no repair.
 */
import { WorkerEntrypoint, WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import { runWorkflow, type WorkflowStepLike } from '@tapekit/adapters/drivers/workers';
import { createR2Store } from '@tapekit/adapters/stores/r2';
import { readReport, runHousecleaning, type SanityReport } from '@tapekit/housecleaning/housecleaning';
import { isDate, isSymbol, parseRawCell, rawPrefix, type Cell } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { ApiError, excerpt } from '../shared/errors.ts';
import { assertBearer, assertMethod, errorReply, jsonReply, readSmallBody } from '../shared/http.ts';
import { archivesOfDay } from './archives-of-day.ts';
import { readHousecleaningSettings, readProvesPerDay, type HousecleaningEnv, type Tick } from './settings.ts';

const dayMs = 86_400_000;

/** For requests from outside: every route needs SERVICE_TOKEN. */
export default {
  async fetch(request, env): Promise<Response> {
    try {
      assertBearer(request.headers.get('authorization'), env.SERVICE_TOKEN, 'SERVICE_TOKEN');
      return await route(request, env);
    } catch (error) {
      return errorReply(error);
    }
  },
  async scheduled({ scheduledTime }, env): Promise<void> {
    // A tick that comes twice is one instance.
    await env.RUN.create({ id: `tick-${scheduledTime}`, params: { scheduledTime } });
  },
} satisfies ExportedHandler<HousecleaningEnv>;

/** One tick of the cron: every cell has invocations of its own, so that a long list needs no long time of CPU. */
export class HousecleaningRun extends WorkflowEntrypoint<HousecleaningEnv, Tick> {
  override async run(event: Readonly<WorkflowEvent<Tick>>, step: WorkflowStep): Promise<SanityReport['run']> {
    const tickMs = event.payload.scheduledTime;
    const { run: ended, cells } = await runWorkflow(step as WorkflowStepLike, {
      options: () => ({
        ...{ store: createR2Store(this.env.TAPE), nowMs: Date.now(), writers: 'write-once' },
        ...readHousecleaningSettings(this.env),
      }),
      runId: event.instanceId,
      // The first tick of a day also looks at some archives that have no raw objects any more.
      beside: (store) =>
        tickMs === undefined || new Date(tickMs).getUTCHours() > 0
          ? []
          : archivesOfDay(store, Math.floor(tickMs / dayMs), readProvesPerDay(this.env)),
    });
    for (const { symbol, date, healed } of cells)
      if (healed) console.error(JSON.stringify({ event: 'archive-healed', symbol, date, ...healed }));
    if (ended.outcome !== 'ok') console.error(JSON.stringify({ event: 'housecleaning-needs-attention', ...ended }));
    return ended;
  }
}

/** For other workers: only a service binding leads here, and only an operator can make one. */
export class HousecleaningService extends WorkerEntrypoint<HousecleaningEnv> {
  override async fetch(request: Request): Promise<Response> {
    try {
      return await route(request, this.env);
    } catch (error) {
      return errorReply(error);
    }
  }
}

async function route(request: Request, env: HousecleaningEnv): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case '/report': {
      assertMethod(request, 'GET');
      const report = await readReport(createR2Store(env.TAPE));
      if (report === undefined)
        throw new ApiError(404, 'not-found', 'There is no report yet; POST /run-cron makes one.');
      return jsonReply(report);
    }
    case '/run-cron':
      assertMethod(request, 'POST');
      return reportReply(await run(env, {}, operator));
    case '/compress':
      assertMethod(request, 'POST');
      return reportReply(await run(env, parseSelection(await readSmallBody(request)), operator));
    default:
      throw new ApiError(
        404,
        'not-found',
        `There is nothing at ${excerpt(pathname)}; try /compress, /run-cron or /report.`,
      );
  }
}

/** Which cells `/compress` is about; all of them when empty. */
interface Selection {
  readonly symbol?: string;
  readonly date?: string;
}

/** Whoever has the token may start the first run against a bucket; the cron waits until somebody did. */
const operator = { approve: 'first-run' } as const;

async function run(
  env: HousecleaningEnv,
  selection: Selection = {},
  consent: Partial<typeof operator> = {},
): Promise<SanityReport> {
  const store = createR2Store(env.TAPE);
  const settings = readHousecleaningSettings(env);
  const cells = await selectCells(store, selection);
  const nowMs = Date.now();
  return runHousecleaning({
    store,
    nowMs,
    writers: 'write-once',
    ...settings,
    ...consent,
    ...(cells ? { cells } : {}),
  });
}

/** The cells of a selection; `undefined` for all that have raw objects. */
async function selectCells(store: ObjectStore, { symbol, date }: Selection): Promise<readonly Cell[] | undefined> {
  if (symbol === undefined && date === undefined) return undefined;
  if (symbol !== undefined && date !== undefined) return [{ symbol, date }];
  const prefix = symbol === undefined ? rawPrefix : `${rawPrefix}${symbol}/`;
  const cells = new Map<string, Cell>();
  let cursor: string | undefined;
  do {
    const page = await store.list(cursor === undefined ? { prefix } : { prefix, cursor });
    for (const { key } of page.objects) {
      const cell = parseRawCell(key);
      if (cell && (date ?? cell.date) === cell.date) cells.set(`${cell.symbol}/${cell.date}`, cell);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return [...cells.values()];
}

function parseSelection(body: string): Selection {
  let raw: unknown;
  try {
    raw = body === '' ? {} : JSON.parse(body);
  } catch {
    raw = undefined;
  }
  const { symbol, date, ...rest } = (typeof raw === 'object' && raw !== null ? raw : { body }) as Record<
    string,
    unknown
  >;
  const isGiven = (value: unknown, isFine: (text: string) => boolean): value is string => {
    if (value === undefined) return false;
    if (typeof value === 'string' && isFine(value)) return true;
    const message = `The body is ${excerpt(body)}; expected { "symbol": "TAPEUSDT", "date": "2026-11-20" }, both optional.`;
    throw new ApiError(400, 'bad-request', message);
  };
  isGiven(Object.keys(rest)[0], () => false);
  return { ...(isGiven(symbol, isSymbol) ? { symbol } : {}), ...(isGiven(date, isDate) ? { date } : {}) };
}

/** 409 when the safety check forbade the run, 502 when the store failed; the report says why. */
function reportReply(report: SanityReport): Response {
  const { outcome } = report.run;
  return jsonReply(report, outcome === 'halted' ? 409 : outcome === 'failed' ? 502 : 200);
}
