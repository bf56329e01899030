/** Gzip streams that are right, and every way in which they can be wrong; for the tests and for `fuzz-gzip.ts`. */
import { constants, crc32, deflateRawSync, type ZlibOptions } from 'node:zlib';
import { codecOf, gunzipStrictly, type Decoder, type GunzipOptions } from '../src/codec.ts';
import { isHousecleaningError } from '../src/errors.ts';
import { concat, gzipHeader } from '../src/internal/gzip.ts';

/** The three ways to decode. */
export const decoders: readonly Decoder[] = ['native', 'fflate', 'strict'];

/** A gzip stream that every decoder must take. */
export interface Base {
  readonly name: string;
  readonly gz: Uint8Array;
  readonly content: Uint8Array;
}

/** A gzip stream that none may take as something else. */
export interface Damage {
  readonly name: string;
  readonly gz: Uint8Array;
  /** No decoder may take it at all; without it, one may still find the very same content (a padding bit, say). */
  readonly mustBeRefused: boolean;
}

/** Lines that compress like a tape: long matches, short matches, literals. */
export function tapeOf(lines: number): Uint8Array {
  const text = Array.from(
    { length: lines },
    (_, i) => `{"t":${1_723_075_200_000 + i * 37},"p":"${(i * 7_919) % 10_007}"}\n`,
  );
  return new TextEncoder().encode(text.join(''));
}

/** A gzip member of ours around a raw deflate stream. */
export function member(raw: Uint8Array, content: Uint8Array): Uint8Array {
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc32(content), true);
  trailer.setUint32(4, content.length, true);
  return concat([gzipHeader, raw, new Uint8Array(trailer.buffer)]);
}

/**
 * Twenty streams: every kind of block, every strategy, every encoder of ours. With `scale` 1 they have 1.7 KiB at most;
 * with 4 most have about 2 KiB.
 */
