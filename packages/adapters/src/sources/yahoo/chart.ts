/** Yahoo's v8 chart: bars, dividends and splits of one symbol. */
import type { Bar } from '@tapekit/orderflow/market';
import { AdaptersError } from '../../errors.ts';
import {
  badResponse,
  decimalOf,
  excerpt,
  type Json,
  parseJsonObject,
  type Rejection,
  rejection,
} from '../../internal/rest-records.ts';
import { isoDate } from '../../internal/wib-time.ts';
import { isObject } from '../binance/schema.ts';
import { RecordError, shown } from '../../internal/record-error.ts';

/** Length of a bar, as Yahoo calls it. */
export type YahooInterval =
  '1m' | '2m' | '5m' | '15m' | '30m' | '60m' | '90m' | '1h' | '1d' | '5d' | '1wk' | '1mo' | '3mo';

/** One bar. Prices are adjusted for splits, not for dividends. */
export interface YahooBar extends Bar {
  /** Day of the exchange, `YYYY-MM-DD`. */
  readonly date: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Shares. */
  readonly volume: string;
  /** Close adjusted for splits and dividends; changes backwards with every dividend. */
  readonly adjustedClose?: string;
  /** False while the bar's time is not over. */
  readonly final: boolean;
}

/** A symbol's bars and corporate actions. */
export interface YahooChart {
  readonly symbol: string;
  readonly currency?: string;
  /** IANA name of the exchange's time zone. */
  readonly timeZone?: string;
  readonly utcOffsetMinutes: number;
  readonly interval: string;
  readonly bars: readonly YahooBar[];
  readonly dividends: readonly { readonly timeMs: number; readonly date: string; readonly amount: string }[];
  readonly splits: readonly {
    readonly timeMs: number;
    readonly date: string;
    readonly numerator: number;
    readonly denominator: number;
  }[];
  readonly rejected: readonly Rejection[];
  /** Rows without a close: nothing traded, or nothing is known. */
  readonly empty: number;
  /** Rows that a later one of the same day took the place of. */
  readonly replaced: number;
}

/** How prices are read. */
export interface YahooChartOptions {
  /**
   * Yahoo sends single-precision numbers (75.0875015258789). `shortest`: the shortest decimal that is the same
   * single-precision number (75.0875). `price-hint`: rounded to the decimals that Yahoo shows (75.09).
   * @defaultValue 'shortest'
   */
  readonly rounding?: 'shortest' | 'price-hint';
}

/** What {@link parseYahooChart} uses where an option is absent. */
export const yahooChartDefaults = { rounding: 'shortest' } as const satisfies YahooChartOptions;

const DAY = 86_400_000;
const lengths: Readonly<Record<string, number>> = {
  '1m': 60_000,
  '2m': 120_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '60m': 3_600_000,
  '90m': 5_400_000,
  '1h': 3_600_000,
  '1d': DAY,
  '5d': 5 * DAY,
  '1wk': 7 * DAY,
  '1mo': 31 * DAY,
  '3mo': 92 * DAY,
};

/**
 * Reads an answer of `/v8/finance/chart/{symbol}`. Bars start where Yahoo stamps them (daily ones at the session's open)
 * and end one interval later; months are taken as 31 days, so that bars are told apart by their start and not their end.
 * @throws `AdaptersError` `unknown-symbol` when Yahoo finds none, `rate-limited`, else `bad-response`.
 */
