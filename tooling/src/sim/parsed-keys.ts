/** What keys mean, remembered: a simulation asks for the same few again and again. */
import { parseArchiveKey, parseRawCell, type Cell } from '@tapekit/housecleaning/keys';

const maxKnown = 20_000;

/** The cell of a raw key; see `parseRawCell`. */
export const rawCellOf = remembered((key) => parseRawCell(key));

/** The cell of the key of an archive; see `parseArchiveKey`. */
export const archiveCellOf = remembered(parseArchiveKey);

function remembered(parse: (key: string) => Cell | undefined): (key: string) => Cell | undefined {
  const known = new Map<string, Cell | undefined>();
  return (key) => {
    const cell = known.get(key);
    if (cell !== undefined || known.has(key)) return cell;
    if (known.size >= maxKnown) known.clear();
    const parsed = parse(key);
    known.set(key, parsed);
    return parsed;
  };
}
