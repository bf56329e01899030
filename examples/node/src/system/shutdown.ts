/** Ctrl-C and termination as one signal: the first asks for a clean end, the second ends at once. */

import { once } from 'node:events';

/** How a process was asked to end. */
export interface Shutdown {
  readonly signal: AbortSignal;
  /** Resolves when the end is asked for. */
  readonly requested: Promise<void>;
  /** Stops listening. */
  dispose(): void;
}

/** Listens to SIGINT and SIGTERM. `onRequest` is told of the first one. */
export function listenForShutdown(onRequest: () => void): Shutdown {
  const controller = new AbortController();
  const requested = once(controller.signal, 'abort').then(() => undefined);
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(130);
    onRequest();
    controller.abort(new InterruptedError());
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    requested,
    dispose() {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}

/** The run was ended by the user before it was done. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('Interrupted.');
  }
}
