/**
 * How often the trade classification rules agree with the venue's flag, by quote lag, as Markdown tables:
 * `node --conditions=source bench/classification.ts`.
 *
 * Runs over the recorded sessions where they are beside the checkout, else over the bundled synthetic session; or over
 * any capture in the `binance-combined` layout:
 * `--input FILE… --symbol ETHUSDT --tick-size 0.01 --lot-size 0.0001`. `--write FILE` puts the tables between the
 * markers of a Markdown file instead of printing them.
 */
import { parseArgs } from 'node:util';
import { hasRecordedData } from '@tapekit/tooling/recorded-data';
import { type Capture, captures, readCapture, type ReceivedEvent } from './lib/captures.ts';
import { writeBetween } from './lib/write-between.ts';
import {
  accuracyByLabel,
  accuracyOf,
  barAccuracy,
  barsOf,
  classified,
  printsOf,
  type QuoteRuleName,
  quoteRules,
  tapeOf,
  type TapeEvent,
} from './lib/classification.ts';

const LAGS_MS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const RULES = Object.keys(quoteRules) as QuoteRuleName[];
/** The lag of the tables that have only one. */
const TYPICAL_LAG_MS = 20;

const { values: args } = parseArgs({
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
const sections: string[] = [];
for (const capture of capturesAsked()) sections.push(await sectionOf(capture));
const report = sections.join('\n\n');
if (args.write === undefined) console.log(report);
else writeBetween(args.write, 'classification', report);

function capturesAsked(): readonly Capture[] {
  const { input, symbol } = args;
  if (!input) return captures();
  if (symbol === undefined) throw new Error('--input needs --symbol, for example --symbol ETHUSDT');
  return [{ name: symbol, symbol, files: input, tickSize: args['tick-size'], lotSize: args['lot-size'] }];
}

async function sectionOf(capture: Capture): Promise<string> {
  const { events } = await readCapture(capture);
  const tape = tapeOf(capture, events, 'receive');
  const prints = printsOf(tape);
  if (prints.length === 0) throw new Error(`${capture.name} holds no flagged prints of ${capture.symbol}`);
  const tick = accuracyOf(classified(tape, 'tick rule', 0));
  const seconds = (prints[prints.length - 1]!.timeMs - prints[0]!.timeMs) / 1000;
  const parts = [
    `### ${capture.name}`,
    `${count(prints.length)} prints and ${count(tape.length - prints.length)} quotes in ${count(Math.round(seconds))} s. ` +
      `Tick rule: ${percent(tick.trades)} of prints, ${percent(tick.volume)} of volume.`,
    'Clock: receive time of both.',
    lagTable(tape),
  ];
  if (quotesHaveVenueTime(events)) {
    parts.push("Clock: the venue's time of both.", lagTable(tapeOf(capture, events, 'venue')));
  }
  parts.push(`By what a side rests on (receive time, quote lag ${TYPICAL_LAG_MS} ms):`, labelTable(tape));
  parts.push('Bulk volume, over bars:', bulkTable(tape));
  return parts.join('\n\n');
}

/** Spot quotes carry no time of the venue; the reader gives their receive time. */
function quotesHaveVenueTime(events: readonly ReceivedEvent[]): boolean {
  return events.some(({ event, receivedMs }) => event.type === 'quote' && Math.abs(event.timeMs - receivedMs) > 1);
}

function lagTable(tape: readonly TapeEvent[]): string {
  const rows = LAGS_MS.map((lagMs) => {
    const all = RULES.map((rule) => accuracyOf(classified(tape, rule, lagMs)));
    const unknown = percent(all[RULES.indexOf('quote rule')]!.unknownTrades);
    return [String(lagMs), ...all.map(({ trades, volume }) => `${percent(trades)} / ${percent(volume)}`), unknown];
  });
  return table(['lag, ms', ...RULES, 'quote rule: unknown'], rows);
}

function labelTable(tape: readonly TapeEvent[]): string {
  const rows = (['Lee-Ready', 'EMO', 'tick rule'] as const).flatMap((rule) =>
    accuracyByLabel(classified(tape, rule, TYPICAL_LAG_MS)).map(({ label, prints, right }) => [
      rule,
      `\`${label}\``,
      count(prints),
      label === 'none' ? '–' : percent(right),
    ]),
  );
  return table(['rule', 'confidence', 'prints', 'right'], rows);
}

function bulkTable(tape: readonly TapeEvent[]): string {
  const byTick = classified(tape, 'tick rule', 0);
  const byQuote = classified(tape, 'Lee-Ready', TYPICAL_LAG_MS);
  const told = byTick.map(([print, tick], i) => [print, [tick, byQuote[i]![1]]] as const);
  const volume = told.reduce((sum, [{ sizeLots }]) => sum + sizeLots, 0);
  const rows = [
    ...[1, 5, 10].map((seconds) => [`${seconds} s`, barsOf(told, { ms: seconds * 1000 })] as const),
    ...[500, 100].map((n) => [`1/${n} of volume`, barsOf(told, { lots: Math.ceil(volume / n) })] as const),
  ].map(([name, bars]) => {
    const result = barAccuracy(bars);
    return [name, String(result.bars), ...[result.bulk, ...result.told, result.half].map(percent)];
  });
  return table(['bar', 'bars', 'BVC', 'tick rule', `Lee-Ready, ${TYPICAL_LAG_MS} ms`, 'half and half'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(4, ...all.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
