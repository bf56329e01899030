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

/** Machines under load are slow; a hang is the only thing that these limits catch. */
export const patient = { testTimeout: 120_000, hookTimeout: 120_000 };
