/** The script of a thread of housecleaning: parts of a run in, reports out, one at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { runPart } from '@tapekit/housecleaning/housecleaning';
import type { OptionsModule, ThreadAnswer, ThreadMessage, ThreadStart } from './messages.ts';

const { module, data } = workerData as ThreadStart;
const stopping = new AbortController();
const tell = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);

/** Once for all parts: a store remembers what it learned. */
const made = import(module).then(({ createOptions }: OptionsModule) => {
  if (typeof createOptions === 'function') return createOptions(data);
  throw new Error(`Module "${module}" exports no createOptions.`);
});
// Told with the first part.
made.catch(() => undefined);

parentPort?.on('message', (message: ThreadMessage) => {
  if (message.type === 'stop') {
    stopping.abort(new Error(message.reason));
    return;
  }
  made
    .then((options) =>
      runPart({
        ...options,
        ...message.job,
        signal: stopping.signal,
        onEvent: (event) => tell({ type: 'event', event }),
      }),
    )
    .then(
      (report) => tell({ type: 'report', report }),
      (error: unknown) => tell({ type: 'error', message: error instanceof Error ? error.message : String(error) }),
    );
});
