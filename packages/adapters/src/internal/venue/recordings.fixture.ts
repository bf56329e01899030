/** Recorded frames of the venues and what decoders make of them. For tests. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SourceEvent } from '../../market-source.ts';
import type { FeedControl, FrameDecoder } from '../../venue-feed.ts';

/** One received frame. */
export interface RecordedFrame {
  readonly receiveMs: number;
  readonly text: string;
}

/**
 * The frames that a recording of cryptofeed received: lines of `<receive seconds>: <frame>`; lines of what was sent start
 * with the address, and what follows the last connection is blank.
 */
export function recordedFrames(path: string): readonly RecordedFrame[] {
  const lines = gunzipSync(readFileSync(path)).toString().split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('wss:'))
    .map((line) => {
      const at = line.indexOf(': ');
      return { receiveMs: Math.floor(Number(line.slice(0, at)) * 1000), text: line.slice(at + 2) };
    });
}

/** The single messages of a venue (documentation samples and answers), by the name of their file; none without the file. */
export function recordedPayloads(path: string, venue: string): ReadonlyMap<string, string> {
  if (!existsSync(path)) return new Map();
  const payloads = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    // The text and not the parsed value: numbers keep their spelling.
    const match = /^\{"venue":"([^"]*)","source":"([^"]*)","payload":(.*)\}$/.exec(line);
    if (match?.[1] === venue) payloads.set(match[2]!.split('/').at(-1)!, match[3]!);
  }
  return payloads;
}

/** Everything that a decoder said, in order and counted. */
export interface Decoded {
  readonly events: SourceEvent[];
  readonly controls: FeedControl[];
  readonly rejections: string[];
  readonly counts: {
    readonly events: Record<string, number>;
    readonly rejected: Record<string, number>;
    readonly unmodelled: Record<string, number>;
    readonly controls: Record<string, number>;
  };
}

export function decodeAll(decoder: FrameDecoder, frames: readonly (RecordedFrame | string)[]): Decoded {
  const counts: Decoded['counts'] = { events: {}, rejected: {}, unmodelled: {}, controls: {} };
  const decoded: Decoded = { events: [], controls: [], rejections: [], counts };
  const count = (of: Record<string, number>, key: string): void => void (of[key] = (of[key] ?? 0) + 1);
  for (const frame of frames) {
    const { text, receiveMs } = typeof frame === 'string' ? { text: frame, receiveMs: 1_700_000_000_000 } : frame;
    decoder.decode(text, receiveMs, {
      event(event) {
        decoded.events.push(event);
        count(counts.events, event.nonMarket ? 'nonMarket' : event.type);
      },
      reject(reason, detail) {
        decoded.rejections.push(detail);
        count(counts.rejected, reason);
      },
      unmodelled: (kind) => count(counts.unmodelled, kind),
      control(control) {
        decoded.controls.push(control);
        count(counts.controls, control.kind);
      },
    });
  }
  return decoded;
}
