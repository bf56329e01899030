import { defineProject } from 'vitest/config';
import { fromSource, patient } from '../../vitest.shared.ts';
import { workersEnv } from './scripts/workers-env.ts';

export default defineProject({
  ...fromSource,
  test: { name: 'example-workers', env: { ...workersEnv }, ...patient },
});
