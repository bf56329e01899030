/** Damage to JSON documents: of their bytes, and of what they say. */

/** A number from 0 up to, but without, `below`. */
export type Random = (below: number) => number;

/** Mulberry32: a seed decides everything. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

/** A damaged copy of a document; sometimes, by chance, it still says the same. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  return random(2) === 0 ? mutateBytes(bytes, random) : mutateMeaning(bytes, random);
}

/** Flips, cuts, doubles, inserts and swaps bytes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = random(copy.length);
  const noise = Uint8Array.from({ length: 1 + random(8) }, () => random(256));
  switch (random(6)) {
    case 0:
      copy[at]! ^= 1 << random(8);
      return copy;
    case 1:
      copy[at] = random(256);
      return copy;
    case 2:
      return copy.slice(0, at);
    case 3:
      return join(copy.subarray(0, at), copy.subarray(at, at + 1 + random(40)), copy.subarray(at));
    case 4:
      return join(copy.subarray(0, at), noise, copy.subarray(at));
    default: {
      const other = random(copy.length);
      [copy[at], copy[other]] = [copy[other]!, copy[at]!];
      return copy;
    }
  }
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Changes one to three values, wherever they are, to others: of the same kind, of another, or to none. */
export function mutateMeaning(bytes: Uint8Array, random: Random): Uint8Array {
  const document = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  const root: Json[] = [document];
  for (let times = 1 + random(3); times > 0; times--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    const { parent, name } = places[random(places.length)]!;
    const [before, other] = [parent[name]!, places[random(places.length)]!];
    const after = random(5) === 0 ? structuredClone(other.parent[other.name]!) : changed(before, random);
    if (after === undefined) Reflect.deleteProperty(parent, name);
    else parent[name] = after;
  }
  return new TextEncoder().encode(`${JSON.stringify(root[0])}\n`);
}

interface PlaceInJson {
  readonly parent: Record<string, Json>;
  readonly name: string;
}

function placesIn(value: Json): PlaceInJson[] {
  if (value === null || typeof value !== 'object') return [];
  const parent = value as Record<string, Json>;
  return Object.keys(parent).flatMap((name) => [{ parent, name }, ...placesIn(parent[name]!)]);
}

function changed(value: Json, random: Random): Json | undefined {
  const oddities: (Json | undefined)[] = [undefined, null, true, 0, -1, 0.5, 2 ** 53, '', '../..', [], {}, '\0'];
  if (random(3) === 0) return oddities[random(oddities.length)];
  if (typeof value === 'number')
    return [value + 1, value - 1, -value, value * 2, value + 0.5, String(value)][random(6)];
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') {
    if (value === '') return 'x';
    const at = random(value.length);
    const letter = '0123456789abcdef/.-Z'[random(20)]!;
    const swapped = value.slice(0, at) + letter + value.slice(at + 1);
    return [swapped, value.slice(0, at), value + letter, value.toUpperCase(), `${value}/${value}`][random(5)];
  }
  if (Array.isArray(value)) {
    const at = random(value.length + 1);
    return [value.slice(0, at), value.toReversed(), [...value, ...value.slice(at)], value.toSpliced(at, 1)][random(4)];
  }
  if (value === null) return random(2) === 0 ? 'null' : 1;
  const entries = Object.entries(value);
  return random(2) === 0
    ? Object.fromEntries(entries.toReversed())
    : Object.fromEntries([...entries, ['__proto__', null], ['extra', 1]]);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
