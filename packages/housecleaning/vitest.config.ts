import { defineProject } from 'vitest/config';
import { fromSource, together } from '../../vitest.shared.ts';

export default defineProject({ ...fromSource, test: { name: 'housecleaning', ...together } });
