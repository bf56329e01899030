/** Longest part of a received value that an error message repeats. */
const LONGEST = 60;

/** A received value as an error message shows it: in quotes, cut when it is long. */
export function excerpt(value: unknown): string {
  const text = textOf(value);
  return text.length > LONGEST ? `"${text.slice(0, LONGEST)}…" (${text.length} characters)` : `"${text}"`;
}

/** Objects can refuse to be text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
