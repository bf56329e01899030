/** One writer, one reader, one piece at a time: `write` resolves when the reader came back for more. */
export interface Channel {
  write(piece: Uint8Array): Promise<void>;
  /** Ends the reader's iteration. */
  end(): void;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** The reader will not come back: `write` resolves at once from now on. */
  close(): void;
}

/** A rendezvous between a producer and a consumer. */
export function createChannel(): Channel {
  let piece: Uint8Array | undefined;
  let isOver = false;
  let isClosed = false;
  let taken: (() => void) | undefined;
  let given: (() => void) | undefined;
  const wakeWriter = (): void => {
    taken?.();
    taken = undefined;
  };
  const wakeReader = (): void => {
    given?.();
    given = undefined;
  };
  return {
    async write(next) {
      if (isClosed) return;
      piece = next;
      wakeReader();
      await new Promise<void>((resolve) => (taken = resolve));
    },
    end() {
      isOver = true;
      wakeReader();
    },
    close() {
      isClosed = true;
      wakeWriter();
    },
    pieces: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          if (piece) {
            const next = piece;
            piece = undefined;
            yield next;
          } else if (isOver) return;
          else {
            wakeWriter();
            await new Promise<void>((resolve) => (given = resolve));
          }
        }
      },
    },
  };
}
