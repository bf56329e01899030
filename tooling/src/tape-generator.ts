/**
 * A seeded generator of market tapes in the `binance-combined` format, with the truth that a reader of the tape must
 * find: exact bars, the final book, and every fault that was put in.
 */
import { decimalSteps } from './internal/decimal-steps.ts';
import { createRandom, type Random } from './internal/random.ts';
import type { Level } from './internal/synthetic-book.ts';
import { createSyntheticMarket, type MarketOutput } from './internal/synthetic-market.ts';
import {
  type TapeSteps,
  type TrueBar,
  trueBars,
  type TrueSums,
  trueSums,
  type TrueTrade,
} from './internal/tape-truth.ts';

export type { TrueBar, TrueLevel, TrueSums, TrueTrade } from './internal/tape-truth.ts';

/** What goes wrong on the tape. */
export interface TapeFaults {
  /** Times that depth updates are lost for some seconds; each is followed by a fresh snapshot. */
  readonly gaps: number;
  /** Trade lines that arrive a second time, with the same id. */
  readonly duplicates: number;
  /** Trades that arrive after a trade of a later minute did. */
  readonly lateTrades: number;
  /** Seconds of heavy one-sided trading. */
  readonly bursts: number;
  /** Lines that are cut in the middle. */
  readonly badLines: number;
}

export interface TapeOptions {
  /** Same seed and options, same bytes. */
  readonly seed?: string | number;
  readonly symbol?: string;
  /** Start of the session, epoch milliseconds UTC; a whole minute. */
  readonly startMs?: number;
  /** Length of the session, milliseconds. */
  readonly durationMs?: number;
  /** Price step, at most eight decimals. */
  readonly tickSize?: string;
  /** Size step, at most eight decimals. */
  readonly lotSize?: string;
  /** Price around which the book opens. */
  readonly startPrice?: string;
  /** Orders, cancels and takes a second, on average. */
  readonly eventsPerSecond?: number;
  /** How often changed levels are published, milliseconds; a multiple of 10. */
  readonly depthIntervalMs?: number;
  readonly faults?: Partial<TapeFaults>;
}

/** Two hours over midnight UTC on an invented instrument. */
export const tapeDefaults = {
  seed: 'tapekit',
  symbol: 'TAPEUSDT',
  startMs: Date.UTC(2026, 0, 14, 23),
  durationMs: 2 * 60 * 60_000,
  tickSize: '0.01',
  lotSize: '0.001',
  startPrice: '100',
  eventsPerSecond: 9,
  depthIntervalMs: 1_000,
  faults: { gaps: 1, duplicates: 25, lateTrades: 12, bursts: 6, badLines: 0 },
} as const satisfies Required<TapeOptions>;

/** A break in the sequence of depth updates. */
export interface TapeGap {
  /** `u` of the last update before the break. */
  readonly lastUpdateId: number;
  /** `U` of the first update after it. */
  readonly nextFirstUpdateId: number;
  /** Updates that were lost. */
  readonly lostUpdates: number;
  /** `lastUpdateId` of the snapshot from which the book is whole again. */
  readonly snapshotUpdateId: number;
}

/** `[price, size]`, canonical decimals. */
export type TapeLevel = readonly [price: string, size: string];

/** What a reader of the tape must find. */
export interface TapeTruth {
  /** Every trade once, by the minute of its venue time, late ones included. */
  readonly bars: readonly TrueBar[];
  /** The same without the late trades, for readers that count those instead of adding them. */
  readonly barsWithoutLate: readonly TrueBar[];
  /** Over every trade once. */
  readonly session: TrueSums;
  /** Every trade once, in the order of the venue. */
  readonly trades: readonly TrueTrade[];
  /** Ids of trades whose line comes twice. */
  readonly duplicates: readonly number[];
  /** Trades that arrive after a trade of a later minute, in the order of the venue. */
  readonly late: readonly TrueTrade[];
  readonly gaps: readonly TapeGap[];
  /** The best twenty levels at the end, and the update id that they include. */
  readonly finalBook: {
    readonly lastUpdateId: number;
    readonly bids: readonly TapeLevel[];
    readonly asks: readonly TapeLevel[];
  };
  readonly lastQuote: { readonly updateId: number; readonly bid: TapeLevel; readonly ask: TapeLevel };
  /** Lines of the tape by kind; duplicates count as lines, cut lines as `bad` only. */
  readonly lines: Readonly<Record<'total' | 'trade' | 'quote' | 'depth' | 'snapshot' | 'bad', number>>;
}

