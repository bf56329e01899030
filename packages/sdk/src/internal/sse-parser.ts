/**
 * Reads `text/event-stream` by the rules of the HTML standard, §9.2.6 "Interpreting an event stream". Our own, because
 * the known library publishes a `source` export of TypeScript files, which Node refuses to load from `node_modules` when
 * an application runs its workspace with `--conditions=source`.
 */
export interface SseMessage {
  /** The last event id when the message was dispatched; `undefined` before the first `id` field. */
  readonly id: string | undefined;
  /** `message` where the stream names none. */
  readonly event: string;
  /** The `data` lines, joined by line feeds. */
  readonly data: string;
}

export interface SseParser {
  /** Takes the next piece of text, cut anywhere; returns the messages that it completes. */
  push(text: string): SseMessage[];
  /** The last event id of the stream, also from a block without data; what a reconnect sends back. */
  lastEventId(): string | undefined;
  /** The last `retry` field, in milliseconds. */
  retryMs(): number | undefined;
  /** Characters held for a message that is not complete. */
  pending(): number;
}

/** A parser at the start of one connection; the end of the connection discards what is incomplete. */
export function createSseParser(): SseParser {
  let started = false;
  let rest: string[] = [];
  let restLength = 0;
  let afterCarriageReturn = false;
  let idBuffer: string | undefined;
  let lastId: string | undefined;
  let retry: number | undefined;
  let event = '';
  let data: string[] = [];
  let dataLength = 0;

  function dispatch(messages: SseMessage[]): void {
    lastId = idBuffer;
    if (data.length > 0) messages.push({ id: lastId, event: event || 'message', data: data.join('\n') });
    event = '';
    data = [];
    dataLength = 0;
  }

  function takeLine(line: string, messages: SseMessage[]): void {
    if (line === '') {
      dispatch(messages);
      return;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      data.push(value);
      dataLength += value.length + 1;
    } else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) idBuffer = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }

  return {
    push(piece) {
      const messages: SseMessage[] = [];
      let text = piece;
      if (!started && text !== '') {
        started = true;
        if (text.startsWith('\uFEFF')) text = text.slice(1);
      }
      // A line feed right after a carriage return belongs to it, also when the cut fell between the two.
      if (afterCarriageReturn && text !== '') {
        afterCarriageReturn = false;
        if (text.startsWith('\n')) text = text.slice(1);
      }
      let start = 0;
      for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) {
        rest.push(text.slice(start, index));
        takeLine(rest.join(''), messages);
        rest = [];
        restLength = 0;
        start = index + end.length;
        afterCarriageReturn = end === '\r' && start === text.length;
      }
      if (start < text.length) {
        rest.push(text.slice(start));
        restLength += text.length - start;
      }
      return messages;
    },
    lastEventId: () => lastId,
    retryMs: () => retry,
    pending: () => restLength + dataLength,
  };
}
