// Compiles and runs every TypeScript example of the READMEs and of the docs.
//
// A block fenced with ```ts is run; its `// => value` comments are asserted. A block fenced with ```ts no-run (it needs
// a server or a browser) is only compiled. Blocks run in docs/.examples, where all six packages resolve.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = join(root, 'docs', '.examples');

const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: root })
  .toString()
  .split('\n')
  .filter((file) => file !== '' && !file.startsWith('.changeset/') && !file.endsWith('CHANGELOG.md'));

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const examples = documents.flatMap((file) => blocksOf(file));
for (const example of examples) writeFileSync(join(work, example.name), example.code);
writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(compilerOptions()));

let failures = 0;
const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', work], { encoding: 'utf8' });
if (compiled.status !== 0) {
  failures += 1;
  console.error(withOrigins(compiled.stdout));
}
for (const { name, run, where } of examples) {
  if (!run) continue;
  const result = spawnSync(process.execPath, ['--conditions=source', name], { cwd: work, encoding: 'utf8' });
  if (result.status === 0) continue;
  failures += 1;
  console.error(`${where}\n${result.stderr}`);
}
const ran = examples.filter(({ run }) => run).length;
if (readdirSync(work).length > 0) rmSync(work, { recursive: true, force: true });
if (failures > 0) process.exit(1);
if (ran === 0) {
  console.error('No example was found; expected at least one ```ts block.');
  process.exit(1);
}
console.log(`${examples.length} examples compiled, ${ran} of them run.`);

function blocksOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = [];
  for (const match of text.matchAll(/^```ts( no-run)?\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, match.index).split('\n').length + 1;
    const name = `${file.replace(/[^a-zA-Z0-9]+/g, '-')}-${line}.ts`;
    blocks.push({ name, where: `${file}:${line}`, run: !match[1], code: withAssertions(match[2]) });
  }
  return blocks;
}

/** `expression; // => value` and `const x = expression; // => value` become assertions on the same line. */
function withAssertions(code) {
  let asserted = false;
  const lines = code.split('\n').map((line) => {
    const match = /^(\s*)(.*?);?\s*\/\/ => (.+)$/.exec(line);
    if (!match) return line;
    asserted = true;
    const [, indent, statement, expected] = match;
    const declared = /^const (\w+)\b/.exec(statement);
    const logged = /^console\.log\((.*)\)$/.exec(statement);
    if (declared) return `${indent}${statement}; same(${declared[1]}, ${expected});`;
    return `${indent}same(${logged ? logged[1] : statement}, ${expected});`;
  });
  return `${asserted ? "import { deepStrictEqual as same } from 'node:assert/strict';\n" : '\n'}${lines.join('\n')}\nexport {};\n`;
}

function compilerOptions() {
  return {
    extends: '../../tsconfig.base.json',
    compilerOptions: { types: ['node'], noUnusedLocals: false },
    include: ['*.ts'],
  };
}

function withOrigins(output) {
  return examples.reduce((text, { name, where }) => text.replaceAll(`docs/.examples/${name}`, where), output);
}
