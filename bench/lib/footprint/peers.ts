/** What may be there or not: the heavy peers of `bench/peers`, and engines of ours that a checkout does not have yet. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const peers = createRequire(new URL('../../peers/package.json', import.meta.url));
const absent = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED', 'ENOENT']);

/** A package of `bench/peers` as `Shape`, with its version; `undefined` where it is not installed. */
export async function peer<Shape>(
  name: string,
): Promise<{ readonly module: Shape; readonly version: string } | undefined> {
  try {
    const module = (await import(pathToFileURL(peers.resolve(name)).href)) as Shape;
    const { version } = peers(`${name}/package.json`) as { version: string };
    return { module, version };
  } catch (error) {
    throwUnlessAbsent(error);
    return undefined;
  }
}

/** A module of the workspace as `Shape`; `undefined` where this checkout has no such export. */
export async function workspaceModule<Shape>(specifier: string): Promise<Shape | undefined> {
  try {
    return (await import(specifier)) as Shape;
  } catch (error) {
    throwUnlessAbsent(error);
    return undefined;
  }
}

/** Throws the error again, unless it says that a file or an export is not there. */
export function throwUnlessAbsent(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && absent.has(String(error.code)))) throw error;
}
