/**
 * Damages every document that housecleaning believes in, and looks whether it still does.
 *
 *     node --conditions=source scripts/fuzz-documents.ts --count 1000000 --runs 20000 --seed 1 --json documents.json
 *
 * `count` manifests are damaged and parsed, under their old name and under one that fits. `runs` times a document of a store
 * is damaged (manifest, environment stamp, quarantine record, journal entry, report, lease, delete plan, or the archive's
 * metadata) and the work goes on with it. Whether that was right is judged apart, by SHA-256, gzip and JSON of the platform
 * and by rules written down here once more. Exits 1 if anything damaged was believed.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { parseManifest } from '../src/archive.ts';
import { isHousecleaningError } from '../src/errors.ts';
import { archiveKey, leaseKey, manifestKey } from '../src/keys.ts';
import { acquireLease } from '../src/lease.ts';
import { verifyArchiveFiles } from '../src/restore.ts';
import { runBulkDelete, type DeletePlan } from '../src/retention.ts';
import {
  cell,
  describes,
  isJournalEntry,
  isOurError,
  isResolved,
  prepareWorld,
  type PreparedWorld,
} from './document-world.ts';
import { createRandom, mutate, mutateMeaning, type Random } from './json-mutations.ts';
import { sha256Of, tellFigures } from './process-ground.ts';

/** How often each thing happened. */
export interface DocumentCounts {
  /** Damaged documents. */
  readonly inputs: number;
  readonly refused: number;
  /** Believed, and rightly: what was damaged says nothing, or nothing that could be known better. */
  readonly harmless: number;
  /** Believed though wrong, or failed in words that are not ours: must be empty. */
  readonly wrong: readonly string[];
}

interface Tally {
  inputs: number;
  refused: number;
  harmless: number;
  readonly wrong: string[];
}

const newTally = (): Tally => ({ inputs: 0, refused: 0, harmless: 0, wrong: [] });

/** Damages manifests `count` times and reads them, without a store. */
export async function fuzzManifests(count: number, seed: number): Promise<DocumentCounts> {
  const random = createRandom(seed);
  const world = await prepareWorld();
  const { manifestBytes, gz, content } = world;
  const name = sha256Of(manifestBytes);
  const tally = newTally();
  for (let i = 0; i < count; i++) {
    const damaged = random(4) === 0 ? mutate(manifestBytes, random) : mutateMeaning(manifestBytes, random);
    tally.inputs += 1;
    const isSame = Buffer.compare(damaged, manifestBytes) === 0;
    // Its name is its digest: that alone refuses every damage.
    if (!isSame && sha256Of(damaged) === name) tally.wrong.push(`${i}: another manifest of the same name`);
    try {
      parseManifest(damaged, cell);
    } catch (error) {
      if (!isHousecleaningError(error, 'bad-manifest')) tally.wrong.push(`${i}: ${String(error)}`);
      tally.refused += 1;
      continue;
    }
    // It agrees with itself; whoever renames it as well must still not make the archive say something else.
    const { ok } = await verifyArchiveFiles(gz, damaged, { manifestSha256: sha256Of(damaged) });
    if (!ok) tally.refused += 1;
    else if (describes(damaged, gz, content)) tally.harmless += 1;
    else tally.wrong.push(`${i}: ${new TextDecoder().decode(damaged)}`);
  }
  return tally;
}

