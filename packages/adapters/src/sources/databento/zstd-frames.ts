/**
 * Where zstd frames end. Node's decompressor stops after the first frame of several and drops the rest without a word;
 * Databento's files have the head in one frame and the records in the next.
 *
 * Source: RFC 8878, section 3.1.
 */

/** A piece of a chunk that belongs to one frame. */
export interface ZstdPiece {
  readonly bytes: Uint8Array;
  /** True for the last piece of its frame. */
  readonly endsFrame: boolean;
  /** Frames of another program's data hold nothing to decompress. */
  readonly skippable: boolean;
}

/** Finds frames in chunks. */
export interface ZstdFrames {
  /**
   * The pieces of the next chunk, in order.
   * @throws Error when a frame does not begin as one.
   */
  push(chunk: Uint8Array): readonly ZstdPiece[];
  /** True between two frames: a stream that ends elsewhere was cut. */
  isWhole(): boolean;
}

const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** Finds the frames of a stream that begins with one. */
export function createZstdFrames(): ZstdFrames {
  /** Bytes of a field that is not whole yet. */
  let field: number[] = [];
  let fieldBytes = 4;
  /** Content that is passed over without a look. */
  let toPass = 0;
  let state: 'magic' | 'skippable-size' | 'descriptor' | 'block' = 'magic';
  let skippable = false;
  let hasChecksum = false;
  let lastBlock = false;
  /** Begun magic numbers of earlier chunks: before the last byte nobody knows what kind of frame it is. */
  let held: number[] = [];

  const number = (): number => field.reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);
  const expect = (next: typeof state, bytes: number): void => {
    state = next;
    field = [];
    fieldBytes = bytes;
  };

  /** Reads a whole field. */
  const readField = (): void => {
    switch (state) {
      case 'magic': {
        const found = number();
        skippable = Math.floor(found / 16) * 16 === skippableMagic;
        if (!skippable && found !== magic) {
          throw new Error(`a frame begins with 0x${found.toString(16).padStart(8, '0')}, which zstd does not know`);
        }
        lastBlock = false;
        if (skippable) expect('skippable-size', 4);
        else expect('descriptor', 1);
        return;
      }
      case 'skippable-size':
        toPass = number();
        lastBlock = true;
        expect('block', 3);
        return;
      case 'descriptor': {
        const descriptor = field[0]!;
        const single = (descriptor & 0x20) !== 0;
        const sizeFlag = descriptor >> 6;
        hasChecksum = (descriptor & 4) !== 0;
        const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
        const contentSizeBytes = [single ? 1 : 0, 2, 4, 8][sizeFlag]!;
        toPass = (single ? 0 : 1) + dictionaryBytes + contentSizeBytes;
        expect('block', 3);
        return;
      }
      case 'block': {
        const header = number();
        lastBlock = (header & 1) !== 0;
        // A block of one repeated byte (type 1) stores that byte alone, whatever its size.
        toPass = ((header >> 1) & 3) === 1 ? 1 : header >> 3;
        if (lastBlock && hasChecksum) toPass += 4;
        expect('block', 3);
      }
    }
  };

  return {
    push(chunk) {
      const pieces: ZstdPiece[] = [];
      let from = 0;
      let at = 0;
      const give = (endsFrame: boolean): void => {
        if (held.length > 0) pieces.push({ bytes: Uint8Array.from(held), endsFrame: false, skippable });
        held = [];
        if (endsFrame || from < at) pieces.push({ bytes: chunk.subarray(from, at), endsFrame, skippable });
        from = at;
      };
      while (at < chunk.length) {
        if (toPass > 0) {
          const passed = Math.min(toPass, chunk.length - at);
          toPass -= passed;
          at += passed;
        } else {
          field.push(chunk[at]!);
          at += 1;
          if (field.length === fieldBytes) readField();
        }
        if (lastBlock && toPass === 0 && state === 'block') {
          give(true);
          expect('magic', 4);
          lastBlock = false;
        }
      }
      if (state === 'magic') held = [...field];
      else give(false);
      return pieces;
    },
    isWhole: () => state === 'magic' && field.length === 0,
  };
}
