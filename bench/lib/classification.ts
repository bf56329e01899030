/** How often the rules of `@tapekit/orderflow/classify` agree with the venue's flag, over one capture. */
import { createBulkVolume } from '@tapekit/orderflow/bulk-volume';
import {
  createClnv,
  createEmo,
  createLeeReady,
  createQuoteRule,
  createTickRule,
  type Classification,
} from '@tapekit/orderflow/classify';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Side, TickQuote } from '@tapekit/orderflow/market';
import type { Capture, ReceivedEvent } from './captures.ts';

/** A print with the venue's flag, or a quote, at a time of the chosen clock. */
export type TapeEvent =
  | { readonly timeMs: number; readonly priceTicks: number; readonly sizeLots: number; readonly side: Side }
  | { readonly timeMs: number; readonly quote: TickQuote | undefined };
export type Print = Extract<TapeEvent, { readonly side: Side }>;

/** Shares of all prints, and of their volume, from 0 to 1. */
export interface Accuracy {
  readonly trades: number;
  readonly volume: number;
  readonly unknownTrades: number;
}

/** What a rule rests on, how often, and how often it is right then. */
export interface LabelAccuracy {
  readonly label: Classification['confidence'];
  readonly prints: number;
  /** Share of these prints, 0 to 1. */
  readonly right: number;
}

/** The rules that read quotes, with a lag. */
export const quoteRules = {
  'quote rule': createQuoteRule,
  'Lee-Ready': createLeeReady,
  EMO: createEmo,
  CLNV: createClnv,
} as const;
export type QuoteRuleName = keyof typeof quoteRules;

/** The flagged prints and the quotes of a capture by one clock, in order of its time. */
export function tapeOf(
  { tickSize, lotSize }: Capture,
  events: readonly ReceivedEvent[],
  clock: 'receive' | 'venue',
): TapeEvent[] {
  const grid = createGrid({ tickSize, lotSize });
  const tape: TapeEvent[] = [];
  for (const { receivedMs, event } of events) {
    const timeMs = clock === 'receive' ? receivedMs : 'timeMs' in event ? event.timeMs : receivedMs;
    if (event.type === 'trade' && event.side !== 'unknown' && !('nonMarket' in event)) {
      tape.push({ timeMs, priceTicks: grid.toTicks(event.price), sizeLots: grid.toLots(event.size), side: event.side });
    } else if (event.type === 'quote') {
      const { bidPrice, bidSize, askPrice, askSize } = event;
      const whole = bidPrice !== undefined && bidSize !== undefined && askPrice !== undefined && askSize !== undefined;
      const quote = whole
        ? {
            bidTicks: grid.toTicks(bidPrice),
            bidLots: grid.toLots(bidSize),
            askTicks: grid.toTicks(askPrice),
            askLots: grid.toLots(askSize),
          }
        : undefined;
      tape.push({ timeMs, quote });
    }
  }
  // Stable: what has the same time stays in order of arrival.
  return tape.sort((a, b) => a.timeMs - b.timeMs);
}

/** The prints of a tape. */
export function printsOf(tape: readonly TapeEvent[]): Print[] {
  return tape.filter((event) => 'side' in event);
}

/** Every print with what a rule says of it; `lagMs` undefined asks the tick rule, which has none. */
export function classified(
  tape: readonly TapeEvent[],
  rule: QuoteRuleName | 'tick rule',
  lagMs: number,
): (readonly [Print, Classification])[] {
  if (rule === 'tick rule') {
    const tickRule = createTickRule();
    return printsOf(tape).map((print) => [print, tickRule.push(print)]);
  }
  const classifier = quoteRules[rule]({ quoteLagMs: lagMs });
  const answers: (readonly [Print, Classification])[] = [];
  for (const event of tape) {
    if ('side' in event) answers.push([event, classifier.push(event)]);
    else classifier.pushQuote(event.timeMs, event.quote);
  }
  return answers;
}

