/**
 * What a venue adapter is made of: a decoder that turns frames into neutral events, and the few facts that a connection
 * needs. Decoders know nothing of sockets, and connections nothing of venues.
 */
import type { SourceEvent } from './market-source.ts';

/** Why a frame, a line or one record of it was refused. */
export type RejectReason =
  /** No valid JSON, no valid binary record, or cut off. */
  | 'bad-frame'
  /** A known kind whose fields are missing, of the wrong type or impossible. */
  | 'bad-record'
  /** Longer than the decoder takes. */
  | 'too-long'
  /** Of a symbol that was not asked for. */
  | 'other-symbol'
  /** The venue said that a request failed. */
  | 'venue-error';

/** What a frame says about the connection instead of the market. */
export type FeedControl =
  /** The venue accepted a subscription. */
  | { readonly kind: 'subscribed'; readonly channel: string }
  /** The venue refused a subscription or a login; `fatal` when trying again cannot help. */
  | { readonly kind: 'refused'; readonly detail: string; readonly fatal: boolean }
  /** A sign of life without data. */
  | { readonly kind: 'heartbeat' }
  /** The venue expects this answer, for example to its ping. */
  | { readonly kind: 'reply'; readonly frame: string | Uint8Array }
  /** The venue will close this connection soon, or the token ends then. */
  | { readonly kind: 'expires'; readonly atMs: number | undefined; readonly detail: string }
  /** Records between two ids never came. Ids are inclusive where they are known. */
  | {
      readonly kind: 'gap';
      readonly symbol: string;
      readonly channel: string;
      readonly afterId: string | undefined;
      readonly beforeId: string | undefined;
      readonly detail: string;
    }
  /** The book of this symbol must be asked for anew: resubscribe, or fetch a snapshot. */
  | { readonly kind: 'resync'; readonly symbol: string; readonly channel: string; readonly detail: string };

/** Where a decoder puts what it finds in one frame, in the frame's order. */
export interface FrameSink {
  event(event: SourceEvent): void;
  /** One record, or the whole frame, is of no use; `detail` names the field, the "value" and what was expected. */
  reject(reason: RejectReason, detail: string): void;
  /** Known and whole, but of a kind that we do not model; counted by the venue's name of the kind. */
  unmodelled(kind: string): void;
  control(control: FeedControl): void;
}

/** Turns frames (WebSocket messages, lines of a file, answers of a REST endpoint) into events. One per connection. */
export interface FrameDecoder {
  /**
   * Reads one frame. Whatever the frame holds, this returns normally and every record of it reaches the sink as an
   * event, a rejection or an unmodelled kind; a bad record never takes its neighbours with it.
   * @param receiveMs - local receive time, epoch milliseconds; the time of records whose venue gives none
   */
  decode(frame: string | Uint8Array, receiveMs: number, sink: FrameSink): void;
}

/** A frame to send, or several. */
export type FeedFrames = readonly (string | Uint8Array)[];

/** Everything that a connection needs to know of a venue. Plain data and pure functions. */
export interface VenueFeed {
  /** Which feed this is, for stats and snapshots, for example `bybit:linear`. */
  readonly name: string;
  /** Address to connect to; asked anew before every connection, so a token may be fetched. Never logged with its query. */
  url(signal?: AbortSignal): string | Promise<string>;
  /**
   * Tokens and keys of the connection: they are taken out of everything that the venue says and that becomes a status, an
   * error or a reason of a refusal. Frames stay as they came. Values of `authorization` and `cookie` headers are secret anyway.
   */
  secrets?(): readonly string[];
  /** Request headers and sub-protocols, where the platform can set them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** The symbols that were asked for, for stats. */
  readonly symbols?: readonly string[];
  /** What to send when the connection is open: logins and subscriptions. What depends on an answer is a `reply`. */
  opening(): FeedFrames;
  /** A frame that keeps the connection alive, and how often to send it. Absent: protocol pings alone. */
  readonly ping?: { readonly everyMs: number; frame(): string | Uint8Array };
  /**
   * A connection on which nothing arrives for so long is dead. Where the feed has no `ping` of its own, pings and pongs of
   * the protocol are a sign of life, too.
   */
  readonly silenceMs: number;
  /** The venue closes every connection after so long; a warning comes before, and a new connection in time. */
  readonly lifetimeMs?: number;
  /** Ids of trades rise by one for each symbol: then a gap says how many trades are missing. */
  readonly tradeIdsRiseByOne?: boolean;
  /**
   * Fetches the book of one symbol as a frame that the decoder reads, for venues that give books by REST. Asked for at
   * every `resync`; it goes before `resubscribe`.
   */
  snapshot?(symbol: string, channel: string, signal: AbortSignal): Promise<string | Uint8Array>;
  /** Asks anew for the book of one symbol, for venues that resync by resubscribing. */
  resubscribe?(symbol: string, channel: string): FeedFrames;
  /** A decoder for a new connection. */
  decoder(): FrameDecoder;
}
