/**
 * Turns instead of threads: everybody stops before every request until it is their turn, and one request is made at a
 * time. Who is next is decided by the seed alone, so the same seed makes the same history.
 */
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import type { Random } from './random.ts';

/** Waits for a turn, or lets that many go by; the last one is the caller's. */
export type Pause = (turns?: number) => Promise<void>;

/** Lets everybody work until all are done; calls `afterStep` after every step. */
export async function takeTurns(
  random: Random,
  actors: readonly ((pause: Pause) => Promise<void>)[],
  afterStep: () => void,
): Promise<number> {
  const waiting: { readonly actor: number; readonly resume: () => void; turns: number }[] = [];
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
    const giveUp = waiting.some((other) => other.actor === actor) ? afterSomeTurns(stop) : undefined;
    await end;
    giveUp?.();
    steps += 1;
    afterStep();
  };
  for (const [actor, work] of actors.entries()) {
    const pause: Pause = (turns = 1) =>
      new Promise((resume) => {
        waiting.push({ actor, resume, turns });
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
    const next = takeOut(waiting, random.below(waiting.length));
    next.turns -= 1;
    if (next.turns === 0) await step(next.actor, next.resume);
    else {
      // Whoever lets a turn go by asks for the next one, and does nothing else.
      waiting.push(next);
      steps += 1;
      afterStep();
    }
  }
  if (failure !== undefined) throw new Error('Somebody failed in a way that no fault explains.', { cause: failure });
  if (done.size < actors.length) throw new Error(`${actors.length - done.size} wait for something that never comes.`);
  return steps;
}

/** `splice` of one, without a list of it. */
function takeOut<Item>(items: Item[], index: number): Item {
  const item = items[index]!;
  for (let i = index + 1; i < items.length; i++) items[i - 1] = items[i]!;
  items.pop();
  return item;
}

/** Calls back after long enough for everything that waits for no thread; returns how to call that off. */
function afterSomeTurns(done: () => void): () => void {
  let waiting = setImmediate(() => (waiting = setImmediate(done)));
  return () => clearImmediate(waiting);
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
