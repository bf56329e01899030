import { inChromium } from '../../vitest.runtimes.ts';
import { portableTests } from './vitest.portable.ts';

export default await inChromium('scoring', portableTests);
