/** Which days a recording has, raw or archived. */
import { archivePrefix, parseArchiveKey, parseRawCell, rawPrefix } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';

/** Days `YYYY-MM-DD` in ascending order. */
export async function recordedDays(
  store: ObjectStore,
  symbol: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const days = new Set<string>();
  for (const prefix of [`${rawPrefix}${symbol}/`, `${archivePrefix}${symbol}/`]) {
    let cursor: string | undefined;
    do {
      const page = await store.list({
        prefix,
        ...(cursor === undefined ? {} : { cursor }),
        ...(signal ? { signal } : {}),
      });
      for (const { key } of page.objects) {
        const cell = parseRawCell(key) ?? parseArchiveKey(key);
        if (cell?.symbol === symbol) days.add(cell.date);
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return [...days].sort();
}
