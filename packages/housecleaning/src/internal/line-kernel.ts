import { lineKernelBase64 } from './line-kernel-bytes.ts';

/** Hashes the lines of NDJSON four at a time, in WebAssembly with vectors. */
export interface LineKernel {
  /** Most bytes of one call. */
  readonly mostBytes: number;
  /**
   * Hashes every non-empty line of bytes that end with a newline. Adds the eight 32-bit words of their digests to `sums`,
   * and hands lines of more than a KiB to `onLong`; returns how many lines there were.
   */
  addLines(bytes: Uint8Array, sums: Float64Array, onLong: (line: Uint8Array) => void): number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  inputAt(): number;
  sumsAt(): number;
  skippedAt(): number;
  skippedCount(): number;
  addLines(length: number): number;
}

/** What is used of WebAssembly; not every library of types knows it. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

let kernel: LineKernel | null | undefined;

/** The kernel; `undefined` on platforms that do not compile at run time (workerd) or know no vectors. */
export function lineKernel(): LineKernel | undefined {
  if (kernel === undefined) {
    try {
      kernel = instantiate();
    } catch {
      kernel = null;
    }
  }
  return kernel ?? undefined;
}

function instantiate(): LineKernel {
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
  const binary = Uint8Array.from(atob(lineKernelBase64), (character) => character.charCodeAt(0));
  const wasm = new Instance(new Module(binary), {}).exports as Exports;
  const { buffer } = wasm.memory;
  const memory = new Uint8Array(buffer);
  const words = new Uint32Array(buffer);
  const [input, sumWords, skippedWords] = [wasm.inputAt(), wasm.sumsAt() >> 2, wasm.skippedAt() >> 2];
  return {
    mostBytes: 262_144,
    addLines(bytes, sums, onLong) {
      memory.set(bytes, input);
      const count = wasm.addLines(bytes.length);
      for (let i = 0; i < 8; i++)
        sums[i] = sums[i]! + words[sumWords + 2 * i]! + words[sumWords + 2 * i + 1]! * 2 ** 32;
      for (let i = 0; i < wasm.skippedCount(); i++) {
        const start = words[skippedWords + 2 * i]!;
        onLong(memory.subarray(start, start + words[skippedWords + 2 * i + 1]!));
      }
      return count;
    },
  };
}
