/**
 * The columnar engine as WebAssembly: the bars and trades of `footprintsOfColumns` and `createTradeLines`, sooner.
 *
 * The module is the file `@tapekit/footprint/kernel.wasm`. A Worker imports it as a module; Node reads the file, a browser
 * fetches it. What the kernel does not take (late prints, sums beyond 2^40 lots a bar, lines of another shape) goes through
 * TypeScript, so results are the same to the last bit.
 */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { FootprintError } from './errors.ts';
import type { FootprintColumns, FootprintColumnsOptions, FootprintColumnsReuse } from './footprint-columns.ts';
import { footprintsThrough, orInOrder } from './internal/columns-door.ts';
import { restored } from './internal/snapshot-checks.ts';
import { tradeLinesOf } from './internal/trade-lines-reader.ts';
import { kernelColumns } from './internal/wasm/kernel-columns.ts';
import { kernelOf, shownKernel, webAssembly } from './internal/wasm/kernel-exports.ts';
import { kernelLines } from './internal/wasm/kernel-lines.ts';
import { tradeLinesDefaults } from './trade-lines.ts';
import type { TradeLines, TradeLinesOptions, TradeLinesSnapshot } from './trade-lines.ts';

/** What {@link createFootprintKernel} gives: functions with the signatures and the results of the TypeScript ones. */
export interface FootprintKernel {
  /** As `footprintsOfColumns` of `@tapekit/footprint/footprint-columns`. */
  footprintsOfColumns(trades: TradeColumns, options: FootprintColumnsOptions & FootprintColumnsReuse): FootprintColumns;
  /** As `createTradeLines` of `@tapekit/footprint/trade-lines`; readers may be used side by side. */
  createTradeLines(options: TradeLinesOptions): TradeLines;
  /** As `restoreTradeLines`; takes snapshots of either kind of reader. */
  restoreTradeLines(snapshot: TradeLinesSnapshot, options: TradeLinesOptions): TradeLines;
}

/**
 * The functions of a compiled kernel: a `WebAssembly.Module`, as `import kernel from '@tapekit/footprint/kernel.wasm'`
 * gives it in a Worker, or a `WebAssembly.Instance` of it. Holds 19 MB of address space, of which a tape touches what its
 * bars need; the widest bar that it takes, of 2^18 ticks, adds 20 MB.
 *
 * @throws {@link FootprintError} `bad-option` for anything else.
 */
export function createFootprintKernel(source: object): FootprintKernel {
  const kernel = kernelOf(source);
  const fast = orInOrder(kernelColumns(kernel));
  return {
    footprintsOfColumns: (trades, options) => footprintsThrough(fast, trades, options),
    createTradeLines: (options) => tradeLinesOf({ ...tradeLinesDefaults, ...options }, undefined, kernelLines(kernel)),
    restoreTradeLines: (snapshot, options) =>
      restored('trade-lines', snapshot, () =>
        tradeLinesOf({ ...tradeLinesDefaults, ...options }, snapshot, kernelLines(kernel)),
      ),
  };
}

/** The part of a `Response` that {@link loadKernel} reads. */
export interface KernelResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * The functions of a kernel whose file still has to be compiled: its bytes, or the answer to a fetch of it. Not for
 * Workers, which compile no bytes: import the module there and call {@link createFootprintKernel}.
 *
 * @example
 * ```ts
 * // Node
 * const kernel = await loadKernel(readFileSync(fileURLToPath(import.meta.resolve('@tapekit/footprint/kernel.wasm'))));
 * // a browser, through a bundler
 * const kernel = await loadKernel(fetch(new URL('@tapekit/footprint/kernel.wasm', import.meta.url)));
 * ```
 * @throws {@link FootprintError} `bad-option` when the answer is an error, or the bytes are not the kernel, or for what is
 *   neither.
 */
export async function loadKernel(
  source: ArrayBuffer | ArrayBufferView | KernelResponse | Promise<KernelResponse>,
): Promise<FootprintKernel> {
  const found: unknown = await source;
  let bytes: ArrayBuffer | ArrayBufferView;
  if (isResponse(found)) {
    if (!found.ok) {
      const message = `The fetch of kernel.wasm was answered with status "${found.status}". Serve the file, or check its address.`;
      throw new FootprintError('bad-option', message, found.status);
    }
    bytes = await found.arrayBuffer();
  } else if (found instanceof ArrayBuffer || ArrayBuffer.isView(found)) bytes = found;
  else {
    const isCompiled = found instanceof webAssembly.Module || found instanceof webAssembly.Instance;
    const next = isCompiled
      ? 'It is compiled already: pass it to createFootprintKernel.'
      : 'Pass the bytes of @tapekit/footprint/kernel.wasm, or the answer to a fetch of it.';
    throw new FootprintError(
      'bad-option',
      `Kernel ${shownKernel(found)} is neither bytes nor a Response. ${next}`,
      found,
    );
  }
  let instance: object;
  try {
    instance = await webAssembly.instantiate(await webAssembly.compile(bytes));
  } catch (error) {
    const message = `The bytes of the kernel are no WebAssembly (${String(error)}). Pass those of @tapekit/footprint/kernel.wasm.`;
    throw new FootprintError('bad-option', message);
  }
  return createFootprintKernel(instance);
}

function isResponse(value: unknown): value is KernelResponse {
  return typeof value === 'object' && value !== null && 'arrayBuffer' in value;
}
