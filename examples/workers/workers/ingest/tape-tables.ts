/** The SQLite tables of one symbol, and every statement that touches them. */

/** A row of SQLite is at most 2 MB; longer documents lie in pieces of this many characters (at most 3 bytes each). */
const pieceLength = 500_000;
/** Quarantined rows that are kept; the count goes on. */
const maxQuarantined = 10_000;
/** Acknowledgements per client that a resend can still meet. */
const maxAcks = 1_024;

/** One message as it waits for its way to R2. */
export interface MessageRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly received_ms: number;
  readonly client: string;
  readonly client_seq: number;
  /** JSON array of the accepted trades, as the client sent them. */
  readonly trades: string;
  [column: string]: SqlStorageValue;
}

/** What was answered to a message. */
export interface AckRow {
  readonly digest: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  [column: string]: SqlStorageValue;
}

/** A trade or message that was set aside. */
export interface QuarantineRow {
  readonly n: number;
  readonly received_ms: number;
  readonly client: string;
  readonly client_seq: number | null;
  readonly reason: string;
  readonly message: string;
  readonly body: string;
  [column: string]: SqlStorageValue;
}

/** Creates what is missing. */
export function createTables(sql: SqlStorage): void {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS documents (name TEXT, part INTEGER, json TEXT NOT NULL, PRIMARY KEY (name, part)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS messages (first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL,
      received_ms INTEGER NOT NULL, client TEXT NOT NULL, client_seq INTEGER NOT NULL, trades TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS acks (client TEXT, seq INTEGER, digest TEXT NOT NULL, accepted INTEGER NOT NULL,
      duplicates INTEGER NOT NULL, quarantined INTEGER NOT NULL, PRIMARY KEY (client, seq)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS trade_ids (id TEXT PRIMARY KEY, received_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS quarantine (n INTEGER PRIMARY KEY, received_ms INTEGER NOT NULL, client TEXT NOT NULL,
      client_seq INTEGER, reason TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS bars (start_ms INTEGER, part INTEGER, trades INTEGER NOT NULL, revision INTEGER NOT NULL,
      json TEXT NOT NULL, PRIMARY KEY (start_ms, part)) WITHOUT ROWID;
  `);
}

/** A JSON document by name; `undefined` if there is none. */
export function readDocument(sql: SqlStorage, name: string): unknown {
  const parts = sql.exec<{ json: string }>('SELECT json FROM documents WHERE name = ? ORDER BY part', name).toArray();
  return parts.length === 0 ? undefined : JSON.parse(parts.map(({ json }) => json).join(''));
}

/** Replaces a JSON document. */
export function writeDocument(sql: SqlStorage, name: string, document: unknown): void {
  const pieces = cut(JSON.stringify(document));
  pieces.forEach((json, part) => {
    sql.exec('INSERT OR REPLACE INTO documents VALUES (?, ?, ?)', name, part, json);
  });
  sql.exec('DELETE FROM documents WHERE name = ? AND part >= ?', name, pieces.length);
}

/** Adds a message. */
export function insertMessage(sql: SqlStorage, row: MessageRow): void {
  const { first_seq, last_seq, received_ms, client, client_seq, trades } = row;
  sql.exec(
    'INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)',
    first_seq,
    last_seq,
    received_ms,
    client,
    client_seq,
    trades,
  );
}

/** Messages with records above a sequence number, oldest first. */
export function messagesAfter(sql: SqlStorage, seq: number): Iterable<MessageRow> {
  return sql.exec<MessageRow>('SELECT * FROM messages WHERE first_seq > ? ORDER BY first_seq', seq);
}

/** Deletes the messages up to a sequence number. */
export function deleteMessagesUpTo(sql: SqlStorage, seq: number): void {
  sql.exec('DELETE FROM messages WHERE last_seq <= ?', seq);
}

/** What was answered to this message; `undefined` if it never came. */
export function findAck(sql: SqlStorage, client: string, seq: number): AckRow | undefined {
  return sql
    .exec<AckRow>(
      'SELECT digest, accepted, duplicates, quarantined FROM acks WHERE client = ? AND seq = ?',
      client,
      seq,
    )
    .toArray()[0];
}

/** The highest number that this client used; `null` before the first. */
export function lastClientSeq(sql: SqlStorage, client: string): number | null {
  return sql.exec<{ seq: number | null }>('SELECT MAX(seq) AS seq FROM acks WHERE client = ?', client).one().seq;
}

/** Remembers an answer. */
export function insertAck(sql: SqlStorage, client: string, seq: number, ack: AckRow): void {
  const { digest, accepted, duplicates, quarantined } = ack;
  sql.exec('INSERT INTO acks VALUES (?, ?, ?, ?, ?, ?)', client, seq, digest, accepted, duplicates, quarantined);
}

/** Remembers a trade id; false if it is known. */
export function addTradeId(sql: SqlStorage, id: string, receivedMs: number): boolean {
  return sql.exec('INSERT OR IGNORE INTO trade_ids VALUES (?, ?)', id, receivedMs).rowsWritten > 0;
}

/** Sets something aside; the oldest rows make room. */
export function insertQuarantined(sql: SqlStorage, row: QuarantineRow): void {
  const { n, received_ms, client, client_seq, reason, message, body } = row;
  sql.exec(
    'INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)',
    n,
    received_ms,
    client,
    client_seq,
    reason,
    message,
    body,
  );
  sql.exec('DELETE FROM quarantine WHERE n <= ?', n - maxQuarantined);
}

/** What was set aside last, newest first. */
export function latestQuarantined(sql: SqlStorage, limit: number): readonly QuarantineRow[] {
  return sql.exec<QuarantineRow>('SELECT * FROM quarantine ORDER BY n DESC LIMIT ?', limit).toArray();
}

/** A bar as it is stored. */
export interface StoredBar {
  readonly startMs: number;
  readonly trades: number;
  readonly revision: number;
  /** Footprint JSON, version 1. */
  readonly json: string;
}

/** Stores a bar unless a fuller one is there: a bar only ever grows. */
export function upsertBar(sql: SqlStorage, { startMs, trades, revision, json }: StoredBar): void {
  const stored = sql.exec<{ trades: number }>('SELECT trades FROM bars WHERE start_ms = ? AND part = 0', startMs);
  if ((stored.toArray()[0]?.trades ?? 0) >= trades) return;
  sql.exec('DELETE FROM bars WHERE start_ms = ?', startMs);
  cut(json).forEach((piece, part) => {
    sql.exec('INSERT INTO bars VALUES (?, ?, ?, ?, ?)', startMs, part, trades, revision, piece);
  });
}

/** Starts of bars, ascending: from a time on, or the latest ones. */
export function barStarts(sql: SqlStorage, fromMs: number | undefined, limit: number): readonly number[] {
  const [where, order] = fromMs === undefined ? ['', 'DESC'] : ['AND start_ms >= ?', 'ASC'];
  const rows = sql.exec<{ start_ms: number }>(
    `SELECT start_ms FROM bars WHERE part = 0 ${where} ORDER BY start_ms ${order} LIMIT ?`,
    ...(fromMs === undefined ? [] : [fromMs]),
    limit,
  );
  return rows
    .toArray()
    .map((row) => row.start_ms)
    .sort((a, b) => a - b);
}

/** The JSON of a bar. */
export function readBar(sql: SqlStorage, startMs: number): string {
  const parts = sql.exec<{ json: string }>('SELECT json FROM bars WHERE start_ms = ? ORDER BY part', startMs);
  return parts
    .toArray()
    .map(({ json }) => json)
    .join('');
}

/** Forgets what no resend can meet any more, and bars that the archive can give again. */
export function forgetOld(
  sql: SqlStorage,
  limits: { readonly idsBeforeMs: number; readonly barsBeforeMs: number },
): void {
  sql.exec('DELETE FROM trade_ids WHERE received_ms < ?', limits.idsBeforeMs);
  sql.exec('DELETE FROM bars WHERE start_ms < ?', limits.barsBeforeMs);
  for (const { client } of sql.exec<{ client: string }>('SELECT DISTINCT client FROM acks').toArray()) {
    const kept = 'SELECT seq FROM acks WHERE client = ? ORDER BY seq DESC LIMIT 1 OFFSET ?';
    sql.exec(`DELETE FROM acks WHERE client = ? AND seq <= (${kept})`, client, client, maxAcks);
  }
}

function cut(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += pieceLength) pieces.push(text.slice(at, at + pieceLength));
  return pieces;
}
