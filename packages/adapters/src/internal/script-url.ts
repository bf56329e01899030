/**
 * Where a script of this package lies, by its path below `src`. A build puts modules into chunks, so the folder of the
 * sources or of the build is looked for, not the one of the module that asks.
 */
export function scriptUrl(path: string): URL {
  const [, root, folder] = /^(.*\/(src|dist)\/)/.exec(import.meta.url) ?? [];
  if (root === undefined)
    throw new Error(`"${import.meta.url}" is not in this package; name the script of the threads.`);
  return new URL(`${path}.${folder === 'src' ? 'ts' : 'js'}`, root);
}
