/** The kernel for tests: its file, and what the language makes of it. */
import { readFileSync } from 'node:fs';

/** The bytes of `wasm/kernel.wasm`. */
export const kernelBytes = readFileSync(new URL('../../wasm/kernel.wasm', import.meta.url));

interface Language {
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): readonly object[];
  };
  readonly Instance: new (module: object) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } };
  };
}

/** The language's own; Node's types leave it out. */
export const language = (globalThis as unknown as { readonly WebAssembly: Language }).WebAssembly;

/** A module of these bytes. */
export function kernelModule(bytes: Uint8Array = kernelBytes): object {
  return new language.Module(bytes);
}
