import { defineConfig } from 'tsup';
import shared from '../../tsup.shared.ts';

const { entry, ...options } = shared as { entry: Record<string, string> };

/** Scripts of threads are loaded by their address, so no import leads to them. */
const scripts = ['internal/threads/housecleaning-thread', 'internal/cli/thread-options'];

export default defineConfig({
  ...options,
  entry: { ...entry, ...Object.fromEntries(scripts.map((script) => [script, `src/${script}.ts`])) },
});
