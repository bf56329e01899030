/** The command line, parsed and checked. */
import { parseArgs } from 'node:util';
import { isDate, isSymbol, type Cell } from '@tapekit/housecleaning/keys';
import { UsageError } from './usage.ts';

export const commandNames = [
  'plan',
  'run',
  'report',
  'explain',
  'verify',
  'read',
  'restore',
  'export',
  'prune',
  'resolve',
] as const;

export type CommandName = (typeof commandNames)[number];

const flags = {
  store: { type: 'string' },
  endpoint: { type: 'string' },
  region: { type: 'string' },
  'conditional-delete': { type: 'boolean' },
  env: { type: 'string' },
  'bucket-id': { type: 'string' },
  config: { type: 'string' },
  grace: { type: 'string' },
  'min-age': { type: 'string' },
  'max-deletes': { type: 'string' },
  writers: { type: 'string' },
  threads: { type: 'string' },
  approve: { type: 'string' },
  immediate: { type: 'boolean' },
  concurrency: { type: 'string' },
  plan: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  to: { type: 'string' },
  check: { type: 'boolean' },
  sample: { type: 'string' },
  archive: { type: 'string' },
  manifest: { type: 'string' },
  columns: { type: 'string' },
  'accept-live': { type: 'boolean' },
  'restore-from-stage': { type: 'boolean' },
  by: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export type FlagName = keyof typeof flags;

/** Values of flags, as they were given. */
export type Flags = {
  readonly [Name in FlagName]?: (typeof flags)[Name] extends { type: 'string' } ? string : boolean;
};

/** What every command takes. */
const common: readonly FlagName[] = ['store', 'endpoint', 'region', 'conditional-delete', 'config', 'json', 'quiet'];
const identity: readonly FlagName[] = ['env', 'bucket-id'];
const limits: readonly FlagName[] = [
  'grace',
  'min-age',
  'max-deletes',
  'writers',
  'approve',
  'immediate',
  'concurrency',
];

/** What a command takes, and how many cells. */
const commands: Readonly<
  Record<CommandName, { readonly flags: readonly FlagName[]; readonly cells: readonly [least: number, most: number] }>
> = {
  plan: { flags: [...common, ...identity, ...limits], cells: [0, Infinity] },
  run: { flags: [...common, ...identity, ...limits, 'plan', 'threads'], cells: [0, Infinity] },
  report: { flags: [...common, ...identity], cells: [0, 0] },
  explain: { flags: [...common, ...identity, ...limits], cells: [1, 1] },
  verify: { flags: [...common, ...identity, 'sample', 'archive', 'manifest'], cells: [0, Infinity] },
  read: { flags: [...common, ...identity], cells: [1, 1] },
  restore: { flags: [...common, ...identity, 'to', 'check'], cells: [1, Infinity] },
  export: { flags: [...common, ...identity, 'to', 'columns'], cells: [1, 1] },
  prune: { flags: [...common, ...identity, 'to', 'plan', 'max-deletes'], cells: [0, 0] },
  resolve: { flags: [...common, ...identity, 'accept-live', 'restore-from-stage', 'by'], cells: [1, 1] },
};

/** A command with its cells and flags. */
export interface CommandLine {
  readonly command: CommandName;
  readonly cells: readonly Cell[];
  readonly flags: Flags;
}

/**
 * Reads the command line; `help` where it is asked for.
 * @throws UsageError
 */
export function parseCommandLine(argv: readonly string[]): CommandLine | 'help' {
  const { values, positionals } = parse(argv);
  if (values.help) return 'help';
  const [name, ...rest] = positionals;
  if (name === undefined) throw new UsageError(`No command. Name one of ${commandNames.join(', ')}, or --help.`);
  const command = commandNames.find((known) => known === name);
  if (command === undefined)
    throw new UsageError(`Command "${name}" is unknown. Name one of ${commandNames.join(', ')}.`);
  const takes = commands[command];
  for (const flag of Object.keys(values) as FlagName[]) {
    if (takes.flags.includes(flag)) continue;
    throw new UsageError(
      `Option --${flag} is none of "${command}". It takes ${takes.flags.map((f) => `--${f}`).join(' ')}.`,
    );
  }
  const cells = rest.map(readCell);
  const [least, most] = takes.cells;
  if (cells.length < least || cells.length > most) {
    const expected = most === 0 ? 'none' : least === most ? `${least}` : `at least ${least}`;
    throw new UsageError(`Command "${command}" was given ${cells.length} cells, expected ${expected} (SYMBOL/DATE).`);
  }
  return { command, cells, flags: values };
}

function parse(argv: readonly string[]): { readonly values: Flags; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readCell(text: string): Cell {
  const slash = text.lastIndexOf('/');
  const cell = { symbol: text.slice(0, Math.max(slash, 0)), date: text.slice(slash + 1) };
  if (isSymbol(cell.symbol) && isDate(cell.date)) return cell;
  throw new UsageError(`Cell "${text}" is none. Write SYMBOL/DATE, for example BTCUSDT/2024-08-08.`);
}
