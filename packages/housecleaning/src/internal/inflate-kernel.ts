import type { Code } from './huffman.ts';
import { startKernel } from './kernel.ts';

/** Where a decoder is: places in its input and output, and the bits that were taken from the input but not used. */
export interface InflatePlace {
  next: number;
  hold: number;
  held: number;
  write: number;
}

/** The inner loop of inflate in WebAssembly, with the memory that it works on. */
export interface InflateKernel {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  /** The codes of the block that begins. */
  setCodes(literals: Code, distances: Code): void;
  /**
   * Decodes symbols of the input before `end` while nothing unusual comes: up to `limit` in the output, and with a match
   * up to `most`. True if the block is through; else the caller goes on from where it stopped.
   */
  run(place: InflatePlace, end: number, limit: number, most: number): boolean;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  inflateInputAt(): number;
  inflateOutputAt(): number;
  inflateStateAt(): number;
  inflateTablesAt(): number;
  inflateMeaningsAt(): number;
  inflateCanonsAt(): number;
  inflateSymbols(): number;
}

/** What each literal or length, and each distance, means. */
export interface Meanings {
  readonly literals: Uint32Array;
  readonly distances: Uint32Array;
}

const inputBytes = 67_584;
const outputBytes = 294_976;
/** Fewer are not worth a call, and too few to load eight at a time. */
const fewBytes = 64;

/** A kernel whose decoder is through, with its memory. */
let free: InflateKernel | undefined;

/** A kernel for one decoder; `undefined` where there is none. */
export function takeInflateKernel(meanings: Meanings): InflateKernel | undefined {
  const kernel = free;
  free = undefined;
  if (kernel) return kernel;
  const wasm = startKernel<Exports>();
  return wasm && kernelOf(wasm, meanings);
}

/** Gives a kernel to the next decoder. */
export function returnInflateKernel(kernel: InflateKernel | undefined): void {
  free ??= kernel;
}

function kernelOf(wasm: Exports, meanings: Meanings): InflateKernel {
  const { buffer } = wasm.memory;
  const state = new Uint32Array(buffer, wasm.inflateStateAt(), 7);
  const tables = new Uint32Array(buffer, wasm.inflateTablesAt(), 2_048);
  const meaning = new Uint32Array(buffer, wasm.inflateMeaningsAt(), 1_024);
  const canons = new Uint16Array(buffer, wasm.inflateCanonsAt(), 1_024);
  meaning.set(meanings.literals);
  meaning.set(meanings.distances, 512);
  const setCode = (which: number, { fast, counts, symbols }: Code): void => {
    for (let i = 0; i < 1_024; i++) {
      const entry = fast[i]!;
      tables[1_024 * which + i] = entry === 0 ? 0 : meaning[512 * which + (entry >>> 4)]! | (entry & 15);
    }
    canons.set(counts, 512 * which);
    canons.set(symbols, 512 * which + 16);
  };
  return {
    input: new Uint8Array(buffer, wasm.inflateInputAt(), inputBytes),
    output: new Uint8Array(buffer, wasm.inflateOutputAt(), outputBytes),
    setCodes(literals, distances) {
      setCode(0, literals);
      setCode(1, distances);
    },
    run(place, end, limit, most) {
      if (end - place.next < fewBytes) return false;
      state.set([place.next, end, place.hold, place.held, place.write, limit, most]);
      const isOver = wasm.inflateSymbols() === 1;
      [place.next, place.hold, place.held, place.write] = [state[0]!, state[2]!, state[3]!, state[4]!];
      return isOver;
    },
  };
}
