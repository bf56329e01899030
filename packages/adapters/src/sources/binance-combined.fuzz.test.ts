import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceItem } from '../market-source.ts';
import { type BinanceCombinedSource, replayBinanceCombined } from './binance-combined.ts';

const ns = '1723161254024619568';
const good = `${ns} {"stream":"tapeusdt@trade","data":{"e":"trade","E":1723161255612,"s":"TAPEUSDT","t":7,"p":"2.5","q":"0.1","T":1723161255611,"m":true}}`;
const valid = [
  good,
  `${ns} {"stream":"tapeusdt@bookTicker","data":{"u":5,"s":"TAPEUSDT","b":"2.4","B":"3","a":"2.5","A":"4"}}`,
  `${ns} {"stream":"tapeusdt@depth","data":{"e":"depthUpdate","E":1723161255308,"s":"TAPEUSDT","U":4,"u":5,"b":[["2.4","3"]],"a":[]}}`,
  `${ns} {"lastUpdateId":5,"bids":[["2.4","3"]],"asks":[["2.5","4"]]}`,
];

const utf8 = new TextEncoder();

async function read(chunks: readonly Uint8Array[]): Promise<{ items: SourceItem[]; source: BinanceCombinedSource }> {
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks;
  };
  const source = replayBinanceCombined({ inputs: [{ name: 'fuzz', open }], symbol: 'TAPEUSDT', maxLineBytes: 500 });
  const items: SourceItem[] = [];
  for await (const item of source) items.push(item);
  return { items, source };
}

/** The number of lines that a person counts: one for each line feed, and one for a rest after the last. */
function lineCount(bytes: Uint8Array): number {
  const feeds = bytes.filter((byte) => byte === 10).length;
  return feeds + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
}

async function expectNothingLost(bytes: Uint8Array): Promise<SourceItem[]> {
  const { items, source } = await read([bytes]);
  const stats = source.stats();
  expect(stats.lines).toBe(lineCount(bytes));
  expect(stats.blank + stats.records + stats.quarantined).toBe(stats.lines);
  expect(items.filter((item) => item.kind === 'record')).toHaveLength(stats.records);
  expect(items.filter((item) => item.kind === 'quarantined')).toHaveLength(stats.quarantined);
  return items;
}

/** One edit of a line: a byte replaced, dropped, doubled, or the rest cut off. */
const edit = fc.record({
  at: fc.nat(1000),
  how: fc.constantFrom('replace', 'drop', 'double', 'cut'),
  byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x22, 0x30, 0x2d, 0x2e, 0x5b, 0x7b, 0x7d, 0x20)),
});

function mutate(line: string, edits: readonly { at: number; how: string; byte: number }[]): Uint8Array {
  let bytes = [...utf8.encode(line)];
  for (const { at, how, byte } of edits) {
    if (bytes.length === 0) break;
    const i = at % bytes.length;
    if (how === 'replace') bytes[i] = byte;
    else if (how === 'drop') bytes.splice(i, 1);
    else if (how === 'double') bytes.splice(i, 0, bytes[i]!);
    else bytes = bytes.slice(0, i);
  }
  return Uint8Array.from(bytes);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part, 10]));
}

describe('replayBinanceCombined under fuzz', () => {
  test('never throws and loses no line of arbitrary bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).filter((all) => all[0] !== 0x1f || all[1] !== 0x8b);
    await fc.assert(
      fc.asyncProperty(bytes, async (all) => {
        await expectNothingLost(all);
      }),
      { numRuns: 500 },
    );
  });

  test('never throws on bytes that claim to be gzip', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (rest) => {
        const { source } = await read([Uint8Array.from([0x1f, 0x8b, ...rest])]);
        expect(source.stats().inputs[0]!.state).toMatch(/^(truncated|corrupt)$/);
      }),
      { numRuns: 100 },
    );
  });

  test('reads the good lines between mutated ones, and accounts for every line', async () => {
    const mutated = fc.tuple(fc.constantFrom(...valid), fc.array(edit, { minLength: 1, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(fc.array(mutated, { minLength: 1, maxLength: 6 }), async (lines) => {
        const parts = lines.flatMap(([line, edits]) => [mutate(line, edits), utf8.encode(good)]);
        const items = await expectNothingLost(join(parts));
        const same = items.filter((item) => item.kind === 'record' && `${ns} ${item.record.raw}` === good);
        expect(same.length).toBeGreaterThanOrEqual(lines.length);
      }),
      { numRuns: 1000 },
    );
  });

  test('accepts no value of a field that the venue cannot send', async () => {
    const fields = ['e', 's', 't', 'p', 'q', 'T', 'm'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.jsonValue(), async (field, value) => {
        const data: Record<string, unknown> = {
          e: 'trade',
          s: 'TAPEUSDT',
          t: 7,
          p: '2.5',
          q: '0.1',
          T: 1723161255611,
          m: true,
        };
        data[field] = value;
        const items = await expectNothingLost(
          utf8.encode(`${ns} ${JSON.stringify({ stream: 'tapeusdt@trade', data })}\n`),
        );
        for (const item of items) {
          const event = item.kind === 'record' ? item.record.events[0] : undefined;
          if (event?.type !== 'trade') continue;
          expect(event.symbol).toBe('TAPEUSDT');
          expect(Number.isSafeInteger(event.id) && Number.isSafeInteger(event.timeMs)).toBe(true);
          expect(event.price).toMatch(/^\d+(\.\d+)?$/);
          expect(event.size).toMatch(/^\d+(\.\d+)?$/);
          expect(['buy', 'sell']).toContain(event.side);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('yields the same items however the bytes are cut', async () => {
    const cuts = fc.array(fc.nat(900), { maxLength: 8 });
    const whole = utf8.encode(`${valid.join('\r\n')}\n\n€ bad\n${good}`);
    const expected = (await read([whole])).items;
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const ends = [...at.filter((end) => end < whole.length).sort((a, b) => a - b), whole.length];
        const { items } = await read(ends.map((end, i) => whole.subarray(ends[i - 1] ?? 0, end)));
        expect(items).toEqual(expected);
      }),
    );
  });
});
