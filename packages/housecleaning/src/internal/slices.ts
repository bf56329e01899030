/** Bytes that are worked on before everybody else gets a turn: some milliseconds. */
const sliceBytes = 256 * 1024;
const newline = 10;

/** Bytes in slices of about 256 KiB, between which the event loop runs; with `lines` each ends where a line does. */
export async function* inSlices(
  bytes: Uint8Array,
  options: { readonly lines?: boolean } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length;) {
    if (start > 0) await nextTurn();
    let end = Math.min(start + sliceBytes, bytes.length);
    if (options.lines === true && end < bytes.length) end = bytes.indexOf(newline, end) + 1 || bytes.length;
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** Resolves after timers, sockets and whoever else waits had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** A counter of bytes whose `took` waits for a turn once per slice. */
export function createPacer(): { took(bytes: number): Promise<void> | undefined } {
  let since = 0;
  return {
    took(bytes) {
      since += bytes;
      if (since < sliceBytes) return undefined;
      since = 0;
      return nextTurn();
    },
  };
}
