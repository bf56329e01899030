/**
 * Explores the model of housecleaning and prints how many states each case has, and how the obvious ways lose data.
 *
 *     node --conditions=source scripts/model.ts --json model.json
 *
 * Some 3.4 million states, about ten seconds. Exits 1 if a losing case loses nothing, the protocol loses something, or a
 * case has another number of states than it says.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { losingCases, mutantCase, safeCases, type ModelCase } from '../model/cases.ts';
import { explore, type Exploration } from '../model/explore.ts';

/** One case with what was found. */
interface Finding extends Exploration {
  readonly name: string;
  readonly asExpected: boolean;
  readonly seconds: number;
}

function find(model: ModelCase, safe: boolean): Finding {
  const start = performance.now();
  const found = explore(model);
  const asExpected = found.safe === safe && found.states === model.states;
  const seconds = (performance.now() - start) / 1_000;
  const end = found.violation === undefined ? 'safe' : found.violation;
  console.log(`${asExpected ? ' ' : '!'} ${found.states.toLocaleString('en').padStart(9)}  ${model.name}: ${end}`);
  for (const step of found.trace) console.log(`                ${step}`);
  return { name: model.name, ...found, asExpected, seconds };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'string' } } });
  console.log('   States  Case');
  const losing = [...losingCases, mutantCase].map((model) => find(model, false));
  const safe = safeCases.map((model) => find(model, true));
  const wrong = [...losing, ...safe].filter(({ asExpected }) => !asExpected);
  const figures = {
    schema: 'hc-figures-model/1',
    counterexamples: losing.filter(({ violation }) => violation !== undefined).length,
    losingCases: losing.length,
    safeStates: safe.reduce((sum, { states }) => sum + states, 0),
    violations: safe.filter((found) => !found.safe).length,
    seconds: Math.round([...losing, ...safe].reduce((sum, { seconds }) => sum + seconds, 0) * 10) / 10,
    cases: [...losing, ...safe].map(({ name, states, violation, trace }) => ({ name, states, violation, trace })),
  };
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, undefined, 1)}\n`);
  console.log(
    `${figures.counterexamples} of ${figures.losingCases} weak protocols lose a record; ` +
      `${figures.safeStates.toLocaleString('en')} states of the protocol lose none.`,
  );
  if (wrong.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
