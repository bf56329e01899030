import { builtins } from './platform.ts';

/** Eight tables: `tables[256 · k + b]` is the remainder of byte `b` with `k` zero bytes after it. */
const tables = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  tables[byte] = crc;
}
for (let at = 256; at < tables.length; at++) {
  const shorter = tables[at - 256]!;
  tables[at] = (shorter >>> 8) ^ tables[shorter & 0xff]!;
}

/** CRC-32 of RFC 1952 over another piece; start with 0. Eight bytes a step, by tables. */
export function portableCrc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      tables[1792 + (crc & 0xff)]! ^
      tables[1536 + ((crc >>> 8) & 0xff)]! ^
      tables[1280 + ((crc >>> 16) & 0xff)]! ^
      tables[1024 + (crc >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = tables[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** CRC-32 of RFC 1952 over another piece, by the platform where it has one; start with 0. */
export function crc32(bytes: Uint8Array, before: number): number {
  const native = builtins().zlib?.crc32;
  return native ? native(bytes, before) : portableCrc32(bytes, before);
}
