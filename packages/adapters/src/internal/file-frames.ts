/** The frames of a file, one by one: lines, or the head and the records of a DBN stream. */
import { createDbnSplitter } from '../sources/databento/dbn-splitter.ts';
import type { RejectReason } from '../venue-feed.ts';
import { createLineSplitter } from './line-splitter.ts';
import type { Line } from './line-splitter.ts';

/** A frame, or the words for a piece that is none. */
export type FileFrame =
  | { readonly frame: string | Uint8Array }
  | {
      readonly reason: RejectReason | 'bad-utf8' | 'line-too-long';
      readonly detail: string;
      readonly bytes: Uint8Array;
    };

/** Cuts one file. */
export interface FileFrames {
  /** The frames that this chunk completes; they are copies. */
  push(chunk: Uint8Array): readonly FileFrame[];
  /** What is left at the end. Call once. */
  end(): readonly FileFrame[];
}

/** @param maxBytes - longest line, or longest head */
export function createFileFrames(framing: 'lines' | 'dbn', maxBytes: number): FileFrames {
  return framing === 'lines' ? lineFrames(maxBytes) : dbnFrames(maxBytes);
}

function lineFrames(maxBytes: number): FileFrames {
  const splitter = createLineSplitter(maxBytes);
  const toFrame = (line: Line): FileFrame => {
    if (typeof line === 'string') return { frame: line };
    if (line.problem === 'bad-utf8') {
      return {
        reason: 'bad-utf8',
        detail: `${line.bytes.length} bytes are not UTF-8; expected UTF-8 text`,
        bytes: line.bytes,
      };
    }
    const detail = `the line has ${line.byteLength} bytes; expected at most ${maxBytes} (maxLineBytes)`;
    return { reason: 'line-too-long', detail, bytes: line.prefix };
  };
  return {
    push: (chunk) => splitter.push(chunk).map(toFrame),
    end() {
      const rest = splitter.end();
      return rest === undefined ? [] : [toFrame(rest)];
    },
  };
}

const noBytes = new Uint8Array(0);

function dbnFrames(maxBytes: number): FileFrames {
  const splitter = createDbnSplitter(maxBytes);
  let found: FileFrame[] = [];
  const parts: Parameters<typeof splitter.push>[1] = {
    // The version and the length, in the eight bytes before, are part of the head.
    head: (_version, bytes) =>
      void found.push({ frame: new Uint8Array(bytes.buffer, bytes.byteOffset - 8, bytes.length + 8).slice() }),
    record: (view, at, length) =>
      void found.push({ frame: new Uint8Array(view.buffer, view.byteOffset + at, length).slice() }),
    broken: (reason, detail) => void found.push({ reason, detail, bytes: noBytes }),
  };
  const taken = (): readonly FileFrame[] => {
    const frames = found;
    found = [];
    return frames;
  };
  return {
    push(chunk) {
      splitter.push(chunk, parts);
      return taken();
    },
    end() {
      splitter.end(parts);
      return taken();
    },
  };
}
