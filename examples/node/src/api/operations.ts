/** Every JSON operation of the contract, answered from the ports. */
import { operations, type OperationId, type OperationInput, type OperationOutput } from '@tapekit/sdk/contract';
import type { Health } from '@tapekit/sdk/schemas';
import type { ApiDeps } from './ports.ts';

/** Bars a page when the caller does not say. */
const defaultPageSize = 200;
/** A check that takes longer has failed: a probe that hangs tells nobody anything. */
const checkLimitMs = 5_000;

type Handlers = {
  readonly [Id in OperationId]: (input: OperationInput<Id>) => Promise<OperationOutput<Id> | undefined>;
};

/** One function per operation; `undefined` where nothing is known of the symbol. */
export function createHandlers(deps: ApiDeps): Handlers {
  const { repositories } = deps;
  return {
    getHealth: () => health(deps),
    listSymbols: async () => ({ items: [...(await repositories.symbols())] }),
    listFootprints: (input) => repositories.footprints({ ...input, limit: input.limit ?? defaultPageSize }),
    getMetrics: ({ symbol }) => repositories.metrics(symbol),
    getQuote: ({ symbol }) => repositories.quote(symbol),
    getScore: ({ symbol }) => repositories.score(symbol),
    getArchive: () => repositories.archive(),
  };
}

/** The status of a reply: 200, or what the contract keeps for a system that answers but is not well. */
export function statusOf(operationId: OperationId, body: unknown): number {
  return operationId === operations.getHealth.operationId && (body as Health).status === 'degraded' ? 503 : 200;
}

async function health(deps: ApiDeps): Promise<Health> {
  const [database, store] = await Promise.all([check(deps.checkDatabase), check(deps.checkStore)]);
  return {
    status: database && store ? 'ok' : 'degraded',
    version: deps.version,
    uptimeMs: Math.max(0, Math.round(deps.now() - deps.startedAtMs)),
    checks: { database: database ? 'ok' : 'error', store: store ? 'ok' : 'error', job: deps.progress() },
  };
}

async function check(run: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, checkLimitMs, false);
  });
  try {
    return await Promise.race([run(), limit]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
