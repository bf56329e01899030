/** Which listed symbols a text speaks of. */

/** `$ABCD`, `ABCD.JK` and plain capitals; what is not listed is a word. */
const candidates = /\$?\b([A-Z]{3,6})(?:\.[A-Z]{1,3})?\b/g;

/**
 * The listed symbols that a text names in capitals, each once, in the order of the text.
 *
 * @example
 * ```ts
 * findSymbols('BBCA naik, $GOTO dan TLKM.JK ikut; IHSG hijau', new Set(['BBCA', 'GOTO', 'TLKM']));
 * // => ['BBCA', 'GOTO', 'TLKM']
 * ```
 */
export function findSymbols(text: string, listed: ReadonlySet<string>): string[] {
  return [...new Set(Array.from(text.matchAll(candidates), (match) => match[1]!).filter((name) => listed.has(name)))];
}
