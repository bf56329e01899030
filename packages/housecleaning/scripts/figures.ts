/**
 * Collects what the long tests reached, and writes it into the README.
 *
 *     node --conditions=source scripts/figures.ts --how
 *     node --conditions=source scripts/figures.ts --run 'random schedules' --to FOLDER
 *     node --conditions=source scripts/figures.ts --from FOLDER
 *     node --conditions=source scripts/figures.ts --check
 *
 * `--how` prints the commands of all long tests. Let them write their JSON, or their output, into files of one folder
 * (`--run` does so for one row, as the nightly workflow does for each); `--from` keeps the newest figures of every kind in `figures.json` and writes the block of the README from that. Nothing is
 * typed by hand: `--check` exits 1 when the README says something else than `figures.json`.
 *
 * The first command writes the commit of the tree that is about to make the figures into the file `commit` of the folder.
 * Every row is stamped with it and with the day of its file; a file from before that commit was written down is refused. Where
 * there is no such file, say it: `--commit "$(git describe --always --dirty)"`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBetween } from '../../../bench/lib/write-between.ts';
import { rows, type Figures, type Row } from './figure-rows.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const figuresFile = join(folder, 'figures.json');
const readme = join(folder, 'README.md');
const blockName = 'figures';

/** Figures of one row, with the machine, the commit and the day on which they were made. */
export interface StampedFigures {
  readonly on: string;
  /** `git describe --always --dirty` of the tree that made them. */
  readonly commit: string;
  /** In UTC. */
  readonly day: string;
  readonly figures: Figures;
}

/** What `figures.json` holds: by the name of the row. */
export type FigureFile = Readonly<Record<string, StampedFigures>>;

/** The block of the README. */
export function render(file: FigureFile): string {
  const table = [
    ['what', 'reached', 'asked for', 'made at'],
    ...rows.map((row): readonly string[] => {
      const found = file[row.name];
      if (!found) return [row.name, 'not run', row.goal, ''];
      return [row.name, row.tell(found.figures), row.goal, `${found.commit}, ${found.day}`];
    }),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((line) => line[column]!.length)));
  const lines = table.map((line) => `| ${line.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  const machines = [...new Set(Object.values(file).map(({ on }) => on))];
  return [lines.join('\n'), ...machines.map((on) => `Run on ${on}.`)].join('\n\n');
}

/** Every JSON document in a text that may also say other things. */
export function documentsIn(text: string): Figures[] {
  const found: Figures[] = [];
  let open = '';
  for (const line of text.split('\n')) {
    if (open === '' && !line.startsWith('{')) continue;
    open += `${line}\n`;
    if (!line.endsWith('}')) continue;
    try {
      found.push(JSON.parse(open) as Figures);
      open = '';
    } catch {
      // A document of several lines goes on.
    }
  }
  return found;
}

/**
 * The figures of a folder over those that were there before; the newest of each row.
 *
 * @throws Error where nobody said of which commit they are, or a file is older than the one that says so
 */
export function collect(before: FigureFile, from: string, on: string, commit = commitIn(from)): FigureFile {
  const files = readdirSync(from)
    .map((name) => ({ path: join(from, name), stat: statSync(join(from, name)) }))
    .filter(({ path, stat }) => stat.isFile() && basename(path) !== commitName)
    .sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs);
  const collected: Record<string, StampedFigures> = { ...before };
  for (const { path, stat } of files) {
    for (const figures of documentsIn(readFileSync(path, 'utf8'))) {
      const about = rows.filter(({ isOf }) => isOf(figures));
      if (about.length === 0)
        console.error(`"${path}" has figures that no row is for: ${JSON.stringify(figures).slice(0, 100)}`);
      else if (stat.mtimeMs < commit.sinceMs)
        throw new Error(`"${path}" was made before "${commit.name}" was written down; run it again, or say --commit.`);
      const day = stat.mtime.toISOString().slice(0, 10);
      for (const row of about) collected[row.name] = { on, commit: commit.name, day, figures: slim(row, figures) };
    }
  }
  return Object.fromEntries(rows.flatMap(({ name }) => (collected[name] ? [[name, collected[name]] as const] : [])));
}

const commitName = 'commit';
const stampCommand = `git describe --always --dirty > "$F/${commitName}"`;

/** What the first command of `--how` wrote, and when. */
function commitIn(folder: string): { readonly name: string; readonly sinceMs: number } {
  const path = join(folder, commitName);
  try {
    return { name: readFileSync(path, 'utf8').trim(), sinceMs: statSync(path).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const message = `There is no "${path}": say --commit "$(git describe --always --dirty)" of the tree that made them.`;
    throw new Error(message, { cause: error });
  }
}

/** What is kept: enough for the row, without long lists. */
function slim(row: Row, figures: Figures): Figures {
  if (row.fields) return Object.fromEntries(row.fields.map((name) => [name, figures[name]]));
  const kept = Object.fromEntries(
    Object.entries(figures).filter(([name]) => !['cases', 'verdicts', 'points'].includes(name)),
  );
  // Numbers of cases are kept, lists of them are not.
  const small = typeof figures['cases'] === 'number' ? { ...kept, cases: figures['cases'] } : kept;
  const points = figures['points'] as Figures | undefined;
  const slimmed = points ? { ...small, failPoints: Object.keys(points).length } : small;
  row.tell(slimmed);
  return slimmed;
}

/** Reads `figures.json`; empty without one. */
export function readFigures(): FigureFile {
  try {
    return JSON.parse(readFileSync(figuresFile, 'utf8')) as FigureFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** What the README says now between its markers. */
export function blockOfReadme(): string {
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [`<!-- begin:${blockName} -->`, `<!-- end:${blockName} -->`];
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end)).trim();
}

/** Runs the command of one row into a folder, stamped with the commit; returns how it ended. */
function runRow(name: string, to: string): number {
  const row = rows.find((one) => one.name === name);
  if (!row) {
    console.error(`There is no row "${name}"; expected one of: ${rows.map((one) => one.name).join('; ')}.`);
    return 2;
  }
  const shell = (command: string): number =>
    spawnSync('sh', ['-c', command], { cwd: folder, env: { ...process.env, F: resolve(to) }, stdio: 'inherit' })
      .status ?? 1;
  mkdirSync(to, { recursive: true });
  return shell(stampCommand) || shell(row.command);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      commit: { type: 'string' },
      check: { type: 'boolean' },
      how: { type: 'boolean' },
      run: { type: 'string' },
      to: { type: 'string', default: 'figures' },
    },
  });
  if (values.how) {
    console.log(`# the tree that makes them, into the folder $F\n${stampCommand}`);
    for (const command of new Set(rows.map((row) => row.command))) {
      const names = rows.filter((row) => row.command === command).map(({ name }) => name);
      console.log(`# ${names.join('; ')}\n${command}`);
    }
    return;
  }
  if (values.run !== undefined) process.exitCode = runRow(values.run, values.to);
  else if (values.from !== undefined) {
    const on = `Node ${process.versions.node}, ${process.platform}, ${availableParallelism()} cores`;
    const said = values.commit === undefined ? undefined : { name: values.commit, sinceMs: -Infinity };
    const file = collect(readFigures(), values.from, on, said);
    writeFileSync(figuresFile, `${JSON.stringify(file, undefined, 2)}\n`);
    writeBetween(readme, blockName, render(file));
  } else if (values.check) {
    if (blockOfReadme() === render(readFigures())) return;
    console.error('The figures in README.md are not those of figures.json; run scripts/figures.ts --from FOLDER.');
    process.exitCode = 1;
  } else writeBetween(readme, blockName, render(readFigures()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
