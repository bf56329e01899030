// Proves what each published entry drags in: bundles it as a user would and looks at the modules that arrived.
// A leak is named (entry → module); a byte ceiling alone would notice it late.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

/** What must never be reachable from the entries of a package. Entries with their own runtime are listed apart. */
const forbidden = {
  orderflow: [/\/zod\//, /\/ws\//, /\/fflate\//, /^node:/, /\/postgres\//],
  footprint: [/\/zod\//, /\/ws\//, /\/fflate\//, /^node:/, /\/postgres\//],
  scoring: [/\/zod\//, /\/ws\//, /\/fflate\//, /^node:/, /\/postgres\//],
  housecleaning: [/\/zod\//, /\/ws\//, /^node:/, /\/decimal\.js\//],
  adapters: [/^node:/, /\/ws\//],
  sdk: [/\/ws\//, /^node:/, /\/decimal\.js\//, /\/zod\/v4\/classic\//],
};
const nodeEntries = {
  adapters:
    /^\.\/(stores\/fs|postgres|postgres\/.*|sources\/(node-.*|.*-node)|live-source-node|testing\/.*|housecleaning-cli|bin\/.*|drivers\/threads)$/,
  footprint: /^\.\/workers$/,
};

let leaks = 0;
for (const [name, patterns] of Object.entries(forbidden)) {
  const dir = new URL(`../packages/${name}/`, import.meta.url);
  const { exports } = JSON.parse(readFileSync(new URL('package.json', dir), 'utf8'));
  for (const [subpath, target] of Object.entries(exports)) {
    if (!target.source || nodeEntries[name]?.test(subpath)) continue;
    const { metafile } = await build({
      absWorkingDir: dir.pathname,
      entryPoints: [target.source],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['source'],
      // The chart draws with its peer, which the page brings; Parquet is written by one that is loaded when it is needed.
      external: ['node:*', 'lightweight-charts', 'hyparquet-writer'],
      logLevel: 'error',
    });
    const reached = [
      ...Object.keys(metafile.inputs).map((file) => `/${file}`),
      ...Object.values(metafile.outputs).flatMap((output) => output.imports.map((i) => i.path)),
    ];
    for (const module of reached) {
      if (!patterns.some((pattern) => pattern.test(module))) continue;
      console.error(`@tapekit/${name}${subpath.slice(1)} reaches ${module}`);
      leaks += 1;
    }
  }
}
if (leaks > 0) process.exit(1);
console.log('No entry reaches what its package must stay free of.');