/** What is damaged in a store, and how the work that goes on is judged. */
const attempts: Readonly<Record<string, (world: PreparedWorld, random: Random, tally: Tally) => Promise<void>>> = {
  async manifest(world, random, tally) {
    const key = manifestKey(cell, sha256Of(world.manifestBytes));
    const damaged = mutate(world.manifestBytes, random);
    if (Buffer.compare(damaged, world.manifestBytes) === 0) return;
    const { deleted, outcome } = await world.run(world.damaged(key, damaged));
    judge(tally, deleted > 0 || outcome === 'ok', false, `manifest ${text(damaged)}`);
  },

  async environment(world, random, tally) {
    const before = world.bytesOf(world.keys.env);
    const damaged = mutate(before, random);
    const { deleted, added, outcome } = await world.run(world.damaged(world.keys.env, damaged));
    const isBelieved = deleted + added > 0 || outcome !== 'halted';
    judge(tally, isBelieved, parses(damaged, before), `stamp ${text(damaged)}`);
  },

  async quarantine(world, random, tally) {
    const record = {
      ...{ schema: 'hc-quarantine/1', cell, state: random(2) === 0 ? 'open' : 'resolved' },
      ...{ reason: 'for a test', runId: 'some-run' },
    };
    const damaged = mutate(new TextEncoder().encode(`${JSON.stringify(record)}\n`), random);
    const { deleted, added } = await world.run(world.damaged(world.keys.quarantine, damaged));
    judge(tally, deleted + added > 0, isResolved(damaged), `quarantine ${text(damaged)}`);
  },

  async journal(world, random, tally) {
    const before = world.bytesOf(world.keys.journal);
    const damaged = mutate(before, random);
    const { deleted, added } = await world.run(world.damaged(world.keys.journal, damaged));
    judge(tally, deleted + added > 0, isJournalEntry(damaged, before), `journal ${text(damaged)}`);
  },

  async report(world, random, tally) {
    const damaged = mutate(world.bytesOf(world.keys.report), random);
    const copy = world.damaged(world.keys.report, damaged);
    const { outcome, store } = await world.run(copy);
    // A report decides nothing: the run goes on, and its own report lies there afterwards.
    const stored = await store.get(world.keys.report);
    const now = JSON.parse(new TextDecoder().decode(await stored!.bytes())) as {
      run?: { startedAtMs?: number };
    } | null;
    judge(tally, outcome !== 'ok' || now?.run?.startedAtMs !== world.nowMs, false, `report ${text(damaged)}`);
  },

  async metadata(world, random, tally) {
    const { metadata } = world.objects.find(({ key }) => key === archiveKey(cell))!;
    const damaged = readTexts(mutateMeaning(new TextEncoder().encode(JSON.stringify(metadata)), random));
    if (damaged === undefined) return;
    const objects = world.objects.map((o) => (o.key === archiveKey(cell) ? { ...o, metadata: damaged } : o));
    const { deleted, added } = await world.run(objects);
    const isWhole = (['schema', 'manifest'] as const).every((name) => damaged[name] === metadata[name]);
    // Without any, the file is judged by the manifests of the cell: its bytes are those of the newest.
    const isUnnamed = Object.keys(damaged).length === 0;
    judge(tally, deleted + added > 0, isWhole || isUnnamed, `metadata ${JSON.stringify(damaged)}`);
  },

  async lease(world, random, tally) {
    const shard = 'fuzzed';
    const state = random(2) === 0 ? 'held' : 'free';
    const lease = { schema: 'hc-lease/1', shard, state, generation: 7, owner: 'peer', beat: 3, ttlMs: 120_000 };
    const damaged = mutate(new TextEncoder().encode(`${JSON.stringify(lease)}\n`), random);
    const { store } = await world.open(world.damaged(leaseKey(shard), damaged));
    const got = await acquireLease(store, shard, { owner: 'ours', nowMs: () => world.nowMs }).catch(
      (error: unknown) => {
        if (!isOurError(error)) tally.wrong.push(`lease ${text(damaged)}: ${String(error)}`);
        return undefined;
      },
    );
    const said = read(damaged) as typeof lease | undefined;
    // The lease lies there since a moment ago: only a free one may be taken, and its count goes on.
    const isFree =
      said?.schema === 'hc-lease/1' &&
      said.shard === shard &&
      said.state === 'free' &&
      Number.isInteger(said.generation);
    judge(tally, got !== undefined, isFree && got?.generation === said.generation + 1, `lease ${text(damaged)}`);
  },

  async plan(world, random, tally) {
    const { plan, secret } = world;
    const { token, ...body } = plan;
    // As the command line does it: whatever the file holds, the token is added to it.
    const damaged = { ...(read(mutateMeaning(new TextEncoder().encode(JSON.stringify(body)), random)) as DeletePlan) };
    const { store, before } = await world.open(world.objects);
    let isBelieved = true;
    try {
      await runBulkDelete(store, damaged, { token, secret, nowMs: world.nowMs });
    } catch (error) {
      isBelieved = false;
      if (!isOurError(error)) tally.wrong.push(`plan ${JSON.stringify(damaged)}: ${String(error)}`);
    }
    const gone = (await Promise.all(before.map(({ key }) => store.head(key)))).filter(
      (info) => info === undefined,
    ).length;
    const known = Object.keys(body).filter((name) => name !== 'kept') as (keyof typeof body)[];
    const isSame = known.every((name) => saysTheSame(body[name], damaged[name]));
    judge(tally, isBelieved || gone > 0, isSame, `plan ${JSON.stringify(damaged)}`);
  },
};

