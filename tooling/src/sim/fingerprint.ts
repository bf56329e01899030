/** By which a world at rest is known again. */
import { digestOf, type SimObject } from './sim-store.ts';
import type { Holding } from './truth.ts';
import type { World } from './world.ts';

/**
 * Everything that undisturbed runs, and the invariants of what they do, can see of a world at rest, as one digest: from
 * two worlds with the same fingerprint the same comes. Not in it: what lay under a key before, which only a stale read
 * sees, and who made the changes so far.
 */
export function fingerprintOf({ store, options, required, everPut, published, clock }: World): string {
  const changed = new Set(store.changes.map(({ key }) => key));
  const text = JSON.stringify([
    options,
    clock.nowMs,
    // The number of the next write, where a store shows it.
    options.flavour === 'r2' ? store.writes() : 0,
    sorted(store.objects.keys()).map((key) => [objectName(store.objects.get(key)!), changed.has(key)]),
    sorted(required.keys()).map((key) => [key, ...required.get(key)!]),
    sorted(everPut),
    sorted(published.keys()).map((key) => [key, ...published.get(key)!.map(holdingName)]),
  ]);
  return digestOf(Buffer.from(text));
}

function sorted(texts: Iterable<string>): readonly string[] {
  return [...texts].sort();
}

/** The bytes of a rotten object are not those of its etag. */
const objectName = named(({ info, bytes, rottenFrom }: SimObject) => [info, rottenFrom ? digestOf(bytes) : '']);
/** Archives of the same bytes may have different manifests. */
const holdingName = named(({ gzSha256, generation, sources }: Holding) => [gzSha256, generation, sources]);

/** Worlds share what does not change; its name is made once. */
function named<Thing extends object>(describe: (thing: Thing) => unknown): (thing: Thing) => string {
  const names = new WeakMap<Thing, string>();
  return (thing) => {
    let name = names.get(thing);
    if (name === undefined) {
      name = JSON.stringify(describe(thing));
      if (name.length > 1_000) name = digestOf(Buffer.from(name));
      names.set(thing, name);
    }
    return name;
  };
}
