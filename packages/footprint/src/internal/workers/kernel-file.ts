// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { readFileSync } from 'node:fs';
import { kernelOf, webAssembly } from '../wasm/kernel-exports.ts';
import type { Kernel } from '../wasm/kernel-exports.ts';

/** In the sources and in a build the file of the kernel is as far away. */
const beside = '../../../wasm/kernel.wasm';

/** The kernel of this package; `undefined` where its file is not, as beside a program of one file. */
export function kernelOfPackage(): Kernel | undefined {
  try {
    const bytes = new Uint8Array(readFileSync(new URL(beside, import.meta.url)));
    return kernelOf(new webAssembly.Module(bytes.buffer));
  } catch {
    return undefined;
  }
}
