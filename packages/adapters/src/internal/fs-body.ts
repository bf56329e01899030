/** Bodies of files, read as they are asked for. */
import { open, type FileHandle } from 'node:fs/promises';
import type { GetOptions, StoredObject } from '@tapekit/housecleaning/object-store';
import { ignore } from './file-lock.ts';
import type { Known } from './fs-index.ts';
import { preconditionFailed } from './store-errors.ts';

/** Bytes of a stream that are read at a time. */
const pieceBytes = 64 * 1024;

/** Opens lazily and only the very file that was looked at: an object that is never read costs no descriptor. */
export function openObject(path: string, known: Known, { range, signal }: GetOptions): StoredObject {
  const start = range?.offset ?? 0;
  const end = Math.min(known.info.size, range?.length === undefined ? Infinity : start + range.length);
  async function openSame(): Promise<FileHandle> {
    const file = await open(path, 'r').catch(ignore('ENOENT'));
    const found = await file?.stat({ bigint: true });
    if (file && String(found!.ino) === known.identity.ino && String(found!.mtimeNs) === known.identity.mtimeNs)
      return file;
    await file?.close();
    throw preconditionFailed(known.info.key);
  }
  async function fill(file: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at);
      // A file does not become shorter without becoming another.
      if (bytesRead === 0) throw preconditionFailed(known.info.key);
      at += bytesRead;
    }
  }
  return {
    ...known.info,
    get body() {
      return streamOfFile(openSame, fill, start, end);
    },
    async bytes() {
      const file = await openSame();
      try {
        const bytes = new Uint8Array(Math.max(0, end - start));
        await fill(file, bytes, start);
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}

/** A stream of bytes that reads nothing ahead of its reader, into the reader's own buffer where it brings one. */
function streamOfFile(
  open: () => Promise<FileHandle>,
  fill: (file: FileHandle, bytes: Uint8Array, from: number) => Promise<void>,
  start: number,
  end: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let file: FileHandle | undefined;
  let at = start;
  const close = async (): Promise<void> => {
    const opened = file;
    file = undefined;
    await opened?.close();
  };
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: pieceBytes,
    async pull(controller) {
      const request = controller.byobRequest!;
      try {
        file ??= await open();
        const view = request.view!;
        const count = Math.min(view.byteLength, pieceBytes, end - at);
        if (count > 0) await fill(file, new Uint8Array(view.buffer, view.byteOffset, count), at);
        at += count;
        if (at >= end) await close();
        if (count > 0) request.respond(count);
        if (at < end) return;
        controller.close();
        if (count === 0) request.respond(0);
      } catch (error) {
        await close();
        throw error;
      }
    },
    cancel: close,
  }) as ReadableStream<Uint8Array<ArrayBuffer>>;
}
