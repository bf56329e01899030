/** Builds the page when its sources changed since the last build, and says where it is. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(fileURLToPath(import.meta.url));
const webRoot = join(web, 'build');
const stampFile = '.source-digest';
const resolveFrom = createRequire(join(web, 'vite.config.ts'));

/** What the built page consists of besides its own sources. */
const packages = [
  '@fontsource-variable/inter',
  '@sveltejs/adapter-static',
  '@sveltejs/kit',
  '@sveltejs/vite-plugin-svelte',
  'lightweight-charts',
  'svelte',
  'vite',
];

/**
 * The folder of the built page, built first where its sources, its configuration, the SDK or a package that goes into it
 * changed since the last build. Prints nothing when there is nothing to do. Safe to call from several processes.
 *
 * @param {{ readonly onBuild?: () => void }} [options] `onBuild` is called before a build starts; it takes seconds.
 * @returns {Promise<string>} the folder to serve at `/`
 * @throws Error with the end of the build's output when it fails
 */
export async function ensureWebBuild({ onBuild } = {}) {
  const digest = await sourceDigest();
  if (await isBuilt(digest)) return webRoot;
  onBuild?.();
  const work = join(web, '.svelte-kit', `work-${process.pid}`);
  try {
    await build(work, digest);
    await writeFile(join(work, 'site', stampFile), digest);
    await putInPlace(join(work, 'site'), digest);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return webRoot;
}

/** @param {string} digest */
async function isBuilt(digest) {
  const stamp = await readFile(join(webRoot, stampFile), 'utf8').catch(() => undefined);
  return stamp === digest && existsSync(join(webRoot, 'index.html'));
}

/** SHA-256 over every file and version that the page is made of. */
async function sourceDigest() {
  const files = [join(web, 'vite.config.ts'), join(web, 'tsconfig.json')];
  for (const folder of [join(web, 'src'), join(web, 'static'), sdkSources()]) files.push(...(await filesUnder(folder)));
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    if (/\.test\.ts$/.test(file)) continue;
    const bytes = await readFile(file);
    hash.update(`${relative(web, file).split(sep).join('/')} ${bytes.length}\n`).update(bytes);
  }
  for (const name of packages) hash.update(`${name} ${await versionOf(name)}\n`);
  return hash.digest('hex');
}

function sdkSources() {
  return join(dirname(resolveFrom.resolve('@tapekit/sdk/package.json')), 'src');
}

/** @param {string} folder @returns {Promise<string[]>} */
async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The version of an installed package; its own folder is looked for, as not every package exports its manifest. */
async function versionOf(/** @type {string} */ name) {
  for (const folder of resolveFrom.resolve.paths(name) ?? []) {
    const manifest = await readFile(join(folder, name, 'package.json'), 'utf8').catch(() => undefined);
    if (manifest) return JSON.parse(manifest).version;
  }
  throw new Error(`The package "${name}" is not installed, so the web page cannot be built. Run "pnpm install" first.`);
}

/** @param {string} work @param {string} digest */
async function build(work, digest) {
  await mkdir(work, { recursive: true });
  const vite = join(dirname(dirname(resolveFrom.resolve('vite'))), '..', 'bin', 'vite.js');
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    NODE_OPTIONS: '',
    TAPEKIT_WEB_WORK: work,
    TAPEKIT_WEB_VERSION: digest.slice(0, 16),
  };
  await new Promise((resolve, reject) => {
    // A process of its own: the bundler's memory is given back, and SvelteKit needs its own working directory.
    execFile(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: web, env }, (error, stdout, stderr) => {
      if (!error) return resolve(undefined);
      const output = `${stdout}${stderr}`
        .replace(/^ +at .*\n?/gm, '')
        .trim()
        .slice(-2000);
      reject(
        new Error(
          `The web page could not be built (${error.message.split('\n')[0]}). Its output ends with:\n${output}`,
        ),
      );
    });
  });
}

/** Swaps the new build in. Where another process was faster with the same sources, its build stays. */
async function putInPlace(/** @type {string} */ site, /** @type {string} */ digest) {
  const old = `${site}-old`;
  for (let attempt = 0; ; attempt += 1) {
    try {
      if (existsSync(webRoot)) await rename(webRoot, `${old}-${attempt}`);
      await rename(site, webRoot);
      return;
    } catch (error) {
      if (await isBuilt(digest)) return;
      if (attempt === 4) throw error;
    }
  }
}
