import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

// What V8 compiled and what Node stripped of types is kept for the next of the workers, and for the many processes that
// tests start from source.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

/** Resolution shared by every test project: workspace packages are tested from their TypeScript source. */
export const fromSource = {
  resolve: { conditions: ['source'] },
  ssr: {
    resolve: {
      conditions: ['source', 'module', 'node', 'development|production'],
      externalConditions: ['source', 'node'],
    },
  },
};

/** How every project runs; Vitest takes the workers from the projects, not from the root, and they must be the same. */
export const patient = {
  // More than cores: many tests wait for a disk, a database or a process.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // Machines under load are slow; a hang is the only thing that these limits catch.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

/** For tests of code without state of its own: a worker takes one file after another and loads once what they share. */
export const together = { ...patient, isolate: false };
