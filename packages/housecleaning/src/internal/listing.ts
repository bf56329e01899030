import { HousecleaningError } from '../errors.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { compareUtf8 } from './utf8.ts';

/**
 * Every object below a prefix that ends in a slash. A listing that breaks its own rules is an error and never an
 * empty or a shorter result: what is not seen here would otherwise count as "not there".
 *
 * @throws HousecleaningError `bad-listing`, `too-large`
 */
export async function listAll(
  store: ObjectStore,
  prefix: string,
  maxObjects: number,
  signal?: AbortSignal,
): Promise<readonly ObjectInfo[]> {
  if (!prefix.endsWith('/')) throw bad(prefix, 'its prefix does not end in a slash');
  const objects: ObjectInfo[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await store.list({
      prefix,
      ...(cursor === undefined ? {} : { cursor }),
      ...(signal ? { signal } : {}),
    });
    for (const object of page.objects) {
      if (!object.key.startsWith(prefix)) throw bad(prefix, `it returned the foreign key "${object.key}"`);
      const before = objects.at(-1);
      if (before && compareUtf8(before.key, object.key) >= 0) {
        throw bad(prefix, `"${object.key}" came after "${before.key}"`);
      }
      objects.push(object);
    }
    if (objects.length > maxObjects) {
      throw new HousecleaningError(
        'too-large',
        `"${prefix}" holds more than ${maxObjects} objects; raise maxSources.`,
        prefix,
      );
    }
    cursor = page.cursor;
    if (cursor !== undefined) {
      if (cursors.has(cursor)) throw bad(prefix, 'its cursor runs in a circle');
      cursors.add(cursor);
    }
  } while (cursor !== undefined);
  return objects;
}

function bad(prefix: string, why: string): HousecleaningError {
  return new HousecleaningError('bad-listing', `The listing of "${prefix}" was refused: ${why}.`, prefix);
}
