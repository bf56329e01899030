/**
 * The one HTTP client of the REST sources: retries, `Retry-After`, a rate limit, and nothing secret in an error.
 *
 * Own code, because the retry libraries take neither a clock nor a source of chance, and know neither rate limits per
 * host nor secrets.
 */
import { AdaptersError } from './errors.ts';
import { after, sleep as platformSleep } from './internal/after.ts';
import { readBody } from './internal/http/read-body.ts';
import { redactor, type Redact } from './internal/http/redact.ts';
import { createRateLimiter, type RateLimiter } from './internal/http/rate-limiter.ts';
import { retryAfterMs } from './internal/http/retry-after.ts';
import { fullJitter } from './internal/http/waiting.ts';
import { platformElapsed, steadyClock } from './internal/steady-clock.ts';

/** One request. */
export interface HttpRequest {
  /** Absolute address without credentials. */
  readonly url: string;
  /** @defaultValue `'GET'` */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Appended to the address; `undefined` is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Like `query`, but never part of an error, a log line or a cache key: API keys and tokens. */
  readonly secretQuery?: Readonly<Record<string, string>>;
  /** Like `headers`, but never shown. */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * Sending it twice does no harm, so it is sent again also when nobody knows whether the first arrived.
   * @defaultValue true for `GET`, false for `POST`
   */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal;
}

/** A successful answer (2xx), read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends requests. */
export interface HttpClient {
  /**
   * The answer of a 2xx; everything else throws after the retries are used up.
   * @throws `AdaptersError` `rate-limited`, `bad-response` (with `status`) or `unreachable`; the signal's reason when
   * aborted.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/** The part of `fetch` that is used. */
export type HttpFetch = (url: string, init: RequestInit) => Promise<Response>;

/** How {@link createHttpClient} behaves. */
export interface HttpClientOptions {
  /** @defaultValue the platform's `fetch` */
  readonly fetch?: HttpFetch;
  /** How often one request is sent, the first time included. @defaultValue 5 */
  readonly maxAttempts?: number;
  /** The wait before attempt n + 1 is drawn from 0 to `backoffMs × 2^(n − 1)`. @defaultValue 500 */
  readonly backoffMs?: number;
  /** Longest of these waits, milliseconds. @defaultValue 30,000 */
  readonly maxBackoffMs?: number;
  /**
   * A server that asks to wait longer than this is not waited for: `rate-limited` says how long, at once, also to every
   * other request to that host until the time is over; none of them is sent. @defaultValue 60,000
   */
  readonly maxRetryAfterMs?: number;
  /** Longest time of one attempt until its body is read, milliseconds. @defaultValue 30,000 */
  readonly timeoutMs?: number;
  /** Longest body in bytes, after decompression. @defaultValue 64 MiB */
  readonly maxBodyBytes?: number;
  /** Requests per second to one host, over time. @defaultValue 10 */
  readonly requestsPerSecond?: number;
  /** Requests to one host that may follow each other at once. @defaultValue 10 */
  readonly burst?: number;
  /**
   * Clock, epoch milliseconds. Waits are counted without its steps back.
   * @defaultValue `Date.now`, and for waits the platform's clock that nobody sets
   */
  readonly now?: () => number;
  /** Waits; rejects with the signal's reason when aborted. @defaultValue a timer */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Chance, from 0 to below 1. @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** What {@link createHttpClient} uses where an option is absent. */
export const httpClientDefaults = {
  maxAttempts: 5,
  backoffMs: 500,
  maxBackoffMs: 30_000,
  maxRetryAfterMs: 60_000,
  timeoutMs: 30_000,
  maxBodyBytes: 64 * 1024 * 1024,
  requestsPerSecond: 10,
  burst: 10,
} as const satisfies Partial<HttpClientOptions>;

/**
 * A client. `GET` is sent again after 408, 425, 429, 5xx, a timeout and a broken connection; `POST` only after 429 and
 * 503, where the server says that it did nothing, unless the request is `repeatable`. A 429 or 418 holds back every
 * request to that host for as long as the server asks. Redirects are not followed when the request has secrets.
 *
 * @example
 * ```ts
 * const http = createHttpClient({ fetch: async () => new Response('{"ok":true}') });
 * (await http.send({ url: 'https://api.example.com/v1/status' })).body; // => '{"ok":true}'
 * ```
 * @throws {@link AdaptersError} `bad-option`.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const settings = { ...httpClientDefaults, ...options };
  checkOptions(settings);
  const { maxAttempts, backoffMs, maxBackoffMs, maxRetryAfterMs } = settings;
  const { now = Date.now, sleep = platformSleep, random = Math.random } = options;
  const fetch: HttpFetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const limiter = createRateLimiter(settings, options.now ? steadyClock(options.now) : platformElapsed);

  /** What the server asked for is waited for, or told. */
  const heldBack = ({ url, redact }: Context): number => {
    const ms = limiter.heldBack(url.host);
    if (ms <= maxRetryAfterMs) return ms;
    const left = Math.ceil(ms);
    throw new AdaptersError(
      'rate-limited',
      `${redact(url.href)} was not asked: ${url.host} wants no request for ${left} ms, and maxRetryAfterMs is ` +
        `${maxRetryAfterMs}. Wait ${left} ms.`,
      { retryAfterMs: left },
    );
  };
  const admitted = async (context: Context): Promise<void> => {
    const { url, request } = context;
    heldBack(context);
    const wait = limiter.take(url.host);
    if (wait <= 0) return;
    await sleep(wait, request.signal);
    // Another request may have been told to wait meanwhile.
    const more = heldBack(context);
    if (more > 0) await sleep(more, request.signal);
  };

