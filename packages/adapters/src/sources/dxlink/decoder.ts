/** Decodes one dxLink connection: the way to a configured channel, keep-alive, errors, and the events. */
import { heartbeat, jsonDecoder } from '../../internal/venue/json-frames.ts';
import { symbolFilter } from '../../internal/venue/feed-options.ts';
import { anObject, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import type { FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { readEventFields, readEventRows } from './event-rows.ts';
import type { EventFields } from './event-rows.ts';
import { mapQuote, readTimeAndSale } from './map.ts';
import type { TradeAmendment } from './map.ts';

/** What the decoder needs of the feed. */
export interface DxlinkDecoderOptions {
  readonly symbols: readonly string[];
  /** Fields that were asked for; they hold until the server says otherwise. */
  readonly fields: EventFields;
  /** Asks for the channel, when the server knows who we are. */
  readonly channelRequest: string;
  /** Configures the channel and subscribes, when it is open. */
  readonly subscribe: readonly string[];
  /** The login; `undefined` without a token. Asked when the server wants one. */
  readonly login: () => string | undefined;
  /** Called at the login's success; false when the token is of no use. */
  readonly onAuthorized: (receiveMs: number, sink: FrameSink) => boolean;
  readonly onAmendment: ((amendment: TradeAmendment) => void) | undefined;
}

/** Number of the one channel that we open; 0 is the connection itself. */
export const feedChannel = 1;

export function createDxlinkDecoder(options: DxlinkDecoderOptions): FrameDecoder {
  const asked = symbolFilter(options.symbols);
  let fields = options.fields;
  let loggedIn = false;

  const readAuthState = (state: unknown, receiveMs: number, sink: FrameSink): void => {
    if (state === 'AUTHORIZED') {
      sink.control({ kind: 'subscribed', channel: 'login' });
      if (options.onAuthorized(receiveMs, sink)) sink.control({ kind: 'reply', frame: options.channelRequest });
      return;
    }
    if (state !== 'UNAUTHORIZED') throw new RecordError('state', state, 'AUTHORIZED or UNAUTHORIZED');
    const login = options.login();
    if (login !== undefined && !loggedIn) {
      loggedIn = true;
      sink.control({ kind: 'reply', frame: login });
      return;
    }
    const detail =
      login === undefined ? 'the server wants a token, and none was given' : 'the server does not accept the token';
    sink.control({ kind: 'refused', detail, fatal: true });
  };

  const readRow = (type: string, row: Json, receiveMs: number, sink: FrameSink): void => {
    if (!fields.has(type) || (type !== 'TimeAndSale' && type !== 'Quote')) {
      sink.unmodelled(type);
      return;
    }
    if (type === 'Quote') {
      const quote = mapQuote(row, receiveMs);
      if (asked(quote.symbol, sink)) sink.event(quote);
      return;
    }
    const sale = readTimeAndSale(row);
    if ('event' in sale) {
      if (asked(sale.event.symbol, sink)) sink.event(sale.event);
    } else if (asked(sale.amendment.symbol, sink)) {
      // The print that it is of went out long ago: whoever keeps prints must change it there.
      sink.unmodelled(`TimeAndSale ${sale.amendment.kind}`);
      options.onAmendment?.(sale.amendment);
    }
  };

  const readData = (raw: unknown, receiveMs: number, sink: FrameSink): void => {
    const { rows, problems } = readEventRows(raw, fields);
    for (const problem of problems) sink.reject('bad-record', problem);
    for (const { type, row } of rows) {
      try {
        readRow(type, row, receiveMs, sink);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', `${type}: ${error.message}`);
      }
    }
  };

  const readError = (message: Json, sink: FrameSink): void => {
    const said = [message['error'], message['message']].filter((part) => typeof part === 'string').join(': ');
    const detail = said === '' ? 'the server reports an error' : said.slice(0, 300);
    sink.reject('venue-error', detail);
    sink.control({ kind: 'refused', detail, fatal: message['error'] === 'UNAUTHORIZED' });
  };

  return jsonDecoder((raw, receiveMs, sink) => {
    const message = anObject(raw, 'message');
    const { type } = message;
    switch (type) {
      case 'FEED_DATA':
        readData(message['data'], receiveMs, sink);
        return;
      case 'KEEPALIVE':
      case 'SETUP':
        sink.control(heartbeat);
        return;
      case 'AUTH_STATE':
        readAuthState(message['state'], receiveMs, sink);
        return;
      case 'CHANNEL_OPENED':
        if (message['channel'] !== feedChannel)
          throw new RecordError('channel', message['channel'], `${feedChannel}, the one asked for`);
        for (const frame of options.subscribe) sink.control({ kind: 'reply', frame });
        return;
      case 'CHANNEL_CLOSED':
        sink.control({ kind: 'expires', atMs: receiveMs, detail: 'the server closed the channel' });
        return;
      case 'FEED_CONFIG':
        if (message['eventFields'] !== undefined) fields = readEventFields(message['eventFields'], fields);
        sink.control({ kind: 'subscribed', channel: [...fields.keys()].join(' ').slice(0, 100) });
        return;
      case 'ERROR':
        readError(message, sink);
        return;
      default:
        if (typeof type !== 'string' || type === '') throw new RecordError('type', type, 'the type of a message');
        sink.unmodelled(type);
    }
  });
}
