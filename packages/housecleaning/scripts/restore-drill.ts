/**
 * Archives generated raw objects, restores them from nothing but archive and manifest, and compares every byte.
 *
 *     node --conditions=source scripts/restore-drill.ts --sources 1000000 --seed 1
 *
 * The objects hold what breaks text tools: byte order marks, carriage returns, NUL, invalid UTF-8, no final newline, blank
 * lines, nothing at all. Exits 1 at the first difference.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { archiveKey, manifestKey, rawCellPrefix, type Cell } from '../src/keys.ts';
import { runHousecleaning } from '../src/housecleaning.ts';
import { readArchiveManifest, restoreFiles, verifyArchiveFiles } from '../src/restore.ts';

const sourcesPerCell = 1_000;
const dayMs = 86_400_000;

/** What a drill went through. */
export interface RestoreDrill {
  readonly sources: number;
  readonly cells: number;
  readonly bytes: number;
}

const fragments: readonly (readonly number[])[] = [
  ...[
    '{"p":"1.10","q":-0}',
    '{"id":9007199254740993}',
    '{"v":1e400}',
    '\n',
    '\r\n',
    '{}',
    '\u2028',
    '\0',
    '\ufeff',
  ].map((text) => [...new TextEncoder().encode(text)]),
  [0xff, 0xfe, 0x80],
  [0xed, 0xa0, 0x80],
  [...new TextEncoder().encode('{"__proto__":{"a":1},"a":1,"a":2}')],
];

/** Restores `sources` generated objects; throws at the first that differs. */
export async function restoreDrill(
  sources: number,
  seed: number,
  onCell?: (done: number) => void,
): Promise<RestoreDrill> {
  let state = seed >>> 0;
  const random = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
  let bytes = 0;
  let cells = 0;
  for (let done = 0; done < sources; cells++) {
    const cell = { symbol: 'DRILL', date: new Date(Date.UTC(1990, 0, 1) + cells * dayMs).toISOString().slice(0, 10) };
    const raw = new Map<string, Uint8Array>();
    for (let i = 0; i < Math.min(sourcesPerCell, sources - done); i++) {
      const content = Uint8Array.from(
        Array.from({ length: random(12) }, () => fragments[random(fragments.length)]!).flat(),
      );
      raw.set(`${rawCellPrefix(cell)}${String(i).padStart(6, '0')}-${random(1_000)}.json`, content);
      bytes += content.length;
    }
    await drillCell(cell, raw);
    done += raw.size;
    onCell?.(done);
  }
  return { sources, cells, bytes };
}

async function drillCell(cell: Cell, raw: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const clock = { nowMs: Date.parse(`${cell.date}T12:00:00Z`) };
  const store = createMemoryStore({ clock: () => clock.nowMs });
  for (const [key, content] of raw) await store.put(key, content);
  clock.nowMs += 3 * dayMs;
  const report = await runHousecleaning({
    store,
    cells: [cell],
    nowMs: clock.nowMs,
    writers: 'overwriting',
    approve: 'first-run',
    env: { env: 'drill', bucketId: 'memory' },
  });
  if (report.cells[0]?.deletedSources !== raw.size)
    throw new Error(`${cell.date}: ${report.cells[0]?.problem ?? 'failed'}`);
  const archive = (await store.get(archiveKey(cell)))!;
  const name = archive.metadata['manifest']!;
  const gz = await archive.bytes();
  const manifestBytes = await (await store.get(manifestKey(cell, name)))!.bytes();
  if ((await readArchiveManifest(store, cell))?.sources.length !== raw.size)
    throw new Error(`${cell.date}: sources lost`);
  const verification = await verifyArchiveFiles(gz, manifestBytes, { manifestSha256: name });
  if (!verification.ok) throw new Error(`${cell.date}: ${verification.problem}`);
  const target = createMemoryStore();
  const { restored } = await restoreFiles(gz, manifestBytes, target, { to: 'drill/' });
  if (restored !== raw.size) throw new Error(`${cell.date}: ${restored} of ${raw.size} were restored`);
  for (const [key, content] of raw) {
    const there = await (await target.get(`drill/${key}`))?.bytes();
    if (there === undefined || Buffer.compare(there, content) !== 0) throw new Error(`"${key}" differs`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { sources: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
  });
  const drill = await restoreDrill(Number(values.sources), Number(values.seed), (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${values.sources}`);
  });
  console.log(JSON.stringify({ drill: 'restore', seed: Number(values.seed), ...drill, differing: 0 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
