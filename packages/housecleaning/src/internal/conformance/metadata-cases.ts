import { bytesOf, equal, holds, keysOf, longStream, refuses, type StoreCase, type SuiteSettings } from './check.ts';

/** Values that a header, a form or a database could change on the way. */
const values = [
  '',
  '1',
  'a b',
  'a  b',
  ' leading',
  'trailing ',
  'ü',
  '日本',
  '😀',
  '%',
  '100 %',
  '%41',
  'a+b',
  'a,b;c=d',
  `"'`,
  '\\',
  '\t',
  'a\r\nb',
  'UPPER',
  'null',
];

const badNames = ['', 'Upper', 'a b', 'a_b', 'a.b', 'a:b', '-a', 'ü', 'a\n'];

/** Facts about the small strings that are stored with an object. */
export function metadataCases({ streamBytes }: SuiteSettings): readonly StoreCase[] {
  return [
    {
      fact: 'keeps metadata character for character',
      async prove(store) {
        for (const value of values) {
          const what = JSON.stringify(value);
          const metadata = { v: value, 'second-name-2': 'x' };
          equal((await store.put('k', bytesOf('x'), { metadata })).metadata, metadata, `${what}: put`);
          equal((await store.head('k'))?.metadata['v'], value, `${what}: head`);
          equal((await store.get('k'))?.metadata['v'], value, `${what}: get`);
          equal((await store.head('k'))?.metadata['second-name-2'], 'x', `${what}: the other name`);
        }
      },
    },
    {
      fact: 'refuses metadata that some store would change, whatever the body',
      async prove(store) {
        const bad = [...badNames.map((name) => ({ [name]: 'x' })), { a: '\ud800' }, { a: 1 as unknown as string }];
        for (const metadata of bad) {
          const what = JSON.stringify(metadata);
          await refuses(store.put('k', bytesOf('x'), { metadata }), 'bad-metadata', `${what} with bytes`, 'k');
          await refuses(store.put('k', longStream(3).body, { metadata }), 'bad-metadata', `${what} with a stream`, 'k');
        }
        equal(await keysOf(store), [], 'keys');
      },
    },
    {
      fact: 'takes metadata up to its limit and refuses a byte more',
      async prove(store) {
        const { metadataBytes } = store.capabilities;
        holds(metadataBytes >= 1_024, 'there is room for facts');
        const most = { name: 'v'.repeat(metadataBytes - 4) };
        await store.put('most', bytesOf('x'), { metadata: most });
        equal((await store.head('most'))?.metadata, most, 'metadata at the limit');
        await store.put('parts', longStream(streamBytes).body, { metadata: most });
        equal((await store.head('parts'))?.metadata, most, 'metadata at the limit of a long stream');
        const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`n${i}`, `v${i}`]));
        await store.put('many', bytesOf('x'), { metadata: many });
        equal(Object.keys((await store.head('many'))!.metadata).length, 20, 'many names');
        for (const over of [{ name: `${most.name}v` }, { ...most, a: '' }, { name: 'ü'.repeat(metadataBytes / 2) }]) {
          await refuses(store.put('over', bytesOf('x'), { metadata: over }), 'bad-metadata', 'over the limit', 'over');
        }
        equal(await keysOf(store), ['many', 'most', 'parts'], 'keys');
      },
    },
  ];
}
