import { inWorkerd } from '../../vitest.runtimes.ts';

export default inWorkerd('scoring', ['src/{score-symbol,composite,explain,technical-rating,alerts}.test.ts']);
