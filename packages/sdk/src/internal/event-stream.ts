import * as z from 'zod/mini';
import {
  streamAfterHeader,
  streamEvents,
  streamOperationId,
  streamPath,
  type StreamEvent,
  type StreamEventName,
} from '../contract.ts';
import { isSdkError, isTapekitApiError, SdkError } from '../errors.ts';
import { checkMs } from './check-ms.ts';
import { sleep } from './clock.ts';
import { describeIssue } from './issue.ts';
import { createSseParser, type SseMessage } from './sse-parser.ts';
import { streamDefaults, type StreamOptions } from './stream-options.ts';
import { apiError, send, type Transport } from './transport.ts';

/** A message is at most this long; a stream that never ends a message would fill the memory. */
const maxPendingCharacters = 32 * 1024 * 1024;
/** A server that asks for a longer pause is asked again after this one. */
const maxRetryAfterMs = 300_000;
/** A server that names no pause at all would be asked in a loop. */
const minRetryMs = 100;

/** Follows the live stream over as many connections as it takes; ends when the signal aborts. Throws `bad-option` at once. */
export function followStream(
  transport: Transport,
  validate: boolean,
  options: StreamOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const silenceMs = options.silenceMs ?? streamDefaults.silenceMs;
  const minDelayMs = options.minDelayMs ?? streamDefaults.minDelayMs;
  const maxDelayMs = options.maxDelayMs ?? streamDefaults.maxDelayMs;
  checkMs('silenceMs', silenceMs, 1);
  checkMs('minDelayMs', minDelayMs, 1);
  checkMs('maxDelayMs', maxDelayMs, minDelayMs);
  return follow(transport, validate, { ...options, silenceMs, minDelayMs, maxDelayMs });
}

async function* follow(
  transport: Transport,
  validate: boolean,
  options: StreamOptions & Required<Pick<StreamOptions, keyof typeof streamDefaults>>,
): AsyncGenerator<StreamEvent, void, undefined> {
  const { signal, silenceMs, minDelayMs, maxDelayMs } = options;
  let lastId = options.lastEventId;
  let baseDelayMs = minDelayMs;
  let failures = 0;

  while (!signal?.aborted) {
    let problem: unknown;
    // The connection outlives `send`, so it has its own controller.
    const connection = new AbortController();
    const disconnect = (): void => connection.abort();
    signal?.addEventListener('abort', disconnect, { once: true });
    try {
      const response = await connect(transport, lastId, connection.signal);
      const afterId = idOf(response.headers.get(streamAfterHeader) ?? undefined);
      if (afterId !== undefined) {
        if (lastId !== undefined && afterId !== lastId) options.onGap?.({ lastId, afterId });
        lastId = afterId;
      }
      options.onOpen?.();
      const parser = createSseParser();
      let parts = 0;
      for await (const text of readText(transport, response, silenceMs, connection)) {
        // What follows the greeting proves that the connection works.
        if (++parts > 1) failures = 0;
        for (const message of parser.push(text)) {
          failures = 0;
          const id = idOf(message.id);
          const event = eventOf(message, id, validate);
          if (id !== undefined && lastId !== undefined && id !== lastId + 1)
            options.onGap?.({ lastId, afterId: id - 1 });
          lastId = id ?? lastId;
          if (event) yield event;
          if (signal?.aborted) return;
        }
        lastId = idOf(parser.lastEventId()) ?? lastId;
        const retryMs = parser.retryMs();
        if (retryMs !== undefined) baseDelayMs = Math.max(retryMs, minRetryMs);
        if (parser.pending() > maxPendingCharacters) throw badEvent('a message has no end after 32 Mi characters');
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isTemporary(error)) throw error;
      problem = error;
    } finally {
      connection.abort();
      signal?.removeEventListener('abort', disconnect);
    }

    const asked = isTapekitApiError(problem) ? Math.min(problem.retryAfterMs ?? 0, maxRetryAfterMs) : 0;
    const ceiling = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(failures, 20));
    // Half fixed, half random: many clients of a server that restarts come back spread out, none of them at once.
    const delayMs = Math.max(asked, Math.round(ceiling / 2 + (transport.clock.random() * ceiling) / 2));
    failures += 1;
    options.onRetry?.({ attempt: failures, delayMs, error: problem });
    await sleep(transport.clock, delayMs, signal);
  }
}

