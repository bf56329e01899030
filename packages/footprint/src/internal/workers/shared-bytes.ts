/** Memory that threads share, and their collectors. */

/** New shared memory, of which the collector of this thread knows. */
export function sharedBytes(bytes: number): SharedArrayBuffer {
  countShared(bytes);
  return new SharedArrayBuffer(bytes);
}

/**
 * Lets the collector of this thread know that it has so much more shared memory. By itself it does not count that, and lets
 * buffers that nobody uses stay as long as nothing else is in want of room; it counts this, of which no page is touched.
 */
export function countShared(bytes: number): void {
  // The comparison keeps bundlers from taking the buffer away, which nobody uses.
  if (new ArrayBuffer(bytes).byteLength !== bytes) throw new RangeError(`There is no buffer of ${bytes} bytes.`);
}
