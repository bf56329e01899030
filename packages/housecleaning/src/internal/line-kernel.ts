import { startKernel } from './kernel.ts';

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

let kernel: LineKernel | null | undefined;

/** The kernel, which everybody shares; `undefined` where there is none. */
export function lineKernel(): LineKernel | undefined {
  if (kernel === undefined) {
    const wasm = startKernel<Exports>();
    kernel = wasm ? kernelOf(wasm) : null;
  }
  return kernel ?? undefined;
}

function kernelOf(wasm: Exports): LineKernel {
  const { buffer } = wasm.memory;
  const memory = new Uint8Array(buffer);
  const words = new Uint32Array(buffer);
  const [input, sumWords, skippedWords] = [wasm.inputAt(), wasm.sumsAt() >> 2, wasm.skippedAt() >> 2];
  return {
    mostBytes: 262_144,
    addLines(bytes, sums, onLong) {
      memory.set(bytes, input);
      const count = wasm.addLines(bytes.length);
      for (let half = 0; half < 16; half++) {
        const at = sumWords + 2 * half;
        sums[half >> 1] = sums[half >> 1]! + words[at]! + words[at + 1]! * 2 ** 32;
      }
      for (let i = 0; i < wasm.skippedCount(); i++) {
        const start = words[skippedWords + 2 * i]!;
        onLong(memory.subarray(start, start + words[skippedWords + 2 * i + 1]!));
      }
      return count;
    },
  };
}
