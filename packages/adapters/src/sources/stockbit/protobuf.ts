/** The part of the protobuf wire format that Stockbit's socket uses; bounded, and strict about lengths. */

/** One field of a message. Numbers of wire type 0 above 2^53 are refused. */
export type ProtoField =
  | { readonly tag: number; readonly wire: 'varint'; readonly value: number }
  | { readonly tag: number; readonly wire: 'double'; readonly value: number }
  | { readonly tag: number; readonly wire: 'bytes'; readonly value: Uint8Array };

/** Fields of a message in order; `undefined` for what is no message. Fixed 32-bit fields are skipped. */
export function readProto(bytes: Uint8Array): readonly ProtoField[] | undefined {
  const fields: ProtoField[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number | undefined => {
    let value = 0;
    for (let i = 0, scale = 1; i < 10; i += 1, scale *= 128) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : undefined;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === undefined || key < 8) return undefined;
    const tag = Math.floor(key / 8);
    switch (key % 8) {
      case 0: {
        const value = varint();
        if (value === undefined) return undefined;
        fields.push({ tag, wire: 'varint', value });
        break;
      }
      case 1:
        if (at + 8 > bytes.length) return undefined;
        fields.push({ tag, wire: 'double', value: view.getFloat64(at, true) });
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (length === undefined || at + length > bytes.length) return undefined;
        fields.push({ tag, wire: 'bytes', value: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        if (at + 4 > bytes.length) return undefined;
        at += 4;
        break;
      default:
        return undefined;
    }
  }
  return fields;
}

/** A message of text and message fields. */
export function writeProto(fields: readonly (readonly [tag: number, value: string | Uint8Array])[]): Uint8Array {
  const utf8 = new TextEncoder();
  const out: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
    out.push(rest);
  };
  for (const [tag, value] of fields) {
    const bytes = typeof value === 'string' ? utf8.encode(value) : value;
    varint(tag * 8 + 2);
    varint(bytes.length);
    for (const byte of bytes) out.push(byte);
  }
  return Uint8Array.from(out);
}
