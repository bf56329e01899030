/** What clients of the venues asked for. For tests. */
import type { HttpClient, HttpRequest } from '../../http-client.ts';
import { scriptedHttp } from '../scripted-http.fixture.ts';

/** An HTTP client that answers with these bodies, and keeps the addresses that it was asked for. */
export function askedHttp(...bodies: readonly string[]): HttpClient & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const http = scriptedHttp(bodies);
  return {
    asked,
    send(request) {
      asked.push(addressOf(request));
      return http.send(request);
    },
  };
}

function addressOf({ url, query = {} }: HttpRequest): string {
  const parameters = Object.entries(query).filter(([, value]) => value !== undefined);
  return parameters.length === 0 ? url : `${url}?${parameters.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

/** All that an iterable yields. */
export async function gather<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
