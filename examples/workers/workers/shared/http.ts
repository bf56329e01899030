/** What both workers need of HTTP: JSON replies, typed errors without stack traces, tokens, small bodies. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError, isApiError } from './errors.ts';

/** A shorter secret is taken for a mistake. */
export const minSecretLength = 24;
/** Bodies of requests are small documents. */
const maxBodyBytes = 4_096;

/** A JSON reply that nobody stores. */
export function jsonReply(body: unknown, status = 200): Response {
  return textReply(JSON.stringify(body), status);
}

/** {@link jsonReply} of a document that is text already. */
export function textReply(json: string, status = 200): Response {
  return new Response(json, {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  });
}

/** The reply to whatever was thrown. What is not an {@link ApiError} is logged under an id and not told to the caller. */
export function errorReply(error: unknown): Response {
  if (isApiError(error)) {
    const { code, message, status } = error;
    const reply = jsonReply({ error: { code, message } }, status);
    if (code === 'unauthorized') reply.headers.set('www-authenticate', 'Bearer');
    return reply;
  }
  const requestId = crypto.randomUUID();
  console.error(JSON.stringify({ event: 'request-failed', requestId, error: describeError(error) }));
  const message = `The request failed on our side; look for ${requestId} in the worker's log.`;
  return jsonReply({ error: { code: 'internal', message, requestId } }, 500);
}

/** An error for the log. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/**
 * Refuses a request without the right bearer token. The comparison takes the same time whatever the token.
 *
 * @throws ApiError `unauthorized`; `not-configured` while the secret is not set
 */
export function assertBearer(given: string | null, secret: string | undefined, secretName: string): void {
  if (secret === undefined || secret.length < minSecretLength) {
    console.error(JSON.stringify({ event: 'not-configured', secret: secretName }));
    throw new ApiError(503, 'not-configured', `${secretName} is not set; run "wrangler secret put ${secretName}".`);
  }
  const token = /^Bearer ([^\s]+)$/i.exec(given ?? '')?.[1];
  if (token !== undefined && isSameSecret(token, secret)) return;
  throw new ApiError(401, 'unauthorized', `Send "Authorization: Bearer …" with the value of ${secretName}.`);
}

function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/**
 * Refuses other methods.
 *
 * @throws ApiError `method-not-allowed`
 */
export function assertMethod(request: Request, method: 'GET' | 'POST'): void {
  if (request.method === method) return;
  throw new ApiError(405, 'method-not-allowed', `This address takes ${method}, not ${request.method}.`);
}

/**
 * The body of a request, at most 4,096 bytes.
 *
 * @throws ApiError `too-large`
 */
export async function readSmallBody(request: Request): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > maxBodyBytes) {
      throw new ApiError(
        413,
        'too-large',
        `The body is larger than ${maxBodyBytes} bytes; send a small JSON document.`,
      );
    }
    pieces.push(piece);
  }
  return new Blob(pieces).text();
}
