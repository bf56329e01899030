/** Longest part of a received value that an error message repeats. */
const LONGEST = 60;

/** A received value as an error message shows it, cut when it is long: text in quotes, all else bare. */
export function excerpt(value: unknown): string {
  const text = textOf(value);
  const quote = typeof value === 'string' ? '"' : '';
  return text.length > LONGEST
    ? `${quote}${text.slice(0, LONGEST)}…${quote} (${text.length} characters)`
    : `${quote}${text}${quote}`;
}

/** Objects can refuse to be text, and plain ones say nothing as such. */
function textOf(value: unknown): string {
  try {
    const isPlain =
      typeof value === 'object' &&
      value !== null &&
      [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value) as object);
    return isPlain ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
