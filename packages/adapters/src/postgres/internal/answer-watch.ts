/**
 * A limit on how long a connection may wait for an answer. The server's own limits say nothing when the link is dead: a
 * frozen one would be waited for until the network gives up, which may be never.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PostgresClient } from '../client.ts';

/** What the client (`postgres` 3.4.9) hands to a function that makes its sockets. */
interface SocketOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
  readonly ssl?: unknown;
}

/** The limit of one pool. */
export interface AnswerWatch {
  /** Makes a socket that is closed with `ANSWER_TIMEOUT` when the server owes an answer for too long. */
  readonly socket: (options: SocketOptions) => Duplex;
  /** Counts what may take any time; the limit rests while it is above 0. */
  patience: number;
}

const watches = new WeakMap<PostgresClient, AnswerWatch>();

/** Runs work of which single statements may take any time, such as building an index. */
export async function withoutAnswerLimit<T>(sql: PostgresClient, work: () => Promise<T>): Promise<T> {
  const watch = watches.get(sql);
  if (!watch) return work();
  watch.patience += 1;
  try {
    return await work();
  } finally {
    watch.patience -= 1;
  }
}

/** Remembers the watch of a pool, for {@link withoutAnswerLimit}. */
export function rememberWatch(sql: PostgresClient, watch: AnswerWatch): void {
  watches.set(sql, watch);
}

/** A watch for the sockets of a pool, 0 for no limit; `undefined` where there are no sockets of Node, as in Workers. */
export function createAnswerWatch(limitMs: number): AnswerWatch | undefined {
  if ((globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === 'Cloudflare-Workers')
    return undefined;
  const { process } = globalThis as { process?: { getBuiltinModule?: typeof globalThis.process.getBuiltinModule } };
  const [net, stream] = [process?.getBuiltinModule?.('node:net'), process?.getBuiltinModule?.('node:stream')];
  if (!net || !stream) return undefined;
  const watch: AnswerWatch = {
    patience: 0,
    socket({ host: hosts, port: ports, path, ssl }) {
      const socket = new net.Socket();
      const debts = createDebts();
      const wait = waitFor(socket, debts, limitMs, () => watch.patience > 0);
      const [host = 'localhost', port = 5432] = [hosts[0], ports[0]];
      if (path) socket.connect(path);
      else socket.connect(port, host);
      if (ssl) return Object.assign(relay(socket, debts, wait, stream.Duplex), { host, port });
      failWhenClosed(socket);
      const send = socket.write.bind(socket) as (...parameters: unknown[]) => boolean;
      socket.write = (...parameters: unknown[]) => {
        debts.sent(parameters[0] as Uint8Array);
        wait.restart();
        return send(...parameters);
      };
      socket.on('data', (chunk: Uint8Array) => {
        debts.heard(chunk);
        wait.restart();
      });
      return Object.assign(socket, { host, port });
    },
  };
  return watch;
}

const limitCode = 'ANSWER_TIMEOUT';

/** How many answers the server owes. */
interface Debts {
  owed: number;
  sent(messages: Uint8Array): void;
  heard(chunk: Uint8Array): void;
}

/** Messages that the server answers with "ready for query" (`Z`): a simple query and the end of an extended one. */
const [query, sync, ready] = ['Q', 'S', 'Z'].map((letter) => letter.charCodeAt(0));

/** Counts by the heads of messages (PostgreSQL manual, 54.7), of a connection that is not encrypted. */
function createDebts(): Debts {
  const head = new Uint8Array(5);
  let have = 0;
  let skip = 0;
  const lengthAt = (bytes: Uint8Array, at: number): number =>
    bytes[at]! * 0x1000000 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!;
  const debts: Debts = {
    owed: 0,
    sent(messages) {
      for (let at = 0; at + 4 < messages.length;) {
        // The first message of a connection has no letter; a session that began is ready, too.
        const start = messages[at] === 0;
        if (start || messages[at] === query || messages[at] === sync) debts.owed += 1;
        at += start ? lengthAt(messages, at) : 1 + lengthAt(messages, at + 1);
      }
    },
    heard(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (skip > 0) {
          const step = Math.min(skip, chunk.length - at);
          skip -= step;
          at += step;
          continue;
        }
        head[have] = chunk[at]!;
        have += 1;
        at += 1;
        if (have < head.length) continue;
        have = 0;
        skip = Math.max(0, lengthAt(head, 1) - 4);
        if (head[0] === ready) debts.owed = Math.max(0, debts.owed - 1);
      }
    },
  };
  return debts;
}

interface Wait {
  /** Something was sent or came. */
  restart(): void;
}

/**
 * Tells of an error when the socket closes, not before: a query that comes between the two is put on the dead connection
 * by the client and never answered. Both are told when what the client was about to write has been written: a write that it
 * cancels on a close would keep that connection from ever writing again.
 */
function failWhenClosed(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
  let failure: unknown;
  socket.emit = (event: string, ...values: unknown[]): boolean => {
    if (event === 'error') {
      failure ??= values[0];
      return true;
    }
    if (event !== 'close') return emit(event, ...values);
    setImmediate(() => {
      if (failure !== undefined) emit('error', failure);
      emit(event, ...values);
    });
    return true;
  };
}

/**
 * Stands between the socket and TLS, which would take over a socket of Node and leave nothing to see. What is encrypted
 * has no messages to count: whatever comes is taken for the answer.
 */
function relay(socket: Socket, debts: Debts, wait: Wait, Stream: typeof Duplex): Duplex {
  const seen = (owed: number): void => {
    debts.owed = owed;
    wait.restart();
  };
  const outer = new Stream({
    read: () => void socket.resume(),
    write(chunk: Uint8Array, _encoding, done) {
      seen(1);
      socket.write(chunk, done);
    },
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Uint8Array) => {
    seen(0);
    if (!outer.push(chunk)) socket.pause();
  });
  socket.on('end', () => outer.push(null));
  let failure: Error | undefined;
  socket.on('error', (error) => void (failure = error));
  // The limit closes without an error: between one and the end, TLS would leave the same hole for queries.
  socket.on(
    'close',
    () => void outer.destroy((failure as { code?: string } | undefined)?.code === limitCode ? undefined : failure),
  );
  return Object.defineProperty(outer, 'readyState', { get: () => socket.readyState });
}

/** Closes the socket when it owes an answer and nothing came or went for the time of the limit. */
function waitFor(socket: Socket, debts: { readonly owed: number }, limitMs: number, patient: () => boolean): Wait {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = 0;
  const look = (): void => {
    timer = undefined;
    if (debts.owed === 0 || socket.destroyed) return;
    // What is still on its way out is no answer that is waited for, as long as it moves.
    const gone = socket.bytesWritten - socket.writableLength;
    const moves = gone !== left;
    left = gone;
    if (moves || patient()) {
      restart();
      return;
    }
    // Where this thread was held up, the answer may lie there already.
    setImmediate(() => {
      if (debts.owed > 0 && timer === undefined) close();
    });
  };
  const close = (): void => {
    const reason = `no answer within ${limitMs} ms (answerTimeoutMs), the connection was closed`;
    socket.destroy(Object.assign(new Error(reason), { code: limitCode }));
  };
  const restart = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (debts.owed === 0 || limitMs === 0) return;
    left = socket.bytesWritten - socket.writableLength;
    timer = setTimeout(look, limitMs);
    timer.unref();
  };
  socket.on('close', () => clearTimeout(timer));
  return { restart };
}
