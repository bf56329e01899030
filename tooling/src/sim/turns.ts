/**
 * Turns instead of threads: everybody stops before every request until it is their turn, and one request is made at a
 * time. Who is next is decided by the seed alone, so the same seed makes the same history.
 */
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import type { Random } from './random.ts';

/** Waits for a turn. */
export type Pause = () => Promise<void>;

/** Lets everybody work until all are done; calls `afterStep` after every step. */
export async function takeTurns(
  random: Random,
  actors: readonly ((pause: Pause) => Promise<void>)[],
  afterStep: () => void,
): Promise<number> {
  const waiting: { readonly actor: number; readonly resume: () => void }[] = [];
  const done = new Set<number>();
  let acting = -1;
  let stop = (): void => undefined;
  let failure: unknown;
  let steps = 0;
  const stopped = (actor: number): void => {
    if (actor === acting) stop();
  };
  /** Lets one of them work until it waits again or is done. */
  const step = async (actor: number, begin: () => void): Promise<void> => {
    acting = actor;
    const end = new Promise<void>((resolve) => (stop = resolve));
    begin();
    // One that has several requests open may go on only with the next of them: then there is nothing to wait for.
    await (waiting.some((other) => other.actor === actor) ? Promise.race([end, someTurns()]) : end);
    steps += 1;
    afterStep();
  };
  for (const [actor, work] of actors.entries()) {
    const pause: Pause = () =>
      new Promise((resume) => {
        waiting.push({ actor, resume });
        stopped(actor);
      });
    await step(actor, () => {
      void work(pause)
        .catch((error: unknown) => (failure ??= error))
        .finally(() => {
          done.add(actor);
          stopped(actor);
        });
    });
  }
  while (waiting.length > 0) {
    const [next] = waiting.splice(random.below(waiting.length), 1);
    await step(next!.actor, next!.resume);
  }
  if (failure !== undefined) throw new Error('Somebody failed in a way that no fault explains.', { cause: failure });
  if (done.size < actors.length) throw new Error(`${actors.length - done.size} wait for something that never comes.`);
  return steps;
}

/** Long enough for everything that waits for no thread. */
async function someTurns(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A store that waits for a turn before every request. */
export function inTurns(store: ObjectStore, pause: Pause): ObjectStore {
  return {
    capabilities: store.capabilities,
    get: async (key, options) => {
      await pause();
      return store.get(key, options);
    },
    head: async (key, options) => {
      await pause();
      return store.head(key, options);
    },
    put: async (key, body, options) => {
      await pause();
      return store.put(key, body, options);
    },
    delete: async (targets, options) => {
      await pause();
      return store.delete(targets, options);
    },
    list: async (options) => {
      await pause();
      return store.list(options);
    },
  };
}
