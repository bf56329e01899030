const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** UTF-8 bytes of a text. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; bytes that are no UTF-8 become U+FFFD, a byte order mark stays. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Ascending order of the texts' UTF-8 bytes, which `<` on strings is not beyond the basic plane. */
export function compareUtf8(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return order(x) - order(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every unit of the basic plane. */
function order(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
