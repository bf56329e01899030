/** The beginning of a value as JSON, for messages. */
export function excerpt(value: unknown, length = 60): string {
  return ((JSON.stringify(value) as string | undefined) ?? 'undefined').slice(0, length);
}
