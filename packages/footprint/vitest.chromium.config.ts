import { inChromium } from '../../vitest.runtimes.ts';

export default await inChromium('footprint');
