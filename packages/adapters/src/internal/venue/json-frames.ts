/** Frames of JSON to messages: text or bytes, strict UTF-8, bounded, and numbers with all their digits. */
import type { FeedControl, FrameDecoder, FrameSink } from '../../venue-feed.ts';
import { RecordError } from './fields.ts';

/** Longest frame that is read, characters. Whole books of Coinbase have some megabytes. */
const maxFrameLength = 16 * 1024 * 1024;

/** A sign of life without data; one object for all. */
export const heartbeat: FeedControl = Object.freeze({ kind: 'heartbeat' });

/** Reads one message. What it throws as `RecordError` is a bad record. */
export type ReadMessage = (message: unknown, receiveMs: number, sink: FrameSink) => void;

/** What a venue's frames have besides messages. */
export interface JsonDecoderOptions {
  /** Frames that are no JSON but known, for example `pong`. */
  readonly words?: readonly string[];
  /** Called after a frame or a whole message was refused, for venues where nothing else tells what was lost with it. */
  readonly onLoss?: (detail: string, sink: FrameSink) => void;
}

/** A decoder of JSON frames. A message that `read` has nothing to say of (an empty batch) is a heartbeat. */
export function jsonDecoder(read: ReadMessage, { words = [], onLoss }: JsonDecoderOptions = {}): FrameDecoder {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let traces = 0;
  let target: FrameSink | undefined;
  const counting: FrameSink = {
    event(event) {
      traces += 1;
      target?.event(event);
    },
    reject(reason, detail) {
      traces += 1;
      target?.reject(reason, detail);
    },
    unmodelled(kind) {
      traces += 1;
      target?.unmodelled(kind.slice(0, 64));
    },
    control(control) {
      traces += 1;
      target?.control(control);
    },
  };
  return {
    decode(frame, receiveMs, sink) {
      if (frame.length > maxFrameLength) {
        sink.reject('too-long', `a frame of ${frame.length}; expected at most ${maxFrameLength}`);
        onLoss?.('a frame was too long', sink);
        return;
      }
      let message: unknown;
      try {
        const text = typeof frame === 'string' ? frame : utf8.decode(frame);
        if (words.includes(text)) {
          sink.control(heartbeat);
          return;
        }
        message = parseExact(text);
      } catch (error) {
        sink.reject('bad-frame', `the frame is no JSON: ${(error as Error).message.slice(0, 200)}`);
        onLoss?.('a frame was no JSON', sink);
        return;
      }
      traces = 0;
      target = sink;
      try {
        read(message, receiveMs, counting);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        counting.reject('bad-record', error.message);
        onLoss?.(error.message, sink);
      }
      if (traces === 0) sink.control(heartbeat);
      target = undefined;
    },
  };
}

/** Gives each item of a list to `read`; one that is bad is refused, and its neighbours stay. */
export function eachRecord(list: readonly unknown[], sink: FrameSink, read: (item: unknown, i: number) => void): void {
  for (let i = 0; i < list.length; i += 1) {
    try {
      read(list[i], i);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      sink.reject('bad-record', error.message);
    }
  }
}

/**
 * A double holds 15 digits of any decimal; a longer literal (this finds a few more than those) is kept as text. What
 * stands in quotes follows on a quote.
 */
const longNumber = /[[:,\s-]\d[\d.]{15}/;
/** Strings, and numbers where a value ends: a number as a key is no JSON and must not become some. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?(?=\s*[,}\]])/g;
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * `JSON.parse`, but a number that a double may not hold with all its digits comes as text: 12345678.12345678901. Whole
 * numbers up to 2^53 are exact and stay numbers.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  return JSON.parse(longNumber.test(text) ? text.replace(tokens, quoteLong) : text);
}

function quoteLong(token: string): string {
  if (token.length < 16 || token.startsWith('"') || !jsonNumber.test(token)) return token;
  return Number.isSafeInteger(Number(token)) && !token.includes('.') ? token : `"${token}"`;
}
