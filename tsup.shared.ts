import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

type Manifest = { exports: Record<string, string | { source?: string }> };

/** Every subpath export with a `source` is an entry; the manifest is the only list of them. */
function entries(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  return Object.fromEntries(
    Object.values(exports)
      .map((target) => (typeof target === 'string' ? undefined : target.source))
      .filter((source) => source !== undefined)
      .map((source) => [source.replace(/^\.\/src\/|\.ts$/g, ''), source]),
  );
}

export default defineConfig({
  entry: entries(),
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2023',
  treeshake: true,
});
