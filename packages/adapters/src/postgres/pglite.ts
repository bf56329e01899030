/**
 * PGlite instead of a server, where no process can be started: the same repositories over PostgreSQL compiled to
 * WebAssembly (`npm i @electric-sql/pglite`). One connection, and seconds to start: where a process can be started,
 * `@tapekit/adapters/postgres/embedded` is the better choice.
 */
import { Duplex } from 'node:stream';
import postgres from 'postgres';
import { AdaptersError } from '../errors.ts';
import type { PostgresClient } from './client.ts';

/** The part of a PGlite database that is used. */
export interface PgliteLike {
  /** Takes messages of the wire protocol and gives the answer's. */
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * A client whose one connection is a PGlite database. The database stays open when the client ends; close it yourself,
 * and send it no queries of your own while the client is in use: they would fall into its transactions.
 *
 * @example
 * ```ts
 * const database = await PGlite.create();
 * const sql = connectPglite(database);
 * await migrate(sql);
 * const { bars } = createRepositories(sql);
 * ```
 * @throws {@link AdaptersError} `bad-option` when it is no PGlite database.
 */
export function connectPglite(database: PgliteLike): PostgresClient {
  if (typeof (database as PgliteLike | undefined)?.execProtocolRaw !== 'function') {
    throw new AdaptersError('bad-option', 'database is not a PGlite database. Pass what PGlite.create() gives.', {
      value: database,
    });
  }
  const options = {
    // PGlite knows one user and asks for no password.
    user: 'postgres',
    database: 'template1',
    max: 1,
    ssl: false as const,
    fetch_types: false,
    onnotice: () => undefined,
    socket: () => pgliteSocket(database),
  };
  return postgres(options);
}

/** What the client takes for a connected socket: what it writes goes to the database, what that answers comes back. */
function pgliteSocket(database: PgliteLike): Duplex {
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Uint8Array, _encoding, done) {
      if (chunk[0] === terminate) {
        done();
        return;
      }
      database.execProtocolRaw(chunk).then(
        (answer) => {
          if (answer.length > 0) socket.push(answer);
          done();
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
    final(done) {
      socket.push(null);
      done();
    },
  });
  return Object.defineProperty(socket, 'readyState', { get: () => (socket.destroyed ? 'closed' : 'open') });
}

/** The client's goodbye, which the database would take for its own end. */
const terminate = 'X'.charCodeAt(0);
