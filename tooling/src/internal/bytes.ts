/** The bytes of a value: JSON that also tells apart what JSON folds together (undefined, −0, NaN, bigint, typed arrays). */
export function bytesOf(value: unknown): string {
  return JSON.stringify({ value }, tagged).slice('{"value":'.length, -1);
}

/** Throws, with the first place that differs, unless the two values have the same bytes. */
export function sameBytes(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [bytesOf(actual), bytesOf(expected)];
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at++;
  const near = (text: string): string => text.slice(Math.max(0, at - 60), at + 60);
  throw new Error(`${what}: bytes differ at ${at}.\n  actual:   …${near(a)}…\n  expected: …${near(b)}…`);
}

/** Freezes a value and all that it reaches, and returns it. Typed arrays cannot be frozen and stay as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) deepFreeze((value as Record<PropertyKey, unknown>)[key]);
  return value;
}

function tagged(_key: string, value: unknown): unknown {
  if (value === undefined) return { $: 'undefined' };
  if (typeof value === 'bigint') return { $: `${value}n` };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return { $: value.constructor.name, values: Array.from(value as unknown as ArrayLike<number | bigint>) };
  }
  if (value instanceof Map) return { $: 'Map', entries: [...value] };
  if (value instanceof Set) return { $: 'Set', values: [...value] };
  return value;
}
