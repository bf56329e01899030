/** Table of the reflected polynomial 0xEDB88320, made when the first text comes. */
let table: Int32Array | undefined;

function makeTable(): Int32Array {
  const made = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    made[byte] = crc;
  }
  return made;
}

/**
 * CRC-32 (IEEE 802.3, as zlib has it) of a text of ASCII characters, unsigned.
 *
 * @example
 * ```ts
 * crc32('123456789'); // => 3421780262
 * ```
 */
export function crc32(text: string): number {
  table ??= makeTable();
  let crc = -1;
  for (let i = 0; i < text.length; i += 1) crc = (crc >>> 8) ^ table[(crc ^ text.charCodeAt(i)) & 0xff]!;
  return (crc ^ -1) >>> 0;
}
