/** One frame through a decoder: what it says, as an item of a source, and what the connection has to do about it. */
import type { Redact } from '../http/redact.ts';
import type { QuarantineReason, RefusedRecord, SourceEvent, SourceGap, SourceItem } from '../../market-source.ts';
import type { FeedControl, FrameDecoder, FrameSink } from '../../venue-feed.ts';

/** All that a decoder made of one frame. */
export interface DecodedFrame {
  readonly events: readonly SourceEvent[];
  readonly refused: readonly RefusedRecord[];
  readonly unmodelled: readonly string[];
  readonly controls: readonly FeedControl[];
  /** Nothing of it is of use: it goes to quarantine. */
  readonly useless: boolean;
}

/** Details of a hostile frame stay short. */
const maxDetail = 1_000;

/**
 * Decodes a frame; a decoder that throws, which none should, refuses the frame.
 * @param redact - takes secrets out of what is said of the frame; the frame itself stays
 */
export function decodeFrame(
  decoder: FrameDecoder,
  frame: string | Uint8Array,
  receiveMs: number,
  redact: Redact = (text) => text,
): DecodedFrame {
  const events: SourceEvent[] = [];
  const refused: RefusedRecord[] = [];
  const unmodelled: string[] = [];
  const controls: FeedControl[] = [];
  const reject = (reason: QuarantineReason, detail: string): void => {
    refused.push({ reason, detail: redact(detail).slice(0, maxDetail) });
  };
  const sink: FrameSink = {
    event: (event) => void events.push(event),
    reject,
    unmodelled: (kind) => void unmodelled.push(redact(kind).slice(0, 64)),
    control: (control) => void controls.push(control),
  };
  try {
    decoder.decode(frame, receiveMs, sink);
  } catch (error) {
    reject('bad-frame', `the decoder failed: ${String(error)}`);
  }
  const useless = refused.length > 0 && events.length + unmodelled.length + controls.length === 0;
  return { events, refused, unmodelled, controls, useless };
}

/** Where a frame stands, when it came, and its text. */
export interface FramePlace {
  readonly seq: number;
  readonly line: number;
  readonly file: string;
  readonly receiveNs: string;
  readonly text: string;
  readonly encoding?: 'base64' | undefined;
}

/** The frame as an item: a record as long as anything of it is of use. */
export function itemOf({ events, refused, useless }: DecodedFrame, place: FramePlace): SourceItem {
  const { text, encoding, receiveNs, seq, line, file } = place;
  const how = encoding ? { encoding } : {};
  if (useless) {
    const [first, ...more] = refused;
    const detail = more.length > 0 ? `${first!.detail} (and ${more.length} more)` : first!.detail;
    return { kind: 'quarantined', entry: { seq, line, file, reason: first!.reason, detail, text, ...how, receiveNs } };
  }
  const stamp = { receiveNs, receiveMs: Number(receiveNs.slice(0, -6)) };
  const record = { seq, line, file, ...stamp, raw: text, ...how, events, ...(refused.length > 0 ? { refused } : {}) };
  return { kind: 'record', record };
}

/** A gap that the decoder found in the ids of the wire. */
export function sequenceGap(control: Extract<FeedControl, { kind: 'gap' }>): SourceGap {
  const { symbol, channel, afterId, beforeId, detail } = control;
  return {
    symbol,
    channel,
    reason: 'sequence',
    after: afterId === undefined ? {} : { id: afterId },
    before: beforeId === undefined ? {} : { id: beforeId },
    detail,
  };
}

/** A frame as text, as a tape keeps it. */
export function frameText(frame: string | Uint8Array): { readonly text: string; readonly encoding?: 'base64' } {
  return typeof frame === 'string' ? { text: frame } : { text: base64(frame), encoding: 'base64' };
}

/** The frame of what {@link frameText} made. */
export function frameOf(text: string, encoding: 'base64' | undefined): string | Uint8Array {
  return encoding === undefined ? text : Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // A spread of a whole frame would not fit on the stack.
  for (let at = 0; at < bytes.length; at += 8_192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  return btoa(parts.join(''));
}