export function parseYahooChart(body: string, options: YahooChartOptions = {}): YahooChart {
  const what = 'Yahoo chart';
  const { rounding } = { ...yahooChartDefaults, ...options };
  const result = firstResult(body, 'chart', what);
  const { meta, timestamp, indicators, events } = result;
  if (!isObject(meta)) throw badResponse(what, 'no meta', 'an object "meta"');
  const symbol = meta['symbol'];
  const interval = meta['dataGranularity'];
  const lengthMs = typeof interval === 'string' && Object.hasOwn(lengths, interval) ? lengths[interval] : undefined;
  if (typeof symbol !== 'string' || symbol === '' || lengthMs === undefined) {
    throw badResponse(
      what,
      `symbol ${shown(symbol)} and dataGranularity ${shown(interval)}`,
      'a symbol and an interval',
    );
  }
  const offsetSeconds = Number.isSafeInteger(meta['gmtoffset']) ? (meta['gmtoffset'] as number) : 0;
  if (Math.abs(offsetSeconds) > 86_400) throw badResponse(what, `gmtoffset ${offsetSeconds}`, 'less than a day');
  const dateOf = (seconds: number): string => isoDate((seconds + offsetSeconds) * 1000);
  const price = reader(rounding, meta['priceHint']);
  const columns = readColumns(timestamp, indicators, what);
  const rejected: Rejection[] = [];
  const bars: YahooBar[] = [];
  let [empty, replaced] = [0, 0];
  for (const [i, stamp] of columns.times.entries()) {
    if (columns.close[i] == null) {
      empty += 1;
      continue;
    }
    try {
      const seconds = aTime(stamp, `timestamp[${i}]`);
      const bar = readBar(columns, i, { seconds, date: dateOf(seconds), lengthMs, price, meta });
      const last = bars.at(-1);
      if (last && bar.startMs <= last.startMs) throw new RecordError('timestamp', stamp, 'a time after the one before');
      // The last daily row may be the running day, stamped with the present time.
      const again = last !== undefined && lengthMs === DAY && last.date === bar.date;
      if (again) {
        bars[bars.length - 1] = { ...bar, startMs: last.startMs, endMs: last.endMs };
        replaced += 1;
      } else bars.push(bar);
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  const { dividends, splits } = readEvents(events, dateOf, rejected);
  const { currency, exchangeTimezoneName } = meta;
  return {
    symbol: symbol.slice(0, 40),
    ...(typeof currency === 'string' ? { currency } : undefined),
    ...(typeof exchangeTimezoneName === 'string' ? { timeZone: exchangeTimezoneName } : undefined),
    utcOffsetMinutes: offsetSeconds / 60,
    interval: interval as string,
    bars,
    dividends,
    splits,
    rejected,
    empty,
    replaced,
  };
}

/** The first result of an envelope `{ [key]: { result, error } }`. */
export function firstResult(body: string, key: string, what: string): Json {
  const [first] = envelope(body, key, what);
  if (!isObject(first)) throw badResponse(what, 'no result', 'a list with one result');
  return first;
}

/** All results of an envelope. */
export function envelope(body: string, key: string, what: string): readonly unknown[] {
  if (/^\s*Too Many Requests/.test(body.slice(0, 100))) {
    throw new AdaptersError('rate-limited', `${what}: Yahoo asks for fewer requests. Wait some minutes and ask again.`);
  }
  const json = parseJsonObject(body, what);
  const inner = json[key] ?? json['finance'];
  const { result, error } = isObject(inner) ? inner : {};
  if (isObject(error)) {
    const { code, description } = error;
    const said = `${excerpt(code, 60)}: ${excerpt(description)}`;
    const unknown = code === 'Not Found';
    throw new AdaptersError(
      unknown ? 'unknown-symbol' : 'bad-response',
      `${what}: Yahoo refused the request (${said}). ${unknown ? 'Check the symbol; stocks in Jakarta end in .JK.' : 'Correct it and ask again.'}`,
    );
  }
  if (!Array.isArray(result)) throw badResponse(what, `result ${shown(result)}`, 'a list');
  return result;
}

interface Columns {
  readonly times: readonly unknown[];
  readonly open: readonly unknown[];
  readonly high: readonly unknown[];
  readonly low: readonly unknown[];
  readonly close: readonly unknown[];
  readonly volume: readonly unknown[];
  readonly adjusted: readonly unknown[] | undefined;
}

const noColumns: Columns = { times: [], open: [], high: [], low: [], close: [], volume: [], adjusted: undefined };

/** No data comes as no `timestamp`, with or without columns beside it. */
function readColumns(times: unknown, indicators: unknown, what: string): Columns {
  const holder = isObject(indicators) ? indicators : {};
  if (!Array.isArray(holder['quote'])) throw badResponse(what, 'no indicators.quote', 'a list');
  if (times === undefined || times === null) return noColumns;
  if (!Array.isArray(times)) throw badResponse(what, `timestamp ${shown(times)}`, 'a list');
  const quote: unknown = holder['quote'][0];
  const column = (of: unknown, name: string): readonly unknown[] => {
    const list = isObject(of) ? of[name] : undefined;
    if (!Array.isArray(list) || list.length !== times.length) {
      throw badResponse(
        what,
        `${name} ${Array.isArray(list) ? `of ${list.length}` : 'missing'}`,
        `${times.length} values`,
      );
    }
    return list as readonly unknown[];
  };
  const adjusted: unknown = Array.isArray(holder['adjclose']) ? holder['adjclose'][0] : undefined;
  return {
    times: times as readonly unknown[],
    open: column(quote, 'open'),
    high: column(quote, 'high'),
    low: column(quote, 'low'),
    close: column(quote, 'close'),
    volume: column(quote, 'volume'),
    adjusted: adjusted === undefined ? undefined : column(adjusted, 'adjclose'),
  };
}

interface BarContext {
  readonly seconds: number;
  readonly date: string;
  readonly lengthMs: number;
  readonly price: (value: unknown, field: string) => string;
  readonly meta: Json;
}

function readBar(columns: Columns, i: number, { seconds, date, lengthMs, price, meta }: BarContext): YahooBar {
  const volume = decimalOf(columns.volume[i]);
  if (volume === undefined || volume.startsWith('-'))
    throw new RecordError(`volume[${i}]`, columns.volume[i], 'a size');
  const adjusted = columns.adjusted?.[i];
  const startMs = seconds * 1000;
  return {
    startMs,
    endMs: startMs + lengthMs,
    date,
    open: price(columns.open[i], `open[${i}]`),
    high: price(columns.high[i], `high[${i}]`),
    low: price(columns.low[i], `low[${i}]`),
    close: price(columns.close[i], `close[${i}]`),
    volume,
    ...(adjusted == null ? undefined : { adjustedClose: price(adjusted, `adjclose[${i}]`) }),
    final: isFinal(startMs, lengthMs, meta),
  };
}

/** A bar is running while the last trade is younger than its start and its day's session is not over. */
function isFinal(startMs: number, lengthMs: number, meta: Json): boolean {
  const last = meta['regularMarketTime'];
  if (!Number.isSafeInteger(last)) return true;
  const lastMs = (last as number) * 1000;
  if (lengthMs < DAY) return startMs + lengthMs <= lastMs;
  const period = isObject(meta['currentTradingPeriod']) ? meta['currentTradingPeriod']['regular'] : undefined;
  const { start, end } = isObject(period) ? period : {};
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return startMs + lengthMs <= lastMs;
  const running = lastMs >= (start as number) * 1000 && lastMs < (end as number) * 1000;
  return !running || startMs + lengthMs <= lastMs;
}

function readEvents(
  events: unknown,
  dateOf: (seconds: number) => string,
  rejected: Rejection[],
): Pick<YahooChart, 'dividends' | 'splits'> {
  const list = (name: string): readonly unknown[] => {
    const of = isObject(events) ? events[name] : undefined;
    return isObject(of) ? Object.values(of) : [];
  };
  const read = <T>(items: readonly unknown[], map: (item: Json, seconds: number) => T): T[] =>
    items.flatMap((item, i) => {
      try {
        if (!isObject(item)) throw new RecordError('event', item, 'an object');
        return [map(item, aTime(item['date'], 'date'))];
      } catch (error) {
        rejected.push(rejection(error, i + 1));
        return [];
      }
    });
  const dividends = read(list('dividends'), (item, seconds) => {
    const amount = decimalOf(item['amount']);
    if (amount === undefined || amount.startsWith('-')) throw new RecordError('amount', item['amount'], 'a decimal');
    return { timeMs: seconds * 1000, date: dateOf(seconds), amount };
  });
  const splits = read(list('splits'), (item, seconds) => {
    const [numerator, denominator] = [Number(item['numerator']), Number(item['denominator'])];
    if (!(numerator > 0 && denominator > 0 && numerator < 1e9 && denominator < 1e9)) {
      throw new RecordError('split', item['splitRatio'], 'a ratio');
    }
    return { timeMs: seconds * 1000, date: dateOf(seconds), numerator, denominator };
  });
  return { dividends, splits };
}

function aTime(value: unknown, field: string): number {
  // From 1900 to 2100.
  if (!Number.isSafeInteger(value) || (value as number) < -2.3e9 || (value as number) > 4.2e9) {
    throw new RecordError(field, value, 'seconds since 1970');
  }
  return value as number;
}

function reader(rounding: 'shortest' | 'price-hint', hint: unknown): (value: unknown, field: string) => string {
  const digits = Number.isSafeInteger(hint) && (hint as number) >= 0 && (hint as number) <= 10 ? (hint as number) : 2;
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) >= 1e15) {
      throw new RecordError(field, value, 'a price');
    }
    const number = rounding === 'price-hint' ? Number(value.toFixed(digits)) : shortestSingle(value);
    return decimalOf(number)!;
  };
}

/** The number with the fewest digits that rounds to the same single-precision number; whole and other ones are left. */
export function shortestSingle(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
