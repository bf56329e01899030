// Runs before `npm start` and `npm test`, on whatever Node the machine has and before anything is installed.
// Under pnpm it does nothing: pnpm installs by itself (`verifyDepsBeforeRun` in pnpm-workspace.yaml).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const read = (file) => readFileSync(new URL(file, root), 'utf8');

if (!process.env.npm_config_user_agent?.startsWith('pnpm')) {
  const { packageManager } = JSON.parse(read('package.json'));
  const install = spawnSync('npx', ['--yes', packageManager, 'install', '--prefer-offline'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (install.error)
    console.error(`npx could not be started (${install.error.message}). It comes with npm: install npm.`);
  if (install.status !== 0 && isInstalled()) {
    console.error('The install failed, but everything of the lockfile is here already: going on.');
  } else {
    process.exit(install.status ?? 1);
  }
}

/** pnpm keeps a copy of the lockfile that it installed. */
function isInstalled() {
  try {
    return read('node_modules/.pnpm/lock.yaml') === read('pnpm-lock.yaml');
  } catch {
    return false;
  }
}
