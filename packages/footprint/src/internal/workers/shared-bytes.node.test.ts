import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { expect, test } from 'vitest';

interface Built {
  readonly countShared: (bytes: number) => void;
}

test('shared memory is still counted once the build took away what nobody uses', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'tapekit-build-'));
  try {
    const entry = { built: fileURLToPath(new URL('shared-bytes.ts', import.meta.url)) };
    // As `tsup.shared.ts` says.
    const asBuilt = { format: 'esm', target: 'es2023', treeshake: true } as const;
    await build({ ...asBuilt, entry, outDir, config: false, silent: true });
    const { countShared } = (await import(pathToFileURL(join(outDir, 'built.js')).href)) as Built;
    const before = process.memoryUsage().arrayBuffers;
    countShared(2 ** 28);
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThanOrEqual(2 ** 28 - 2 ** 20);
  } finally {
    await rm(outDir, { recursive: true });
  }
});
