import { inWorkerd } from '../../vitest.runtimes.ts';
import { portableTests } from './vitest.portable.ts';

export default inWorkerd('scoring', portableTests);
