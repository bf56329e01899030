/** The HTTP API: every operation of the contract, the live stream, the API reference and the web pages. Reads only. */
import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import {
  operations,
  parseInput,
  streamOperationId,
  streamPath,
  type OperationId,
  type OperationInput,
} from '@tapekit/sdk/contract';
import { createOpenApiDocument } from '@tapekit/sdk/openapi';
import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';
import { eventStreamReply } from './event-stream.ts';
import { mountReference } from './reference.ts';
import { createHandlers, statusOf } from './operations.ts';
import { mountPages } from './pages.ts';
import { BadCursorError, type ApiDeps } from './ports.ts';
import { commonHeaders, errorReply, excerpt, jsonReply } from './replies.ts';

/** What a request brings besides itself; all of it is absent in `api.request(…)` without a server. */
export interface ApiEnv {
  readonly Bindings: Partial<HttpBindings> & { readonly shutdown?: AbortSignal };
  readonly Variables: { requestId: string };
}

const heartbeatMs = 15_000;
/** Smaller replies leave in one packet or two anyway. */
const compressFromBytes = 16_384;

/** Makes the API; `startServer` serves it, `api.request(…)` asks it directly. */
export function createApi(deps: ApiDeps): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();

  api.use(async (c, next) => {
    c.set('requestId', randomUUID());
    if (c.req.method === 'GET' || c.req.method === 'HEAD') await next();
    else c.res = methodNotAllowed(c);
    for (const [name, value] of Object.entries(commonHeaders)) c.header(name, value);
    c.header('x-request-id', c.get('requestId'));
  });
  api.use('/v1/*', compress({ threshold: compressFromBytes }));

  const handlers = createHandlers(deps);
  for (const operationId of Object.keys(operations) as OperationId[]) {
    const handler = handlers[operationId] as (input: OperationInput<OperationId>) => Promise<unknown>;
    api.get(operations[operationId].path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
      const params: Readonly<Record<string, string>> = c.req.param();
      const parsed = parseInput(operationId, params, new URL(c.req.url).searchParams);
      if (!parsed.ok) return errorReply(400, 'bad-request', parsed.message, c.get('requestId'));
      const body = await handler(parsed.input);
      if (body !== undefined) return jsonReply(body, statusOf(operationId, body));
      const message = await unknownSymbol(deps, operations[operationId].path, params['symbol'] ?? '');
      return errorReply(404, 'not-found', message, c.get('requestId'));
    });
  }
  mountStream(api, deps);

  const document = createOpenApiDocument({ version: deps.version });
  api.get('/openapi.json', () => jsonReply(document));
  mountReference(api);
  api.all('/v1/*', noSuchPath);
  if (deps.webRoot === undefined) api.get('/', (c) => c.redirect('/docs'));
  else mountPages(api, deps.webRoot);

  api.notFound(noSuchPath);
  api.onError((error, c) => {
    const requestId = c.get('requestId');
    if (error instanceof BadCursorError) {
      const given = excerpt(c.req.query('cursor') ?? '');
      const message = `Parameter "cursor" is ${given}; expected the "nextCursor" of the page before. Start again without it.`;
      return errorReply(400, 'bad-request', message, requestId);
    }
    deps.log?.({ level: 'error', message: `${c.req.method} ${c.req.path} failed`, requestId, error });
    const message = `The server failed to answer. Its log has the reason under request id "${requestId}".`;
    return errorReply(500, 'internal', message, requestId);
  });
  return api;
}

function mountStream(api: Hono<ApiEnv>, deps: ApiDeps): void {
  const { events, maxStreams = 1000, every = everyInterval } = deps;
  let open = 0;
  api.get(streamPath, (c) => {
    const requestId = c.get('requestId');
    const given = c.req.header('last-event-id') ?? '';
    if (!/^\d{0,16}$/.test(given)) {
      const message = `Header "Last-Event-ID" is ${excerpt(given)}; expected the id of an event, a number.`;
      return errorReply(400, 'bad-request', message, requestId);
    }
    if (open >= maxStreams) {
      const message = `${streamOperationId}: all ${maxStreams} streams are taken. Try again in 5 seconds.`;
      return errorReply(503, 'too-many-streams', message, requestId, { 'retry-after': '5' });
    }
    // A HEAD reply has no body that could be cancelled, so it must not subscribe.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    open += 1;
    const { outgoing, shutdown } = c.env;
    return eventStreamReply({
      events,
      afterId: given === '' ? undefined : Number(given),
      heartbeatMs,
      every,
      shutdown,
      disconnect:
        outgoing &&
        (() => {
          if (!outgoing.writableFinished) outgoing.destroy();
        }),
      onEnd: () => {
        open -= 1;
      },
    });
  });
}

function methodNotAllowed(c: Context<ApiEnv>): Response {
  const message = `${excerpt(c.req.method)} is not allowed on ${excerpt(c.req.path)}: everything here is read with GET.`;
  return errorReply(405, 'method-not-allowed', message, c.get('requestId'), { allow: 'GET, HEAD' });
}

function noSuchPath(c: Context<ApiEnv>): Response {
  const message = `There is nothing at ${excerpt(c.req.path)}. GET /openapi.json lists every path; /docs shows them.`;
  return errorReply(404, 'not-found', message, c.get('requestId'));
}

/** Tells a symbol that nobody knows from one whose results are not there yet. */
async function unknownSymbol({ repositories }: ApiDeps, path: string, symbol: string): Promise<string> {
  const known = (await repositories.symbols()).map((info) => info.symbol);
  const what = path.slice(path.lastIndexOf('/') + 1);
  if (known.includes(symbol)) {
    return `There is no ${what} of "${symbol}" yet. The main job makes it; GET /health says where it stands.`;
  }
  if (known.length === 0) {
    return `Nothing is known of symbol "${symbol}", nor of any other yet. GET /health says where the main job stands.`;
  }
  const some = known.slice(0, 8).join(', ') + (known.length > 8 ? ` and ${known.length - 8} more` : '');
  return `Nothing is known of symbol "${symbol}". Known: ${some}. GET /v1/symbols lists them with their details.`;
}

function everyInterval(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
}
