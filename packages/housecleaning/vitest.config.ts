import { defineProject } from 'vitest/config';
import { fromSource, patient } from '../../vitest.shared.ts';

export default defineProject({ ...fromSource, test: { name: 'housecleaning', ...patient } });
