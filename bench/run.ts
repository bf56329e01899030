/** Runs every bench, or those named: `pnpm bench footprint indicators`. Each prints ratios from one run. */
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const dir = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(dir)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown bench "${unknown.join('", "')}". The benches are: ${known.join(', ')}.`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : known) {
  console.log(`\n# ${name}`);
  const run = spawnSync(process.execPath, ['--conditions=source', `${dir}${name}.ts`], { stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
