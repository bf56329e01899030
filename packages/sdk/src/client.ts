/** A typed client of the API: one method per operation of the contract, checked replies, live events that reconnect. */
import * as z from 'zod/mini';
import {
  operations,
  type Operation,
  type OperationId,
  type OperationInput,
  type OperationOutput,
  type StreamEvent,
} from './contract.ts';
import { SdkError } from './errors.ts';
import { checkMs } from './internal/check-ms.ts';
import { systemClock, type ClientClock } from './internal/clock.ts';
import { followStream } from './internal/event-stream.ts';
import { excerpt } from './internal/excerpt.ts';
import { describeIssue } from './internal/issue.ts';
import type { StreamOptions } from './internal/stream-options.ts';
import { apiError, send, type Transport } from './internal/transport.ts';
import type { ArchiveStatus, Footprint, FootprintPage, Health, L1, Metrics, Score, SymbolList } from './schemas.ts';

export type { ClientClock } from './internal/clock.ts';
export { streamDefaults, type StreamGap, type StreamOptions, type StreamRetry } from './internal/stream-options.ts';

/** How to reach the API. */
export interface ClientOptions {
  /** Where the API is, for example `http://127.0.0.1:8080`; empty for the origin of the page. */
  readonly baseUrl: string;
  /**
   * Sends the requests; takes an absolute address, or one from the root where `baseUrl` is empty.
   * @defaultValue the platform's `fetch`
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as the header `X-API-Key`; never part of an address or of an error. */
  readonly apiKey?: string;
  /**
   * Time until a reply must be complete, in milliseconds; for the live stream, until it starts.
   * @defaultValue 10000
   */
  readonly timeoutMs?: number;
  /**
   * Check every reply and event against its schema and drop fields that the contract does not know. `false` hands the
   * parsed JSON on as it came: faster for pages of many levels, right only where the server is of the same version.
   * @defaultValue true
   */
  readonly validate?: boolean;
  /** Timers and randomness, for tests; the platform's unless told. */
  readonly clock?: ClientClock;
}

/** The values of {@link ClientOptions} where the caller gives none. */
export const clientDefaults = { timeoutMs: 10_000, validate: true } as const;

/** Options of one call. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Instead of the client's own, in milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * One method per operation. Each rejects with a `TapekitApiError` when the server refuses, an `SdkError` when it cannot
 * be understood or reached, and the signal's reason when the caller aborts.
 */
export interface TapekitClient {
  /** Whether the system's parts answer; a degraded system (status 503) is an answer too. */
  getHealth(options?: CallOptions): Promise<Health>;
  /** The instruments that the system holds bars of. */
  listSymbols(options?: CallOptions): Promise<SymbolList>;
  /** One page of footprint bars, oldest first. */
  listFootprints(input: OperationInput<'listFootprints'>, options?: CallOptions): Promise<FootprintPage>;
  /** Every footprint bar of the range, oldest first, page after page as the caller reads; `limit` is per page. */
  footprints(
    input: OperationInput<'listFootprints'>,
    options?: CallOptions,
  ): AsyncGenerator<Footprint, void, undefined>;
  /** Counts, order flow and book of the latest session. */
  getMetrics(input: OperationInput<'getMetrics'>, options?: CallOptions): Promise<Metrics>;
  /** The latest best bid and offer. */
  getQuote(input: OperationInput<'getQuote'>, options?: CallOptions): Promise<L1>;
  /** The latest score with every contribution to it. */
  getScore(input: OperationInput<'getScore'>, options?: CallOptions): Promise<Score>;
  /** What housecleaning last reported, by symbol and day. */
  getArchive(options?: CallOptions): Promise<ArchiveStatus>;
  /**
   * Live events. Reconnects with growing pauses and resumes after the last id; `onGap` says when events were lost all the
   * same. Ends when the signal aborts; throws when trying again is no use (refused with 4xx, an event off the contract).
   * `break` ends it too, but only with the next event: use the signal to stop at once. Throws an `SdkError` `bad-option`
   * at once where `silenceMs`, `minDelayMs` or `maxDelayMs` is outside its range.
   */
  stream(options?: StreamOptions): AsyncGenerator<StreamEvent, void, undefined>;
}

/**
 * Makes a client. Runs in browsers, workerd and Node.
 *
 * @example
 * ```ts
 * const client = createTapekitClient({ baseUrl: 'http://127.0.0.1:8080' });
 * for await (const bar of client.footprints({ symbol: 'ETHUSDT' })) console.log(bar.t0, bar.delta);
 * ```
 * @throws SdkError `bad-option` for an address that is none or that holds a password, a query or a fragment, and for a
 *   `timeoutMs` that no timer can wait.
 */
