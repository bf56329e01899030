/**
 * Deploys both workers, the one that the other is bound to first, or one of them:
 * `pnpm run deploy [housecleaning|ingest] [--dry-run] [wrangler options]`.
 */
import { spawnSync } from 'node:child_process';
import { workersEnv } from './workers-env.ts';
import { root, wranglerBin } from './wrangler-bin.ts';

const all = ['housecleaning', 'ingest'];
const [first, ...rest] = process.argv.slice(2);
const isOne = first !== undefined && all.includes(first);
const options = isOne ? rest : process.argv.slice(2);

for (const worker of isOne ? [first] : all) {
  const args = [wranglerBin, 'deploy', '--config', `workers/${worker}/wrangler.jsonc`, ...options];
  const env = { ...process.env, ...workersEnv };
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
