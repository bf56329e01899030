/** Objects as a store in memory opens them. */
import type { ObjectInfo, StoredObject } from '@tapekit/housecleaning/object-store';
import { onePiece } from './one-piece.ts';

/** How the body of an object is made of its bytes. */
export type StreamOf = (bytes: Uint8Array) => ReadableStream<Uint8Array>;

/** An opened object over bytes that never change; whoever reads them gets a copy. */
export function openedOver(info: ObjectInfo, bytes: Uint8Array, streamOf: StreamOf = onePiece): StoredObject {
  return new OpenedObject(info, bytes, streamOf);
}

/** A class, for very many are made: an object with a getter of its own takes longer to make and to read. */
class OpenedObject implements StoredObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  declare readonly version?: string;
  readonly uploadedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly #bytes: Uint8Array;
  readonly #streamOf: StreamOf;

  constructor({ key, size, etag, version, uploadedMs, metadata }: ObjectInfo, bytes: Uint8Array, streamOf: StreamOf) {
    this.key = key;
    this.size = size;
    this.etag = etag;
    this.uploadedMs = uploadedMs;
    this.metadata = metadata;
    if (version !== undefined) this.version = version;
    this.#bytes = bytes;
    this.#streamOf = streamOf;
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#streamOf(copyOf(this.#bytes));
  }

  async bytes(): Promise<Uint8Array> {
    return copyOf(this.#bytes);
  }
}

/** Copies are cut from buffers of this size: one of its own for each small copy is memory outside of the heap. */
const slabBytes = 65_536;
const sharedBytes = 4_096;
let slab = new ArrayBuffer(slabBytes);
let taken = 0;

/** A copy that is the caller's. Small ones lie beside each other, each for itself. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  // Not `slice`, which on a Node Buffer is a view.
  if (length > sharedBytes) return new Uint8Array(bytes);
  if (taken + length > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    taken = 0;
  }
  const copy = new Uint8Array(slab, taken, length);
  copy.set(bytes);
  taken += length;
  return copy;
}
