/** workerd's stream with a stated length: what R2 and `fetch` there want for a body that is not in memory. */
type FixedLengthStreamClass = new (size: number) => {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
};

/** `undefined` outside workerd. */
export function fixedLengthStream(): FixedLengthStreamClass | undefined {
  return (globalThis as { FixedLengthStream?: FixedLengthStreamClass }).FixedLengthStream;
}

/** True where `fetch` sends a stream with a stated length: workerd and Node; browsers and others do not. */
export function sendsStreams(): boolean {
  if (fixedLengthStream()) return true;
  const { versions } = (globalThis as { process?: { versions?: Record<string, string> } }).process ?? {};
  return versions?.['node'] !== undefined && versions['bun'] === undefined && versions['deno'] === undefined;
}

/** Pieces on their way into a request. */
export interface WatchedPieces {
  readonly pieces: AsyncGenerator<Uint8Array, undefined>;
  /** What broke the source, if that is what broke. */
  readonly failure: { readonly error: unknown } | undefined;
  /** False while the last piece is held back: nobody can have the whole body. */
  readonly isHandedOver: boolean;
}

/** Watches `size` bytes go by. */
export function watchPieces(pieces: AsyncGenerator<Uint8Array, undefined>, size: number): WatchedPieces {
  let failure: WatchedPieces['failure'];
  let seen = 0;
  async function* watched(): AsyncGenerator<Uint8Array, undefined> {
    try {
      for await (const piece of pieces) {
        seen += piece.length;
        yield piece;
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return {
    pieces: watched(),
    get failure() {
      return failure;
    },
    get isHandedOver() {
      return seen >= size;
    },
  };
}

/** Feeds pieces to a stream of stated length; a source that fails breaks it before its last byte. */
export function feedFixed(
  FixedLength: FixedLengthStreamClass,
  size: number,
  pieces: AsyncGenerator<Uint8Array, undefined>,
): { readonly readable: ReadableStream<Uint8Array>; stop(): void } {
  const { readable, writable } = new FixedLength(size);
  const writer = writable.getWriter();
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of pieces) await writer.write(piece);
      await writer.close();
    } catch (error) {
      await writer.abort(error);
    }
  };
  // The source's failure is watched, and the request's own answer says more than a broken pipe.
  feed().catch(() => undefined);
  return { readable, stop: () => void writer.abort().catch(() => undefined) };
}
