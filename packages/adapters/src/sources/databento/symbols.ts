/** From instrument ids to symbols: by the table in a file's head, by messages of a live session, or by the caller. */
import type { DatabentoMetadata } from './metadata.ts';
import type { DatabentoSymbolMapping } from './record.ts';

/** The symbol of an instrument on a day; the id as digits where nothing names it. */
export interface DatabentoSymbols {
  /** @param timeMs - epoch milliseconds UTC of the record */
  of(instrumentId: number, timeMs: number): string;
  load(metadata: Pick<DatabentoMetadata, 'stypeIn' | 'stypeOut' | 'mappings'>): void;
  learn(mapping: Pick<DatabentoSymbolMapping, 'instrumentId' | 'inSymbol' | 'outSymbol'>): void;
}

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly symbol: string;
}

/** Live sessions announce every instrument that they send; a stream that announces more is damaged. */
const maxLearned = 1_000_000;

/** @param given - names by instrument id; they go before everything else */
export function createDatabentoSymbols(given: Readonly<Record<number, string>> = {}): DatabentoSymbols {
  const dated = new Map<number, Interval[]>();
  const live = new Map<number, string>();
  for (const [id, symbol] of Object.entries(given)) live.set(Number(id), symbol);
  const isGiven = (id: number): boolean => Object.hasOwn(given, id);

  const add = (digits: string, interval: Interval): void => {
    const id = Number(digits);
    if (!/^\d{1,10}$/.test(digits) || interval.symbol === '') return;
    const before = dated.get(id);
    if (before) before.push(interval);
    else dated.set(id, [interval]);
  };

  return {
    of(instrumentId, timeMs) {
      const known = live.get(instrumentId);
      if (known !== undefined) return known;
      const intervals = dated.get(instrumentId);
      if (intervals) {
        for (const { fromMs, toMs, symbol } of intervals) if (timeMs >= fromMs && timeMs < toMs) return symbol;
      }
      return String(instrumentId);
    },
    load({ stypeIn, mappings }) {
      for (const { rawSymbol, intervals } of mappings) {
        for (const { startDate, endDate, symbol } of intervals) {
          const [fromMs, toMs] = [dayMs(startDate), dayMs(endDate)];
          // The id stands where the request had it, else where the answer has it.
          if (stypeIn === 0) add(rawSymbol, { fromMs, toMs, symbol });
          else add(symbol, { fromMs, toMs, symbol: rawSymbol });
        }
      }
    },
    learn({ instrumentId, inSymbol, outSymbol }) {
      if (isGiven(instrumentId) || (live.size >= maxLearned && !live.has(instrumentId))) return;
      // A session that asked by symbol gets the id as the answer, and the other way round.
      const symbol = outSymbol === '' || outSymbol === String(instrumentId) ? inSymbol : outSymbol;
      if (symbol !== '') live.set(instrumentId, symbol);
    },
  };
}

function dayMs(date: number): number {
  return Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100);
}
