/**
 * SignalR's JSON protocol: records that end with 0x1E, several per frame, or one over several frames.
 *
 * Source: ASP.NET Core SignalR, "Hub Protocol" (JSON encoding).
 */

/** Ends every record. */
export const recordSeparator = '\u001e';

/** A message as a frame. */
export function signalrFrame(message: object): string {
  return JSON.stringify(message) + recordSeparator;
}

/** What the first frame asks for. */
export const signalrHandshake: string = signalrFrame({ protocol: 'json', version: 1 });
export const signalrPing: string = signalrFrame({ type: 6 });

/** Number of a message's kind. */
export const signalrType = { invocation: 1, completion: 3, ping: 6, close: 7 } as const;

export interface SignalrRecords {
  /** The records that this frame completes; `too-long` in place of one that was let go. */
  push(frame: string): readonly (string | { readonly tooLong: number })[];
  /** True when a record has begun and not ended. */
  isOpen(): boolean;
}

/** @param maxLength - longest record in characters */
export function createSignalrRecords(maxLength: number): SignalrRecords {
  let open: string[] = [];
  let openLength = 0;

  const extend = (part: string): void => {
    openLength += part.length;
    if (openLength <= maxLength && part !== '') open.push(part);
    if (openLength > maxLength) open = [];
  };

  return {
    push(frame) {
      const parts = frame.split(recordSeparator);
      const records: (string | { readonly tooLong: number })[] = [];
      for (const [i, part] of parts.entries()) {
        extend(part);
        if (i === parts.length - 1) break;
        records.push(openLength > maxLength ? { tooLong: openLength } : open.join(''));
        open = [];
        openLength = 0;
      }
      return records;
    },
    isOpen: () => openLength > 0,
  };
}
