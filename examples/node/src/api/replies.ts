/** Replies that every route shares: JSON that is never cached, and errors that name the next step. */
import type { ApiErrorBody } from '@tapekit/sdk/schemas';

/** Headers of every reply, also of errors. */
export const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/** For replies that are data: a browser that is led to show them runs nothing of it. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

/** A JSON reply. */
export function jsonReply(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const text = JSON.stringify(body);
  return new Response(text, {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      'content-security-policy': dataPolicy,
      ...headers,
    },
  });
}

/** An error reply in the shape of the contract. */
export function errorReply(
  status: number,
  code: string,
  message: string,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body: ApiErrorBody = { error: { code, message, requestId } };
  return jsonReply(body, status, headers);
}

/** A received value for a message: quoted, control characters escaped, at most 60 characters. */
export function excerpt(value: string): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
