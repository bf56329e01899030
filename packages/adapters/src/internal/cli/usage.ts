/** The command line in words, and what is wrong with one. */

export const usage = `Usage: tapekit-housecleaning COMMAND [SYMBOL/DATE …] [options]

Compresses days of raw tape into archives, proves them, and only then deletes the raw objects.

Commands
  plan                    what a run would do, and its hash; the store is only read
  run                     clean every cell that is due; --plan HASH: only if the plan is still that one
  report                  the report of the last run
  explain CELL            where a cell stands, and why
  verify [CELL …]         read archives back and prove them; all of them without a cell
  verify --archive FILE --manifest FILE
                          prove an archive offline
  read CELL               the records of a day, one a line
  restore CELL            put the raw objects of an archive back, byte for byte, never over anything
  export CELL --to FILE   a day as Parquet; --columns says which fields (needs hyparquet-writer)
  prune --to FILE         what the retention rules of --config would delete, as a plan; prints its token
  prune --plan FILE       delete what that plan names; TAPEKIT_DELETE_TOKEN is its token
  resolve CELL --by NAME  end a quarantine: with --accept-live or --restore-from-stage

A CELL is SYMBOL/DATE, for example BTCUSDT/2024-08-08.

Store
  --store URL             a folder (path or file: URL) or s3://BUCKET[/PREFIX]; default TAPEKIT_STORE
  --endpoint URL          address of the S3 service; default AWS_ENDPOINT_URL
  --region NAME           region of the bucket; default AWS_REGION, else auto
  --conditional-delete    the S3 service honours If-Match on deletes (AWS S3 does, R2 does not)
  --env NAME              which environment the store must be stamped with, for example prod; every command
                          refuses a store that is stamped otherwise
  --bucket-id NAME        and which bucket; default the bucket's or folder's name

Limits
  --config FILE           JSON with any of: store, env, bucketId, writers, grace, minAge, maxDeletes, safety, retention
  --grace DURATION        how long after its end a day is left alone (default PT6H)
  --min-age DURATION      how long a raw object stays in the store (default PT24H)
  --max-deletes N         most raw objects that one run deletes
  --writers WORD          write-once (default) or overwriting
  --threads N             run: work on that many symbols at once, each on a thread of its own (default 1)
  --concurrency N         work on that many cells at once in a thread (default 1)
  --approve first-run     a store that housecleaning has never seen may be cleaned
  --immediate             allow less than an hour of --grace and --min-age, for demonstrations

Output
  --json                  one JSON document on standard output, { error } if the command fails
  --quiet                 no progress
  --to PREFIX|FILE        where restore, export and prune put things
  --check                 restore: compare only
  --sample PERCENT        verify: so many of the archives, others every day
  --archive FILE, --manifest FILE
                          verify: an archive and its manifest that were downloaded
  --columns LIST          export: NAME[=FIELD]:TYPE[?], …; types text, integer, boolean, decimal(SCALE),
                          timestamp-ms (-us, -ns, -iso); default one column "line"
  --help                  this text

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 halted by the safety check, 4 something is in quarantine or not
proven, 5 partly done. S3 credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; plans
of prune are signed with TAPEKIT_DELETE_SECRET, 32 characters or more.`;

/** A wrong command line or configuration; the message says what was given and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a command ends with. */
export const exitCodes = { done: 0, failed: 1, usage: 2, halted: 3, unproven: 4, partial: 5 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
