/** Starts both workers on workerd, wired as in production, with state in `.wrangler/state`: `pnpm dev [--port 8787]`. */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ensureDevVars } from './dev-vars.ts';
import { workersEnv } from './workers-env.ts';
import { root, wranglerBin } from './wrangler-bin.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8787' } } });
const url = `http://127.0.0.1:${values.port}`;

for (const worker of ensureDevVars()) console.log(`Made workers/${worker}/.dev.vars with random tokens.`);

const configs = ['ingest', 'housecleaning'].flatMap((worker) => ['--config', `workers/${worker}/wrangler.jsonc`]);
const args = ['dev', ...configs, '--ip', '127.0.0.1', '--port', values.port, '--persist-to', '.wrangler/state'];
const child = spawn(process.execPath, [wranglerBin, ...args], {
  cwd: root,
  env: { ...process.env, ...workersEnv },
  stdio: ['ignore', 'inherit', 'inherit'],
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 0));

await untilItAnswers();
console.log(`
The tape is at ${url}. Leave this running; in another terminal:

  pnpm --filter ./examples/workers feed                feed half an hour of generated trades, see footprints appear
  pnpm --filter ./examples/workers feed --archive      the same, then flush, archive, prove and prune
  curl ${url}/health                    how fresh everything is

Tokens are in workers/*/.dev.vars, state is in .wrangler/state; records are dated two days back (RECEIVE_SHIFT_MS).
`);

async function untilItAnswers(): Promise<void> {
  for (;;) {
    const answers = await fetch(`${url}/health`).then(
      (reply) => reply.status === 200 || reply.status === 503,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
