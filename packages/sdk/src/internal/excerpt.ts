/** A received value for an error message: quoted, control characters escaped, at most 60 characters. */
export function excerpt(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
