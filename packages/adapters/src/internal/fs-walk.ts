import { join } from 'node:path';
import { assertObjectKey, compareKeys } from '@tapekit/housecleaning/object-store';
import * as files from './fs-files.ts';

/** Something below a folder. */
export interface WalkedEntry {
  /** The key; of what is no object its path. */
  readonly key: string;
  /** Why it is no object; `undefined` for one. */
  readonly stray?: string;
}

/** Why an entry that is no file of a key is passed over. */
const strayKinds = {
  link: 'a symbolic link, which is not followed',
  other: 'neither a file nor a folder',
  'no text': 'a name that is no UTF-8',
} as const;

/** What lies below a folder, in listing order, after `cursor`, with `prefix`; `hidden` is the store's own folder. */
export async function* walkKeys(
  folder: string,
  parent: string,
  prefix: string,
  cursor: string | undefined,
  hidden: string,
): AsyncGenerator<WalkedEntry, void, undefined> {
  const entries = (await files.everythingIn(folder)).map(({ name, kind }) => ({
    kind,
    name,
    key: `${parent}${name}${kind === 'folder' ? '/' : ''}`,
  }));
  // A folder sorts by its name with the slash: "a-b" comes before "a/…".
  for (const { kind, name, key } of entries.sort((a, b) => compareKeys(a.key, b.key))) {
    if (key === `${hidden}/`) continue;
    if (kind === 'folder') {
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
      if (cursor !== undefined && compareKeys(key, cursor) < 0 && !cursor.startsWith(key)) continue;
      yield* walkKeys(join(folder, name), key, prefix, cursor, hidden);
    } else if (kind === 'link' && prefix.startsWith(`${key}/`)) {
      // Everything that is asked for lies behind it.
      if (cursor === undefined) yield { key, stray: strayKinds.link };
    } else if (key.startsWith(prefix) && (cursor === undefined || compareKeys(key, cursor) > 0)) {
      if (kind !== 'file') yield { key, stray: strayKinds[kind] };
      else if (isObjectKey(key)) yield { key };
      else yield { key, stray: 'a name that is no key' };
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
