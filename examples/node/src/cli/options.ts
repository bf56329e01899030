/** The command line of the main job: parsed, checked, and explained when it is wrong. */
import { parseArgs } from 'node:util';
import { createGrid, isOrderflowError } from '@tapekit/orderflow';

/** What the main job was asked to do. */
export interface JobOptions {
  /** Capture files, in the order of time; empty replays the bundled session. */
  readonly inputs: readonly string[];
  /** Layout of the inputs. */
  readonly format: 'binance-combined';
  readonly symbol: string;
  /** Price step, decimal literal. */
  readonly tickSize: string;
  /** Size step, decimal literal. */
  readonly lotSize: string;
  /** Length of a bar, milliseconds. */
  readonly intervalMs: number;
  /** Height of a footprint row, in ticks. */
  readonly rowTicks: number;
  /** Folder that receives the results, the archive and the embedded database. */
  readonly out: string;
  /** True: exit when the job is done; false: go on serving. */
  readonly once: boolean;
  /** True: anything in quarantine makes the exit code 4. */
  readonly strict: boolean;
  readonly host: string;
  readonly port: number;
}

/** The bundled session's own instrument, used when no input is named. */
const bundledSession = {
  symbol: 'TAPEUSDT',
  tickSize: '0.01',
  lotSize: '0.001',
} as const;

export const usage = `Usage: npm start -- [options]

Replays a recorded session (the bundled one unless --input names another) through metrics and
footprints, Postgres and the object store, housecleaning and the score; then serves the API and the
web page until Ctrl-C.

  --input FILE       a capture to replay; repeat it for one session over several files
  --format NAME      layout of the inputs: binance-combined (default)
  --symbol NAME      instrument to read from the inputs, for example ETHUSDT
  --tick-size D      price step, for example 0.01
  --lot-size D       size step, for example 0.0001
  --bar N(s|m|h)     length of a bar (default 60s)
  --row-size N       footprint row height in ticks (default 10)
  --out DIR          folder for the results (default .tapekit)
  --once             exit when done: 0 only if everything was verified
  --strict           exit 4 if any record had to be quarantined
  --host HOST        address to serve on (default 127.0.0.1)
  --port N           port to serve on (default 8080; 0 takes a free one)
  --help             this text

DATABASE_URL names a Postgres server of yours; without it a real one is started from npm binaries.
Exit codes: 0 done and verified, 1 failed, 2 wrong usage, 3 not everything was verified,
4 quarantined records under --strict, 130 interrupted.`;

/** A wrong command line; the message says which option, what was received and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const flags = {
  input: { type: 'string', multiple: true },
  format: { type: 'string' },
  symbol: { type: 'string' },
  'tick-size': { type: 'string' },
  'lot-size': { type: 'string' },
  bar: { type: 'string' },
  'row-size': { type: 'string' },
  out: { type: 'string' },
  once: { type: 'boolean' },
  strict: { type: 'boolean' },
  host: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * The options of a command line, or `'help'`.
 * @throws {@link UsageError}
 */
export function parseOptions(args: readonly string[]): JobOptions | 'help' {
  const values = read(args);
  if (values.help) return 'help';

  const inputs = values.input ?? [];
  const format = values.format ?? 'binance-combined';
  if (format !== 'binance-combined') {
    throw new UsageError(`--format "${format}" is not known. The one format is binance-combined.`);
  }
  const needed = (name: 'symbol' | 'tick-size' | 'lot-size', bundled: string): string => {
    const value = values[name];
    if (value !== undefined) return value;
    if (inputs.length === 0) return bundled;
    throw new UsageError(`--input needs --${name} too: it says how to read the instrument. See --help.`);
  };
  const symbol = needed('symbol', bundledSession.symbol);
  if (!/^[A-Z0-9](?:[A-Z0-9._-]{0,30}[A-Z0-9])?$/.test(symbol)) {
    throw new UsageError(`--symbol "${symbol}" is no symbol. Expected capitals and digits, for example ETHUSDT.`);
  }
  const tickSize = needed('tick-size', bundledSession.tickSize);
  const lotSize = needed('lot-size', bundledSession.lotSize);
  checkGrid(tickSize, lotSize);

  return {
    inputs,
    format,
    symbol,
    tickSize,
    lotSize,
    intervalMs: parseInterval(values.bar ?? '60s'),
    rowTicks: wholeNumber('row-size', values['row-size'] ?? '10', 1, 1_000_000),
    out: nonEmpty('out', values.out ?? '.tapekit'),
    once: values.once ?? false,
    strict: values.strict ?? false,
    host: values.host ?? '127.0.0.1',
    port: wholeNumber('port', values.port ?? '8080', 0, 65_535),
  };
}

type Values = ReturnType<typeof parseArgs<{ options: typeof flags; args: string[] }>>['values'];

function read(args: readonly string[]): Values {
  try {
    // pnpm hands the `--` of `pnpm start -- --once` on; npm does not.
    const own = args[0] === '--' ? args.slice(1) : [...args];
    return parseArgs({ args: own, options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee --help.`, { cause: error });
  }
}

function checkGrid(tickSize: string, lotSize: string): void {
  try {
    createGrid({ tickSize, lotSize });
  } catch (error) {
    if (!isOrderflowError(error)) throw error;
    throw new UsageError(error.message.replace('tickSize', '--tick-size').replace('lotSize', '--lot-size'), {
      cause: error,
    });
  }
}

function parseInterval(text: string): number {
  const match = /^([1-9]\d{0,5})(s|m|h)$/.exec(text);
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 };
  const intervalMs = match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : 0;
  if (intervalMs < 1_000 || intervalMs > 86_400_000) {
    throw new UsageError(`--bar "${text}" is no bar length. Expected 1s to 24h, for example 60s or 5m.`);
  }
  return intervalMs;
}

function nonEmpty(name: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`--${name} "${text}" is empty. Expected a folder, for example results.`);
  return text;
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${name} "${text}" is out of range. Expected a whole number from ${min} to ${max}.`);
  }
  return value;
}
