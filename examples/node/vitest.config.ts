import { defineProject } from 'vitest/config';
import { fromSource, patient } from '../../vitest.shared.ts';

export default defineProject({
  ...fromSource,
  test: {
    name: 'example-node',
    globalSetup: './vitest.global-setup.ts',
    include: ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'e2e/**/*.test.ts'],
    ...patient,
  },
});
