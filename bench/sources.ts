/**
 * Messages a second of each source's decoder, beside `JSON.parse` of the same frames, which those of JSON do first; for
 * CSV, DBN and protobuf, beside `JSON.parse` of the same records as JSON.
 *
 * Run: node --conditions=source bench/sources.ts [rounds] [name] [--write docs/guide/market-data.md]
 * Variants take turns in every round; time is that of our own process, and the table has medians. Only its ratios mean
 * something: 50 % is a decoder that takes twice as long as the parser.
 */
import { parseArgs } from 'node:util';
import type { FrameSink } from '@tapekit/adapters/venue-feed';
import { hasRecordedData } from '@tapekit/tooling/recorded-data';
import type { SourceSession } from './lib/source-session.ts';
import { sourceSessions } from './lib/source-sessions.ts';
import { writeBetween } from './lib/write-between.ts';

const { values: args, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: 'string' } } });
const rounds = Number(positionals[0] ?? 7);
const only = positionals[1]?.toLowerCase();

/** Every round reads so many messages, so that short sessions weigh as much as long ones. */
const messagesPerRound = 60_000;

interface Figures {
  readonly name: string;
  readonly origin: string;
  readonly messages: number;
  readonly events: number;
  readonly parsePerSecond: number;
  readonly decodePerSecond: number;
  /** Time of the parser for one of the decoder. */
  readonly share: number;
}

if (!hasRecordedData) {
  console.log('No recorded data here; nothing to measure.');
} else {
  const all = await sourceSessions();
  const sessions = all.filter(({ name }) => only === undefined || name.toLowerCase().includes(only));
  const report = reportOf(sessions.map(measure));
  if (args.write === undefined) console.log(report);
  else writeBetween(args.write, 'sources', report);
}

function measure({ name, origin, frames, json, decoder }: SourceSession): Figures {
  const passes = Math.max(1, Math.round(messagesPerRound / json.length));
  let events = 0;
  let refused = 0;
  let gaps = 0;
  const sink: FrameSink = {
    event: () => void (events += 1),
    reject: () => void (refused += 1),
    unmodelled: () => {},
    control: ({ kind }) => void (gaps += kind === 'gap' ? 1 : 0),
  };
  const parse = (): void => {
    for (let pass = 0; pass < passes; pass += 1) for (const text of json) JSON.parse(text);
  };
  const decode = (): void => {
    for (let pass = 0; pass < passes; pass += 1) {
      const one = decoder();
      for (const frame of frames) one.decode(frame, 1_700_000_000_000, sink);
      if ('end' in one) one.end(sink);
    }
  };
  parse();
  decode();
  const eventsOfPass = events / passes;
  if (refused > 0) throw new Error(`${name}: ${refused} records were refused; the session must decode whole.`);
  if (origin === 'made' && gaps > 0) throw new Error(`${name}: ${gaps} gaps; a session that was made has none.`);
  const [parseTimes, decodeTimes]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    parseTimes.push(cpuSeconds(parse));
    decodeTimes.push(cpuSeconds(decode));
  }
  const [parseSeconds, decodeSeconds] = [median(parseTimes), median(decodeTimes)];
  return {
    name,
    origin,
    messages: json.length,
    events: eventsOfPass,
    parsePerSecond: (json.length * passes) / parseSeconds,
    decodePerSecond: (json.length * passes) / decodeSeconds,
    share: parseSeconds / decodeSeconds,
  };
}

function reportOf(figures: readonly Figures[]): string {
  const rows = figures.map(({ name, origin, messages, events, parsePerSecond, decodePerSecond, share }) => [
    name,
    origin,
    whole(messages),
    whole(events),
    whole(parsePerSecond),
    whole(decodePerSecond),
    `${(100 * share).toFixed(0)} %`,
  ]);
  const head = [
    'session',
    'frames',
    'messages',
    'events',
    'JSON.parse, messages/s',
    'decoder, messages/s',
    'of JSON.parse',
  ];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const note = `Medians of ${rounds} rounds, Node ${process.versions.node}, one core of a shared machine: read the last column, not the speeds.`;
  return [line(head), rule, ...rows.map(line), '', note].join('\n');
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
