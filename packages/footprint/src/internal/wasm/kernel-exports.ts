/** The compiled kernel as the host sees it: what it exports, and how an instance is made of what a user has. */
import { FootprintError } from '../../errors.ts';

/** What `packages/footprint/wasm/index.ts` exports: places in memory and answers as globals, and functions. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  start(
    intervalMs: number,
    rowTicks: number,
    numerator: number,
    denominator: number,
    step: number,
    maxJumpMs: number,
  ): void;
  grown(): void;
  take(rows: number, ticksAreDoubles: boolean, lotsAreDoubles: boolean): number;
  run(): number;
  close(): number;
  waitingBars(): number;
  waitingRows(): number;
  fetched(): void;
  setScales(priceDecimals: number, priceMantissa: number, sizeDecimals: number, sizeMantissa: number): void;
  readLines(from: number, bytes: number): number;
  waitingLines(): number;
  textAt(): number;
}

const layoutNames = [
  ...['CHUNK', 'BARS', 'ROWS', 'TEXT_BYTES', 'LINES', 'SHAPE_BYTES', 'DONE', 'DRAIN', 'GROW', 'REFUSE', 'OTHER'],
  ...['TIMES', 'TICKS', 'LOTS', 'SIDES', 'DOUBLE_TICKS', 'DOUBLE_LOTS', 'SHAPE', 'TEXT'],
  ...['LINE_TIMES', 'LINE_TICKS', 'LINE_LOTS', 'LINE_SIDES', 'BAR_COLUMNS', 'ROW_COLUMNS', 'LADDER'],
] as const;

/** Constants of `packages/footprint/wasm/layout.ts`. */
export type KernelLayout = Readonly<Record<(typeof layoutNames)[number], number>>;

/** A kernel that runs. */
export interface Kernel {
  readonly exports: KernelExports;
  readonly layout: KernelLayout;
  /** True while a tape is in its memory. */
  isBusy: boolean;
  /** Whose text is in its memory. */
  textOf: object | undefined;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: ArrayBuffer) => object;
  readonly Instance: new (module: object, imports?: object) => { readonly exports: object };
  compile(bytes: ArrayBuffer | ArrayBufferView): Promise<object>;
  instantiate(module: object): Promise<object>;
}

/** The language's own; its types differ between the libraries of runtimes, and none is needed. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/**
 * The kernel of a compiled module, or of an instance of it.
 * @throws FootprintError `bad-option` for anything else.
 */
export function kernelOf(source: unknown): Kernel {
  if (typeof source !== 'object' || source === null) throw notAKernel(source);
  const known = kernels.get(source);
  if (known) return known;
  let exports: Partial<KernelExports & Record<string, { readonly value: number }>>;
  try {
    exports = (source instanceof webAssembly.Instance ? source : new webAssembly.Instance(source)).exports;
  } catch {
    throw notAKernel(source);
  }
  const layout = Object.fromEntries(layoutNames.map((name) => [name, exports[name]?.value])) as KernelLayout;
  if (Object.values(layout).includes(undefined as never) || !exports.memory || !exports.run || !exports.readLines) {
    throw notAKernel(source);
  }
  const kernel: Kernel = { exports: exports as KernelExports, layout, isBusy: false, textOf: undefined };
  if (source instanceof webAssembly.Instance) kernels.set(source, kernel);
  return kernel;
}

/** Who shares an instance shares its state. */
const kernels = new WeakMap<object, Kernel>();

function notAKernel(source: unknown): FootprintError {
  const isBytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source);
  const next = isBytes
    ? 'Pass bytes to loadKernel, which compiles them.'
    : 'Pass the import of @tapekit/footprint/kernel.wasm of this version, or an instance of it.';
  return new FootprintError('bad-option', `Kernel ${shownKernel(source)} is no compiled kernel. ${next}`, source);
}

/** What was passed as the kernel, in a few words: its bytes would fill the message. */
export function shownKernel(source: unknown): string {
  if (typeof source === 'string') return `"${source.length > 40 ? `${source.slice(0, 40)}…` : source}"`;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return `"${source.constructor.name} of ${source.byteLength} bytes"`;
  }
  return `"${Object.prototype.toString.call(source).slice(8, -1)}"`;
}
