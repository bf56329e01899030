/** What Node (and workerd with `nodejs_compat`) has beside the web's own: found at run time, never imported. */

import type * as crypto from 'node:crypto';
import type * as os from 'node:os';
import type * as zlib from 'node:zlib';

/** A module some of whose functions are younger than what we run on. */
type WithoutSome<Module, Young extends keyof Module> = Omit<Module, Young> & Partial<Pick<Module, Young>>;

export type Zlib = WithoutSome<typeof zlib, 'crc32'>;
type Crypto = WithoutSome<typeof crypto, 'hash'>;
type Os = WithoutSome<typeof os, 'availableParallelism'>;

interface Builtins {
  readonly zlib: Zlib | undefined;
  readonly crypto: Crypto | undefined;
  readonly os: Os | undefined;
}

let found: Builtins | undefined;

/** Built-in modules of this platform; each `undefined` where there is none. */
export function builtins(): Builtins {
  return (found ??= { zlib: load<Zlib>('node:zlib'), crypto: load<Crypto>('node:crypto'), os: load<Os>('node:os') });
}

function load<Module>(name: string): Module | undefined {
  const host = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process;
  try {
    return host?.getBuiltinModule?.(name) as Module | undefined;
  } catch {
    return undefined;
  }
}
