// What each decoder takes that RFC 1951 does not allow, where CRC-32 and length fit: streams made by hand.
import { describe, expect, test } from 'vitest';
import { decoders, inPieces, judge, member } from '../../scripts/gzip-corpus.ts';
import { gunzipStrictly } from './member-reader.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Bits in the order of the stream; Huffman codes as they are read, numbers with {@link low}. */
function bytesOf(...parts: readonly string[]): Uint8Array {
  const bits = parts.join('');
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) bytes[i >> 3]! |= Number(bits[i]) << (i & 7);
  return bytes;
}
const low = (value: number, count: number): string =>
  Array.from({ length: count }, (_, i) => (value >>> i) & 1).join('');

/** One dynamic block of two literals, "A" and the end, each with a code of so many bits. */
function dynamic(codeBits: number, literals: number): Uint8Array {
  const lengths = Array.from({ length: literals }, (_, symbol) => (symbol === 65 || symbol === 256 ? codeBits : 0));
  const header = ['1', low(2, 2), low(literals - 257, 5), low(0, 5), low(15, 4)];
  // Sixteen lengths of four bits: the code of a length is the length. 16, 17 and 18 come first and are not used.
  const order = [...Array.from({ length: 3 }, () => low(0, 3)), ...Array.from({ length: 16 }, () => low(4, 3))];
  const codes = [...lengths, 0].map((length) => length.toString(2).padStart(4, '0'));
  return bytesOf(...header, ...order, ...codes, '0'.repeat(codeBits), '1'.padStart(codeBits, '0'));
}

const zeros = new Uint8Array(3);
const fixedBlock = '110';
/** A match of three at distance one, then the end. */
const match = '0000001' + '00000';
const end = '0000000';
const stored = (complement: number): Uint8Array =>
  Uint8Array.of(1, 3, 0, complement & 255, complement >> 8, 65, 66, 67);

const streams: readonly [name: string, raw: Uint8Array, content: Uint8Array, takenBy: readonly string[]][] = [
  ['a code that is right', dynamic(1, 257), text('A'), ['native', 'fflate', 'strict']],
  ['a stored block that is right', stored(0xffff - 3), text('ABC'), ['native', 'fflate', 'strict']],
  ['padding bits that are set', bytesOf(fixedBlock, end, '111111'), text(''), ['native', 'fflate']],
  ['a wrong complement of a length', stored(0xffff - 4), text('ABC'), ['fflate']],
  ['an incomplete code', dynamic(2, 257), text('A'), ['fflate']],
  ['too many codes', dynamic(1, 287), text('A'), ['fflate']],
  ['a distance to before the start', bytesOf(fixedBlock, match, end), zeros, ['fflate']],
];
test.each(streams)('%s: as documented', async (_, raw, content, takenBy) => {
  const gz = member(raw, content);
  const verdicts = await Promise.all(decoders.map((decoder) => judge(gz, content, { decoder })));
  expect(decoders.filter((_, i) => verdicts[i] === 'same')).toEqual(takenBy);
  expect(verdicts.every((verdict) => verdict === 'same' || verdict === 'refused')).toBe(true);
});

describe.each(decoders)('the decoder %s', (decoder) => {
  const read = async (maxBytes: number): Promise<number> => {
    let length = 0;
    const gz = member(bytesOf(fixedBlock, match, end), zeros);
    for await (const piece of gunzipStrictly(inPieces(gz, 100), { maxBytes, decoder })) length += piece.length;
    return length;
  };
  test.each([Infinity, NaN, -1, 0.5, 2 ** 53])('refuses %s as the most bytes that may come out', async (maxBytes) => {
    await expect(read(maxBytes)).rejects.toMatchObject({ name: 'HousecleaningError', code: 'bad-option' });
  });

  test('takes zero for "nothing may come out"', async () => {
    expect(await judge(member(bytesOf(fixedBlock, end), text('')), text(''), { decoder, gzBytes: 20 })).toBe('same');
    await expect(read(0)).rejects.toMatchObject({ code: 'bad-archive' });
  });
});
