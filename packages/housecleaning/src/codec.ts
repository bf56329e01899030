/**
 * What an archive is computed with: gzip, SHA-256, CRC-32 and the multiset of records, by the platform where it can, and
 * the strict reader of one gzip member.
 */
import { HousecleaningError } from './errors.ts';
import { crc32, portableCrc32 } from './internal/crc32.ts';
import { nodeDeflate, portableDeflate, webDeflate, type DeflateRaw } from './internal/deflate.ts';
import { gzipMember } from './internal/gzip.ts';
import { createMultiset, type Multiset } from './internal/multiset.ts';
import { createSha256, portableSha256, type Sha256 } from './internal/sha256.ts';

export { gunzipStrictly } from './internal/member-reader.ts';
export type { Decoder, GunzipOptions } from './internal/member-reader.ts';
export { addMultisets } from './internal/multiset.ts';
export type { Multiset } from './internal/multiset.ts';
export type { Sha256 } from './internal/sha256.ts';

/** The arithmetic of archives on one platform. All codecs make the same digests; their gzip bytes may differ. */
export interface Codec {
  /**
   * `node`: zlib on threads and `node:crypto`, also in workerd with `nodejs_compat`; `web`:
   * `CompressionStream`; both hash records in WebAssembly where it may be compiled; `portable`: JavaScript alone.
   */
  readonly name: 'node' | 'web' | 'portable';
  /**
   * One gzip member, level 6, without time and name. The same content makes the same bytes on the same platform, however
   * it is cut; memory does not grow with it. A piece is there until the next one is asked for.
   */
  deflate(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  createSha256(): Sha256;
  createMultiset(): Multiset;
  /** CRC-32 of RFC 1952 over another piece; `before` is 0 at the start. */
  crc32(bytes: Uint8Array, before: number): number;
}

/** The best codec of this platform: `node`, else `web`, else `portable`. */
export function defaultCodec(): Codec {
  return (best ??= nodeCodec() ?? webCodec() ?? portableCodec);
}

let best: Codec | undefined;

/**
 * A certain codec, for example `portable` where tests must not depend on the platform.
 *
 * @throws HousecleaningError `bad-option` if the platform does not have it
 */
export function codecOf(name: Codec['name']): Codec {
  const makers: Partial<Record<string, () => Codec | undefined>> = {
    node: nodeCodec,
    web: webCodec,
    portable: () => portableCodec,
  };
  const codec = makers[name]?.();
  if (codec) return codec;
  throw new HousecleaningError('bad-option', `This platform has no codec "${name}"; use defaultCodec().`, name);
}

function nodeCodec(): Codec | undefined {
  const deflateRaw = nodeDeflate();
  return deflateRaw && { name: 'node', ...native, deflate: member(deflateRaw, crc32) };
}

function webCodec(): Codec | undefined {
  const deflateRaw = webDeflate();
  return (
    deflateRaw && {
      ...portableCodec,
      name: 'web',
      createMultiset: () => createMultiset('web'),
      deflate: member(deflateRaw, portableCrc32),
    }
  );
}

function member(deflateRaw: DeflateRaw, crc: Codec['crc32']): Codec['deflate'] {
  return (source) => gzipMember(source, deflateRaw, crc);
}

const native = { createSha256, createMultiset: () => createMultiset('node'), crc32 };

const portableCodec: Codec = {
  name: 'portable',
  createSha256: portableSha256,
  createMultiset: () => createMultiset('portable'),
  crc32: portableCrc32,
  deflate: member(portableDeflate, portableCrc32),
};
