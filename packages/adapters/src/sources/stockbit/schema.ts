/** What Stockbit's answers have in common: the envelope, and keys that are new. */
import { AdaptersError } from '../../errors.ts';
import { badResponse, excerpt, type Json, parseJsonObject } from '../../internal/rest-records.ts';
import { isObject } from '../binance/schema.ts';

/**
 * The `data` of an answer.
 * @throws `AdaptersError` `bad-response` with the venue's message for an error envelope, or when there is no `data`.
 */
export function stockbitData(body: string, what: string): Json {
  const json = parseJsonObject(body, what);
  const { data, error_type: errorType, message } = json;
  if (errorType !== undefined) {
    const said = `${excerpt(errorType, 60)}: ${excerpt(message)}${firstError(json['errors'])}`;
    throw new AdaptersError(
      'bad-response',
      `${what}: Stockbit refused the request (${said}). Correct it and ask again.`,
      {
        value: errorType,
      },
    );
  }
  if (!isObject(data)) throw badResponse(what, 'no data', 'an object "data"');
  return data;
}

function firstError(errors: unknown): string {
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (!isObject(first)) return '';
  return `; ${excerpt(first['key'], 60)}: ${excerpt(first['error'])}`;
}

/** Keys that the answer has and we do not know, sorted: the API is undocumented, and this is how a change shows. */
export function unknownKeys(rows: readonly unknown[], known: readonly string[]): readonly string[] {
  const expected = new Set(known);
  const found = new Set<string>();
  for (const row of rows) {
    if (!isObject(row)) continue;
    for (const key of Object.keys(row)) if (!expected.has(key) && found.size < 50) found.add(key.slice(0, 60));
  }
  return [...found].sort();
}
