// Runs before `npm start` and `npm test`, on whatever Node the machine has and before anything is installed.
// Under pnpm it does nothing: pnpm installs by itself (`verifyDepsBeforeRun` in pnpm-workspace.yaml).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

if (!process.env.npm_config_user_agent?.startsWith('pnpm')) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const install = spawnSync('npx', ['--yes', manifest.packageManager, 'install', '--prefer-offline'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exit(install.status ?? 1);
}
