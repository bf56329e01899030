/**
 * A body as a store in memory gives it: bytes at hand, behind the face of a stream. The platform's own streams, and their
 * answer that they fill no buffers, take longer than everything else that a simulated request does.
 */

/** A stream of one piece, or of none where there are no bytes: to be read, iterated or cancelled, and nothing else. */
export function onePiece(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let rest = bytes.length > 0 ? bytes : undefined;
  let reader: Reader | undefined;

  function getReader(options?: { readonly mode?: string }): Reader {
    if (options?.mode === 'byob') throw fillsNoBuffers;
    if (reader) throw new TypeError('The stream is locked.');
    const assertOwn = (): void => {
      if (reader !== own) throw new TypeError('The reader has released its stream.');
    };
    const own: Reader = {
      async read() {
        assertOwn();
        const value = rest;
        rest = undefined;
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      async cancel() {
        assertOwn();
        rest = undefined;
      },
      releaseLock() {
        if (reader === own) reader = undefined;
      },
    };
    reader = own;
    return own;
  }

  const stream = {
    get locked() {
      return reader !== undefined;
    },
    getReader,
    async cancel() {
      if (reader) throw new TypeError('The stream is locked.');
      rest = undefined;
    },
    async *[Symbol.asyncIterator]() {
      const own = getReader();
      try {
        for (let next = await own.read(); !next.done; next = await own.read()) yield next.value;
      } finally {
        rest = undefined;
        own.releaseLock();
      }
    },
  };
  return stream as unknown as ReadableStream<Uint8Array>;
}

interface Reader {
  read(): Promise<
    { readonly done: true; readonly value: undefined } | { readonly done: false; readonly value: Uint8Array }
  >;
  cancel(): Promise<void>;
  releaseLock(): void;
}

/** Made once: its stack says nothing, and takes long to make. */
const fillsNoBuffers = new TypeError('The stream gives pieces and fills no buffers.');