/** How much of a tape a rule gives the side that the venue flagged. */
export function accuracyOf(answers: readonly (readonly [Print, Classification])[]): Accuracy {
  let [trades, volume, unknown, total] = [0, 0, 0, 0];
  for (const [print, { side }] of answers) {
    total += print.sizeLots;
    if (side === 'unknown') unknown += 1;
    if (side !== print.side) continue;
    trades += 1;
    volume += print.sizeLots;
  }
  const { length } = answers;
  return { trades: trades / length, volume: volume / total, unknownTrades: unknown / length };
}

/** The same by what the side rests on, most frequent first. */
export function accuracyByLabel(answers: readonly (readonly [Print, Classification])[]): LabelAccuracy[] {
  const counts = new Map<Classification['confidence'], { all: number; right: number }>();
  for (const [print, { side, confidence }] of answers) {
    const count = counts.get(confidence) ?? { all: 0, right: 0 };
    count.all += 1;
    if (side === print.side) count.right += 1;
    counts.set(confidence, count);
  }
  return [...counts]
    .map(([label, { all, right }]) => ({ label, prints: all, right: right / all }))
    .sort((a, b) => b.prints - a.prints);
}

/** A bar with its volume as flagged and as told by rules. */
export interface FlaggedBar {
  readonly close: number;
  readonly volume: number;
  readonly bought: number;
  /** Bought volume by rule; what is unknown counts as half bought. */
  readonly told: readonly number[];
}

/** Bars of `everyMs` (only those with a print), or of `everyLots` with the last print split. */
export function barsOf(
  answers: readonly (readonly [print: Print, told: readonly Classification[]])[],
  every: { readonly ms: number } | { readonly lots: number },
): FlaggedBar[] {
  const bars: FlaggedBar[] = [];
  let key = NaN;
  const add = (print: Print, lots: number, sides: readonly Classification[]): void => {
    const before = bars[bars.length - 1]!;
    bars[bars.length - 1] = {
      close: print.priceTicks,
      volume: before.volume + lots,
      bought: before.bought + (print.side === 'buy' ? lots : 0),
      told: sides.map(({ side }, i) => (before.told[i] ?? 0) + boughtShare(side) * lots),
    };
  };
  const open = (): void => void bars.push({ close: 0, volume: 0, bought: 0, told: [] });
  for (const [print, sides] of answers) {
    if ('ms' in every) {
      const next = Math.floor(print.timeMs / every.ms);
      if (next !== key) open();
      key = next;
      add(print, print.sizeLots, sides);
      continue;
    }
    for (let left = print.sizeLots; left > 0;) {
      if (bars.length === 0 || bars[bars.length - 1]!.volume >= every.lots) open();
      const piece = Math.min(left, every.lots - bars[bars.length - 1]!.volume);
      add(print, piece, sides);
      left -= piece;
    }
  }
  return bars;
}

function boughtShare(side: Classification['side']): number {
  return side === 'buy' ? 1 : side === 'sell' ? 0 : 0.5;
}

/** `1 − Σ|bought by the rule − bought by the flag| ÷ Σ volume` of BVC, of half and half, and of the rules that told. */
export function barAccuracy(bars: readonly FlaggedBar[]): {
  readonly bars: number;
  readonly bulk: number;
  readonly half: number;
  readonly told: readonly number[];
} {
  const bulk = createBulkVolume({ window: 'expanding' });
  let [judged, volume, bulkError, halfError] = [0, 0, 0, 0];
  const errors = bars[0]?.told.map(() => 0) ?? [];
  for (const bar of bars) {
    const split = bulk.push(bar);
    // Every method is judged over the same bars: those after the warm-up of BVC.
    if (!split) continue;
    judged += 1;
    volume += bar.volume;
    bulkError += Math.abs(split.buy - bar.bought);
    halfError += Math.abs(bar.volume / 2 - bar.bought);
    bar.told.forEach((bought, i) => (errors[i]! += Math.abs(bought - bar.bought)));
  }
  const share = (error: number): number => 1 - error / volume;
  return { bars: judged, bulk: share(bulkError), half: share(halfError), told: errors.map(share) };
}