/** Names of the documents that are damaged in a store. */
export const documentNames: readonly string[] = Object.keys(attempts);

/** Damages documents in a store `runs` times, each kind in its turn, and goes on working. */
export async function fuzzStore(runs: number, seed: number): Promise<Readonly<Record<string, DocumentCounts>>> {
  const world = await prepareWorld();
  const random = createRandom(seed);
  const tallies = Object.fromEntries(documentNames.map((name) => [name, newTally()]));
  for (let i = 0; i < runs; i++) {
    const name = documentNames[i % documentNames.length]!;
    const tally = tallies[name]!;
    tally.inputs += 1;
    try {
      await attempts[name]!(world, random, tally);
    } catch (error) {
      tally.wrong.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return tallies;
}

function judge(tally: Tally, isBelieved: boolean, isSound: boolean, what: string): void {
  if (!isBelieved) tally.refused += 1;
  else if (isSound) tally.harmless += 1;
  else tally.wrong.push(what);
}

function read(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function parses(damaged: Uint8Array, before: Uint8Array): boolean {
  return isDeepStrictEqual(read(damaged), read(before));
}

/** Equal as JSON, whatever the order of names; fields that nobody knows do not count. */
function saysTheSame(known: unknown, damaged: unknown): boolean {
  if (known === null || typeof known !== 'object') return known === damaged;
  if (damaged === null || typeof damaged !== 'object') return false;
  if (Array.isArray(known) && (!Array.isArray(damaged) || known.length !== damaged.length)) return false;
  return Object.entries(known).every(([name, value]) =>
    saysTheSame(value, (damaged as Readonly<Record<string, unknown>>)[name]),
  );
}

/** Metadata are short texts by name; anything else cannot lie in a store. */
function readTexts(bytes: Uint8Array): Record<string, string> | undefined {
  const found = read(bytes);
  if (found === null || typeof found !== 'object' || Array.isArray(found)) return undefined;
  const isText = ([name, value]: [string, unknown]): boolean =>
    /^[a-z0-9-]+$/.test(name) && typeof value === 'string' && /^[\x20-\x7e]*$/.test(value);
  return Object.entries(found).every(isText) ? (found as Record<string, string>) : undefined;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).slice(0, 2_000);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '8000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const start = performance.now();
  const seed = Number(values.seed);
  const manifests = await fuzzManifests(Number(values.count), seed);
  const inStore = await fuzzStore(Number(values.runs), seed);
  const counts = Object.entries({ 'manifest alone': manifests, ...inStore });
  for (const [name, { wrong }] of counts) for (const what of wrong.slice(0, 5)) console.error(`${name}: ${what}`);
  const violations = counts.reduce((sum, [, { wrong }]) => sum + wrong.length, 0);
  const documents = counts.map(
    ([name, { inputs, refused, harmless }]) => [name, { inputs, refused, harmless }] as const,
  );
  tellFigures(
    {
      ...{ schema: 'hc-figures-documents/1', seed, documents: Object.fromEntries(documents), violations },
      seconds: Math.round((performance.now() - start) / 100) / 10,
    },
    values.json,
  );
  if (violations > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
