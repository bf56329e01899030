/** Chunks of a DBN stream, cut anywhere, to its head and its records. */

/** What a splitter finds, in order. */
export interface DbnParts {
  /** The bytes of the metadata; they stay valid during the call. */
  head(version: number, bytes: Uint8Array): void;
  /** One record of `length` bytes at `at`; the view stays valid during the call. */
  record(view: DataView, at: number, length: number): void;
  /** Nothing after this can be read: the bytes are no DBN, or the length of a record makes no sense. */
  broken(reason: 'bad-frame' | 'too-long', detail: string): void;
}

export interface DbnSplitter {
  /** Takes the next bytes; they may be reused afterwards. */
  push(chunk: Uint8Array, parts: DbnParts): void;
  /** Says whether the stream ended inside something. Call once. */
  end(parts: DbnParts): void;
}

/** Bytes of the smallest record: its header alone. */
const headerBytes = 16;
const newestVersion = 3;

/** @param maxMetadataBytes - a longer head is refused */
export function createDbnSplitter(maxMetadataBytes: number): DbnSplitter {
  let kept = new Uint8Array(4096);
  let keptLength = 0;
  let state: 'head' | 'records' | 'broken' = 'head';
  let read = 0;
  const isBroken = (): boolean => state === 'broken';

  const keep = (bytes: Uint8Array): void => {
    if (keptLength + bytes.length > kept.length) {
      const larger = new Uint8Array(Math.max(kept.length * 2, keptLength + bytes.length));
      larger.set(kept.subarray(0, keptLength));
      kept = larger;
    }
    kept.set(bytes, keptLength);
    keptLength += bytes.length;
  };

  const breakOff = (parts: DbnParts, reason: 'bad-frame' | 'too-long', detail: string): number => {
    state = 'broken';
    parts.broken(reason, detail);
    return Infinity;
  };

  /** Reads the head; gives the bytes taken, 0 when there are too few. */
  const readHead = (bytes: Uint8Array, view: DataView, parts: DbnParts): number => {
    if (bytes.length < 8) {
      const start = [0x44, 0x42, 0x4e].every((byte, i) => i >= bytes.length || bytes[i] === byte);
      return start || isZstdStart(bytes) ? 0 : breakOff(parts, 'bad-frame', noDbn(bytes));
    }
    if (bytes[0] !== 0x44 || bytes[1] !== 0x42 || bytes[2] !== 0x4e) return breakOff(parts, 'bad-frame', noDbn(bytes));
    const version = bytes[3]!;
    if (version < 1 || version > newestVersion) {
      return breakOff(parts, 'bad-frame', `the DBN version is ${version}; expected 1 to ${newestVersion}`);
    }
    const length = view.getUint32(4, true);
    if (length > maxMetadataBytes) {
      const detail = `the metadata has ${length} bytes; expected at most ${maxMetadataBytes} (maxMetadataBytes)`;
      return breakOff(parts, 'too-long', detail);
    }
    if (bytes.length < 8 + length) return 0;
    state = 'records';
    parts.head(version, bytes.subarray(8, 8 + length));
    return 8 + length;
  };

  /** Reads what is whole in `bytes`, and gives the number of bytes taken. */
  const readParts = (bytes: Uint8Array, parts: DbnParts): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    if (state === 'head') {
      at = readHead(bytes, view, parts);
      if (at === 0 || at > bytes.length) return Math.min(at, bytes.length);
    }
    while (at < bytes.length) {
      const length = bytes[at]! * 4;
      if (length < headerBytes) {
        const detail = `the record at byte ${read + at} says that it has ${length} bytes; expected at least ${headerBytes}. What follows cannot be read`;
        breakOff(parts, 'bad-frame', detail);
        return bytes.length;
      }
      if (at + length > bytes.length) break;
      parts.record(view, at, length);
      at += length;
    }
    return at;
  };

  return {
    push(chunk, parts) {
      if (isBroken()) return;
      let rest = chunk;
      // The record that the last chunk began is completed from this one, so that the bulk is read where it lies.
      while (keptLength > 0 && rest.length > 0 && !isBroken()) {
        const missing = state === 'records' ? kept[0]! * 4 - keptLength : rest.length;
        const taken = Math.min(Math.max(missing, 1), rest.length);
        keep(rest.subarray(0, taken));
        rest = rest.subarray(taken);
        const used = readParts(kept.subarray(0, keptLength), parts);
        read += used;
        kept.copyWithin(0, used, keptLength);
        keptLength -= used;
      }
      if (isBroken() || rest.length === 0) return;
      const used = readParts(rest, parts);
      read += used;
      if (!isBroken()) keep(rest.subarray(used));
    },
    end(parts) {
      if (state === 'broken') return;
      if (state === 'head') {
        const bytes = kept.subarray(0, keptLength);
        const start = bytes.length >= 4 && isZstdStart(bytes) ? noDbn(bytes) : `it ends after ${bytes.length} bytes`;
        breakOff(parts, 'bad-frame', `the head of the DBN data is not whole: ${start}`);
      } else if (keptLength > 0) {
        const length = kept[0]! * 4;
        breakOff(parts, 'bad-frame', `the data ends inside a record: ${keptLength} of its ${length} bytes are there`);
      }
    },
  };
}

const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

/** True for bytes that begin (as far as they go) like a zstd frame. */
export function isZstdStart(bytes: Uint8Array): boolean {
  return bytes.length > 0 && zstdMagic.every((byte, i) => i >= bytes.length || bytes[i] === byte);
}

function noDbn(bytes: Uint8Array): string {
  const hex = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return isZstdStart(bytes)
    ? `the data is compressed with zstd (${hex}); expected the bytes after decompression. In Node, open it with ` +
        `dbnFile of @tapekit/adapters/sources/databento-node`
    : `the data starts with ${hex}; expected 44 42 4e ("DBN")`;
}
