/**
 * The one place that makes and parses keys. Everything else handles what comes out of here; nobody joins strings.
 *
 * ```
 * raw_tns/{SYMBOL}/{DATE}/{segment}                   what the ingest wrote, append-only
 * raw_tns_compressed/{SYMBOL}/{DATE}.jsonl.gz         the archive of one symbol and day
 * raw_tns_compressed/sanity-info.json                 the report of the last run
 * housecleaning/v1/{env.json,clock.json,manifest/…,stage/…,quarantine/…,journal/…,lease/…}   ours; begins with none of the above
 * ```
 *
 * `raw_tns` is a string prefix of `raw_tns_compressed`, and `BTC` of `BTCUSD`: prefixes made here end in a slash.
 */
import { badKey, badSymbol, isSymbol } from './internal/symbol-names.ts';

export { escapeSymbol, isSymbol, unescapeSymbol } from './internal/symbol-names.ts';

/** One symbol and UTC day: what is archived together. */
export interface Cell {
  /** Instrument name as in {@link isSymbol}; for a name outside that grammar what {@link escapeSymbol} makes of it. */
  readonly symbol: string;
  /** Calendar day `YYYY-MM-DD`. */
  readonly date: string;
}

/** What the name of a raw segment says. */
export interface RawSegment extends Cell {
  /** Sequence number of the first record, 0 to 999 999 999 999. */
  readonly firstSeq: number;
  /** Sequence number of the last record. */
  readonly lastSeq: number;
}

const segmentPattern = /^(\d{12})-(\d{12})-([0-9a-f]{16})\.jsonl$/;
const sha256Pattern = /^[0-9a-f]{64}$/;
const maxSeq = 999_999_999_999;

/** Everything raw. */
export const rawPrefix = 'raw_tns/';
/** Every archive, and the report. */
export const archivePrefix = 'raw_tns_compressed/';
/** The report of the last run. */
export const reportKey = 'raw_tns_compressed/sanity-info.json';
/** Which environment this store belongs to. */
export const envKey = 'housecleaning/v1/env.json';
/** Put at the start of every run to read the store's clock; only its time matters. */
export const clockKey = 'housecleaning/v1/clock.json';
/** Cells that only an operator may touch. */
export const quarantinePrefix = 'housecleaning/v1/quarantine/';
/** Staged copies of archives. */
export const stagePrefix = 'housecleaning/v1/stage/';
/** Manifests, each named by its digest. */
export const manifestPrefix = 'housecleaning/v1/manifest/';
/** One entry a run. */
export const journalPrefix = 'housecleaning/v1/journal/';
/** What runs are about to heal, and whether it was told. */
const healingPrefix = `${journalPrefix}healing/`;
/** Who works on which shard. */
export const leasePrefix = 'housecleaning/v1/lease/';

/**
 * True for a day of the calendar from 1990 to 2999, written `YYYY-MM-DD`; with `latest`, also a date, for none after it.
 */
