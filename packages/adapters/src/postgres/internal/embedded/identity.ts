import { lstat } from 'node:fs/promises';
import process from 'node:process';

/** The system user that a server runs as; empty for the user of this process. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/** `nobody` on Linux; PostgreSQL refuses to run as root. */
const unprivileged = { uid: 65_534, gid: 65_534 } as const;

/** Root hands over to whoever owns the cluster, else to `nobody`; everyone else runs the server as themselves. */
export async function identityFor(pgdata: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  const owner = await lstat(pgdata).catch(() => undefined);
  return owner !== undefined && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : unprivileged;
}
