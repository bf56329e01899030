/**
 * Order-flow metrics beside orderflow-metrics (npm) and the same work in decimal.js:
 *
 * - L1 OFI per quote,
 * - OBI and VAMP over ten levels per update,
 * - per depth message: book maintenance, then OBI, VAMP and MLOFI over ten levels.
 *
 * Run: node --conditions=source bench/orderflow.ts [--rounds 7] [--write FILE]
 * Over the recorded sessions where they are there, else over the bundled one. Variants take turns in every round; the
 * tables have medians, and only ratios mean something. Allocation is read off the heap between two collections.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Decimal } from 'decimal.js';
import { OrderBook, multiLevelOFI, ofi as peerOfi, ofiSeries as peerOfiSeries } from 'orderflow-metrics';
import type { BookSnapshot as PeerBook, L1Quote as PeerQuote } from 'orderflow-metrics';
import { bookRules, createBook } from '@tapekit/orderflow/book';
import type { Book, BookEvent } from '@tapekit/orderflow/book';
import type { QuoteColumns } from '@tapekit/orderflow/columns';
import { createDepth } from '@tapekit/orderflow/depth';
import type { BookDepth } from '@tapekit/orderflow/depth';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Grid } from '@tapekit/orderflow/grid';
import { obiOfDepth } from '@tapekit/orderflow/imbalance';
import type { TickQuote } from '@tapekit/orderflow/market';
import { createMlofi, createOfi, ofiOfColumns, ofiTotalOfColumns } from '@tapekit/orderflow/ofi';
import { vampOfDepth } from '@tapekit/orderflow/vamp';
import { captures, readCapture } from './lib/captures.ts';
import type { ReceivedEvent } from './lib/captures.ts';
import { DecimalBook, decimalDepthMetrics, decimalOfi } from './lib/decimal-book.ts';
import type { DecimalQuote } from './lib/decimal-book.ts';
import { writeBetween } from './lib/write-between.ts';

// Allocation can be read off the heap only while nothing is collected: with room for a whole run.
if (!globalThis.gc) {
  const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];
  const args = [...flags, ...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
}
const collect = globalThis.gc;

const { values: args } = parseArgs({ options: { rounds: { type: 'string' }, write: { type: 'string' } } });
const rounds = Number(args.rounds ?? 7);
const levels = 10;

/** One way to do a piece of work over `updates` updates; gives a checksum, so that nothing is optimised away. */
interface Variant {
  readonly name: string;
  readonly updates: number;
  /** Makes the state that a run starts from, untimed; gives the run. */
  readonly prepare: () => () => number;
  /** False where a variant does less, or rounds. */
  readonly agrees?: boolean;
}

const report: string[] = [];
for (const capture of captures()) {
  const grid = createGrid(capture);
  const { events, bookRule } = await readCapture(capture);
  const bookEvents = events.flatMap(({ event }): BookEvent[] =>
    event.type === 'book-snapshot' || event.type === 'book-delta' ? [event] : [],
  );
  report.push(`### ${capture.name}`);
  const quotes = quotesOf(grid, events);
  contest('OFI at the best quote, the sum over a column', sumVariants(quotes));
  contest('OFI at the best quote, each contribution', contributionVariants(quotes));
  contest(
    `OBI and VAMP over ${levels} levels, per update`,
    fairPriceVariants(depthsOf(grid, bookEvents, bookRules[bookRule])),
  );
  contest(
    `Per depth message: book, then OBI, VAMP and MLOFI over ${levels} levels`,
    bookVariants(grid, bookEvents, bookRules[bookRule]),
  );
}
if (args.write === undefined) console.log(report.join('\n\n'));
else writeBetween(args.write, 'orderflow-bench', report.join('\n\n'));

interface Quotes {
  readonly ticks: readonly TickQuote[];
  readonly columns: Omit<QuoteColumns, 'timeMs'>;
  readonly floats: PeerQuote[];
  readonly decimals: readonly DecimalQuote[];
}