export function createTapekitClient(options: ClientOptions): TapekitClient {
  const { fetch, validate = clientDefaults.validate, timeoutMs = clientDefaults.timeoutMs, apiKey } = options;
  checkMs('timeoutMs', timeoutMs, 1);
  const transport: Transport = {
    baseUrl: checkedBaseUrl(options.baseUrl),
    // Looked up at each call, as a page or a test may replace it; called bare, as browsers demand.
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    headers: { ...options.headers, ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }) },
    timeoutMs,
    clock: options.clock ?? systemClock,
  };

  function call<Id extends OperationId>(
    operationId: Id,
    input: Readonly<Record<string, unknown>>,
    callOptions: CallOptions = {},
  ): Promise<OperationOutput<Id>> {
    const operation: Operation = operations[operationId];
    const read = async (response: Response): Promise<OperationOutput<Id>> => {
      const { status } = response;
      const json = response.headers.get('content-type')?.includes('json') ?? false;
      const replies = status === 200 || (operation.replyStatuses?.includes(status) && json);
      if (!replies) throw await apiError(response, operationId);
      const body = parseJson(await response.text(), operationId);
      if (!validate) return body as OperationOutput<Id>;
      const parsed = z.safeParse(operation.response, body);
      if (parsed.success) return parsed.data as OperationOutput<Id>;
      throw badResponse(
        operationId,
        `${describeIssue(parsed.error.issues[0]!, body)}. Are client and server of one version?`,
      );
    };
    return promised(() => {
      if (callOptions.timeoutMs !== undefined) checkMs('timeoutMs', callOptions.timeoutMs, 1, operationId);
      return send(transport, {
        ...callOptions,
        operationId,
        target: targetOf(operation, input),
        headers: { accept: 'application/json' },
        read,
      });
    });
  }

  return {
    getHealth: (o) => call('getHealth', {}, o),
    listSymbols: (o) => call('listSymbols', {}, o),
    listFootprints: (input, o) => call('listFootprints', input, o),
    async *footprints(input, o) {
      let cursor: string | null | undefined = input.cursor;
      do {
        const page: FootprintPage = await call('listFootprints', { ...input, cursor }, o);
        yield* page.items;
        if (page.nextCursor !== null && page.nextCursor === cursor) {
          throw badResponse('listFootprints', `the page after cursor ${excerpt(cursor)} leads to itself.`);
        }
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
    getMetrics: (input, o) => call('getMetrics', input, o),
    getQuote: (input, o) => call('getQuote', input, o),
    getScore: (input, o) => call('getScore', input, o),
    getArchive: (o) => call('getArchive', {}, o),
    stream: (o = {}) => followStream(transport, validate, o),
  };
}

/** The address without slashes at its end; the message leaves out what may be a secret. */
function checkedBaseUrl(baseUrl: string): string {
  const problem = !/^(?:https?:\/\/|\/(?!\/)|$)/i.test(baseUrl)
    ? 'does not start with http://, https:// or a single /'
    : /[?#]/.test(baseUrl)
      ? 'has a query or a fragment'
      : /^https?:\/\/[^/]*@/i.test(baseUrl)
        ? 'holds a user name or password; use "apiKey" or "headers"'
        : undefined;
  if (problem === undefined) return baseUrl.replace(/\/+$/, '');
  throw new SdkError(
    'bad-option',
    `Option "baseUrl" ${problem}. Expected an address such as "http://127.0.0.1:8080", or "" for the origin of the page.`,
  );
}

/** Path and query of a call. Path parameters are checked here, so that no value can lead to another path. */
function targetOf(operation: Operation, input: Readonly<Record<string, unknown>>): string {
  const { operationId, params, query } = operation;
  const parsed = params && z.safeParse(params, input);
  if (parsed && !parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const name = String(path[0]);
    throw new SdkError('bad-argument', `${operationId}: "${name}" is ${excerpt(input[name])}; expected ${message}.`, {
      operationId,
    });
  }
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parsed?.data[name])),
  );
  const search = new URLSearchParams();
  for (const name of Object.keys(query?.shape ?? {})) {
    const value = input[name];
    if (typeof value === 'string' || typeof value === 'number') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

function parseJson(text: string, operationId: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const details = { operationId, cause };
    throw new SdkError('bad-response', `${operationId}: the reply ${excerpt(text)} is not JSON.`, details);
  }
}

function badResponse(operationId: string, what: string): SdkError {
  return new SdkError('bad-response', `${operationId}: ${what}`, { operationId });
}

/** A rejection instead of an exception, so that callers need one way to catch. */
async function promised<T>(start: () => Promise<T>): Promise<T> {
  return start();
}