/** A tape and what is true about it. */
export interface GeneratedTape {
  /** Lines in order of receipt, without line ends. */
  readonly lines: readonly string[];
  readonly truth: TapeTruth;
}

/**
 * Makes a tape.
 *
 * @example
 * ```ts
 * const { lines, truth } = generateTape({ seed: 1, durationMs: 600_000 });
 * writeFileSync('tape.gz', gzipSync(lines.join('\n') + '\n'));
 * ```
 * @throws `RangeError` when an option is outside its domain.
 */
export function generateTape(options: TapeOptions = {}): GeneratedTape {
  const { seed, symbol, startMs, durationMs, tickSize, lotSize, startPrice, eventsPerSecond, depthIntervalMs } = {
    ...tapeDefaults,
    ...options,
  };
  const faults: TapeFaults = { ...tapeDefaults.faults, ...options.faults };
  requireWhole('startMs', startMs, 60_000);
  requireWhole('durationMs', durationMs, 1_000);
  requireWhole('depthIntervalMs', depthIntervalMs, 10);
  const steps: TapeSteps = { tick: decimalSteps('tickSize', tickSize), lot: decimalSteps('lotSize', lotSize) };
  const gapRoomMs = gapMs + 4 * depthIntervalMs;
  if (faults.gaps > 0 && durationMs / (faults.gaps + 1) < gapRoomMs) {
    throw new RangeError(
      `durationMs ${durationMs} has no room for ${faults.gaps} gaps of ${gapRoomMs} ms with what follows`,
    );
  }
  const gapsAtMs = Array.from({ length: faults.gaps }, (_, i) =>
    Math.floor((durationMs * (i + 1)) / (faults.gaps + 1)),
  );
  const market = createSyntheticMarket(
    {
      startMs,
      durationMs,
      startTicks: steps.tick.parse(startPrice),
      eventsPerSecond,
      depthIntervalMs,
      snapshotsAtMs: [1.5 * depthIntervalMs, ...gapsAtMs.map((at) => at + gapMs + 1.5 * depthIntervalMs)],
      bursts: faults.bursts,
    },
    createRandom(`${seed}/market`),
  );
  const outputs = [...market.run()];
  const random = createRandom(`${seed}/faults`);

  const { kept, gaps } = loseDepth(
    outputs,
    gapsAtMs.map((at) => startMs + at),
  );
  const entries = receive(kept, random);
  const late = delayTrades(entries, faults.lateTrades, random);
  const duplicates = repeatTrades(entries, new Set(late), faults.duplicates, random);
  entries.sort((a, b) => a.receiveUs - b.receiveUs || a.order - b.order);

  const bad = chooseSome(
    entries.filter((entry) => entry.output.kind === 'quote'),
    faults.badLines,
    random,
  );
  const cut = new Set(bad);
  const write = lineWriter(symbol, steps, random);
  const lines = entries.map((entry) => {
    const line = write(entry);
    return cut.has(entry) ? line.slice(0, Math.floor(line.length / 2)) : line;
  });

  const trades = outputs.flatMap((output) => (output.kind === 'trade' ? [output.trade] : []));
  if (trades.length === 0) throw new RangeError('nothing traded; make durationMs or eventsPerSecond larger');
  const lateIds = new Set(late.map((trade) => trade.id));
  const quote = entries.findLast((entry) => entry.output.kind === 'quote' && !cut.has(entry))?.output;
  if (quote?.kind !== 'quote') throw new RangeError('no quote is left; ask for fewer badLines');
  const canonical = ([ticks, lots]: Level): TapeLevel => [steps.tick.canonical(ticks), steps.lot.canonical(lots)];
  const count = (kind: MarketOutput['kind']): number =>
    entries.filter((entry) => entry.output.kind === kind && !cut.has(entry)).length;
  return {
    lines,
    truth: {
      bars: trueBars(trades, steps),
      barsWithoutLate: trueBars(
        trades.filter((trade) => !lateIds.has(trade.id)),
        steps,
      ),
      session: trueSums(trades, steps),
      trades,
      duplicates,
      late,
      gaps,
      finalBook: {
        lastUpdateId: market.book.updateId,
        bids: market.book.levels('bids', 20).map(canonical),
        asks: market.book.levels('asks', 20).map(canonical),
      },
      lastQuote: { updateId: quote.updateId, bid: canonical(quote.bid), ask: canonical(quote.ask) },
      lines: {
        total: lines.length,
        trade: count('trade'),
        quote: count('quote'),
        depth: count('depth'),
        snapshot: count('snapshot'),
        bad: cut.size,
      },
    },
  };
}

