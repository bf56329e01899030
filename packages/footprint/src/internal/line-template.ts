/**
 * The shape of a JSON line, learned from one line that was parsed: which bytes stay the same, and where the wanted values
 * stand between them. A line of that shape is read digit by digit, without JSON.parse and without a string.
 */

/** What a value of the line is for. */
export type Role = 'time' | 'price' | 'size' | 'side' | 'skip';

/** A value between constant bytes. */
interface Slot {
  /** Bytes before the value, including its opening quote. */
  readonly before: Uint8Array;
  readonly role: Role;
}

/** A learned shape. */
export interface LineTemplate {
  readonly slots: readonly Slot[];
  /** Bytes after the last value, with the newline. */
  readonly after: Uint8Array;
}

/** A scalar of a JSON text: its path, joined by dots, and where its characters are (within the quotes of a string). */
interface Scalar {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly isNumber: boolean;
}

/**
 * The template of a line; `undefined` where it has no simple shape (escapes, a wanted value missing).
 *
 * @param roles - Path of each wanted value. Other numbers may change from line to line, other words may not.
 */
export function learnTemplate(line: Uint8Array, roles: ReadonlyMap<string, Role>): LineTemplate | undefined {
  const text = new TextDecoder().decode(line);
  // Positions in text are positions in bytes only without wide characters.
  if (text.length !== line.length || text.includes('\\')) return undefined;
  const slots: Slot[] = [];
  let at = 0;
  let wanted = 0;
  for (const { path, from, to, isNumber } of scalarsOf(text)) {
    const role = roles.get(path) ?? (isNumber ? 'skip' : undefined);
    if (role === undefined) continue;
    if (role !== 'skip') wanted += 1;
    slots.push({ before: new Uint8Array(line.subarray(at, from)), role });
    at = to;
  }
  if (wanted !== roles.size) return undefined;
  const after = new Uint8Array(line.length - at + 1);
  after.set(line.subarray(at));
  after[after.length - 1] = NEWLINE;
  return { slots, after };
}

export const NEWLINE = 10;

/** Every scalar of a text that JSON.parse took; arrays count their entries as `0`, `1`, …. */
function* scalarsOf(text: string): Generator<Scalar> {
  const path: (string | number)[] = [];
  const token = /[[{}\],]|"([^"]*)"\s*(:)?|[^\s[{}\],":]+/g;
  let key: string | number = '';
  for (const match of text.matchAll(token)) {
    const [all, quoted, colon] = match;
    if (all === '{' || all === '[') {
      path.push(key);
      key = all === '[' ? 0 : '';
    } else if (all === '}' || all === ']') key = path.pop() ?? '';
    else if (all === ',') {
      if (typeof key === 'number') key += 1;
    } else if (colon) key = quoted!;
    else {
      const from = quoted === undefined ? match.index : match.index + 1;
      const to = from + (quoted ?? all).length;
      // The outermost object has no name.
      const full = [...path.slice(1), key].join('.');
      yield { path: full, from, to, isNumber: quoted === undefined && /^[-\d]/.test(all) };
    }
  }
}
