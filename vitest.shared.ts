import { availableParallelism } from 'node:os';

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
