/**
 * How much of the moves of the price order flow imbalance explains (Cont, Kukanov and Stoikov 2014), as Markdown tables:
 * `node --conditions=source bench/ofi-regression.ts`.
 *
 * Runs over the recorded sessions where they are beside the checkout, else over the bundled synthetic session; or over
 * any capture in the `binance-combined` layout:
 * `--input FILE… --symbol ETHUSDT --tick-size 0.01 --lot-size 0.0001`. `--write FILE` puts the tables between the
 * markers of a Markdown file instead of printing them.
 */
import { parseArgs } from 'node:util';
import { hasRecordedData } from '@tapekit/tooling/recorded-data';
import { type Capture, captures, readCapture } from './lib/captures.ts';
import { writeBetween } from './lib/write-between.ts';
import {
  bookBuckets,
  bookLines,
  LEVELS,
  quantile,
  quoteBuckets,
  quoteLine,
  type SessionLine,
  windowLines,
} from './lib/flow-regression.ts';

const BUCKETS_MS = [1000, 10_000];
const STEPS_MS = [100, 250, 500];
const WINDOW_MS = 10_000;

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    input: { type: 'string', multiple: true },
    symbol: { type: 'string' },
    'tick-size': { type: 'string', default: '0.01' },
    'lot-size': { type: 'string', default: '0.00000001' },
    write: { type: 'string' },
  },
});

if (args.write !== undefined && !args.input && !hasRecordedData) {
  throw new Error(
    '--write needs the recorded sessions beside the checkout, or --input; the bundled session is synthetic',
  );
}
const lines: string[][] = [];
const within: string[][] = [];
for (const capture of capturesAsked()) await measure(capture);
const report = [
  `One line over all buckets of a session:`,
  table(
    [
      'session',
      'bucket',
      'flow',
      'buckets',
      'R²',
      'slope',
      't',
      't, White',
      't, Newey-West',
      'R² ahead',
      'R² of next',
      't of next',
    ],
    lines,
    3,
  ),
  `One line within each window of ${WINDOW_MS / 1000} s:`,
  table(
    [
      'session',
      'step',
      'windows',
      'median R²',
      'middle half',
      'least',
      'most',
      't > 1.96',
      'depth exponent λ',
      'its R²',
    ],
    within,
    2,
  ),
].join('\n\n');
if (args.write === undefined) console.log(report);
else writeBetween(args.write, 'ofi-regression', report);

function capturesAsked(): readonly Capture[] {
  const { input, symbol } = args;
  if (!input) return captures();
  if (symbol === undefined) throw new Error('--input needs --symbol, for example --symbol ETHUSDT');
  const files = [...input, ...positionals];
  return [{ name: symbol, symbol, files, tickSize: args['tick-size'], lotSize: args['lot-size'] }];
}

async function measure(capture: Capture): Promise<void> {
  const read = await readCapture(capture);
  for (const everyMs of BUCKETS_MS) {
    const row = (flow: string, fitted: SessionLine | undefined): void => {
      if (fitted) lines.push([capture.name, `${everyMs / 1000} s`, flow, ...cellsOf(fitted)]);
    };
    row('OFI, best quotes', quoteLine(quoteBuckets(capture, read.events, everyMs), Number(capture.lotSize)));
    const books = bookLines(bookBuckets(capture, read, everyMs));
    row('of₁, best level of the book', books?.best);
    row(`integrated OFI, ${LEVELS} levels`, books?.integrated);
  }
  for (const stepMs of STEPS_MS) {
    const { windows, depth } = windowLines(quoteBuckets(capture, read.events, stepMs), stepMs, WINDOW_MS);
    const r2 = windows.flatMap(({ line }) => line?.r2 ?? []).sort((a, b) => a - b);
    if (r2.length === 0) continue;
    const at = (share: number): string => fixed(quantile(r2, share), 2);
    const clear = windows.filter(({ line }) => (line?.white.slopeT ?? 0) > 1.96).length;
    within.push([
      capture.name,
      `${stepMs} ms`,
      String(windows.length),
      at(0.5),
      `${at(0.25)} to ${at(0.75)}`,
      at(0),
      at(1),
      `${clear} of ${windows.length}`,
      depth ? fixed(depth.lambda, 2) : '–',
      depth?.r2 === undefined ? '–' : fixed(depth.r2, 2),
    ]);
  }
}

function cellsOf({ line, ahead, next }: SessionLine): string[] {
  const { n, r2, slope, slopeT, white, neweyWest } = line;
  return [
    String(n),
    r2 === undefined ? '–' : fixed(r2, 3),
    slope.toPrecision(3),
    ...[slopeT, white.slopeT, neweyWest.slopeT].map((t) => (t === undefined ? '–' : fixed(t, 1))),
    ahead === undefined ? '–' : fixed(ahead, 3),
    next?.r2 === undefined ? '–' : fixed(next.r2, 3),
    next?.neweyWest.slopeT === undefined ? '–' : fixed(next.neweyWest.slopeT, 1),
  ];
}

/** A Markdown table; the first `texts` columns are words, the others numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[], texts: number): string {
  const widths = head.map((_, i) => Math.max(4, ...[head, ...rows].map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < texts ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i < texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function fixed(value: number, digits: number): string {
  // A rounded −0.0 is 0.0.
  return (Number(value.toFixed(digits)) + 0).toFixed(digits).replace('-', '−');
}
