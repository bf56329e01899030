import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this example. */
export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** Wrangler's program, to be run by the Node that runs us. */
export const wranglerBin: string = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
);
