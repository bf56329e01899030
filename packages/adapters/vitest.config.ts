import { defineProject } from 'vitest/config';
import { fromSource, patient } from '../../vitest.shared.ts';
import { workersEnv } from './tests/workers-env.ts';

export default defineProject({ ...fromSource, test: { name: 'adapters', env: { ...workersEnv }, ...patient } });
