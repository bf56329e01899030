/** Bytes that are worked on before everybody else gets a turn: some milliseconds. */
export const sliceBytes = 256 * 1024;

/** Room of a block at first: a quiet day needs no more, and a block of its full size waits for a full collection. */
const firstBytes = 16_384;

/** The block, or one of full size that begins with what is in it. */
function withRoom(block: Uint8Array, needed: number, size: number): Uint8Array {
  if (needed <= block.length || block.length === size) return block;
  const whole = new Uint8Array(size);
  whole.set(block);
  return whole;
}

/** Bytes in slices of at most 256 KiB. */
export function* inSlices(bytes: Uint8Array, most = sliceBytes): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += most) yield bytes.subarray(start, start + most);
}

/**
 * Blocks of exactly `size` bytes, the last one shorter and never empty, however the source is cut. `reuse` buffers take
 * turns: a block is overwritten when that many further ones were asked for.
 */
export async function* inBlocks(
  source: AsyncIterable<Uint8Array>,
  size: number,
  reuse: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffers: Uint8Array[] = [];
  let turn = 0;
  let block: Uint8Array | undefined;
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      block ??= buffers[turn % reuse] ?? new Uint8Array(Math.min(size, firstBytes));
      block = buffers[turn % reuse] = withRoom(block, filled + piece.length - at, size);
      const taken = Math.min(size - filled, piece.length - at);
      block.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < size) continue;
      yield block;
      block = undefined;
      filled = 0;
      turn += 1;
    }
  }
  if (block) yield block.subarray(0, filled);
}

const immediate = (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate;

/** Resolves after timers, sockets and whoever else waits had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // Where there is one: a timer is a millisecond, which is longer than a slice takes.
    if (immediate) immediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** A counter of bytes whose `took` waits for a turn once per slice, be it a little shorter. */
export function createPacer(): { took(bytes: number): Promise<void> | undefined } {
  let since = 0;
  return {
    took(bytes) {
      since += bytes;
      if (since <= sliceBytes / 2) return undefined;
      since = 0;
      return nextTurn();
    },
  };
}
