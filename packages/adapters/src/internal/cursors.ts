import { badCursor } from './store-errors.ts';

/** Cursors that say whose they are: some services take a foreign one for the end of the listing. */
export interface Cursors {
  make(place: string): string;
  /** @throws ObjectStoreError `bad-cursor` for what `make` did not make. */
  read(cursor: string): string;
}

/** Cursors of one kind of store, named by a short word. */
export function createCursors(kind: string): Cursors {
  const mark = `${kind}:`;
  return {
    make: (place) => mark + place,
    read(cursor) {
      if (!cursor.startsWith(mark) || cursor === mark) throw badCursor(cursor);
      return cursor.slice(mark.length);
    },
  };
}