  return {
    async send(request) {
      const url = urlOf(request);
      checkHeaders(request);
      const context: Context = {
        request,
        url,
        redact: redactor(request),
        fetch,
        limiter,
        now,
        timeoutMs: settings.timeoutMs,
        maxBodyBytes: settings.maxBodyBytes,
      };
      for (let attempt = 1; ; attempt += 1) {
        await admitted(context);
        request.signal?.throwIfAborted();
        const outcome = await attemptOnce(context);
        if ('answer' in outcome) return outcome.answer;
        const { error, again } = outcome;
        const asked = error.retryAfterMs ?? 0;
        if (!again || attempt >= maxAttempts || asked > maxRetryAfterMs) throw error;
        await sleep(Math.max(asked, fullJitter(attempt, backoffMs, maxBackoffMs, random)), request.signal);
      }
    },
  };
}

interface Context {
  readonly request: HttpRequest;
  readonly url: URL;
  readonly redact: Redact;
  readonly fetch: HttpFetch;
  readonly limiter: RateLimiter;
  readonly now: () => number;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
}

type Outcome = { readonly answer: HttpAnswer } | { readonly error: AdaptersError; readonly again: boolean };

async function attemptOnce(context: Context): Promise<Outcome> {
  const { request, url, redact, fetch, timeoutMs, maxBodyBytes } = context;
  const timeout = new AbortController();
  const cancel = after(timeoutMs, () => timeout.abort());
  const signal = request.signal ? AbortSignal.any([request.signal, timeout.signal]) : timeout.signal;
  try {
    const response = await fetch(url.href, initOf(request, signal));
    const body = await readBody(response, maxBodyBytes);
    if (body === undefined) {
      const detail = `its body is longer than ${maxBodyBytes} bytes (maxBodyBytes). Ask for less, or raise the limit`;
      return { error: badResponse(context, response.status, detail), again: false };
    }
    if (response.status >= 200 && response.status < 300) {
      return { answer: { status: response.status, headers: response.headers, body } };
    }
    return refusal(context, response, body);
  } catch (cause) {
    request.signal?.throwIfAborted();
    const why = timeout.signal.aborted ? `no answer within ${timeoutMs} ms` : redact(reasonOf(cause));
    const message = `${redact(url.href)} cannot be reached: ${why}. Check the address and the network, or try again later.`;
    // The error of the platform may show the whole address.
    const error = new AdaptersError('unreachable', message, { cause: new Error(why) });
    return { error, again: request.repeatable ?? request.method !== 'POST' };
  } finally {
    cancel();
  }
}

function refusal(context: Context, response: Response, body: string): Outcome {
  const { request, url, redact, limiter, now } = context;
  const { status } = response;
  const repeatable = request.repeatable ?? request.method !== 'POST';
  const asked = retryAfterMs(response.headers.get('retry-after'), now());
  // Whole first, and then cut: half a key is a secret, too.
  const clean = redact(body);
  const said = JSON.stringify(clean.slice(0, 300));
  // 418 is Binance's answer to those who go on after 429.
  if (status === 429 || status === 418) {
    if (asked !== undefined) limiter.holdBack(url.host, asked);
    const wait = asked === undefined ? 'Wait before the next request' : `Wait ${asked} ms`;
    const message = `${redact(url.href)} answered ${status}, too many requests: ${said}. ${wait}.`;
    const details = {
      status,
      value: clean.slice(0, 4_096),
      ...(asked === undefined ? {} : { retryAfterMs: asked }),
    };
    return { error: new AdaptersError('rate-limited', message, details), again: status === 429 };
  }
  const error = badResponse(context, status, said, clean, asked);
  const transient = status === 408 || status === 425 || (status >= 500 && status !== 501 && status !== 505);
  return { error, again: status === 503 || (transient && repeatable) };
}

function badResponse(
  { url, redact }: Context,
  status: number,
  detail: string,
  clean = '',
  asked?: number,
): AdaptersError {
  const message = `${redact(url.href)} answered ${status}; expected 2xx: ${detail}.`;
  return new AdaptersError('bad-response', message, {
    status,
    value: clean.slice(0, 4_096),
    ...(asked === undefined ? {} : { retryAfterMs: asked }),
  });
}

function initOf(request: HttpRequest, signal: AbortSignal): RequestInit {
  const { method = 'GET', headers, secretHeaders, secretQuery, body } = request;
  const secret = hasKeys(secretHeaders) || hasKeys(secretQuery);
  return {
    method,
    headers: { ...headers, ...secretHeaders },
    redirect: secret ? 'manual' : 'follow',
    signal,
    ...(body === undefined ? {} : { body }),
  };
}

function urlOf({ url: address, query = {}, secretQuery = {} }: HttpRequest): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AdaptersError(
      'bad-option',
      'url is no absolute HTTP address without credentials. Pass for example "https://api.example.com/v1/status", and ' +
        'keys as secretQuery or secretHeaders.',
    );
  }
  for (const [name, value] of Object.entries({ ...query, ...secretQuery })) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** A key with a line feed at its end is an old acquaintance; no server ever sees it. */
