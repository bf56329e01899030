// All of CI as named steps. `pnpm check` runs them in order and stops at the first that fails;
// `pnpm check lint typecheck` runs some of them.
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const packages = ['orderflow', 'footprint', 'housecleaning', 'scoring', 'adapters', 'sdk'];

const steps = {
  format: ['pnpm format:check'],
  lint: ['pnpm lint'],
  typecheck: ['pnpm typecheck'],
  knip: ['pnpm knip'],
  build: ['pnpm build'],
  bundles: ['node --conditions=source scripts/check-bundles.mjs'],
  publint: packages.map((name) => `publint --strict --pack pnpm packages/${name}`),
  types: packages.map(
    (name) =>
      `cd packages/${name} && pnpm pack --out package.tgz && attw package.tgz --profile esm-only; status=$?; rm -f package.tgz; exit $status`,
  ),
  size: ['pnpm size'],
  readmes: ['node --conditions=source scripts/check-readmes.mjs'],
  docs: ['pnpm docs:build'],
  test: ['pnpm test'],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  console.error(`Unknown step "${unknown.join('", "')}". The steps are: ${Object.keys(steps).join(', ')}.`);
  process.exit(2);
}

for (const [name, commands] of Object.entries(steps)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const startedAt = performance.now();
  for (const command of commands) {
    const run = spawnSync(command, { stdio: 'inherit', shell: true });
    if (run.status !== 0) {
      console.error(`\n✗ ${name}: "${command}" exited with ${run.status ?? run.signal}.`);
      process.exit(1);
    }
  }
  console.log(`✓ ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
}
