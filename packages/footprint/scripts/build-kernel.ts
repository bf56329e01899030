/** Compiles `wasm/*.ts` to `wasm/kernel.wasm`: `pnpm build:kernel`. The same sources give the same bytes. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileKernel, type KernelSource } from '@tapekit/tooling/compile-kernel';

/** The fixed parts and a ladder of 18,000 ticks at first, one of 2^18 ticks at most (it doubles). */
export const kernelSource: KernelSource = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  initialPages: 288,
  maximumPages: 640,
};

if (import.meta.main) {
  const bytes = await compileKernel(kernelSource);
  writeFileSync(`${kernelSource.root}wasm/kernel.wasm`, bytes);
  console.log(`wasm/kernel.wasm ${bytes.length} bytes`);
}