export async function bases(scale = 1): Promise<readonly Base[]> {
  const tape = (lines: number): Uint8Array => tapeOf(lines * scale);
  const noise = Uint8Array.from({ length: 300 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 0xff);
  const raw = (content: Uint8Array, options: ZlibOptions = {}): Uint8Array =>
    member(deflateRawSync(content, options), content);
  const flushed = (finishFlush: number): Uint8Array => {
    const [first, second] = [tape(6), tape(9)];
    const head = deflateRawSync(first, { finishFlush });
    const dictionary = finishFlush === constants.Z_FULL_FLUSH ? {} : { dictionary: Buffer.from(first) };
    return member(concat([head, deflateRawSync(second, dictionary)]), concat([first, second]));
  };
  const list: Base[] = [
    { name: 'nothing', content: new Uint8Array(0), gz: raw(new Uint8Array(0)) },
    { name: 'one byte', content: Uint8Array.of(7), gz: raw(Uint8Array.of(7)) },
    { name: 'zeros', content: new Uint8Array(5_000), gz: raw(new Uint8Array(5_000)) },
    { name: 'noise', content: noise, gz: raw(noise) },
    { name: 'stored', content: tape(8), gz: raw(tape(8), { level: 0 }) },
    { name: 'stored noise', content: noise, gz: raw(noise, { level: 0 }) },
    { name: 'fixed codes', content: tape(12), gz: raw(tape(12), { strategy: constants.Z_FIXED }) },
    { name: 'Huffman only', content: tape(12), gz: raw(tape(12), { strategy: constants.Z_HUFFMAN_ONLY }) },
    { name: 'run lengths', content: tape(12), gz: raw(tape(12), { strategy: constants.Z_RLE }) },
    { name: 'level 1', content: tape(30), gz: raw(tape(30), { level: 1 }) },
    { name: 'level 9', content: tape(30), gz: raw(tape(30), { level: 9 }) },
    { name: 'small window', content: tape(60), gz: raw(tape(60), { windowBits: 9, memLevel: 1 }) },
    { name: 'a sync flush', content: concat([tape(6), tape(9)]), gz: flushed(constants.Z_SYNC_FLUSH) },
    { name: 'a full flush', content: concat([tape(6), tape(9)]), gz: flushed(constants.Z_FULL_FLUSH) },
    { name: 'a long tape', content: tape(150), gz: raw(tape(150)) },
  ];
  for (const name of ['node', 'web', 'portable'] as const) {
    for (const lines of name === 'node' ? [1, 40] : name === 'web' ? [40] : [3, 40]) {
      const content = tape(lines);
      const parts: Uint8Array[] = [];
      for await (const part of codecOf(name).deflate(inOnePiece(content))) parts.push(new Uint8Array(part));
      list.push({ name: `codec ${name}, ${lines} lines`, content, gz: concat(parts) });
    }
  }
  return list;
}

/** Everything that can happen to a stream: cuts, flipped bits, more members, padding, tails, headers, trailers. */
export function* damages({ gz, content }: Base): Generator<Damage, void, undefined> {
  const refused = (name: string, bytes: Uint8Array): Damage => ({ name, gz: bytes, mustBeRefused: true });
  for (let end = 0; end < gz.length; end++) yield refused(`cut at ${end}`, gz.subarray(0, end));
  for (let bit = 0; bit < gz.length * 8; bit++) {
    const flipped = gz.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const inFrame = bit < 80 || bit >= (gz.length - 8) * 8;
    yield { name: `bit ${bit} flipped`, gz: flipped, mustBeRefused: inFrame };
  }
  for (let count = 2; count <= 5; count++) {
    yield refused(`${count} members`, concat(Array.from({ length: count }, () => gz)));
  }
  yield refused('an empty member behind', concat([gz, member(deflateRawSync(''), new Uint8Array(0))]));
  yield refused('an empty member before', concat([member(deflateRawSync(''), new Uint8Array(0)), gz]));
  for (const zeros of [1, 2, 7, 8, 9, 512, 1_024, 65_536]) {
    yield refused(`${zeros} zeros behind`, concat([gz, new Uint8Array(zeros)]));
  }
  const [body, trailer] = [gz.subarray(0, gz.length - 8), gz.subarray(gz.length - 8)];
  for (const byte of [0, 3, 0x1f, 0x8b, 0xff]) {
    yield refused(`a tail of ${byte}`, concat([gz, Uint8Array.of(byte)]));
    yield refused(`a ${byte} before the trailer`, concat([body, Uint8Array.of(byte), trailer]));
    yield refused(`a ${byte} in front`, concat([Uint8Array.of(byte), gz]));
  }
  yield refused('a trailer twice', concat([gz, trailer]));
  for (const bytes of [1, 3, 4, 9, 10]) {
    const behind = concat([trailer, gz.subarray(0, bytes)]);
    yield refused(`${bytes} bytes of a second header inside`, concat([body, behind, trailer]));
  }
  for (const { name, header } of foreignHeaders()) yield refused(name, concat([header, gz.subarray(10)]));
  for (const at of [0, 4]) {
    for (const add of [1, 0x8000_0000]) {
      const changed = gz.slice();
      const view = new DataView(changed.buffer, changed.length - 8);
      view.setUint32(at, (view.getUint32(at, true) + add) >>> 0, true);
      yield refused(`${at === 0 ? 'CRC' : 'length'} + ${add}`, changed);
    }
  }
  if (content.length > 1) yield refused('the trailer of something else', member(gz.subarray(10, -8), content.slice(1)));
}

/** Headers of other tools, with what RFC 1952 allows. */
export function foreignHeaders(): readonly { readonly name: string; readonly header: Uint8Array }[] {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const start = (flags: number): Uint8Array => Uint8Array.of(0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 255);
  const extra = concat([Uint8Array.of(5, 0), text('extra')]);
  const [name, comment] = [text('2024-08-08.jsonl\0'), text('a comment\0')];
  const checked = (header: Uint8Array): Uint8Array => {
    const sum = crc32(header) & 0xffff;
    return concat([header, Uint8Array.of(sum & 0xff, sum >> 8)]);
  };
  return [
    { name: 'a time and another system', header: start(0) },
    { name: 'FTEXT', header: start(1) },
    { name: 'FEXTRA', header: concat([start(4), extra]) },
    { name: 'FNAME', header: concat([start(8), name]) },
    { name: 'FCOMMENT', header: concat([start(16), comment]) },
    { name: 'FHCRC', header: checked(start(2)) },
    { name: 'all of them', header: checked(concat([start(31), extra, name, comment])) },
  ];
}

/** What a decoder makes of a stream: `same` and `other` content were taken, `refused` with our own error. */
export type Verdict = 'same' | 'other' | 'refused' | 'broken';

/** Decodes in pieces of `pieceBytes` and compares. */
export async function judge(
  gz: Uint8Array,
  content: Uint8Array,
  options: Partial<GunzipOptions>,
  pieceBytes = 1_000,
): Promise<Verdict> {
  const parts: Uint8Array[] = [];
  try {
    const pieces = gunzipStrictly(inPieces(gz, pieceBytes), { maxBytes: content.length + 100_000, ...options });
    for await (const part of pieces) parts.push(part);
  } catch (error) {
    return isHousecleaningError(error, 'bad-archive') ? 'refused' : 'broken';
  }
  return Buffer.compare(concat(parts), content) === 0 ? 'same' : 'other';
}

/** Bytes as a stream. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/**
 * A stream that never ends and decodes to 1,024 times its size: blocks of a MiB of zeros. Tells how many were asked for.
 */
export async function* endlessBomb(onBlock: () => void): AsyncGenerator<Uint8Array, void, undefined> {
  yield gzipHeader.slice();
  const block = deflateRawSync(new Uint8Array(1_048_576), { finishFlush: constants.Z_FULL_FLUSH });
  for (;;) {
    onBlock();
    yield block;
  }
}
