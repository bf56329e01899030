// ESLint over the whole repository, folder by folder: with the types of all of it at once it outgrows the default heap.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const ignored = new Set(['node_modules', 'coverage', 'packages']);
const packages = readdirSync('packages').map((name) => `packages/${name}`);
const rest = readdirSync('.', { withFileTypes: true })
  .filter((entry) => !entry.name.startsWith('.') && !ignored.has(entry.name))
  .filter((entry) => entry.isDirectory() || /\.(js|mjs|ts)$/.test(entry.name))
  .map((entry) => entry.name);

for (const group of [...packages.map((name) => [name]), rest]) {
  const { status } = spawnSync('eslint', [...group, '--max-warnings', '0', ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
