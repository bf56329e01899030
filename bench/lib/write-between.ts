import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Replaces what stands between `<!-- begin:NAME -->` and `<!-- end:NAME -->` of a file.
 * @throws Error when the file has no such markers.
 */
export function writeBetween(file: string, name: string, text: string): void {
  const [begin, end] = [`<!-- begin:${name} -->`, `<!-- end:${name} -->`];
  const old = readFileSync(file, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`"${file}" has no ${begin} … ${end}. Add the two lines where it shall go.`);
  writeFileSync(file, `${old.slice(0, from + begin.length)}\n\n${text}\n\n${old.slice(to)}`);
}
