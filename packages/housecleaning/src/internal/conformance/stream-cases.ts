import {
  bytesOf,
  digestOf,
  equal,
  holds,
  holdsPattern,
  keysOf,
  longStream,
  patternBytes,
  refuses,
  rejection,
  streamOf,
  textAt,
  type StoreCase,
  type SuiteSettings,
} from './check.ts';

/** Facts about bodies that are streams: whole or not at all. */
export function streamCases({ streamBytes: size, abortMs }: SuiteSettings): readonly StoreCase[] {
  const whole = patternBytes(0, size);
  return [
    {
      fact: 'takes a stream, also an empty one and one of many pieces',
      async prove(store) {
        const pieces = ['one ', '', 'two ', 'three'].map(bytesOf);
        equal((await store.put('many', streamOf(...pieces))).size, 13, 'size');
        equal(await textAt(store, 'many'), 'one two three', 'bytes');
        equal((await store.put('none', streamOf())).size, 0, 'size of an empty stream');
        equal(await textAt(store, 'none'), '', 'bytes of an empty stream');
        equal((await store.put('zero', streamOf(), { size: 0 })).size, 0, 'size of a stated empty stream');
        const digest = await digestOf(bytesOf('one two three'));
        await store.put('checked', streamOf(...pieces), { sha256: digest });
        equal(await textAt(store, 'checked'), 'one two three', 'bytes of a checked stream');
        await refuses(
          store.put('wrong', streamOf(...pieces), { sha256: '0'.repeat(64) }),
          'checksum-mismatch',
          'digest',
          'wrong',
        );
        equal(await keysOf(store), ['checked', 'many', 'none', 'zero'], 'keys');
      },
    },
    {
      fact: `takes a stream of ${size} bytes whose length it does not know, with its metadata`,
      async prove(store) {
        const info = await store.put('long', longStream(size).body, { metadata: { part: '100 %' } });
        equal([info.key, info.size, info.metadata], ['long', size, { part: '100 %' }], 'what put answers');
        const head = await store.head('long');
        equal([head?.size, head?.etag, head?.metadata], [size, info.etag, { part: '100 %' }], 'what head answers');
        await holdsPattern(store, 'long', size);
        equal((await store.list()).objects[0]?.etag, info.etag, 'etag of list');
        equal((await store.put('long', bytesOf('short'), { ifMatch: info.etag })).size, 5, 'a put over it');
        equal((await store.head('long'))?.metadata, {}, 'metadata after it');
      },
    },
    {
      fact: 'takes a long stream of stated size under every condition, and with its digest',
      async prove(store) {
        const sha256 = await digestOf(whole);
        const one = await store.put('k', longStream(size).body, { size, sha256, ifAbsent: true, metadata: { a: 'b' } });
        await holdsPattern(store, 'k', size);
        equal((await store.head('k'))?.metadata, { a: 'b' }, 'metadata');
        await refuses(
          store.put('k', longStream(size).body, { size, ifAbsent: true }),
          'precondition-failed',
          'ifAbsent',
          'k',
        );
        await refuses(
          store.put('k', longStream(size).body, { size, ifMatch: 'f'.repeat(32) }),
          'precondition-failed',
          'ifMatch',
          'k',
        );
        await store.put('k', longStream(size).body, { size, sha256, ifMatch: one.etag });
        await holdsPattern(store, 'k', size);
      },
    },
    {
      fact: 'refuses other bytes than a digest promises, and stores none of them',
      async prove(store) {
        const old = await store.put('old', bytesOf('kept'));
        const sha256 = await digestOf(bytesOf('other'));
        for (const stated of [{}, { size }]) {
          const what = JSON.stringify(stated);
          const asked = { ...stated, sha256 };
          await refuses(store.put('new', longStream(size).body, asked), 'checksum-mismatch', what, 'new');
          await refuses(store.put('old', longStream(size).body, asked), 'checksum-mismatch', what, 'old');
          equal(await keysOf(store), ['old'], `${what}: keys`);
          equal((await store.head('old'))?.etag, old.etag, `${what}: the object that was there`);
        }
      },
    },
    {
      fact: 'refuses a body that is longer or shorter than its size, and stores nothing of it',
      async prove(store) {
        for (const wrong of [0, 1, size - 1, size + 1, 2 * size]) {
          await refuses(
            store.put('s', longStream(size).body, { size: wrong }),
            'size-mismatch',
            `a stream as ${wrong}`,
            's',
          );
        }
        for (const wrong of [0, 4, 6]) {
          await refuses(store.put('b', bytesOf('bytes'), { size: wrong }), 'size-mismatch', `bytes as ${wrong}`, 'b');
          await refuses(
            store.put('t', streamOf(bytesOf('bytes')), { size: wrong }),
            'size-mismatch',
            `text as ${wrong}`,
            't',
          );
        }
        equal(await keysOf(store), [], 'keys');
        equal((await store.put('b', bytesOf('bytes'), { size: 5 })).size, 5, 'the right size of bytes');
        equal((await store.put('t', streamOf(bytesOf('bytes')), { size: 5 })).size, 5, 'the right size of a stream');
      },
    },
    {
      fact: 'stores nothing of a stream that breaks: at once, in the middle, at its very end',
      async prove(store) {
        const old = await store.put('old', bytesOf('kept'), { metadata: { a: 'b' } });
        for (const breakAt of [0, 1, size >> 1, size]) {
          for (const stated of [{}, { size }]) {
            for (const key of ['new', 'old']) {
              const what = `a stream that breaks at ${breakAt} ${JSON.stringify(stated)} over ${key}`;
              const error = await rejection(store.put(key, longStream(size, { breakAt }).body, stated), what);
              holds(
                error instanceof Error && error.message.includes('the source broke'),
                `${what}: tells the source's own error`,
              );
            }
          }
        }
        equal(await keysOf(store), ['old'], 'keys');
        equal(await textAt(store, 'old'), 'kept', 'bytes of the object that was there');
        const head = await store.head('old');
        equal([head?.etag, head?.metadata], [old.etag, { a: 'b' }], 'the object that was there');
      },
    },
    {
      fact: 'stores nothing after an abort in the middle of a stream, and cancels the stream',
      async prove(store) {
        await store.put('old', bytesOf('kept'));
        for (const breakAt of [0, 1, size >> 1, size]) {
          for (const stated of [{}, { size }]) {
            for (const key of ['new', 'old']) {
              const what = `an abort at ${breakAt} ${JSON.stringify(stated)} over ${key}`;
              const controller = new AbortController();
              const reason = new Error('given up');
              const { body, isReleased } = longStream(size, { breakAt, stall: () => controller.abort(reason) });
              const put = store.put(key, body, { ...stated, signal: controller.signal });
              const error = await rejection(put, what, abortMs);
              holds(error === reason, `${what}: tells the reason of the abort`);
              holds(isReleased(), `${what}: cancels the stream`);
            }
          }
        }
        equal(await keysOf(store), ['old'], 'keys');
        equal(await textAt(store, 'old'), 'kept', 'bytes of the object that was there');
      },
    },
    {
      fact: 'leaves no stream open that it refuses',
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('x'));
        const refused = {
          'a bad key': { key: 'a//b', asked: {} },
          'bad metadata': { key: 'm', asked: { metadata: { 'no name': '' } } },
          'ifAbsent and ifMatch': { key: 'k', asked: { ifAbsent: true, ifMatch: etag, size: 3 * 65_536 } },
          'a wrong size': { key: 'k', asked: { size: 1 } },
          'an abort before': { key: 'k', asked: { signal: AbortSignal.abort() } },
        };
        for (const [what, { key, asked }] of Object.entries(refused)) {
          const { body, isReleased } = longStream(3 * 65_536);
          await rejection(store.put(key, body, asked), what);
          holds(isReleased(), `${what}: cancels the stream`);
        }
        equal(await keysOf(store), ['k'], 'keys');
        equal((await store.head('k'))?.etag, etag, 'etag');
      },
    },
    {
      fact: 'puts a stream of unknown length with a condition exactly where it says so',
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('x'));
        const { conditionalStream } = store.capabilities;
        for (const text of ['short', '']) {
          const put = (): Promise<unknown> => store.put(`new ${text}`, streamOf(bytesOf(text)), { ifAbsent: true });
          if (conditionalStream) await put();
          else await refuses(put(), 'refused', `ifAbsent with "${text}"`, `new ${text}`);
          equal(await textAt(store, `new ${text}`), conditionalStream ? text : undefined, `bytes of "${text}"`);
        }
        for (const asked of [{ ifAbsent: true }, { ifMatch: 'f'.repeat(32) }]) {
          const { body, isReleased } = longStream(size);
          const code = conditionalStream ? 'precondition-failed' : 'refused';
          await refuses(store.put('k', body, asked), code, JSON.stringify(asked), 'k');
          holds(conditionalStream || isReleased(), 'a stream that is refused at once is cancelled');
          equal((await store.head('k'))?.etag, etag, `${JSON.stringify(asked)}: etag`);
        }
        const over = store.put('k', longStream(size).body, { ifMatch: etag });
        if (conditionalStream) {
          await over;
          await holdsPattern(store, 'k', size);
        } else {
          await refuses(over, 'refused', 'ifMatch', 'k');
        }
      },
    },
  ];
}
