/** The one file of a downloaded archive, unpacked as it is read. Source: PKWARE, "APPNOTE.TXT: .ZIP File Format". */
import { AdaptersError } from '../../errors.ts';
import { damaged } from '../../internal/byte-input.ts';

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;
const endLength = 22;
const entryLength = 46;
const localLength = 30;
const [stored, deflated] = [0, 8];
/** Stands for "in the 64-bit record", which archives of less than 4 GiB do not need. */
const in64 = 0xffffffff;

/**
 * The bytes of the only file in an archive.
 * @throws {@link AdaptersError} `corrupt-input` for what is no such archive, `truncated-input` for one that ends early.
 */
export async function* unzipSingle(zip: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array, void> {
  const { method, packed, length } = entryOf(zip);
  if (method === stored) {
    yield packed;
    return;
  }
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  let unpacked = 0;
  try {
    for (let next = await read(reader); !next.done; next = await read(reader)) {
      unpacked += next.value.length;
      // The directory says how much there is: more is a bomb or damage.
      if (unpacked > length) throw notAsSaid(`more than the ${length} bytes that its directory names`);
      yield next.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (unpacked !== length) throw notAsSaid(`${unpacked} bytes instead of ${length}`);
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array>): ReturnType<typeof reader.read> {
  try {
    return await reader.read();
  } catch (cause) {
    throw damaged('corrupt-input', cause);
  }
}

interface Entry {
  readonly method: number;
  readonly packed: Uint8Array<ArrayBuffer>;
  /** Bytes when unpacked. */
  readonly length: number;
}

function entryOf(zip: Uint8Array<ArrayBuffer>): Entry {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  // A comment of up to 64 KiB may follow the end record.
  let end = zip.length - endLength;
  const first = Math.max(0, end - 0xffff);
  while (end >= first && view.getUint32(end, true) !== endMark) end -= 1;
  if (end < first || end < 0) {
    const problem = zip.length >= 4 && view.getUint32(0, true) === localMark ? 'truncated-input' : 'corrupt-input';
    throw new AdaptersError(problem, 'the archive has no directory at its end. Fetch it again.');
  }
  const files = view.getUint16(end + 10, true);
  if (files !== 1) throw notAsSaid(`${files} files instead of 1`);
  const entry = view.getUint32(end + 16, true);
  if (entry + entryLength > zip.length || view.getUint32(entry, true) !== entryMark) throw notAsSaid('no directory');
  const method = view.getUint16(entry + 10, true);
  const packedLength = view.getUint32(entry + 20, true);
  const length = view.getUint32(entry + 24, true);
  const local = view.getUint32(entry + 42, true);
  if (method !== stored && method !== deflated) throw notAsSaid(`compression method ${method}`);
  if (packedLength === in64 || length === in64 || local === in64) throw notAsSaid('a file of 4 GiB or more');
  if (local + localLength > zip.length || view.getUint32(local, true) !== localMark) throw notAsSaid('no file');
  const start = local + localLength + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedLength > zip.length) throw notAsSaid('a file that goes beyond its end');
  return { method, packed: zip.subarray(start, start + packedLength), length };
}

function notAsSaid(what: string): AdaptersError {
  return new AdaptersError('corrupt-input', `the archive has ${what}; expected one CSV file. Fetch it again.`);
}