function quotesOf(grid: Grid, events: readonly ReceivedEvent[]): Quotes {
  const ticks = events.flatMap(({ event }): TickQuote[] => {
    if (event.type !== 'quote') return [];
    const { bidPrice, bidSize, askPrice, askSize } = event;
    return [
      {
        bidTicks: grid.toTicks(bidPrice!),
        bidLots: grid.toLots(bidSize!),
        askTicks: grid.toTicks(askPrice!),
        askLots: grid.toLots(askSize!),
      },
    ];
  });
  return {
    ticks,
    columns: {
      bidTicks: Float64Array.from(ticks, (q) => q.bidTicks),
      bidLots: Float64Array.from(ticks, (q) => q.bidLots),
      askTicks: Float64Array.from(ticks, (q) => q.askTicks),
      askLots: Float64Array.from(ticks, (q) => q.askLots),
    },
    floats: ticks.map((q) => ({
      bidPrice: q.bidTicks,
      bidSize: q.bidLots,
      askPrice: q.askTicks,
      askSize: q.askLots,
    })),
    decimals: ticks.slice(0, 5_000).map((q) => ({
      bid: new Decimal(q.bidTicks),
      bidSize: new Decimal(q.bidLots),
      ask: new Decimal(q.askTicks),
      askSize: new Decimal(q.askLots),
    })),
  };
}

function sumVariants({ columns, floats, decimals }: Quotes): Variant[] {
  const updates = floats.length;
  return [
    { name: '`ofiTotalOfColumns`', updates, prepare: () => () => Number(ofiTotalOfColumns(columns).sumLots) },
    { name: 'orderflow-metrics `ofi`', updates, prepare: () => () => peerOfi(floats) },
    {
      name: 'decimal.js',
      updates: decimals.length,
      prepare: () => () => decimalOfi(decimals).toNumber(),
      agrees: false,
    },
  ];
}

function contributionVariants({ ticks, columns, floats }: Quotes): Variant[] {
  const updates = ticks.length;
  const { bidTicks, bidLots, askTicks, askLots } = columns;
  return [
    {
      name: '`createOfi`, `pushTicks`',
      updates,
      prepare: () => () => {
        const ofi = createOfi();
        for (let i = 0; i < updates; i += 1) ofi.pushTicks(bidTicks[i]!, bidLots[i]!, askTicks[i]!, askLots[i]!);
        return Number(ofi.sum);
      },
    },
    {
      name: '`createOfi`, `push`',
      updates,
      prepare: () => () => {
        const ofi = createOfi();
        for (const quote of ticks) ofi.push(quote);
        return Number(ofi.sum);
      },
    },
    { name: '`ofiOfColumns`', updates, prepare: () => () => Number(ofiOfColumns(columns).sumLots) },
    {
      name: 'orderflow-metrics `ofiSeries`',
      updates,
      prepare: () => () => peerOfiSeries(floats).reduce((sum, contribution) => sum + contribution, 0),
    },
  ];
}

function depthsOf(
  grid: Grid,
  events: readonly BookEvent[],
  rule: (typeof bookRules)[keyof typeof bookRules],
): BookDepth[] {
  const book = createBook({ grid, rule });
  const depths: BookDepth[] = [];
  for (const event of events) {
    book.push(event);
    const depth = book.readDepth(createDepth(levels));
    if (depth.bidLevels === levels && depth.askLevels === levels && depths.length < 500) depths.push(depth);
  }
  return depths;
}

function fairPriceVariants(depths: readonly BookDepth[]): Variant[] {
  const decimals = depths.map((depth) => decimalSides(depth));
  const rounds = 40;
  return [
    {
      name: '`obiOfDepth`, `vampOfDepth`',
      updates: depths.length * rounds,
      prepare: () => () => {
        let sum = 0;
        for (let i = 0; i < rounds; i += 1) {
          for (const depth of depths) sum += obiOfDepth(depth, levels)! + vampOfDepth(depth, levels)!;
        }
        return sum;
      },
    },
    {
      name: 'decimal.js',
      updates: decimals.length,
      prepare: () => () => decimals.reduce((sum, book) => sum + decimalDepthMetrics(book), 0),
      agrees: false,
    },
  ];
}

function decimalSides(depth: BookDepth): ReturnType<DecimalBook['top']> {
  const side = (ticks: Float64Array, lots: Float64Array) =>
    Array.from(ticks, (tick, i) => ({ price: new Decimal(tick), size: new Decimal(lots[i]!) }));
  return { bids: side(depth.bidTicks, depth.bidLots), asks: side(depth.askTicks, depth.askLots) };
}

/** From the middle of the session on, when every book holds what half a session of messages has left in it. */
function bookVariants(
  grid: Grid,
  events: readonly BookEvent[],
  rule: (typeof bookRules)[keyof typeof bookRules],
): Variant[] {
  const middle = events.length >>> 1;
  const past = events.slice(0, middle);
  // The others know no sequence: they start with the snapshot.
  const sinceSnapshot = past.slice(past.findIndex(({ type }) => type === 'book-snapshot'));
  const rest = events.slice(middle);
  const few = rest.slice(0, 300);
  return [
    {
      name: '`createBook`, `readDepth`, `createMlofi`, `obiOfDepth`, `vampOfDepth`',
      updates: rest.length,
      prepare: () => tapekitBook(createBook({ grid, rule }), past, rest),
    },
    { name: 'orderflow-metrics', updates: few.length, prepare: () => peerBook(sinceSnapshot, few), agrees: false },
    {
      name: 'decimal.js, sorted arrays',
      updates: few.length,
      prepare: () => decimalBook(sinceSnapshot, few),
      agrees: false,
    },
  ];
}

