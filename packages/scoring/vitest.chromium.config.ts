import { inChromium } from '../../vitest.runtimes.ts';

export default await inChromium('scoring', ['src/{score-symbol,composite,explain,technical-rating,alerts}.test.ts']);
