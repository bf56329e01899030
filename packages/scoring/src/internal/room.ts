/** Outputs of batch indicators: each in memory of its own, which a caller who is done with it may give back. */
const made = new WeakSet<Float64Array>();

/**
 * An output of `length` values, to be written whole: in the memory of `used` where that was made here, is large enough and no
 * input lies in it; else in new memory.
 */
export function roomFor(length: number, used?: Float64Array, inputs: readonly Float64Array[] = []): Float64Array {
  const room = used && made.delete(used) ? again(used, length, inputs) : new Float64Array(length);
  made.add(room);
  return room;
}

function again(used: Float64Array, length: number, inputs: readonly Float64Array[]): Float64Array {
  const { buffer } = used;
  const isFree = buffer.byteLength >= 8 * length && inputs.every((input) => input.buffer !== buffer);
  if (!isFree) return new Float64Array(length);
  // Always another view: the one that was given back cannot be given back twice.
  return new Float64Array(buffer, 0, length);
}
