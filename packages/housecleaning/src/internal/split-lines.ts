import { HousecleaningError } from '../errors.ts';
import { concat } from './gzip.ts';
import { fromUtf8 } from './utf8.ts';

const newline = 10;

/**
 * Non-empty lines of NDJSON that comes in pieces, without their newlines; the last one needs none. Memory holds a piece and
 * the line that is not over yet.
 *
 * @throws HousecleaningError `too-large` for a line beyond `maxLineBytes`
 */
export async function* splitLines(
  pieces: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<string, void, undefined> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const line = piece.subarray(start, end);
      start = end + 1;
      if (begunBytes + line.length > maxLineBytes) throw tooLong(maxLineBytes);
      if (begunBytes > 0) yield fromUtf8(concat([...begun, line]));
      else if (line.length > 0) yield fromUtf8(line);
      begun = [];
      begunBytes = 0;
    }
    if (start < piece.length) {
      begunBytes += piece.length - start;
      if (begunBytes > maxLineBytes) throw tooLong(maxLineBytes);
      begun.push(piece.subarray(start));
    }
  }
  if (begunBytes > 0) yield fromUtf8(concat(begun));
}

/** Non-empty lines of bytes at hand. */
export function* linesOf(bytes: Uint8Array): Generator<string, void, undefined> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) yield fromUtf8(bytes.subarray(start, end));
    start = end + 1;
  }
}

function tooLong(maxLineBytes: number): HousecleaningError {
  return new HousecleaningError(
    'too-large',
    `A line has more than ${maxLineBytes} bytes; raise maxLineBytes if it is a record.`,
    maxLineBytes,
  );
}