function checkHeaders({ headers, secretHeaders }: HttpRequest): void {
  for (const [name, value] of Object.entries({ ...headers, ...secretHeaders })) {
    try {
      new Headers([[name, value]]);
      if (/^[^\r\n]*$/.test(value)) continue;
    } catch {
      // Said below, without the value.
    }
    throw new AdaptersError(
      'bad-option',
      `header ${JSON.stringify(name)} has a value that no header can have; expected one line of Latin letters. ` +
        'Look for a line feed at the end of a key.',
    );
  }
}

function hasKeys(record: object | undefined): boolean {
  return record !== undefined && Object.keys(record).length > 0;
}

/** `fetch` says "fetch failed" and hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

/** Waits that double must end somewhere. */
const finite: readonly string[] = ['backoffMs', 'maxBackoffMs'];

function checkOptions(settings: Readonly<Record<keyof typeof httpClientDefaults, number>>): void {
  for (const name of Object.keys(httpClientDefaults) as (keyof typeof httpClientDefaults)[]) {
    const value = settings[name];
    const whole = name === 'maxAttempts' || name === 'burst' || name === 'maxBodyBytes';
    const above0 = name === 'requestsPerSecond' || name === 'timeoutMs' || name === 'maxBodyBytes';
    const least = name === 'maxAttempts' || name === 'burst' ? 1 : 0;
    const inDomain = above0 ? value > 0 : value >= least;
    const isEnd = Number.isFinite(value) || !finite.includes(name);
    if (typeof value === 'number' && inDomain && isEnd && (!whole || Number.isSafeInteger(value))) continue;
    const kind = whole ? 'whole number' : 'number';
    const range = above0 ? 'above 0' : `from ${least} ${finite.includes(name) ? 'to below Infinity' : 'on'}`;
    throw new AdaptersError(
      'bad-option',
      `${name} "${String(value)}" is no ${kind} ${range}. ` + `Leave it out for ${httpClientDefaults[name]}.`,
      { value },
    );
  }
}
