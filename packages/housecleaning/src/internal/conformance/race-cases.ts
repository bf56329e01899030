import { isObjectStoreError } from '../../errors.ts';
import { fromUtf8 } from '../utf8.ts';
import { bytesOf, equal, holds, keysOf, streamOf, textAt, type StoreCase } from './check.ts';

const racers = 8;

/** Facts about writers, readers and deleters at the same time. */
export function raceCases(): readonly StoreCase[] {
  return [
    {
      fact: `lets exactly one of ${racers} racing ifAbsent puts win`,
      async prove(store) {
        const wins = await race((i) => store.put('k', bytesOf(`writer ${i}`), { ifAbsent: true }));
        equal(wins.length, 1, 'winners');
        equal(await textAt(store, 'k'), `writer ${wins[0]}`, 'bytes');
      },
    },
    {
      fact: `lets exactly one of ${racers} racing ifMatch puts win`,
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('base'));
        const wins = await race((i) => store.put('k', bytesOf(`writer ${i}`), { ifMatch: etag }));
        equal(wins.length, 1, 'winners');
        equal(await textAt(store, 'k'), `writer ${wins[0]}`, 'bytes');
      },
    },
    {
      fact: `lets exactly one of ${racers} racing streams win`,
      async prove(store) {
        const wins = await race((i) => {
          const text = bytesOf(`writer ${i}`);
          return store.put('k', streamOf(text.subarray(0, 3), text.subarray(3)), { ifAbsent: true, size: text.length });
        });
        equal(wins.length, 1, 'winners');
        equal(await textAt(store, 'k'), `writer ${wins[0]}`, 'bytes');
      },
    },
    {
      fact: 'loses no step of counters that many writers raise by compare-and-swap',
      async prove(store) {
        const [writers, steps] = [3, 4];
        await store.put('n', bytesOf('0'));
        const tryToRaise = async (): Promise<void> => {
          const object = (await store.get('n'))!;
          const next = Number(fromUtf8(await object.bytes())) + 1;
          await store.put('n', bytesOf(String(next)), { ifMatch: object.etag });
        };
        const raise = async (): Promise<void> => {
          while (!(await tryToRaise().then(() => true, lostRace)));
        };
        await Promise.all(
          Array.from({ length: writers }, async () => {
            for (let step = 0; step < steps; step++) await raise();
          }),
        );
        equal(await textAt(store, 'n'), String(writers * steps), 'the counter');
      },
    },
    {
      fact: 'shows readers one write or another, whole, while writers replace it',
      async prove(store) {
        const texts = ['a'.repeat(10), 'b'.repeat(70_000), 'c'.repeat(3)];
        const etags = new Map<string, string>();
        for (const text of texts)
          etags.set((await store.put('k', bytesOf(text), { metadata: { of: text[0]! } })).etag, text);
        let isWriting = true;
        const write = async (): Promise<void> => {
          for (let i = 0; i < 12; i++) {
            const text = texts[i % 3]!;
            await store.put('k', bytesOf(text), { metadata: { of: text[0]! } });
          }
          isWriting = false;
        };
        const seen = new Set<boolean>();
        const read = async (): Promise<void> => {
          while (isWriting) {
            // A store that answers at once would leave the writers no turn.
            await new Promise((resolve) => setTimeout(resolve, 0));
            const object = await store.get('k');
            // A store may notice that the object was replaced before its body was read, and say so.
            const bytes = await object?.bytes().catch((error: unknown) => {
              if (isObjectStoreError(error, 'precondition-failed')) return undefined;
              throw error;
            });
            if (bytes === undefined) continue;
            const text = fromUtf8(bytes);
            seen.add(
              etags.get(object!.etag) === text && object!.metadata['of'] === text[0] && object!.size === bytes.length,
            );
          }
        };
        await Promise.all([write(), read(), read()]);
        equal(
          [...seen].filter((isWhole) => !isWhole),
          [],
          'reads that mix two writes',
        );
        holds((await store.head('k')) !== undefined, 'the key was never missing at the end');
      },
    },
    {
      fact: 'ends racing puts without a condition with one of them, whole',
      async prove(store) {
        const puts = await Promise.all(
          Array.from({ length: racers }, (_, i) =>
            store.put('k', bytesOf('x'.repeat(i + 1)), { metadata: { i: `${i}` } }),
          ),
        );
        const head = (await store.head('k'))!;
        const winner = puts.find(({ etag }) => etag === head.etag);
        holds(winner !== undefined, 'the etag is that of a writer');
        equal([head.size, head.metadata], [winner?.size, winner?.metadata], 'size and metadata are of the same writer');
        equal((await textAt(store, 'k'))?.length, head.size, 'and so are the bytes');
        equal(await keysOf(store), ['k'], 'keys');
      },
    },
    {
      fact: 'deletes an object for one of many who race for it by its etag, and never its successor',
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('one'));
        const answers = await Promise.all(Array.from({ length: 4 }, () => store.delete([{ key: 'k', etag }])));
        const deleted = answers.filter(([answer]) => answer?.outcome === 'deleted').length;
        holds(store.capabilities.conditionalDelete ? deleted === 1 : deleted >= 1, `${deleted} deletes of one object`);
        equal(await keysOf(store), [], 'keys');
        if (!store.capabilities.conditionalDelete) return;
        const old = await store.put('k', bytesOf('one'));
        const [next] = await Promise.all([
          store.put('k', bytesOf('two'), { ifMatch: old.etag }).catch(() => undefined),
          store.delete([{ key: 'k', etag: old.etag }]),
        ]);
        equal(await textAt(store, 'k'), next === undefined ? undefined : 'two', 'a successor stays');
      },
    },
    {
      fact: 'keeps every key of writers at the same time',
      async prove(store) {
        const keys = Array.from({ length: 24 }, (_, i) => `w/${String(i).padStart(2, '0')}`);
        await Promise.all(
          keys.map((key) => store.put(key, bytesOf(key), { ifAbsent: true, metadata: { of: key.slice(2) } })),
        );
        equal(await keysOf(store), keys, 'keys');
        const heads = await Promise.all(keys.map((key) => store.head(key)));
        equal(
          heads.map((head) => head?.metadata['of']),
          keys.map((key) => key.slice(2)),
          'metadata',
        );
      },
    },
  ];
}

/** Runs all at once; numbers of those that succeeded. Any failure but a lost race is an error. */
async function race(work: (i: number) => Promise<unknown>): Promise<readonly number[]> {
  const results = await Promise.all(Array.from({ length: racers }, (_, i) => work(i).then(() => true, lostRace)));
  return results.flatMap((won, i) => (won ? [i] : []));
}

/** The store may also say that another write of the key was under way: then nothing was stored either. */
function lostRace(error: unknown): false {
  const isLost = isObjectStoreError(error, 'precondition-failed');
  if (isLost || (isObjectStoreError(error) && error.effect === 'none' && isBusy(error.code))) return false;
  throw error;
}

function isBusy(code: string): boolean {
  return code === 'unavailable' || code === 'throttled';
}
