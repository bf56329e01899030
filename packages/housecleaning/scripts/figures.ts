/**
 * Collects what the long tests reached, and writes it into the README.
 *
 *     node --conditions=source scripts/figures.ts --how
 *     node --conditions=source scripts/figures.ts --from FOLDER
 *     node --conditions=source scripts/figures.ts --check
 *
 * `--how` prints the commands of all long tests. Let them write their JSON, or their output, into files of one folder;
 * `--from` keeps the newest figures of every kind in `figures.json` and writes the block of the README from that. Nothing is
 * typed by hand: `--check` exits 1 when the README says something else than `figures.json`.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBetween } from '../../../bench/lib/write-between.ts';
import { rows, type Figures, type Row } from './figure-rows.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const figuresFile = join(folder, 'figures.json');
const readme = join(folder, 'README.md');
const blockName = 'figures';

/** What `figures.json` holds: by the name of the row. */
export type FigureFile = Readonly<Record<string, { readonly on: string; readonly figures: Figures }>>;

/** The block of the README. */
export function render(file: FigureFile): string {
  const table = [
    ['what', 'reached', 'asked for'],
    ...rows.map((row): readonly [string, string, string] => {
      const found = file[row.name];
      return [row.name, found ? row.tell(found.figures) : 'not run', row.goal];
    }),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((line) => line[column]!.length)));
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

/** The figures of a folder over those that were there before; the newest of each row. */
export function collect(before: FigureFile, from: string, on: string): FigureFile {
  const files = readdirSync(from)
    .map((name) => join(from, name))
    .filter((path) => statSync(path).isFile())
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  const collected: Record<string, { on: string; figures: Figures }> = { ...before };
  for (const path of files) {
    for (const figures of documentsIn(readFileSync(path, 'utf8'))) {
      const row = rows.find(({ isOf }) => isOf(figures));
      if (row) collected[row.name] = { on, figures: slim(row, figures) };
      else console.error(`"${path}" has figures that no row is for: ${JSON.stringify(figures).slice(0, 100)}`);
    }
  }
  return Object.fromEntries(rows.flatMap(({ name }) => (collected[name] ? [[name, collected[name]] as const] : [])));
}

/** What is kept: enough for the row, without long lists. */
function slim(row: Row, figures: Figures): Figures {
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

function main(): void {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, check: { type: 'boolean' }, how: { type: 'boolean' } },
  });
  if (values.how) {
    for (const { name, command } of rows) console.log(`# ${name}\n${command}`);
    return;
  }
  if (values.from !== undefined) {
    const on = `Node ${process.versions.node}, ${process.platform}, ${availableParallelism()} cores`;
    const file = collect(readFigures(), values.from, on);
    writeFileSync(figuresFile, `${JSON.stringify(file, undefined, 2)}\n`);
    writeBetween(readme, blockName, render(file));
  } else if (values.check) {
    if (blockOfReadme() === render(readFigures())) return;
    console.error('The figures in README.md are not those of figures.json; run scripts/figures.ts --from FOLDER.');
    process.exitCode = 1;
  } else writeBetween(readme, blockName, render(readFigures()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