export function isDate(text: string, latest?: string): boolean {
  if (!/^(199\d|2\d{3})-\d{2}-\d{2}$/.test(text) || (latest !== undefined && text > latest)) return false;
  const day = Number(text.slice(8));
  return day >= 1 && day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

/** Days of a month of the Gregorian calendar; 0 for no month. */
function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

/** True for 64 lower-case hex characters. */
export function isSha256(text: unknown): text is string {
  return typeof text === 'string' && sha256Pattern.test(text);
}

/**
 * Refuses a cell whose parts do not follow the grammar.
 *
 * @throws HousecleaningError `bad-key`
 */
export function assertCell(cell: Cell): void {
  if (!isSymbol(cell.symbol)) throw badSymbol(cell.symbol);
  if (!isDate(cell.date)) throw badKey('date', cell.date, 'a calendar day YYYY-MM-DD from 1990 on');
}

/** Where the raw objects of a cell lie; ends in a slash. */
export function rawCellPrefix(cell: Cell): string {
  assertCell(cell);
  return `${rawPrefix}${cell.symbol}/${cell.date}/`;
}

/**
 * Key of a raw segment: `raw_tns/{SYMBOL}/{DATE}/{firstSeq}-{lastSeq}-{first 16 hex of sha256}.jsonl`, numbers padded to
 * 12 digits, so that key order is sequence order. Other bytes have another key: a segment is never overwritten.
 *
 * @throws HousecleaningError `bad-key`
 */
export function formatRawKey(segment: RawSegment & { readonly sha256: string }): string {
  const { firstSeq, lastSeq, sha256 } = segment;
  if (!isSeq(firstSeq)) throw badKey('firstSeq', firstSeq, `a whole number from 0 to ${maxSeq}`);
  if (!isSeq(lastSeq) || lastSeq < firstSeq)
    throw badKey('lastSeq', lastSeq, `a whole number from firstSeq to ${maxSeq}`);
  if (!isSha256(sha256)) throw badKey('sha256', sha256, '64 lower-case hex characters');
  return `${rawCellPrefix(segment)}${pad(firstSeq)}-${pad(lastSeq)}-${sha256.slice(0, 16)}.jsonl`;
}

/** Parts of a key made by {@link formatRawKey}, or `undefined` for any other text. */
export function parseRawKey(key: string): (RawSegment & { readonly sha256Prefix: string }) | undefined {
  const cell = parseRawCell(key);
  const name = cell && segmentPattern.exec(key.slice(rawCellPrefix(cell).length));
  if (!name) return undefined;
  const firstSeq = Number(name[1]);
  const lastSeq = Number(name[2]);
  return lastSeq < firstSeq ? undefined : { ...cell, firstSeq, lastSeq, sha256Prefix: name[3]! };
}

/**
 * The cell of any raw key, whoever named the object; `undefined` for keys elsewhere or against the grammar, and with
 * `latest` (see `latestDate` of `days`) for dates after it.
 */
export function parseRawCell(key: string, latest?: string): Cell | undefined {
  const [root, symbol, date, ...rest] = key.split('/');
  if (root !== 'raw_tns' || symbol === undefined || date === undefined || rest.join('/') === '') return undefined;
  return isSymbol(symbol) && isDate(date, latest) ? { symbol, date } : undefined;
}

/** Key of the archive of a cell. */
export function archiveKey(cell: Cell): string {
  assertCell(cell);
  return `${archivePrefix}${cell.symbol}/${cell.date}.jsonl.gz`;
}

/** The cell of an archive key, or `undefined` for any other text. */
export function parseArchiveKey(key: string): Cell | undefined {
  const match = /^raw_tns_compressed\/([^/]+)\/([^/]+)\.jsonl\.gz$/.exec(key);
  const cell = match && { symbol: match[1]!, date: match[2]! };
  return cell && isSymbol(cell.symbol) && isDate(cell.date) ? cell : undefined;
}

/** Key of an immutable manifest, named by the SHA-256 of its bytes. */
export function manifestKey(cell: Cell, sha256: string): string {
  return `${manifestPrefix}${inControl(cell, sha256)}.json`;
}

/**
 * Key of a staged archive, named by the SHA-256 of its decompressed bytes. `attempt` above 0 is for a key that is taken
 * by bytes that are not ours: it may be locked, so it is left alone.
 */
export function stageKey(cell: Cell, contentSha256: string, attempt = 0): string {
  return `${stagePrefix}${inControl(cell, contentSha256)}${attempt === 0 ? '' : `.${attempt}`}.jsonl.gz`;
}

/** True for a key that {@link stageKey} makes for this cell. */
export function isStageKey(cell: Cell, key: string): boolean {
  assertCell(cell);
  const prefix = `${stagePrefix}${cell.symbol}/${cell.date}/`;
  return key.startsWith(prefix) && /^[0-9a-f]{64}(\.[1-9])?\.jsonl\.gz$/.test(key.slice(prefix.length));
}

/** Key of the record that stops a cell until an operator has looked. */
export function quarantineKey(cell: Cell): string {
  assertCell(cell);
  return `${quarantinePrefix}${cell.symbol}/${cell.date}.json`;
}

/** The cell of a quarantine key, or `undefined` for any other text. */
export function parseQuarantineKey(key: string): Cell | undefined {
  const match = /^housecleaning\/v1\/quarantine\/([^/]+)\/([^/]+)\.json$/.exec(key);
  const cell = match && { symbol: match[1]!, date: match[2]! };
  return cell && isSymbol(cell.symbol) && isDate(cell.date) ? cell : undefined;
}

/**
 * Key of the journal entry of a run: sorted by the time at which the run began.
 *
 * @throws HousecleaningError `bad-key` unless `startedAtMs` is a time from 1970 to 2286 and `runId` 1 to 64 of `A-Z a-z 0-9 _ -`.
 */
export function journalKey(startedAtMs: number, runId: string): string {
  if (!Number.isInteger(startedAtMs) || startedAtMs < 0 || startedAtMs > 9_999_999_999_999)
    throw badKey('startedAtMs', startedAtMs, 'whole epoch milliseconds');
  return `${journalPrefix}${String(startedAtMs).padStart(13, '0')}-${assertName('runId', runId)}.json`;
}

/** What the key of a journal entry says, or `undefined` for any other text. */
export function parseJournalKey(key: string): { readonly startedAtMs: number; readonly runId: string } | undefined {
  const match = /^housecleaning\/v1\/journal\/(\d{13})-([A-Za-z0-9_-]{1,64})\.json$/.exec(key);
  return match ? { startedAtMs: Number(match[1]), runId: match[2]! } : undefined;
}

/**
 * Key of the note of a run that is about to heal the archive of a cell; with `isTold`, of the mark that a report told it.
 *
 * @throws HousecleaningError `bad-key` as {@link journalKey}
 */
export function healingKey(cell: Cell, startedAtMs: number, runId: string, isTold = false): string {
  assertCell(cell);
  const run = journalKey(startedAtMs, runId).slice(journalPrefix.length, -'.json'.length);
  return `${healingPrefix}${cell.symbol}/${cell.date}/${run}${isTold ? '.told' : ''}.json`;
}

/** What the key of a note or of its mark says, or `undefined` for any other text. */
export function parseHealingKey(key: string): HealingName | undefined {
  const [symbol = '', date = '', name = '', ...deeper] = key.startsWith(healingPrefix)
    ? key.slice(healingPrefix.length).split('/')
    : [];
  if (!isSymbol(symbol) || !isDate(date) || deeper.length > 0) return undefined;
  const isTold = name.endsWith('.told.json');
  const run = parseJournalKey(`${journalPrefix}${isTold ? name.replace(/\.told\.json$/, '.json') : name}`);
  return run && { cell: { symbol, date }, ...run, isTold };
}

/** What {@link parseHealingKey} finds. */
export interface HealingName {
  readonly cell: Cell;
  readonly startedAtMs: number;
  readonly runId: string;
  readonly isTold: boolean;
}

/**
 * Key of the lease of a shard.
 *
 * @throws HousecleaningError `bad-key` unless `shard` is 1 to 64 of `A-Z a-z 0-9 _ -`.
 */
export function leaseKey(shard: string): string {
  return `${leasePrefix}${assertName('shard', shard)}.json`;
}

/**
 * Key of part `part` of an archive in the layout of older systems: `raw_tns_compressed/{SYMBOL}/{DATE}_part{n}.jsonl.gz`.
 * We read it and never write it.
 */
export function legacyPartKey(cell: Cell, part: number): string {
  assertCell(cell);
  return `${archivePrefix}${cell.symbol}/${cell.date}_part${part}.jsonl.gz`;
}

/** Cell and number of a {@link legacyPartKey}, or `undefined` for any other text. */
export function parseLegacyPartKey(key: string): { readonly cell: Cell; readonly part: number } | undefined {
  const match = /^raw_tns_compressed\/([^/]+)\/([^/_]+)_part(0|[1-9]\d{0,8})\.jsonl\.gz$/.exec(key);
  const cell = match && { symbol: match[1]!, date: match[2]! };
  return cell && isSymbol(cell.symbol) && isDate(cell.date) ? { cell, part: Number(match[3]) } : undefined;
}

function assertName(what: string, name: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw badKey(what, name, '1 to 64 of A-Z a-z 0-9 _ -');
  return name;
}

function inControl(cell: Cell, sha256: string): string {
  assertCell(cell);
  if (!isSha256(sha256)) throw badKey('sha256', sha256, '64 lower-case hex characters');
  return `${cell.symbol}/${cell.date}/${sha256}`;
}

function isSeq(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maxSeq;
}

function pad(seq: number): string {
  return String(seq).padStart(12, '0');
}
