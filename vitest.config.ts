import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // More than cores: many tests wait for a disk, a database or a process.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    projects: [
      'packages/*/vitest.config.ts',
      'packages/*/vitest.*.config.ts',
      'tooling/vitest.config.ts',
      'examples/*/vitest.config.ts',
    ],
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-results.json' }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.bench.ts', '**/*.test.ts', '**/*.test-d.ts'],
    },
  },
});
