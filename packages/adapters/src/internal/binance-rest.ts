/** Binance's REST book ticker as an order book provider. */
import type { L1Snapshot } from '@tapekit/orderflow/market';
import * as z from 'zod/mini';
import { AdaptersError } from '../errors.ts';
import type { OrderBookProvider } from '../order-book-provider.ts';
import { after } from './after.ts';
import { readBody } from './http/read-body.ts';
import { retryAfterMs } from './http/retry-after.ts';
import { l1Side } from './l1-side.ts';

/** The part of `fetch` that is used. */
export type FetchLike = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

/** Where and how {@link binanceRestOrderBookProvider} asks. */
export interface BinanceRestOptions {
  /** Scheme and host, for example `https://api.binance.com`. */
  readonly baseUrl: string;
  /** @defaultValue the platform's `fetch` */
  readonly fetch?: FetchLike;
  /** Path of the book ticker: spot, USD-M `/fapi/v1/ticker/bookTicker`, COIN-M `/dapi/v1/ticker/bookTicker`. @defaultValue spot */
  readonly path?: string;
  /** Longest wait for an answer, milliseconds. @defaultValue 10,000 */
  readonly timeoutMs?: number;
  /** Longest answer in bytes; a book ticker has some hundred. @defaultValue 1 MiB */
  readonly maxBodyBytes?: number;
  /** Clock for `time` where the venue sends none (spot), epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** What {@link binanceRestOrderBookProvider} uses where an option is absent. */
export const binanceRestDefaults = {
  path: '/api/v3/ticker/bookTicker',
  timeoutMs: 10_000,
  maxBodyBytes: 1024 * 1024,
} as const satisfies Partial<BinanceRestOptions>;

/**
 * A provider that asks Binance's REST book ticker; one request a call, no retry and no cache.
 *
 * Source: Binance REST API, "Symbol order book ticker".
 * @throws {@link AdaptersError} `bad-option` when `baseUrl` is no HTTP address.
 */
export function binanceRestOrderBookProvider(options: BinanceRestOptions): OrderBookProvider {
  const { path, timeoutMs, maxBodyBytes } = { ...binanceRestDefaults, ...options };
  const { baseUrl, now = Date.now } = options;
  const fetch: FetchLike = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const endpoint = endpointOf(baseUrl, path);
  for (const [name, value] of Object.entries({ timeoutMs, maxBodyBytes })) {
    if (typeof value === 'number' && value > 0) continue;
    throw new AdaptersError('bad-option', `${name} "${String(value)}" is no number above 0. Leave it out.`, { value });
  }
  return {
    async fetchL1(symbol, { signal } = {}) {
      const url = new URL(endpoint);
      url.searchParams.set('symbol', symbol);
      const timeout = new AbortController();
      const cancel = after(timeoutMs, () => timeout.abort());
      let answer: Answer;
      try {
        const response = await fetch(url.href, {
          signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
        });
        const text = await readBody(response, maxBodyBytes);
        if (text === undefined) {
          const message = `${url.href} answered ${response.status} with more than ${maxBodyBytes} bytes (maxBodyBytes); expected a book ticker.`;
          throw new AdaptersError('bad-response', message, { status: response.status });
        }
        answer = { status: response.status, retryAfter: response.headers.get('retry-after'), text };
      } catch (cause) {
        signal?.throwIfAborted();
        if (cause instanceof AdaptersError) throw cause;
        const why = timeout.signal.aborted ? `no answer within ${timeoutMs} ms` : describe(cause);
        throw new AdaptersError(
          'unreachable',
          `${url.href} cannot be reached: ${why}. Check the address or try again.`,
          {
            cause,
          },
        );
      } finally {
        cancel();
      }
      return readAnswer(answer, url.href, symbol, now);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

const decimalField = z.string().check(z.regex(/^\d{1,30}(\.\d{1,30})?$/));

const bookTicker = z.object({
  symbol: z.string(),
  bidPrice: decimalField,
  bidQty: decimalField,
  askPrice: decimalField,
  askQty: decimalField,
  time: z.optional(z.int()),
});

const failure = z.object({ code: z.int(), msg: z.string() });

function readAnswer(answer: Answer, url: string, symbol: string, now: () => number): L1Snapshot | undefined {
  const { status } = answer;
  const json = parseJson(answer.text);
  const refused = failure.safeParse(json).data;
  if (refused?.code === invalidSymbol) return undefined;
  if (status === 429 || status === 418 || refused?.code === tooManyRequests) {
    throw rateLimited(answer, url, now);
  }
  const said = refused ? `${refused.code} "${refused.msg}"` : JSON.stringify(answer.text.slice(0, 200));
  if (status !== 200) {
    throw new AdaptersError('bad-response', `${url} answered ${status}: ${said}; expected 200 with a book ticker.`, {
      status,
      value: json ?? answer.text,
    });
  }
  // COIN-M answers with a list, also for one symbol.
  const parsed = z.array(bookTicker).safeParse(Array.isArray(json) ? json : [json]);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.slice(1) ?? [];
    const where = path.length > 0 ? `its "${path.join('.')}" is wrong` : 'it is no such object';
    throw new AdaptersError(
      'bad-response',
      `${url} answered 200 with ${said}; expected {"symbol","bidPrice","bidQty","askPrice","askQty"} ` +
        `with decimals in quotes, but ${where}.`,
      { status, value: json ?? answer.text },
    );
  }
  const tickers = parsed.data;
  const ticker = tickers.find((candidate) => candidate.symbol === symbol);
  if (!ticker) {
    const named = tickers.map((candidate) => candidate.symbol).join(', ') || 'no symbol';
    throw new AdaptersError('bad-response', `${url} answered for ${named}; expected "${symbol}".`, {
      status,
      value: json,
    });
  }
  return {
    time: ticker.time ?? now(),
    symbol,
    ...l1Side('bid', ticker.bidPrice, ticker.bidQty),
    ...l1Side('ask', ticker.askPrice, ticker.askQty),
    source: `binance-rest:${new URL(url).host}`,
  };
}

/** Binance: "Invalid symbol." */
const invalidSymbol = -1121;
/** Binance: "Too many requests." */
const tooManyRequests = -1003;

function rateLimited(answer: Answer, url: string, now: () => number): AdaptersError {
  const askedMs = retryAfterMs(answer.retryAfter, now());
  const wait = askedMs === undefined ? 'Wait before the next request' : `Wait ${askedMs} ms`;
  const details = { status: answer.status, ...(askedMs === undefined ? undefined : { retryAfterMs: askedMs }) };
  const why = answer.status === 418 ? 'the address is banned for going on after 429' : 'too many requests';
  return new AdaptersError('rate-limited', `${url} answered ${answer.status}: ${why}. ${wait}.`, details);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` says "fetch failed" and hides the reason in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

function endpointOf(baseUrl: string, path: string): string {
  const url = URL.canParse(path, baseUrl) ? new URL(path, baseUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AdaptersError(
      'bad-option',
      `baseUrl "${baseUrl}" is no HTTP address. Pass for example 'https://api.binance.com'.`,
      {
        value: baseUrl,
      },
    );
  }
  return url.href;
}
