import { isObjectStoreError } from '../errors.ts';
import { isSha256, parseQuarantineKey, quarantineKey, quarantinePrefix, type Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { listPages } from './listing.ts';
import { readObject } from './reading.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** What stops a cell until an operator has looked, or says that one has. It is replaced, never deleted. */
export interface QuarantineRecord {
  readonly schema: 'hc-quarantine/1';
  readonly cell: Cell;
  readonly state: 'open' | 'resolved';
  readonly reason: string;
  /** The run that put it there. */
  readonly runId: string;
  /** How it was resolved. */
  readonly resolution?: string;
  /** Names of the manifests that tell of a generation that is gone, and digests of staged copies that do, where that is the reason. */
  readonly manifests?: readonly string[];
  /** Such manifests and digests that somebody has looked at and accepted; they stop the cell no more. */
  readonly accepted?: readonly string[];
  /** What `restore-from-stage` published, and over what. */
  readonly published?: PublishedFromStage;
  /** What is still missing after it was resolved: the next run stops the cell again, unless it was accepted. */
  readonly missing?: string;
}

/** A generation that `restore-from-stage` published. */
export interface PublishedFromStage {
  readonly generation: number;
  /** Name of its manifest. */
  readonly manifest: string;
  /** Key of its staged copy. */
  readonly stage: string;
  /** What lay there; `null` if nothing did. */
  readonly over: {
    /** That its metadata name; `null` where they name none. */
    readonly generation: number | null;
    readonly etag: string;
    /** Key of the copy that was kept of it. */
    readonly keptAs: string | null;
  } | null;
}

/** A record as it lies in the store; `record` is `undefined` for what this package did not write. */
export interface ReadQuarantine {
  readonly etag: string;
  readonly record: QuarantineRecord | undefined;
  /** Whether the cell is stopped; everything but a sound `resolved` stops it. */
  readonly stops: boolean;
}

/** The record of a cell; `undefined` without one. */
export async function readQuarantine(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  signal?: AbortSignal,
): Promise<ReadQuarantine | undefined> {
  const read = await readObject(store, quarantineKey(cell), signal ? { signal } : {});
  if (read === undefined) return undefined;
  const record = parseRecord(fromUtf8(read.bytes), cell);
  return { etag: read.info.etag, record, stops: record?.state !== 'resolved' };
}

/** Cells with a record, stopped or resolved, as `SYMBOL/DATE`. */
export async function listQuarantined(
  store: Pick<ObjectStore, 'list'>,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const page of listPages(store, quarantinePrefix, signal)) {
    for (const { key } of page) {
      const cell = parseQuarantineKey(key);
      if (cell) found.add(`${cell.symbol}/${cell.date}`);
    }
  }
  return found;
}

/** Cells that are stopped, in the order of their keys; looks only into the records of `among`. */
export async function readStopped(
  store: Pick<ObjectStore, 'get'>,
  among: Iterable<string>,
  signal?: AbortSignal,
): Promise<readonly Cell[]> {
  const stopped: Cell[] = [];
  for (const name of among) {
    const [symbol = '', date = ''] = name.split('/');
    const cell = { symbol, date };
    if ((await readQuarantine(store, cell, signal))?.stops === true) stopped.push(cell);
  }
  return stopped;
}

/** Stops a cell. A record that stops it already is left as it is. */
export async function writeQuarantine(
  store: Pick<ObjectStore, 'get' | 'put'>,
  record: Omit<QuarantineRecord, 'schema' | 'state'>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = await readQuarantine(store, record.cell);
    if (before?.stops) return;
    try {
      const accepted = before?.record?.accepted;
      const next = { ...record, ...(accepted ? { accepted } : {}) };
      await putRecord(store, { schema: 'hc-quarantine/1', state: 'open', ...next }, before?.etag);
      return;
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed') || attempt === 5) throw error;
    }
  }
}

/** Puts a record over the one that was seen, or where none was. */
export async function putRecord(
  store: Pick<ObjectStore, 'put'>,
  record: QuarantineRecord,
  over: string | undefined,
): Promise<void> {
  const bytes = toUtf8(`${JSON.stringify(record)}\n`);
  await store.put(quarantineKey(record.cell), bytes, {
    ...(over === undefined ? { ifAbsent: true } : { ifMatch: over }),
    sha256: await sha256Hex(bytes),
  });
}

function parseRecord(text: string, cell: Cell): QuarantineRecord | undefined {
  try {
    const raw = JSON.parse(text) as QuarantineRecord | null;
    const sound = raw?.schema === 'hc-quarantine/1' && raw.cell.symbol === cell.symbol && raw.cell.date === cell.date;
    return sound && isNames(raw.manifests) && isNames(raw.accepted) ? raw : undefined;
  } catch {
    return undefined;
  }
}

function isNames(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isSha256));
}
