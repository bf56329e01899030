import type { ObjectBody, ObjectInfo, StoredObject } from '@tapekit/housecleaning/object-store';

/** Reads a body to its end; bytes are copied, so that the caller may reuse its buffer. */
export async function readBody(body: ObjectBody): Promise<Uint8Array<ArrayBuffer>> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** SHA-256 of bytes, as hex and as S3's headers have it. */
export async function sha256Base64(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly hex: string; readonly base64: string }> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { hex, base64: btoa(String.fromCharCode(...digest)) };
}

/** SHA-256 of bytes as lower-case hex. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return (await sha256Base64(bytes)).hex;
}

/** An opened object over bytes that nobody else changes. */
export function storedObject(info: ObjectInfo, bytes: Uint8Array): StoredObject {
  return {
    ...info,
    get body() {
      return new ReadableStream<Uint8Array>({
        start(controller) {
          if (bytes.length > 0) controller.enqueue(bytes.slice());
          controller.close();
        },
      });
    },
    bytes: async () => bytes.slice(),
  };
}
