import { kernelBase64 } from './kernel-bytes.ts';

/** What is used of WebAssembly; not every library of types knows it. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

let compiled: object | null | undefined;

/** A kernel with a memory of its own; `undefined` on platforms that do not compile at run time (workerd) or know no vectors. */
export function startKernel<Exports>(): Exports | undefined {
  if (compiled === null) return undefined;
  try {
    const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
    compiled ??= new Module(Uint8Array.from(atob(kernelBase64), (character) => character.charCodeAt(0)));
    return new Instance(compiled, {}).exports as Exports;
  } catch {
    compiled = null;
    return undefined;
  }
}
