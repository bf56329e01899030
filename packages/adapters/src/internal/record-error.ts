/** A record that is JSON, but not what the venue documents; caught by the source and turned into a quarantine entry. */
export class RecordError extends Error {
  override readonly name = 'RecordError';

  constructor(field: string, value: unknown, expected: string) {
    super(`${field} is ${shown(value)}; expected ${expected}`);
  }
}

/** A value as a message shows it: JSON, cut to a length that a person reads. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  try {
    const json = JSON.stringify(value);
    return json.length > 80 ? `${json.slice(0, 77)}...` : json;
  } catch {
    return 'nested too deep to show';
  }
}