async function connect(transport: Transport, lastId: number | undefined, signal: AbortSignal): Promise<Response> {
  return send(transport, {
    operationId: streamOperationId,
    target: streamPath,
    headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': String(lastId) }) },
    signal,
    async read(response) {
      if (response.status !== 200) throw await apiError(response, streamOperationId);
      const type = response.headers.get('content-type') ?? 'nothing';
      if (type.startsWith('text/event-stream') && response.body) return response;
      await response.body?.cancel();
      throw badEvent(`the reply is ${type}; expected text/event-stream. "baseUrl" may not lead to the API`);
    },
  });
}

/** The text of a reply as it comes in; ends when the connection does. Silence for `silenceMs` breaks the connection. */
async function* readText(
  { clock }: Transport,
  response: Response,
  silenceMs: number,
  connection: AbortController,
): AsyncGenerator<string, void, undefined> {
  const reader = response.body!.getReader();
  // The client's own `fetch` may ignore the signal that it was given; the reader must not.
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  connection.signal.addEventListener('abort', cancel, { once: true });
  const decoder = new TextDecoder();
  try {
    if (connection.signal.aborted) cancel();
    while (true) {
      const silence = clock.setTimeout(() => connection.abort(), silenceMs);
      let part: { readonly done: boolean; readonly value?: Uint8Array | undefined };
      try {
        part = await reader.read();
      } finally {
        clock.clearTimeout(silence);
      }
      if (connection.signal.aborted) throw new SdkError('timeout', `no event or heartbeat within ${silenceMs} ms`);
      if (part.done) return;
      yield decoder.decode(part.value, { stream: true });
    }
  } catch (cause) {
    const why = isSdkError(cause) ? cause.message : 'the connection broke';
    throw new SdkError(isSdkError(cause) ? cause.code : 'network', `${streamOperationId}: ${why}.`, {
      operationId: streamOperationId,
      cause,
    });
  } finally {
    connection.signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** The event of a message; `undefined` for a name that this version of the contract does not know. */
function eventOf(message: SseMessage, id: number | undefined, validate: boolean): StreamEvent | undefined {
  if (!Object.hasOwn(streamEvents, message.event)) return undefined;
  if (id === undefined) throw badEvent(`an event "${message.event}" has no numeric id`);
  const event = message.event as StreamEventName;
  let data: unknown;
  try {
    data = JSON.parse(message.data);
  } catch (cause) {
    throw badEvent(`event ${id} "${event}" is not JSON`, cause);
  }
  if (validate) {
    const parsed = z.safeParse(streamEvents[event], data);
    if (!parsed.success) throw badEvent(`event ${id} "${event}": ${describeIssue(parsed.error.issues[0]!, data)}`);
    data = parsed.data;
  }
  return { id, event, data } as StreamEvent;
}

function badEvent(what: string, cause?: unknown): SdkError {
  const details = { operationId: streamOperationId, ...(cause === undefined ? {} : { cause }) };
  return new SdkError('bad-response', `${streamOperationId}: ${what}.`, details);
}

function idOf(id: string | undefined): number | undefined {
  return id !== undefined && /^\d{1,16}$/.test(id) ? Number(id) : undefined;
}

/** Whether the same request may succeed later. */
function isTemporary(error: unknown): boolean {
  if (isTapekitApiError(error)) return error.status >= 500 || error.status === 408 || error.status === 429;
  return isSdkError(error, 'network') || isSdkError(error, 'timeout');
}
