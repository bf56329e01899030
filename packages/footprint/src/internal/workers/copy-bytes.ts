// eslint-disable-next-line no-restricted-imports -- reached by the Node entry only
import { Buffer } from 'node:buffer';
import type { Values } from '../wasm/kernel-columns.ts';

/**
 * Copies values `[from, to)` to the beginning of an array of the same type, or to `at`. Of shared memory `set` takes one word
 * after the other, and one byte after the other where source and target are not aligned alike; nobody writes to what is
 * copied here, so that care is not needed.
 */
export function copyBytes<Array extends Values>(source: Array, from: number, to: number, target: Array, at = 0): void {
  const size = source.BYTES_PER_ELEMENT;
  bytesOf(source).copy(bytesOf(target), at * size, from * size, to * size);
}

/** The same arrays come again and again, and a view takes as long to make as a part of them to copy. */
const views = new WeakMap<Values, Buffer>();

function bytesOf(values: Values): Buffer {
  let bytes = views.get(values);
  if (!bytes) {
    bytes = Buffer.from(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    views.set(values, bytes);
  }
  return bytes;
}
