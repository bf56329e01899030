/** Buffers up to this size may be cut from one that Node shares, and are left to the collector. */
const sharedBytes = 65_536;

/**
 * Gives the memory of a buffer back at once, where the platform can (Node 21, workerd): the collector does not hurry for
 * memory outside of its heap, and tens of megabytes of dead buffers would pile up. The buffer is empty afterwards.
 */
export function release(bytes: Uint8Array): void {
  const buffer = bytes.buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };
  if (buffer.byteLength > sharedBytes) buffer.transfer?.(0);
}
