/** The `.dev.vars` files of both workers: made once, with random tokens, from the `.dev.vars.example` beside them. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fileOf = (worker: string, name: string): string =>
  fileURLToPath(new URL(`../workers/${worker}/${name}`, import.meta.url));

/** Makes the files that are missing; a `generate` in the example becomes a random token. Tells which were made. */
export function ensureDevVars(): readonly string[] {
  return ['ingest', 'housecleaning'].filter((worker) => {
    if (existsSync(fileOf(worker, '.dev.vars'))) return false;
    const example = readFileSync(fileOf(worker, '.dev.vars.example'), 'utf8');
    const text = example.replace(/"generate"/g, () => `"${randomBytes(24).toString('base64url')}"`);
    writeFileSync(fileOf(worker, '.dev.vars'), text, { mode: 0o600 });
    return true;
  });
}

/** A value of the ingest worker's `.dev.vars`; the environment goes first. */
export function devVar(name: string): string {
  const file = fileOf('ingest', '.dev.vars');
  const line = existsSync(file) ? new RegExp(`^${name}="(.*)"$`, 'm').exec(readFileSync(file, 'utf8')) : null;
  const value = process.env[name] ?? line?.[1];
  if (value === undefined) throw new Error(`${name} is not set; start "pnpm dev" once, or set it in the environment.`);
  return value;
}
