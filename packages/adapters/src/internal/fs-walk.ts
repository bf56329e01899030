import { join } from 'node:path';
import { assertObjectKey, compareKeys } from '@tapekit/housecleaning/object-store';
import * as files from './fs-files.ts';

/** Keys of files below a folder in listing order, after `cursor`, with `prefix`; `hidden` is the store's own folder. */
export async function* walkKeys(
  folder: string,
  parent: string,
  prefix: string,
  cursor: string | undefined,
  hidden: string,
): AsyncGenerator<string> {
  const entries = (await files.entriesOf(folder)).map(({ name, isFolder }) => (isFolder ? `${name}/` : name));
  // A folder sorts by its name with the slash: "a-b" comes before "a/…".
  for (const name of entries.sort(compareKeys)) {
    const key = parent + name;
    if (key === `${hidden}/`) continue;
    if (name.endsWith('/')) {
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
      if (cursor !== undefined && compareKeys(key, cursor) < 0 && !cursor.startsWith(key)) continue;
      yield* walkKeys(join(folder, name), key, prefix, cursor, hidden);
    } else if (key.startsWith(prefix) && (cursor === undefined || compareKeys(key, cursor) > 0) && isObjectKey(key)) {
      yield key;
    }
  }
}

/** True for what a store takes as a key. */
export function isObjectKey(text: string): boolean {
  try {
    assertObjectKey(text);
    return true;
  } catch {
    return false;
  }
}