/** For this long depth updates are lost in a gap. */
const gapMs = 3_000;
/** A trade this close to the end of its minute may be made late. */
const lateWindowMs = 10_000;

/** One line to be written. */
interface Entry {
  readonly output: MarketOutput;
  receiveUs: number;
  /** Breaks ties of `receiveUs`. */
  readonly order: number;
}

type TradeEntry = Entry & { readonly output: Extract<MarketOutput, { kind: 'trade' }> };

const isTrade = (entry: Entry): entry is TradeEntry => entry.output.kind === 'trade';

/** Leaves out the depth updates of the gaps; says what is missing. */
function loseDepth(
  outputs: readonly MarketOutput[],
  gapsAt: readonly number[],
): { readonly kept: readonly MarketOutput[]; readonly gaps: readonly TapeGap[] } {
  const gapOf = (output: MarketOutput): number =>
    output.kind === 'depth' ? gapsAt.findIndex((at) => output.timeMs >= at && output.timeMs < at + gapMs) : -1;
  const gaps = gapsAt.flatMap((at, gap): TapeGap[] => {
    const lost = outputs.filter((output) => gapOf(output) === gap);
    const first = lost[0];
    if (first?.kind !== 'depth') return [];
    const next = outputs.find((output) => output.kind === 'depth' && output.timeMs >= at + gapMs);
    const snapshot = outputs.find((output) => output.kind === 'snapshot' && output.timeMs >= at + gapMs);
    if (next?.kind !== 'depth' || snapshot?.kind !== 'snapshot') return [];
    return [
      {
        lastUpdateId: first.firstUpdateId - 1,
        nextFirstUpdateId: next.firstUpdateId,
        lostUpdates: lost.length,
        snapshotUpdateId: snapshot.lastUpdateId,
      },
    ];
  });
  return { kept: outputs.filter((output) => gapOf(output) < 0), gaps };
}

/** Receive times: some milliseconds after the event, never earlier than the line before. */
function receive(outputs: readonly MarketOutput[], random: Random): Entry[] {
  let lastUs = 0;
  return outputs.map((output, order) => {
    const latencyUs = 3_000 + random.below(4_000) + (random.chance(0.02) ? random.below(60_000) : 0);
    lastUs = Math.max(lastUs + 1 + random.below(40), output.timeMs * 1_000 + latencyUs);
    return { output, receiveUs: lastUs, order };
  });
}

