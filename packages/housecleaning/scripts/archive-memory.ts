/**
 * How much memory a process needs to digest, encode and verify one cell of any size. The cell is made as it is read, and
 * the archive goes to a file and comes from it.
 *
 *     node --conditions=source scripts/archive-memory.ts --megabytes 500 --codec node
 *
 * With `--way once` in one pass that holds the archive, as a run takes a cell whose archive fits into its `bufferBytes`: then
 * `digest` is that pass, and `encode` stores what it made. Prints JSON. Type stripping alone costs some 50 MiB: for the figure of a program, run `measureInChild`, which bundles
 * this file first.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  buildArchive,
  describeArchive,
  digestSources,
  encodeArchive,
  verifyArchiveStream,
  type ArchiveManifest,
  type SourceOpener,
} from '../src/archive.ts';
import { codecOf, type Codec } from '../src/codec.ts';
import { peakMiB } from './peak-memory.ts';

/** What a process needed. */
export interface MemoryFigures {
  readonly megabytes: number;
  readonly codec: Codec['name'];
  readonly gzBytes: number;
  /** When nothing had been done yet, MiB. */
  readonly idleMiB: number;
  /** At most, by the operating system, MiB: after each step. */
  readonly peakMiB: { readonly digest: number; readonly encode: number; readonly verify: number };
  /** Of the processor, user and system, seconds. */
  readonly cpuSeconds: { readonly digest: number; readonly encode: number; readonly verify: number };
  /** Of the clock. */
  readonly wallSeconds: { readonly digest: number; readonly encode: number; readonly verify: number };
}

/** How often raw objects are read. */
export type Way = 'once' | 'twice';

/** Raw objects of a million bytes each, whose trades differ. */
export async function* tapeSources(megabytes: number): AsyncGenerator<SourceOpener, void, undefined> {
  const size = 1_000_000;
  for (let index = 0; index < megabytes; index++) {
    const key = `raw_tns/BTCUSDT/2024-08-08/${String(index).padStart(12, '0')}`;
    yield {
      source: { key, etag: `e${index}`, size, uploadedMs: 1, generation: 1 },
      async *open() {
        for (let at = 0; at < size; at += 50_000) yield tapePiece(index * 20 + at / 50_000);
      },
    };
  }
}

/** 50,000 bytes of trades, seeded by their place; written into one buffer, which is there until the next call. */
const piece = new Uint8Array(50_000);
const line = new TextEncoder().encode(
  '{"e":"trade","E":1723075200000,"T":1723075199997,"s":"BTCUSDT","t":1000000000,"p":"58000.00","q":"0.00000","m":true}\n',
);
const places = { E: [17, 30], T: [35, 48], t: [67, 77], p: [83, 91], q: [98, 105] } as const;

function tapePiece(index: number): Uint8Array {
  let state = (Math.imul(index + 1, 2_654_435_761) >>> 0) % 2_147_483_647;
  const below = (limit: number): number => {
    state = Math.imul(state, 48_271) >>> 0;
    return (state >>> 8) % limit;
  };
  const digits = (at: number, [start, end]: readonly [number, number], value: number): void => {
    for (let i = end - 1, rest = value; i >= start; i--) {
      if (line[i] === 46) continue;
      piece[at + i] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  };
  let price = 5_800_000 + below(5_000);
  const perPiece = Math.floor(piece.length / line.length);
  for (let i = 0; i < perPiece; i++) {
    const at = i * line.length;
    piece.set(line, at);
    const timeMs = 1_723_075_200_000 + (index * perPiece + i) * 7;
    price += below(7) - 3;
    digits(at, places.E, timeMs);
    digits(at, places.T, timeMs - 1 - below(4));
    digits(at, places.t, 1_000_000_000 + index * perPiece + i);
    digits(at, places.p, price);
    digits(at, places.q, below(below(3) === 0 ? 300_000 : 900));
  }
  piece.fill(46, perPiece * line.length);
  piece[piece.length - 1] = 10;
  return piece;
}

async function measure(megabytes: number, name: Codec['name'], way: Way, file: string): Promise<MemoryFigures> {
  const codec = codecOf(name);
  const options = {
    cell: { symbol: 'BTCUSDT', date: '2024-08-08' },
    generation: 1,
    supersedes: null,
    env: { env: 'bench', bucketId: 'file' },
    maxBytes: 1e12,
    codec,
  };
  const idleMiB = peakMiB();
  const figures: { peakMiB: number; cpu: number; wall: number }[] = [];
  const timed = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const result = await run();
    const { user, system } = process.cpuUsage(cpu);
    figures.push({ peakMiB: peakMiB(), cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1_000 });
    return result;
  };
  const manifest = await (way === 'once' ? inOnePass() : inTwoPasses());
  await timed(() => verifyArchiveStream(createReadStream(file), manifest));

  async function inOnePass(): Promise<ArchiveManifest> {
    const built = await timed(() => buildArchive(tapeSources(megabytes), { ...options, selfVerify: 'strict' }));
    await timed(() => writeFile(file, built.gz));
    return built.manifest;
  }

  async function inTwoPasses(): Promise<ArchiveManifest> {
    const digest = await timed(() => digestSources(tapeSources(megabytes), options));
    return timed(async () => {
      const { body, done } = encodeArchive(tapeSources(megabytes), digest, { codec });
      const out = createWriteStream(file);
      for await (const part of body) if (!out.write(part)) await once(out, 'drain');
      out.end();
      await once(out, 'finish');
      return (await describeArchive(digest, await done, options)).manifest;
    });
  }

  const by = (pick: (figure: (typeof figures)[number]) => number) => {
    const [first, second, third] = figures.map(pick);
    return { digest: first!, encode: second!, verify: third! };
  };
  return {
    megabytes,
    codec: name,
    gzBytes: manifest.archive.gzBytes,
    idleMiB,
    peakMiB: by((figure) => figure.peakMiB),
    cpuSeconds: by((figure) => figure.cpu),
    wallSeconds: by((figure) => figure.wall),
  };
}

/** Bundles this file and runs it in a process of its own. */
export async function measureInChild(
  megabytes: number,
  codec: Codec['name'],
  way: Way = 'twice',
): Promise<MemoryFigures> {
  const { build } = await import('esbuild');
  const folder = await mkdtemp(join(tmpdir(), 'tapekit-memory-'));
  const outfile = join(folder, 'archive-memory.mjs');
  try {
    await build({
      entryPoints: [import.meta.filename],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['source'],
      external: ['esbuild'],
      logLevel: 'error',
    });
    const args = [outfile, '--megabytes', String(megabytes), '--codec', codec, '--way', way];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`The measurement failed:\n${run.stderr}`);
    return JSON.parse(run.stdout) as MemoryFigures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      megabytes: { type: 'string', default: '500' },
      codec: { type: 'string', default: 'node' },
      way: { type: 'string', default: 'twice' },
    },
  });
  const file = join(tmpdir(), `tapekit-memory-${process.pid}.gz`);
  try {
    const figures = await measure(Number(values.megabytes), values.codec as Codec['name'], values.way as Way, file);
    console.log(JSON.stringify(figures, null, 2));
  } finally {
    rmSync(file, { force: true });
  }
}
