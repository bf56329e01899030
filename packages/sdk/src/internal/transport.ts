import { SdkError, TapekitApiError } from '../errors.ts';
import type { ClientClock } from './clock.ts';

/** What every request of one client shares. */
export interface Transport {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: ClientClock;
}

/** One GET. */
export interface TransportRequest<T> {
  readonly operationId: string;
  /** Path and query, from the root of the API. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Reads the reply; the time limit covers it. */
  readonly read: (response: Response) => Promise<T>;
}

/** Sends one GET. Throws the signal's reason when the caller aborts, else an {@link SdkError}. */
export async function send<T>(transport: Transport, request: TransportRequest<T>): Promise<T> {
  const { operationId, signal, timeoutMs = transport.timeoutMs } = request;
  signal?.throwIfAborted();
  const abort = new AbortController();
  const forward = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', forward, { once: true });
  const timer = transport.clock.setTimeout(() => abort.abort(), timeoutMs);
  const url = transport.baseUrl + request.target;
  try {
    const response = await transport.fetch(url, {
      method: 'GET',
      headers: { ...transport.headers, ...request.headers },
      // A followed redirect would carry the API key to wherever it leads. ("error" is not known to workerd.)
      redirect: 'manual',
      signal: abort.signal,
    });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new SdkError(
        'bad-response',
        `${operationId}: ${url} answered with a redirect, which is not followed. Set "baseUrl" to where it leads.`,
        { operationId },
      );
    }
    return await request.read(response);
  } catch (error) {
    signal?.throwIfAborted();
    if (abort.signal.aborted) {
      const message = `${operationId}: no complete reply from ${url} within ${timeoutMs} ms. Is the server busy? "timeoutMs" sets the limit.`;
      throw new SdkError('timeout', message, { operationId, cause: error });
    }
    if (error instanceof SdkError || error instanceof TapekitApiError) throw error;
    const message = `${operationId}: ${url} cannot be reached, or the connection broke. Is the server running?`;
    throw new SdkError('network', message, { operationId, cause: error });
  } finally {
    transport.clock.clearTimeout(timer);
    signal?.removeEventListener('abort', forward);
  }
}

/** The typed error of a reply with an error status. */
export async function apiError(response: Response, operationId: string): Promise<TapekitApiError> {
  const { status } = response;
  const error = errorOf(await response.text());
  const retryAfter = response.headers.get('retry-after');
  return new TapekitApiError(
    `${operationId}: ${error?.message ?? `the server answered with status ${status} and no reason`} (${status})`,
    {
      status,
      operationId,
      code: error?.code ?? `http-${status}`,
      requestId: error?.requestId ?? response.headers.get('x-request-id') ?? undefined,
      retryAfterMs: retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined,
    },
  );
}

interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}

/** The error of an error body; a proxy in between may answer with something else. */
function errorOf(text: string): ErrorFields | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorFields };
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
