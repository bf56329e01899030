import { inWorkerd } from '../../vitest.runtimes.ts';

export default inWorkerd('footprint');
