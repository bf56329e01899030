import { HousecleaningError } from '../errors.ts';
import type { ObjectInfo, ObjectStore, StrayEntry } from '../object-store.ts';
import { compareUtf8 } from './utf8.ts';

/**
 * The pages below a prefix that ends in a slash, in order. A listing that breaks its own rules is an error and never an
 * empty or a shorter result: what is not seen here would otherwise count as "not there". `onStray` is told what lies there
 * and is no object.
 *
 * @throws HousecleaningError `bad-listing`
 */
export async function* listPages(
  store: Pick<ObjectStore, 'list'>,
  prefix: string,
  signal?: AbortSignal,
  onStray?: (stray: StrayEntry) => void,
): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
  if (!prefix.endsWith('/')) throw bad(prefix, 'its prefix does not end in a slash');
  const cursors = new Set<string>();
  let before: string | undefined;
  let cursor: string | undefined;
  do {
    const page = await store.list({
      prefix,
      ...(cursor === undefined ? {} : { cursor }),
      ...(signal ? { signal } : {}),
    });
    for (const { key } of page.objects) {
      if (!key.startsWith(prefix)) throw bad(prefix, `it returned the foreign key "${key}"`);
      if (before !== undefined && compareUtf8(before, key) >= 0) throw bad(prefix, `"${key}" came after "${before}"`);
      before = key;
    }
    if (onStray) page.strays?.forEach(onStray);
    yield page.objects;
    cursor = page.cursor;
    if (cursor !== undefined) {
      if (cursors.has(cursor)) throw bad(prefix, 'its cursor runs in a circle');
      cursors.add(cursor);
    }
  } while (cursor !== undefined);
}

/**
 * Every object below a prefix, under the rules of {@link listPages}.
 *
 * @throws HousecleaningError `bad-listing`, `too-large`
 */
export async function listAll(
  store: Pick<ObjectStore, 'list'>,
  prefix: string,
  maxObjects: number,
  signal?: AbortSignal,
  onStray?: (stray: StrayEntry) => void,
): Promise<readonly ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const page of listPages(store, prefix, signal, onStray)) {
    objects.push(...page);
    if (objects.length > maxObjects) {
      throw new HousecleaningError(
        'too-large',
        `"${prefix}" holds more than ${maxObjects} objects; raise maxSources.`,
        prefix,
      );
    }
  }
  return objects;
}

function bad(prefix: string, why: string): HousecleaningError {
  return new HousecleaningError('bad-listing', `The listing of "${prefix}" was refused: ${why}.`, prefix);
}
