/** An HTTP client for tests that answers from a list and keeps what it was asked. */
import type { HttpClient, HttpRequest } from '../http-client.ts';

/** Answers the requests in order with these bodies (or `[status, body, headers]`); one too many is an error. */
export function scriptedHttp(
  answers: readonly (string | readonly [status: number, body: string, headers?: Record<string, string>])[],
): HttpClient & { readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    async send(request) {
      const answer = answers[requests.length];
      requests.push(request);
      if (answer === undefined) throw new Error(`no answer left for ${request.url}`);
      const [status, body, headers = {}] = typeof answer === 'string' ? ([200, answer] as const) : answer;
      return { status, body, headers: new Headers(headers) };
    },
  };
}
