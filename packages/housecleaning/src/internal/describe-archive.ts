import type { BuildArchiveOptions } from '../archive.ts';
import { archiveKey } from '../keys.ts';
import type { ArchiveDigest } from './digester.ts';
import type { GzipIdentity } from './encode-archive.ts';
import { gzipLevel } from './gzip.ts';
import { dayOf, encodeManifest, type ArchiveManifest } from './manifest.ts';
import { sha256Hex } from './sha256.ts';

/** A manifest and its name. */
export interface DescribedArchive {
  readonly manifest: ArchiveManifest;
  /** The manifest as it is stored. */
  readonly manifestBytes: Uint8Array;
  /** SHA-256 of `manifestBytes`: the manifest's name. */
  readonly manifestSha256: string;
}

/** The manifest of what was digested and encoded, or of other gzip bytes with the same content. */
export async function describeArchive(
  digest: ArchiveDigest,
  { gzSha256, gzBytes }: GzipIdentity,
  options: Pick<BuildArchiveOptions, 'cell' | 'generation' | 'supersedes' | 'env'>,
): Promise<DescribedArchive> {
  const { cell, generation, supersedes, env } = options;
  const { sha256, bytes, lines, multiset, sources } = digest;
  const manifest: ArchiveManifest = {
    schema: 'hc-manifest/1',
    cell: { symbol: cell.symbol, date: cell.date },
    generation,
    supersedes,
    day: dayOf(cell.date),
    archive: { key: archiveKey(cell), gzSha256, gzBytes, sha256, bytes, lines, members: 1, level: gzipLevel },
    multiset: { alg: 'sum-sha256-mod-2^256', value: multiset, count: lines },
    sources,
    by: { tool: '@tapekit/housecleaning', env: env.env, bucketId: env.bucketId },
  };
  const manifestBytes = encodeManifest(manifest);
  return { manifest, manifestBytes, manifestSha256: await sha256Hex(manifestBytes) };
}
