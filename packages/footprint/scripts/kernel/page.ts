/** A page that fetches the kernel, and compiles it in the two ways that browsers have. */
import { createFootprintKernel, loadKernel } from '@tapekit/footprint/wasm';
import { checksum } from './checksum.ts';

interface Compiler {
  compileStreaming(answer: Promise<Response>): Promise<object>;
}

/** Called by the test, as `kernelPage.checksums()`. */
export async function checksums(): Promise<number[]> {
  const compiler = (globalThis as unknown as { readonly WebAssembly: Compiler }).WebAssembly;
  const loaded = await loadKernel(fetch('/kernel.wasm'));
  const made = createFootprintKernel(await compiler.compileStreaming(fetch('/kernel.wasm')));
  return [checksum(loaded), checksum(made)];
}
