/** Forty ways to break housecleaning that look harmless, each an edit of one file. */

/** One replacement in one file. */
export interface Edit {
  /** Below `src`. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** One way to break it. */
export interface Mutant extends Edit {
  /** What the broken code does. */
  readonly name: string;
  /** A second edit, where a guard would stop what the first one does. */
  readonly also?: Edit;
  /** Unit tests that have to notice it; without them the simulation has to. */
  readonly tests?: readonly string[];
}

const publish = 'internal/publish.ts';
const prune = 'internal/prune.ts';
const plan = 'internal/plan.ts';
const runCell = 'internal/run-cell.ts';
const base = 'internal/base.ts';
const proveBase = 'internal/prove-base.ts';
const build = 'internal/build.ts';
const stage = 'internal/stage.ts';
const reading = 'internal/reading.ts';
const listing = 'internal/listing.ts';

/** The forty. */
export const mutants: readonly Mutant[] = [
  {
    name: 'publishes without comparing',
    file: publish,
    find: '...(base ? { ifMatch: base.info.etag } : { ifAbsent: true }),',
    replace: '',
  },
  {
    name: 'publishes the first generation over whatever is there',
    file: publish,
    find: '{ ifMatch: base.info.etag } : { ifAbsent: true }',
    replace: '{ ifMatch: base.info.etag } : {}',
  },
  {
    name: 'believes what it published without reading it back',
    file: publish,
    find: 'const proven = await readProvenArchive(context.store, cell, pinned);',
    replace:
      'const { manifest, manifestSha256 } = published.staged; const proven = { info: (await context.store.head(archiveKey(cell)))!, manifest, manifestSha256, pinned };',
  },
  {
    name: 'publishes before the manifest is there',
    file: stage,
    find: 'noteStoreTime(context, await context.store.put(key, bytes, { ifAbsent: true, sha256, ...signalOf(context) }));',
    replace: 'void [key, sha256, noteStoreTime];',
  },
  {
    name: 'forgets the base when it builds',
    file: build,
    find: '  if (base) {\n    const object = await context.store',
    replace: '  if (base && base.manifest.generation < 0) {\n    const object = await context.store',
  },
  {
    name: 'forgets the base, and does not mind',
    file: build,
    find: '  if (base) {\n    const object = await context.store',
    replace: '  if (base && base.manifest.generation < 0) {\n    const object = await context.store',
    also: {
      file: build,
      find: '  if (!lost && digest.kept.multiset === value && digest.kept.lines === count) return;',
      replace: '  if (lost !== null) return;',
    },
  },
  {
    name: 'takes an archive without verifying it',
    file: base,
    find: '    await verifyArchiveStream(piecesOfBody(body), manifest);',
    replace: '    for await (const _ of body) continue;',
  },
  {
    name: 'takes a manifest of another digest',
    file: base,
    find: '  if (actual !== sha256)',
    replace: "  if (actual === 'none')",
    tests: ['damaged-archive.test.ts', 'housecleaning.test.ts'],
  },
  {
    name: 'heals with a copy that nobody verified',
    file: proveBase,
    find: '  await verifyArchiveStream(piecesOfBody(copy.body), manifestDocument);\n',
    replace: '  await copy.body.cancel();\n',
    tests: ['damaged-archive.test.ts'],
  },
  {
    name: 'heals over whatever is there by then',
    file: proveBase,
    find: '...(over === undefined ? { ifAbsent: true } : { ifMatch: over }),',
    replace: '...(over === undefined ? { ifAbsent: true } : {}),',
  },
  {
    name: 'takes a damaged archive for none',
    file: proveBase,
    find: "      fault = error;\n      judged ??= (await store.head(key, asked)) ?? restart('the archive went away');\n",
    replace: '      return undefined;\n',
  },
  {
    name: 'does not care which environment made an archive',
    file: proveBase,
    find: 'if (by.env !== env.env || by.bucketId !== env.bucketId) {',
    replace: 'if (by.env === "" || by.bucketId === "") {',
    tests: ['damaged-archive.test.ts', 'housecleaning.test.ts', 'run-safety.test.ts'],
  },
  {
    name: 'deletes before the day is over',
    file: 'days.ts',
    find: '  return nowMs >= dayBounds(date, day).endMs + graceMs;',
    replace: '  return nowMs >= dayBounds(date, day).startMs + graceMs;',
  },
  {
    name: 'forgets the grace period',
    file: 'days.ts',
    find: '  return nowMs >= dayBounds(date, day).endMs + graceMs;',
    replace: '  return nowMs >= dayBounds(date, day).endMs + 0 * graceMs;',
  },
  {
    name: 'takes a day for closed one millisecond late',
    file: 'days.ts',
    find: '  return nowMs >= dayBounds(date, day).endMs + graceMs;',
    replace: '  return nowMs > dayBounds(date, day).endMs + graceMs;',
    tests: ['open-days.test.ts', 'days.test.ts', 'housecleaning.test.ts'],
  },
  {
    name: 'deletes objects of any age',
    file: plan,
    find: '    facts.ageOk &&\n',
    replace: '',
  },
  {
    name: 'deletes young objects and keeps old ones',
    file: prune,
    find: 'object.uploadedMs <= safeTimeMs - options.minAgeMs',
    replace: 'object.uploadedMs >= safeTimeMs - options.minAgeMs',
  },
  {
    name: 'deletes what may be overwritten',
    file: plan,
    find: '    facts.withinBudget &&\n    facts.cannotBeOverwritten',
    replace: '    facts.withinBudget',
  },
  {
    name: 'deletes as many as it likes',
    file: 'internal/budget.ts',
    find: 'const granted = Math.min(left, wanted);',
    replace: 'const granted = wanted;',
  },
  {
    name: 'takes another object of the same size for the archived one',
    file: plan,
    find: 'return source.etag === object.etag && source.size === object.size && source.version === object.version;',
    replace: 'return source.size === object.size;',
    tests: ['internal/plan.test.ts', 'known-losses.test.ts', 'delete-rules.test.ts', 'housecleaning.test.ts'],
  },
  {
    name: 'takes the same bytes put again for the archived object',
    file: plan,
    find: ' && source.version === object.version;\n}\n\n/** Sources by key',
    replace: ';\n}\n\n/** Sources by key',
  },
  {
    name: 'takes whatever lies under an archived key for archived',
    file: plan,
    find: 'return source.etag === object.etag && source.size === object.size && source.version === object.version;',
    replace: 'return source.key === object.key;',
  },
  {
    name: 'deletes without saying which object it means',
    file: prune,
    find: 'await store.delete(batch.map(({ key, etag }) => ({ key, etag })));',
    replace: 'await store.delete(batch.map(({ key }) => ({ key })));',
  },
  {
    name: 'goes on deleting after an object had changed',
    file: prune,
    find: 'was replaced while it was about to be deleted; it was kept and nothing more deleted.`,\n          );\n          break;',
    replace: 'was replaced while it was about to be deleted; it was kept and nothing more deleted.`,\n          );',
  },
  {
    name: 'does not look for the quarantine before it deletes',
    file: prune,
    find: 'const quarantined = quarantine?.stops === true;',
    replace: 'const quarantined = quarantine?.stops === null;',
  },
  {
    name: 'does not look whether the proven archive is still there before it deletes',
    file: prune,
    find: 'progress.verified && now?.etag === proven.info.etag;',
    replace: 'progress.verified && now !== null;',
    tests: ['delete-rules.test.ts', 'known-losses.test.ts', 'prune-guard.test.ts', 'housecleaning.test.ts'],
  },
  {
    name: 'works on a quarantined cell',
    file: runCell,
    find: 'if (!context.quarantined.has(`${cell.symbol}/${cell.date}`)) return false;',
    replace: 'if (cell.date !== "") return false;',
  },
  {
    name: 'does not archive late objects',
    file: runCell,
    find: '  if (additions.length > 0) {',
    replace: '  if (additions.length > 0 && !base) {',
  },
  {
    name: 'takes an overwritten object for archived',
    file: runCell,
    find: '?.some((s) => s.sha256 === read.sha256) !== true) additions.push(object);',
    replace: '?.some((s) => s.sha256 === read.sha256) === null) additions.push(object);',
  },
  {
    name: 'believes every byte that it reads',
    file: reading,
    find: 'declared === undefined ? options.comparedLater === true || seen.has(sha256) : sha256.startsWith(declared);',
    replace: 'declared !== null;',
  },
  {
    name: 'reads only the first page of a listing',
    file: listing,
    find: '  } while (cursor !== undefined);',
    replace: '  } while (cursor === null);',
  },
  {
    name: 'reads a listing that fails as an empty one',
    file: listing,
    find: '      ...(signal ? { signal } : {}),\n    });\n    for',
    replace: '      ...(signal ? { signal } : {}),\n    }).catch(() => ({ objects: [] }));\n    for',
  },
  {
    name: 'believes a listing that runs in a circle',
    file: listing,
    find: '      if (before !== undefined && compareUtf8(before, key) >= 0) throw bad(prefix, `"${key}" came after "${before}"`);\n',
    replace: '',
    tests: ['housecleaning.test.ts'],
  },
  {
    name: 'does not compare its clock with that of the store',
    file: 'internal/environment.ts',
    find: '  if (Math.abs(timeMs - nowMs) <= clockToleranceMs) return { timeMs };',
    replace: '  if (timeMs + nowMs + clockToleranceMs > 0) return { timeMs };',
  },
  {
    name: 'does not care whose store it is',
    file: 'internal/environment.ts',
    find: "    if (reads === 2) return 'differs';",
    replace: "    if (reads === 2) return 'matches';",
    tests: ['housecleaning.test.ts', 'run-safety.test.ts', 'consent.test.ts'],
  },
  {
    name: 'covers the report of a later run',
    file: 'internal/report.ts',
    find: 'last.run.startedAtMs > report.run.startedAtMs &&',
    replace: 'last.run.startedAtMs < 0 &&',
  },
  {
    name: 'changes the store while it plans',
    file: 'internal/run.ts',
    find: 'options.dryRun ? createOverlayStore(options.store, options.nowMs) : options.store;',
    replace: 'options.dryRun && options.nowMs < 0 ? createOverlayStore(options.store, options.nowMs) : options.store;',
  },
  {
    name: 'runs with another configuration without asking',
    file: 'internal/limits.ts',
    find: '    changed: changed.length === 0 ? []',
    replace: '    changed: changed.length > -1 ? []',
    tests: ['consent.test.ts', 'plan-and-apply.test.ts'],
  },
  {
    name: 'restores over what is there',
    file: 'internal/restore-objects.ts',
    find: 'ifAbsent: true,',
    replace: '',
    tests: ['restore.test.ts'],
  },
  {
    name: 'takes a lease that somebody still holds',
    file: 'lease.ts',
    find: 'askedMs < before.uploadedMs + before.document.ttlMs) return undefined;',
    replace: 'askedMs < before.uploadedMs) return undefined;',
    tests: ['lease.test.ts'],
  },
];
