/** Bytes to lines: bounded memory per line, strict UTF-8, and no line lost to its neighbour's fault. */

/** A line that is no text: its bytes are not UTF-8, or there are too many of them. */
export type BadLine =
  | { readonly problem: 'bad-utf8'; readonly bytes: Uint8Array }
  | { readonly problem: 'line-too-long'; readonly prefix: Uint8Array; readonly byteLength: number };

/** A line without its `\n`; a `\r` before it is kept. */
export type Line = string | BadLine;

export interface LineSplitter {
  /** The lines that this chunk completes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): readonly Line[];
  /** The unterminated rest, if any. Call once. */
  end(): Line | undefined;
}

/** How much of a line that is too long is kept to show what it was. */
const keptPrefixBytes = 4096;

const newline = 0x0a;
/** Decoding a block of lines at once is ten times faster than one by one; this bounds the block. */
const blockBytes = 1 << 20;

export function createLineSplitter(maxLineBytes: number): LineSplitter {
  // `ignoreBOM` keeps a byte order mark in the text, so that text and bytes say the same.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let open: Uint8Array[] = [];
  let openBytes = 0;

  const decode = (bytes: Uint8Array): Line => {
    try {
      return decoder.decode(bytes);
    } catch {
      return { problem: 'bad-utf8', bytes: new Uint8Array(bytes) };
    }
  };

  const toLine = (bytes: Uint8Array): Line =>
    bytes.length > maxLineBytes
      ? {
          problem: 'line-too-long',
          prefix: new Uint8Array(bytes.subarray(0, keptPrefixBytes)),
          byteLength: bytes.length,
        }
      : decode(bytes);

  const extend = (bytes: Uint8Array): void => {
    openBytes += bytes.length;
    if (openBytes <= maxLineBytes) {
      if (bytes.length > 0) open.push(new Uint8Array(bytes));
      return;
    }
    // Too long: only the beginning is kept, and the rest is counted as it goes by.
    const kept = concat(open);
    if (kept.length < keptPrefixBytes || open.length > 1) {
      open = [concat([kept, bytes.subarray(0, keptPrefixBytes)]).slice(0, keptPrefixBytes)];
    }
  };

  const close = (): Line => {
    const line: Line =
      openBytes > maxLineBytes
        ? { problem: 'line-too-long', prefix: concat(open).slice(0, keptPrefixBytes), byteLength: openBytes }
        : decode(concat(open));
    open = [];
    openBytes = 0;
    return line;
  };

  const splitBlock = (block: Uint8Array, lines: Line[]): void => {
    if (block.length <= maxLineBytes) {
      const text = decode(block);
      if (typeof text === 'string') {
        for (const line of text.split('\n')) lines.push(line);
        return;
      }
    }
    for (let from = 0; from <= block.length;) {
      const at = block.indexOf(newline, from);
      const to = at < 0 ? block.length : at;
      lines.push(toLine(block.subarray(from, to)));
      from = to + 1;
    }
  };

  const pushBlock = (block: Uint8Array, lines: Line[]): void => {
    const first = block.indexOf(newline);
    if (first < 0) {
      extend(block);
      return;
    }
    let from = 0;
    if (openBytes > 0) {
      extend(block.subarray(0, first));
      lines.push(close());
      from = first + 1;
    }
    const last = block.lastIndexOf(newline);
    if (last >= from) splitBlock(block.subarray(from, last), lines);
    extend(block.subarray(last + 1));
  };

  return {
    push(chunk) {
      const lines: Line[] = [];
      for (let from = 0; from < chunk.length; from += blockBytes) {
        pushBlock(chunk.subarray(from, from + blockBytes), lines);
      }
      return lines;
    },
    end: () => (openBytes > 0 ? close() : undefined),
  };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
