#!/usr/bin/env node
import { once } from 'node:events';
import { runCli } from '../housecleaning-cli.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends the process at once: a run may be killed at any moment.
  process.once(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));
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
  signal: stopping.signal,
});
