#!/usr/bin/env node
import { once } from 'node:events';
import { runCli } from '../housecleaning-cli.ts';
import { createStopping } from '../internal/cli/stopping.ts';

const { signal, stop } = createStopping({
  stderr: (text) => process.stderr.write(text),
  exit: (code) => process.exit(code),
  later: (work, ms) => void setTimeout(work, ms).unref(),
});
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second one, of either kind, ends the process at once: a run may be killed at any moment.
    if (signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    stop(name);
  });
}
// A reader that has seen enough (head, less) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  stderr: (text) => process.stderr.write(text),
  isTty: process.stderr.isTTY,
  env: process.env,
  nowMs: Date.now,
  signal,
});