/** Moves some trades from the end of their minute to just after the first trade of a later minute. */
function delayTrades(entries: readonly Entry[], wanted: number, random: Random): readonly TrueTrade[] {
  const trades = entries.filter(isTrade);
  const minuteOf = (entry: TradeEntry): number => Math.floor(entry.output.timeMs / 60_000);
  const candidates = trades.filter((entry) => entry.output.timeMs % 60_000 >= 60_000 - lateWindowMs);
  const moved = new Set<TradeEntry>();
  const minutes = new Set<number>();
  for (const entry of chooseSome(candidates, candidates.length, random)) {
    if (moved.size === wanted) break;
    const minute = minuteOf(entry);
    const later = trades.find((other) => minuteOf(other) > minute && !moved.has(other));
    if (!later || minutes.has(minute)) continue;
    entry.receiveUs = later.receiveUs + 1_000 + random.below(800_000);
    moved.add(entry);
    minutes.add(minute);
  }
  return trades.filter((entry) => moved.has(entry)).map((entry) => entry.output.trade);
}

/** Adds some trade lines a second time, up to three seconds later. */
function repeatTrades(
  entries: Entry[],
  late: ReadonlySet<TrueTrade>,
  wanted: number,
  random: Random,
): readonly number[] {
  const trades = entries.filter(isTrade).filter((entry) => !late.has(entry.output.trade));
  const chosen = chooseSome(trades, wanted, random);
  for (const entry of chosen) {
    entries.push({ ...entry, receiveUs: entry.receiveUs + 1 + random.below(3_000_000), order: entries.length });
  }
  return chosen.map((entry) => entry.output.trade.id).sort((a, b) => a - b);
}

/** Some of the items, all different, in random order. */
function chooseSome<T>(items: readonly T[], wanted: number, random: Random): readonly T[] {
  const pool = [...items];
  const chosen: T[] = [];
  while (chosen.length < wanted && pool.length > 0) {
    const at = random.below(pool.length);
    chosen.push(pool[at]!);
    pool[at] = pool.at(-1)!;
    pool.pop();
  }
  return chosen;
}

/** Writes entries as Binance spot spells them. Nanoseconds exceed 2^53, so they are put together as text. */
function lineWriter(symbol: string, { tick, lot }: TapeSteps, random: Random): (entry: Entry) => string {
  const stream = symbol.toLowerCase();
  const pair = ([ticks, lots]: Level): [string, string] => [tick.padded(ticks), lot.padded(lots)];
  const json = (output: MarketOutput): unknown => {
    const { timeMs } = output;
    switch (output.kind) {
      case 'trade': {
        const { id, priceTicks, sizeLots, side } = output.trade;
        const [p, q] = pair([priceTicks, sizeLots]);
        const data = { e: 'trade', E: timeMs + 1, s: symbol, t: id, p, q, T: timeMs, m: side === 'sell', M: true };
        return { stream: `${stream}@trade`, data };
      }
      case 'quote': {
        const [[b, B], [a, A]] = [pair(output.bid), pair(output.ask)];
        return { stream: `${stream}@bookTicker`, data: { u: output.updateId, s: symbol, b, B, a, A } };
      }
      case 'depth': {
        const [b, a] = [output.bids.map(pair), output.asks.map(pair)];
        const range = { U: output.firstUpdateId, u: output.lastUpdateId };
        return { stream: `${stream}@depth`, data: { e: 'depthUpdate', E: timeMs, s: symbol, ...range, b, a } };
      }
      case 'snapshot':
        return { lastUpdateId: output.lastUpdateId, bids: output.bids.map(pair), asks: output.asks.map(pair) };
    }
  };
  return (entry) => {
    const nanoseconds = `${entry.receiveUs}${String(random.below(1000)).padStart(3, '0')}`;
    return `${nanoseconds} ${JSON.stringify(json(entry.output))}`;
  };
}

function requireWhole(name: string, value: number, unit: number): void {
  if (!Number.isSafeInteger(value) || value <= 0 || value % unit !== 0) {
    throw new RangeError(`${name} ${value} is not a positive multiple of ${unit}`);
  }
}
