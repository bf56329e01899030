/** The frame of a block: magic, version, length, payload, CRC-32. */
import { FootprintError } from '../../errors.ts';
import { crc32Of } from './crc32-bytes.ts';

const MAGIC = [0x54, 0x4b, 0x46, 0x50] as const;
const VERSION = 1;
/** Magic, version, length. */
const HEAD = 9;
const FRAME = HEAD + 4;

/** The payload with its frame. */
export function framed(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(payload.length + FRAME);
  const view = new DataView(block.buffer);
  block.set(MAGIC, 0);
  block[4] = VERSION;
  view.setUint32(5, payload.length, true);
  block.set(payload, HEAD);
  view.setUint32(HEAD + payload.length, crc32Of(block.subarray(4, HEAD + payload.length)), true);
  return block;
}

/** Bytes come from storage, so their static type is a claim, not a fact. */
export function checkBytes(bytes: unknown): void {
  // The tag is the same in every realm.
  if (Object.prototype.toString.call(bytes) === '[object Uint8Array]') return;
  throw new FootprintError('bad-binary', `Bytes "${String(bytes)}" are none. Pass a Uint8Array.`, bytes);
}

/** Where the payload of the block at `from` lies, and where the block ends. */
export function payloadAt(
  bytes: Uint8Array,
  from: number,
): { readonly start: number; readonly end: number; readonly next: number } {
  const wrong = (what: string, at: number): FootprintError =>
    new FootprintError('bad-binary', `Block at byte ${from} ${what}. Take the bytes from their source again.`, at);
  const cut = (expected: number): FootprintError =>
    wrong(`is cut off after ${bytes.length - from} bytes, expected ${expected}`, bytes.length);
  if (MAGIC.some((byte, i) => bytes[from + i] !== byte)) throw wrong('does not begin with "TKFP"', from);
  if (bytes.length - from < FRAME) throw cut(FRAME);
  if (bytes[from + 4] !== VERSION) throw wrong(`has version "${bytes[from + 4]!}", expected ${VERSION}`, from + 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(from + 5, true);
  if (length > bytes.length - from - FRAME) throw cut(FRAME + length);
  const end = from + HEAD + length;
  const [stated, found] = [view.getUint32(end, true), crc32Of(bytes.subarray(from + 4, end))];
  if (stated !== found) throw wrong(`has CRC-32 "${hex(found)}", expected "${hex(stated)}" (byte ${end})`, end);
  return { start: from + HEAD, end, next: end + 4 };
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
