// A live source over toy sockets and a clock that stands still.
import { createLiveSource, type LiveSource, type LiveSourceOptions } from '../../live-source.ts';
import type { SourceItem } from '../../market-source.ts';
import type { VenueFeed } from '../../venue-feed.ts';
import { createManualClock } from './manual-clock.ts';
import { brief, settled, toyConnect, toyFeed, type ToySocket } from './toy-feed.fixture.ts';

/** A source over toy sockets, read one item at a time. */
export function start(options: LiveSourceOptions & { feed?: Partial<VenueFeed>; pause?: boolean } = {}): {
  source: LiveSource;
  /** All items so far. */
  items: SourceItem[];
  sockets: ToySocket[];
  clock: ReturnType<typeof createManualClock>;
  /** The next items, in a few words. */
  take: (count: number) => Promise<string[]>;
  /** All that is there now, without waiting for more. */
  all: () => Promise<string[]>;
  leave: () => Promise<void>;
} {
  const { feed, pause = true, ...rest } = options;
  const { connect, sockets } = toyConnect({ pause });
  const clock = createManualClock();
  const source = createLiveSource(toyFeed(feed), { connect, clock, random: () => 0.5, ...rest });
  const iterator = source[Symbol.asyncIterator]();
  const items: SourceItem[] = [];
  let pending: Promise<IteratorResult<SourceItem>> | undefined;
  const next = async (): Promise<string> => {
    const asked = pending ?? iterator.next();
    pending = undefined;
    const result = await asked;
    if (result.done) return 'end';
    items.push(result.value);
    return brief(result.value);
  };
  return {
    source,
    items,
    sockets,
    clock,
    async take(count) {
      const texts: string[] = [];
      while (texts.length < count) texts.push(await next());
      return texts;
    },
    async all() {
      const texts: string[] = [];
      for (;;) {
        pending ??= iterator.next();
        const ready = await Promise.race([pending.then(done, done), settled().then(() => false)]);
        if (!ready) return texts;
        texts.push(await next());
        if (texts.at(-1) === 'end') return texts;
      }
    },
    async leave() {
      await iterator.return?.();
    },
  };
}

const done = (): boolean => true;
