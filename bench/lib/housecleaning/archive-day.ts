/**
 * One way to archive a day from a file, in a process of its own: `archive-day.ts DAY ARCHIVE once|streams|memory`. Prints what
 * it took, as JSON; the start of the process is not counted.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, writeFile, type FileHandle } from 'node:fs/promises';
import {
  buildArchive,
  describeArchive,
  digestSources,
  encodeArchive,
  verifyArchiveBytes,
  verifyArchiveStream,
  type SourceIdentity,
  type SourceOpener,
} from '../../../packages/housecleaning/src/archive.ts';

/** What a job took, and what came out. */
export interface ArchiveRun {
  readonly wallSeconds: number;
  /** User and system. */
  readonly cpuSeconds: number;
  readonly gzBytes: number;
  readonly lines: number;
}

/** How an archive is made: as a run does with a day of usual size, as with a large one, or at once in memory. */
export type ArchiveWay = 'once' | 'streams' | 'memory';

const cell = { symbol: 'BTCUSDT', date: '2024-08-08' };
const options = { cell, generation: 1, supersedes: null, env: { env: 'bench', bucketId: 'file' }, maxBytes: 1e12 };
const rawBytes = 1_000_000;

/** A million bytes of the day as one raw object each. */
function* sourcesOf(size: number): Generator<SourceIdentity> {
  for (let at = 0, index = 0; at < size; at += rawBytes, index++) {
    const key = `raw_tns/${cell.symbol}/${cell.date}/${String(index).padStart(12, '0')}`;
    const length = Math.min(rawBytes, size - at);
    yield { key, etag: `e${index}`, size: length, uploadedMs: 1, generation: 1 };
  }
}

function* openers(file: FileHandle, size: number): Generator<SourceOpener> {
  const shared = new Uint8Array(262_144);
  let at = 0;
  for (const source of sourcesOf(size)) {
    const [start, end] = [at, (at += source.size)];
    yield {
      source,
      async *open() {
        for (let from = start; from < end;) {
          const { bytesRead } = await file.read(shared, 0, Math.min(shared.length, end - from), from);
          from += bytesRead;
          yield shared.subarray(0, bytesRead);
        }
      },
    };
  }
}

/** Digest, encode with self-verification, store; read back and verify every digest. */
async function byStreams(day: string, archive: string): Promise<{ gzBytes: number; lines: number }> {
  const file = await open(day);
  try {
    const { size } = await file.stat();
    const digest = await digestSources(openers(file, size), options);
    const { body, done } = encodeArchive(openers(file, size), digest);
    const out = createWriteStream(archive);
    for await (const part of body) if (!out.write(part)) await once(out, 'drain');
    out.end();
    await once(out, 'finish');
    const { manifest } = await describeArchive(digest, await done, options);
    await verifyArchiveStream(createReadStream(archive), manifest);
    return { gzBytes: manifest.archive.gzBytes, lines: digest.lines };
  } finally {
    await file.close();
  }
}

/** Digest and encode with self-verification in one pass that holds the archive, store; read back and verify every digest. */
async function inOnePass(day: string, archive: string): Promise<{ gzBytes: number; lines: number }> {
  const file = await open(day);
  try {
    const { size } = await file.stat();
    const { gz, manifest } = await buildArchive(openers(file, size), { ...options, selfVerify: 'strict' });
    await writeFile(archive, gz);
    await verifyArchiveStream(createReadStream(archive), manifest);
    return { gzBytes: gz.length, lines: manifest.archive.lines };
  } finally {
    await file.close();
  }
}

/** Digest and encode in one pass, store; read back and verify every digest. */
async function inMemory(day: string, archive: string): Promise<{ gzBytes: number; lines: number }> {
  const content = await readFile(day);
  let at = 0;
  const inputs = [...sourcesOf(content.length)].map((source) => ({
    source,
    bytes: content.subarray(at, (at += source.size)),
  }));
  const { gz, manifest } = await buildArchive(inputs, options);
  await writeFile(archive, gz);
  await verifyArchiveBytes(await readFile(archive), manifest);
  return { gzBytes: gz.length, lines: manifest.archive.lines };
}

if (process.argv[1] === import.meta.filename) {
  const [, , day, archive, way] = process.argv as readonly string[];
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const ways: Record<string, typeof byStreams> = { once: inOnePass, streams: byStreams, memory: inMemory };
  const made = await ways[way!]!(day!, archive!);
  const { user, system } = process.cpuUsage(cpu);
  const run: ArchiveRun = {
    ...made,
    wallSeconds: (performance.now() - start) / 1_000,
    cpuSeconds: (user + system) / 1e6,
  };
  console.log(JSON.stringify(run));
}
