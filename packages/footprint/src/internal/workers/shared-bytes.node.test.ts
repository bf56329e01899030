import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { expect, test } from 'vitest';

test('shared memory is still counted once the build took away what nobody uses', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'tapekit-build-'));
  try {
    const entry = { built: fileURLToPath(new URL('shared-bytes.ts', import.meta.url)) };
    // As `tsup.shared.ts` says.
    const asBuilt = { format: 'esm', target: 'es2023', treeshake: true } as const;
    await build({ ...asBuilt, entry, outDir, config: false, silent: true });
    // A process of its own: what the count sets off collects all that other tests have left.
    const script = `
      import { countShared } from ${JSON.stringify(pathToFileURL(join(outDir, 'built.js')).href)};
      const before = process.memoryUsage().arrayBuffers;
      countShared(2 ** 28);
      console.log(process.memoryUsage().arrayBuffers - before);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(Number(stdout)).toBeGreaterThanOrEqual(2 ** 28 - 2 ** 20);
  } finally {
    await rm(outDir, { recursive: true });
  }
});
