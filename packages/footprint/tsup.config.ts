import { defineConfig } from 'tsup';
import shared from '../../tsup.shared.ts';

const { entry, ...options } = shared as { entry: Record<string, string> };

/** The script of the worker threads is loaded by its address, so no import leads to it. */
const script = 'internal/workers/slice-worker';

export default defineConfig({ ...options, entry: { ...entry, [script]: `src/${script}.ts` } });
