/**
 * The ingest worker: the only one that is reachable from outside. It checks who calls, finds the object of the symbol,
 * and forwards administration to the housecleaning worker over its binding.
 */
import { isSymbol } from '@tapekit/housecleaning/keys';
import { ApiError, excerpt } from '../shared/errors.ts';
import { assertBearer, assertMethod, errorReply, jsonReply, readSmallBody, textReply } from '../shared/http.ts';
import { checkHealth } from './health.ts';
import { readIngestSettings, type IngestEnv } from './settings.ts';
import { tapeProtocol, type TapeObject } from './tape-object.ts';

export { TapeObject } from './tape-object.ts';

/** The routes of the housecleaning worker that are forwarded. */
const forwarded: Readonly<Record<string, 'GET' | 'POST'>> = { compress: 'POST', 'run-cron': 'POST', report: 'GET' };

export default {
  async fetch(request, env): Promise<Response> {
    try {
      return await route(request, env);
    } catch (error) {
      return errorReply(error);
    }
  },
} satisfies ExportedHandler<IngestEnv>;

async function route(request: Request, env: IngestEnv): Promise<Response> {
  const url = new URL(request.url);
  const [, area, name = '', symbol, ...rest] = url.pathname.split('/');
  const authorization = request.headers.get('authorization');
  if (area === 'health' && name === '' && symbol === undefined) {
    assertMethod(request, 'GET');
    return checkHealth(env);
  }
  if (area === 'tape' && symbol === undefined) {
    assertMethod(request, 'GET');
    assertBearer(authorization ?? protocolToken(request), env.INGEST_TOKEN, 'INGEST_TOKEN');
    return openTape(request, env, name, url.searchParams.get('client') ?? 'default');
  }
  if ((area === 'footprints' || area === 'status') && symbol === undefined) {
    assertMethod(request, 'GET');
    assertBearer(authorization, env.READ_TOKEN, 'READ_TOKEN');
    const tape = tapeOf(env, name);
    if (area === 'status') return jsonReply(await tape.status(name));
    const fromMs = wholeParam(url, 'from', undefined, [0, 8.64e15]);
    const limit = wholeParam(url, 'limit', 100, [1, 500])!;
    return textReply(await tape.footprints(name, fromMs === undefined ? { limit } : { fromMs, limit }));
  }
  if (area === 'admin' && rest.length === 0) {
    assertBearer(authorization, env.ADMIN_TOKEN, 'ADMIN_TOKEN');
    return administer(request, env, name, symbol, url);
  }
  throw notFound(url);
}

/** Hands a WebSocket to the object of the symbol, without the token. */
async function openTape(request: Request, env: IngestEnv, symbol: string, client: string): Promise<Response> {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    throw new ApiError(426, 'upgrade-required', 'Connect with a WebSocket.');
  }
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(client)) {
    const message = `The client name ${excerpt(client)} is not 1 to 64 of A-Z a-z 0-9 _ -.`;
    throw new ApiError(400, 'bad-request', message);
  }
  const tape = tapeOf(env, symbol);
  const headers = new Headers({ upgrade: 'websocket' });
  if (request.headers.has('sec-websocket-protocol')) headers.set('sec-websocket-protocol', tapeProtocol);
  return tape.fetch(`https://tape/?${new URLSearchParams({ symbol, client }).toString()}`, { headers });
}

async function administer(
  request: Request,
  env: IngestEnv,
  action: string,
  symbol: string | undefined,
  url: URL,
): Promise<Response> {
  const method = forwarded[action];
  if (method !== undefined && symbol === undefined) {
    assertMethod(request, method);
    const body = method === 'POST' ? { body: await readSmallBody(request) } : {};
    return env.HOUSECLEANING.fetch(`https://housecleaning/${action}`, { method, ...body });
  }
  if (action === 'flush' && symbol !== undefined) {
    assertMethod(request, 'POST');
    return jsonReply(await tapeOf(env, symbol).flushSoon(symbol), 202);
  }
  if (action === 'quarantine' && symbol !== undefined) {
    assertMethod(request, 'GET');
    const limit = wholeParam(url, 'limit', 100, [1, 1_000])!;
    return jsonReply({ symbol, items: await tapeOf(env, symbol).quarantined(symbol, limit) });
  }
  throw notFound(url);
}

/** The object of a symbol, once the symbol is known to be configured: nobody creates objects by guessing names. */
function tapeOf(env: IngestEnv, symbol: string): DurableObjectStub<TapeObject> {
  if (!isSymbol(symbol)) {
    const message = `The symbol ${excerpt(symbol)} is not 1 to 32 of A-Z 0-9 . _ - with a letter or digit first and last.`;
    throw new ApiError(400, 'bad-request', message);
  }
  if (!readIngestSettings(env).instruments.has(symbol)) {
    throw new ApiError(404, 'unknown-symbol', `"${symbol}" is not among the configured INSTRUMENTS.`);
  }
  return env.TAPE_OBJECT.get(env.TAPE_OBJECT.idFromName(symbol));
}

/** Browsers cannot send headers with a WebSocket; they offer the protocols `tapekit.v1` and `bearer.TOKEN`. */
function protocolToken(request: Request): string | null {
  const offered = request.headers.get('sec-websocket-protocol')?.split(',') ?? [];
  const token = offered.map((text) => text.trim()).find((text) => text.startsWith('bearer.'));
  return token === undefined ? null : `Bearer ${token.slice('bearer.'.length)}`;
}

function wholeParam(
  url: URL,
  name: string,
  fallback: number | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new ApiError(
    400,
    'bad-request',
    `${name} is ${excerpt(text)}; expected a whole number from ${least} to ${most}.`,
  );
}

function notFound(url: URL): ApiError {
  return new ApiError(
    404,
    'not-found',
    `There is nothing at ${excerpt(url.pathname)}; the README lists the addresses.`,
  );
}
