/** Tokens that users bring: fetched anew for every connection, and watched for their end. */
import { AdaptersError } from '../errors.ts';
import type { FrameSink } from '../venue-feed.ts';
import { jwtExpiryMs } from './jwt-expiry.ts';

/** A token, or who gets one; it is asked before every connection. */
export type FeedToken = string | ((signal?: AbortSignal) => string | Promise<string>);

/** The token of the connection that is being opened. */
export interface CurrentToken {
  /**
   * Asks for the token of a new connection.
   * @throws {@link AdaptersError} `bad-option` when there is none.
   */
  renew(signal?: AbortSignal): Promise<string>;
  value(): string | undefined;
  /** What may not show: the token, where one is known. */
  secrets(): readonly string[];
  /** Says when the token ends, if it says so itself; one that has ended is refused. True when it is still good. */
  announceEnd(receiveMs: number, sink: FrameSink): boolean;
}

/** @param feed - who asks, for messages; the token itself is in none */
export function createCurrentToken(feed: string, token: FeedToken): CurrentToken {
  let current: string | undefined;
  const require = (text: unknown): string => {
    if (typeof text === 'string' && text !== '') return text;
    throw new AdaptersError(
      'bad-option',
      `token of ${feed} is empty. Pass the access token of your account, or a function that gets one.`,
    );
  };
  if (typeof token === 'string') require(token);
  return {
    async renew(signal) {
      const renewed = require(typeof token === 'string' ? token : await token(signal));
      // Too late: somebody else has asked by now.
      signal?.throwIfAborted();
      return (current = renewed);
    },
    value: () => current,
    secrets: () => (current === undefined ? [] : [current]),
    announceEnd(receiveMs, sink) {
      const atMs = current === undefined ? undefined : jwtExpiryMs(current);
      if (atMs === undefined) return true;
      const when = new Date(atMs).toISOString();
      if (atMs <= receiveMs) {
        // A function may get a better one next time; a text stays what it is.
        sink.control({
          kind: 'refused',
          detail: `the access token ended at ${when}; expected a newer one`,
          fatal: typeof token === 'string',
        });
        return false;
      }
      sink.control({ kind: 'expires', atMs, detail: `the access token ends at ${when}` });
      return true;
    },
  };
}
