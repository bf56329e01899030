/** What faults do to streams and listings. */
import type { ListOptions, ListPage } from '@tapekit/housecleaning/object-store';
import { piecesOf, streamFrom } from './store-body.ts';

/** How a page of a listing can be wrong. */
export type ListingFaultKind =
  /** An object is missing on it. */
  | 'listing-gap'
  /** An object is on it twice. */
  | 'listing-repeat'
  /** Two objects are in the wrong order. */
  | 'listing-disorder'
  /** An object of another prefix is on it. */
  | 'listing-foreign'
  /** It ends early and says that nothing follows. */
  | 'listing-cut'
  /** It says that itself comes next. */
  | 'listing-loop'
  /** It is empty, and says truly that more follows. */
  | 'listing-empty';

const kinds: ReadonlySet<string> = new Set<ListingFaultKind>([
  'listing-gap',
  'listing-repeat',
  'listing-disorder',
  'listing-foreign',
  'listing-cut',
  'listing-loop',
  'listing-empty',
]);

/** True for faults of listings. */
export function spoilsPages(kind: string | undefined): kind is ListingFaultKind {
  return kind !== undefined && kinds.has(kind);
}

/** Leads to the page that an empty one came before. */
const again = 'after an empty page:';

/** A page as the fault makes it; also answers the cursors that faults hand out. */
export async function spoiledPage(
  kind: ListingFaultKind | undefined,
  options: ListOptions,
  list: (options: ListOptions) => Promise<ListPage>,
): Promise<ListPage> {
  const { cursor, ...rest } = options;
  const isAgain = cursor?.startsWith(again) === true;
  const real = isAgain ? cursor.slice(again.length) : cursor;
  const asked = isAgain ? (real === '' ? rest : { ...rest, cursor: real! }) : options;
  if (kind === 'listing-empty') return { objects: [], cursor: again + (real ?? '') };
  const page = await list(asked);
  const { objects } = page;
  const middle = objects.length >> 1;
  switch (kind) {
    case undefined:
      return page;
    case 'listing-gap':
      return { ...page, objects: objects.filter((_, i) => i !== middle) };
    case 'listing-repeat':
      return { ...page, objects: objects.flatMap((object, i) => (i === middle ? [object, object] : [object])) };
    case 'listing-disorder':
      return { ...page, objects: [...objects].reverse() };
    case 'listing-foreign':
      return {
        ...page,
        objects: [...objects, ...objects.slice(-1).map((object) => ({ ...object, key: `~/${object.key}` }))],
      };
    case 'listing-cut':
      return { objects: objects.slice(0, middle) };
    case 'listing-loop':
      return { objects, cursor: again + (real ?? '') };
  }
}

/** The stream without its last byte. */
export function shortStream(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  async function* pieces(): AsyncGenerator<Uint8Array, undefined> {
    let held: Uint8Array | undefined;
    for await (const piece of piecesOf(body)) {
      if (piece.length === 0) continue;
      if (held) yield held;
      held = new Uint8Array(piece);
    }
    if (held && held.length > 1) yield held.subarray(0, -1);
  }
  return streamFrom(pieces());
}
