/** What the feeds of the venues have in common. */
import { AdaptersError } from '../../errors.ts';
import type { FrameSink } from '../../venue-feed.ts';

/** A kind of market data: prints, the order book, the best bid and offer, the venue's own bars. */
export type VenueChannel = 'trades' | 'book' | 'quotes' | 'bars';

/** What to subscribe to. */
export interface VenueFeedOptions {
  /** Instruments, as the venue spells them; at least one. */
  readonly symbols: readonly string[];
  /** At least one. */
  readonly channels: readonly VenueChannel[];
  /** Address to connect to. @defaultValue the venue's public one */
  readonly url?: string;
}

const known: readonly string[] = ['trades', 'book', 'quotes', 'bars'] satisfies VenueChannel[];

/** @throws {@link AdaptersError} `bad-option` */
export function requireFeedOptions(feed: string, { symbols, channels, url }: VenueFeedOptions): void {
  const bad = (option: string, value: unknown, expected: string): never => {
    const shown = value === undefined ? 'undefined' : JSON.stringify(value);
    throw new AdaptersError('bad-option', `${option} ${shown} of ${feed} is not usable. Pass ${expected}.`, { value });
  };
  const texts = (list: unknown): boolean =>
    Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string' && item !== '');
  if (!texts(symbols)) bad('symbols', symbols, "a list such as ['BTCUSDT'], spelled as the venue does");
  if (!texts(channels) || !channels.every((channel) => known.includes(channel))) {
    bad('channels', channels, `a list of ${known.join(', ')}`);
  }
  if (url !== undefined && !/^wss?:\/\/./.test(url)) bad('url', url, "an address such as 'wss://host/path'");
}

/** @throws {@link AdaptersError} `bad-option` when the value is none of the allowed ones. */
export function requireOneOf<T>(feed: string, option: string, value: T, allowed: readonly T[]): void {
  if (allowed.includes(value)) return;
  throw new AdaptersError(
    'bad-option',
    `${option} ${JSON.stringify(value)} of ${feed} is not offered by the venue. Pass one of ${allowed.join(', ')}.`,
    { value },
  );
}

/** Refuses records of symbols that were not asked for, so that no map grows by what a venue invents. */
export function symbolFilter(symbols: readonly string[]): (symbol: string, sink: FrameSink) => boolean {
  const asked = new Set(symbols);
  return (symbol, sink) => {
    if (asked.has(symbol)) return true;
    sink.reject('other-symbol', `symbol "${symbol}" was not asked for`);
    return false;
  };
}

/** True for the name of a channel, as controls carry it. */
export function isChannel(channel: string): channel is VenueChannel {
  return known.includes(channel);
}
