/** Compiles `wasm/` into `src/internal/kernel-bytes.ts`: `pnpm build:kernel`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileKernel, type KernelSource } from '@tapekit/tooling/compile-kernel';

/** It needs no more memory than it has. */
export const kernelSource: KernelSource = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  initialPages: 11,
  maximumPages: 11,
};

/** The module as a source file. */
function asSource(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,112}/g, "  '$&' +\n");
  return `// Made by scripts/build-kernel.ts from wasm/.\n\nexport const kernelBase64: string =\n${lines.slice(0, -3)};\n`;
}

if (import.meta.main) {
  const bytes = await compileKernel(kernelSource);
  writeFileSync(`${kernelSource.root}src/internal/kernel-bytes.ts`, asSource(bytes));
  console.log(`src/internal/kernel-bytes.ts: ${bytes.length} bytes of WebAssembly`);
}