function tapekitBook(book: Book, past: readonly BookEvent[], events: readonly BookEvent[]): () => number {
  for (const event of past) book.push(event);
  const mlofi = createMlofi({ levels });
  const depth = createDepth(levels);
  return () => {
    let sum = 0;
    for (const event of events) {
      book.push(event);
      mlofi.pushDepth(book.readDepth(depth));
      sum += obiOfDepth(depth, levels)! + vampOfDepth(depth, levels)!;
    }
    return sum;
  };
}

/** The peer as its documentation shows it: level updates, then the depth of both sides, its imbalance and its MLOFI. */
function peerBook(past: readonly BookEvent[], events: readonly BookEvent[]): () => number {
  const book = new OrderBook();
  const take = (event: BookEvent): void => {
    for (const [price, size] of event.bids) book.update('bid', Number(price), Number(size));
    for (const [price, size] of event.asks) book.update('ask', Number(price), Number(size));
  };
  past.forEach(take);
  let previous: PeerBook | undefined;
  return () => {
    let sum = 0;
    for (const event of events) {
      take(event);
      const current = { bids: book.depth('bid', levels), asks: book.depth('ask', levels) };
      sum += book.imbalance(levels) + plainVamp(current);
      if (previous) sum += multiLevelOFI(previous, current, levels)[0]!;
      previous = current;
    }
    return sum;
  };
}

/** The peer has no VAMP over levels. */
function plainVamp({ bids, asks }: PeerBook): number {
  let value = 0;
  let total = 0;
  for (let i = 0; i < Math.min(bids.length, asks.length); i += 1) {
    const [bid, ask] = [bids[i]!, asks[i]!];
    value += bid.price * ask.size + ask.price * bid.size;
    total += bid.size + ask.size;
  }
  return value / total;
}

function decimalBook(past: readonly BookEvent[], events: readonly BookEvent[]): () => number {
  const book = new DecimalBook();
  const take = (event: BookEvent): void => {
    for (const [price, size] of event.bids) book.set('bids', new Decimal(price), new Decimal(size));
    for (const [price, size] of event.asks) book.set('asks', new Decimal(price), new Decimal(size));
  };
  past.forEach(take);
  let previous: ReturnType<DecimalBook['top']> | undefined;
  return () => {
    let sum = 0;
    for (const event of events) {
      take(event);
      const current = book.top(levels);
      sum += decimalDepthMetrics(current);
      if (previous) sum += DecimalBook.mlofi(previous, current, levels)[0]!.toNumber();
      previous = current;
    }
    return sum;
  };
}

/** Lets variants take turns and reports medians; the first variant is the yardstick. */
function contest(title: string, variants: readonly Variant[]): void {
  const seconds = variants.map((): number[] => []);
  const sums = variants.map(({ prepare }) => prepare()());
  const agreeing = sums.filter((_, i) => variants[i]!.agrees !== false);
  if (agreeing.some((sum) => sum !== agreeing[0])) throw new Error(`${title}: variants disagree: ${sums.join(', ')}`);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, { prepare }] of variants.entries()) {
      const run = prepare();
      const start = performance.now();
      run();
      seconds[i]!.push((performance.now() - start) / 1000);
    }
  }
  const speeds = variants.map(({ updates }, i) => updates / median(seconds[i]!));
  const rows = variants.map(({ name, updates, prepare }, i) => {
    const ratio = i === 0 ? '1' : (speeds[0]! / speeds[i]!).toPrecision(3);
    const bytes = Math.round(allocation(prepare()) / updates);
    return `| ${name} | ${ratio} | ${thousands(speeds[i]!)} | ${bytes.toLocaleString('en')} |`;
  });
  const head = `| ${title} | time of an update, first row = 1 | 1000 updates/s | bytes allocated per update |`;
  report.push([head, '| --- | ---: | ---: | ---: |', ...rows].join('\n'));
}

function thousands(perSecond: number): string {
  return Number((perSecond / 1000).toPrecision(3)).toLocaleString('en');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Bytes that a run leaves on the heap. */
function allocation(run: () => number): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  run();
  return Math.max(0, process.memoryUsage().heapUsed - before);
}
