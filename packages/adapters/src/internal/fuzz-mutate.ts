/** One damaged frame from one good frame, for the tests of every parser. Seeded: the same numbers damage the same way. */

/** Text that no venue sends, or that only a hostile one would. */
const hostileText = [
  'NaN',
  'Infinity',
  '-Infinity',
  '1e400',
  '1e-400',
  '-0',
  '-1',
  '1e21',
  '9007199254740993',
  '0x10',
  '1_000',
  '01',
  '.5',
  '5.',
  '1,5',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"__proto__"',
  '"constructor"',
  '{"__proto__":{"price":"1"}}',
  '"\u0000"',
  '"\\ud800"',
  '\ud83d',
  '\u202e\u200b€',
  '"٣"',
  '|',
  ';',
  ',',
  '\r\n',
  '\\',
] as const;

const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A number from 0 (inclusive) to 1 (exclusive) that follows from the seed alone. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The frame with one to four things wrong: bits flipped, cut off, ranges dropped, doubled or swapped; JSON keys dropped,
 * doubled or swapped and values of another type; huge numbers, deep nesting, odd unicode, `NaN` and `Infinity` as text.
 */
export function mutateFrame(frame: string | Uint8Array, random: () => number): string | Uint8Array {
  let damaged = frame;
  for (let left = 1 + below(random, 4); left > 0; left -= 1) {
    damaged = typeof damaged === 'string' ? mutateText(damaged, random) : mutateBytes(damaged, random);
  }
  return damaged;
}

function mutateText(text: string, random: () => number): string {
  const looksJson = /^\s*[[{]/.test(text);
  const choice = below(random, looksJson ? 12 : 9);
  const [from, to] = range(text.length, random);
  switch (choice) {
    case 0:
      return (
        text.slice(0, from) +
        String.fromCharCode(text.charCodeAt(from) ^ (1 << below(random, 8))) +
        text.slice(from + 1)
      );
    case 1:
      return text.slice(0, from);
    case 2:
      return text.slice(0, from) + text.slice(to);
    case 3:
      return text.slice(0, to) + text.slice(from, to) + text.slice(to);
    case 4:
      return text.slice(0, from) + pick(hostileText, random) + text.slice(from);
    case 5:
      return text.slice(0, from) + pick(hostileText, random) + text.slice(to);
    case 6:
    case 7:
      return replaceNumber(text, random);
    case 8:
      return below(random, 20) === 0 ? deep(random) : text.slice(to) + text.slice(from, to) + text.slice(0, from);
    default:
      try {
        return mutateJson(text, random);
      } catch (error) {
        // Damaged before into something too deep to walk.
        if (error instanceof RangeError) return replaceNumber(text, random);
        throw error;
      }
  }
}

/** One number of the text, wherever it stands: in JSON, in quotes, between pipes or commas. */
function replaceNumber(text: string, random: () => number): string {
  const found = [...text.matchAll(number)];
  const one = found[below(random, found.length)];
  if (one === undefined) return text + pick(hostileText, random);
  const { index } = one;
  const instead = below(random, 4) === 0 ? '9'.repeat(1 + below(random, 400)) : pick(hostileText, random);
  return text.slice(0, index) + instead + text.slice(index + one[0].length);
}

type Place = readonly [parent: Record<string, unknown> | unknown[], key: string];

function mutateJson(text: string, random: () => number): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return replaceNumber(text, random);
  }
  const place = aPlace(json, random);
  if (place === undefined) return `[${text}]`;
  const [parent, key] = place;
  const value = Reflect.get(parent, key) as unknown;
  switch (below(random, 5)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else Reflect.deleteProperty(parent, key);
      break;
    case 1:
      if (Array.isArray(parent)) parent.push(value);
      else Reflect.set(parent, `${key}${key}`, value);
      break;
    case 2: {
      const other = aPlace(json, random)!;
      const swapped = Reflect.get(other[0], other[1]) as unknown;
      // A value that holds the other place would become its own child.
      if (!holds(value, other[0]) && !holds(swapped, parent)) {
        Reflect.set(parent, key, swapped);
        Reflect.set(other[0], other[1], value);
      }
      break;
    }
    case 3:
      Reflect.set(parent, key, otherType(value, random));
      break;
    default: {
      // The key twice, as no JSON library writes it.
      const marker = `twice${below(random, 1e9)}`;
      const copy: unknown = Array.isArray(parent) ? [value, marker] : { [marker]: 0, [key]: value };
      Reflect.set(parent, key, copy);
      return JSON.stringify(json).replace(`"${marker}":0`, `${JSON.stringify(key)}:${pick(hostileText, random)}`);
    }
  }
  return JSON.stringify(json);
}

function otherType(value: unknown, random: () => number): unknown {
  const kinds = [null, true, -1, 1.5, 2 ** 53, 1e300, 8.64e15 + 1, '', ' ', 'NaN', '1e5', [], {}, [value], { value }];
  if (typeof value === 'string')
    return below(random, 2) === 0 ? Number(value) : pick([...kinds, value.repeat(50)], random);
  if (typeof value === 'number') return below(random, 2) === 0 ? String(value) : pick([...kinds, -value], random);
  return pick(kinds, random);
}

function aPlace(json: unknown, random: () => number): Place | undefined {
  let chosen: Place | undefined;
  let node = json;
  // A walk down instead of a list of all: books of thousands of levels stay cheap.
  while (typeof node === 'object' && node !== null) {
    const keys = Object.keys(node);
    if (keys.length === 0) break;
    const key = keys[below(random, keys.length)]!;
    chosen = [node as Record<string, unknown>, key];
    if (below(random, 4) === 0) break;
    node = Reflect.get(node, key) as unknown;
  }
  return chosen;
}

function holds(value: unknown, wanted: object): boolean {
  if (value === wanted) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => holds(inner, wanted));
}

function mutateBytes(bytes: Uint8Array, random: () => number): Uint8Array {
  const [from, to] = range(bytes.length, random);
  const copy = bytes.slice();
  switch (below(random, 8)) {
    case 0:
    case 1:
      if (copy.length > 0) copy[from]! ^= 1 << below(random, 8);
      return copy;
    case 2:
      return copy.slice(0, from);
    case 3:
      return joined(copy.subarray(0, from), copy.subarray(to));
    case 4:
      return joined(copy.subarray(0, to), copy.subarray(from, to), copy.subarray(to));
    case 5:
      return joined(copy.subarray(to), copy.subarray(from, to), copy.subarray(0, from));
    case 6:
      // Lengths, prices and times of binary formats are 2 to 8 bytes wide.
      return copy.fill(below(random, 2) === 0 ? 0xff : 0, from, from + (1 << below(random, 4)));
    default:
      return copy.fill(below(random, 256), from, Math.min(to, from + 64));
  }
}

function deep(random: () => number): string {
  const depth = 200 + below(random, 5000);
  return below(random, 2) === 0 ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Mostly short ranges, as real damage is. */
function range(length: number, random: () => number): readonly [from: number, to: number] {
  const from = below(random, length);
  const width = below(random, 5) === 0 ? below(random, length) : 1 + below(random, 12);
  return [from, Math.min(length, from + width)];
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[below(random, items.length)]!;
}

function below(random: () => number, end: number): number {
  return Math.floor(random() * end);
}
