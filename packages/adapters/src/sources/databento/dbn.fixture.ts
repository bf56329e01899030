/** For tests: DBN streams written by hand, from the documentation's tables. */

type Version = number;

function bytesOf(length: number, fill: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer), bytes);
  return bytes;
}

function put(bytes: Uint8Array, at: number, text: string): void {
  bytes.set(new TextEncoder().encode(text), at);
}

function header(view: DataView, rtype: number, instrumentId: number, eventNs: bigint): void {
  view.setUint8(0, view.byteLength / 4);
  view.setUint8(1, rtype);
  view.setUint16(2, 1, true);
  view.setUint32(4, instrumentId, true);
  view.setBigUint64(8, eventNs, true);
}

/** 2023-12-25T23:00:00Z. */
export const openNs = 1_703_545_200_000_000_000n;
/** The stored "no price". */
export const noPrice = 0x7fff_ffff_ffff_ffffn;

interface MboFields {
  action?: string;
  side?: string;
  orderId?: bigint;
  price?: bigint;
  size?: number;
  flags?: number;
  sequence?: number;
  instrumentId?: number;
  eventNs?: bigint;
  receiveNs?: bigint;
}

/** `mbo`, 56 bytes. */
export function mboRecord(fields: MboFields = {}): Uint8Array {
  const { action = 'A', side = 'B', orderId = 1n, price = 4_799_000_000_000n, size = 1, flags = 0x80 } = fields;
  return bytesOf(56, (view) => {
    header(view, 0xa0, fields.instrumentId ?? 17_077, fields.eventNs ?? openNs);
    view.setBigUint64(16, orderId, true);
    view.setBigInt64(24, price, true);
    view.setUint32(32, size, true);
    view.setUint8(36, flags);
    view.setUint8(38, action.charCodeAt(0));
    view.setUint8(39, side.charCodeAt(0));
    view.setBigUint64(40, fields.receiveNs ?? openNs, true);
    view.setUint32(52, fields.sequence ?? 1, true);
  });
}

/** `trades`, 48 bytes. */
export function tradeRecord(fields: MboFields = {}): Uint8Array {
  const { action = 'T', side = 'B', price = 4_799_000_000_000n, size = 1, flags = 0 } = fields;
  return bytesOf(48, (view) => {
    header(view, 0x00, fields.instrumentId ?? 17_077, fields.eventNs ?? openNs);
    view.setBigInt64(16, price, true);
    view.setUint32(24, size, true);
    view.setUint8(28, action.charCodeAt(0));
    view.setUint8(29, side.charCodeAt(0));
    view.setUint8(30, flags);
    view.setBigUint64(32, fields.receiveNs ?? openNs, true);
    view.setUint32(44, fields.sequence ?? 1, true);
  });
}

/** `mbp-1`, 80 bytes: the fields of `trades`, and one level of each side with the best bid at `price`, the ask a tick above. */
export function mbp1Record(fields: MboFields = {}): Uint8Array {
  const bytes = new Uint8Array(80);
  bytes.set(tradeRecord(fields));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 20);
  view.setUint8(1, 0x01);
  const { price = 4_799_000_000_000n } = fields;
  view.setBigInt64(48, price, true);
  view.setBigInt64(56, price + 250_000_000n, true);
  view.setUint32(64, 10, true);
  view.setUint32(68, fields.size ?? 1, true);
  return bytes;
}

/** A symbol mapping of a live session: 80 bytes in version 1, 176 from 2 on. */
export function symbolMapping(version: Version, instrumentId: number, inSymbol: string, outSymbol: string): Uint8Array {
  return bytesOf(version === 1 ? 80 : 176, (view, bytes) => {
    header(view, 0x16, instrumentId, openNs);
    put(bytes, version === 1 ? 16 : 17, inSymbol);
    put(bytes, version === 1 ? 38 : 89, outSymbol);
  });
}

/** A system (0x17) or error (0x15) message: 80 bytes in version 1, 320 from 2 on. */
export function notice(version: Version, rtype: 0x15 | 0x17, text: string, code: number): Uint8Array {
  return bytesOf(version === 1 ? 80 : 320, (view, bytes) => {
    header(view, rtype, 0, openNs);
    put(bytes, 16, text);
    if (version > 1) view.setUint8(rtype === 0x15 ? 318 : 319, code);
  });
}

/** A record of a type that nobody knows. */
export function unknownRecord(rtype: number, words: number): Uint8Array {
  return bytesOf(words * 4, (view) => header(view, rtype, 1, openNs));
}

interface HeadFields {
  readonly tsOut?: boolean;
  readonly mappings?: readonly (readonly [rawSymbol: string, startDate: number, endDate: number, symbol: string])[];
}

/** The head of a stream of `mbo` and the records after it. */
export function dbnStream(version: Version, records: readonly Uint8Array[], fields: HeadFields = {}): Uint8Array {
  const symbolBytes = version === 1 ? 22 : 71;
  const { tsOut = false, mappings = [] } = fields;
  const length = 100 + 4 + 3 * 4 + 4 + mappings.length * (symbolBytes + 4 + 8 + symbolBytes);
  const head = bytesOf(8 + length, (view, bytes) => {
    put(bytes, 0, 'DBN');
    view.setUint8(3, version);
    view.setUint32(4, length, true);
    put(bytes, 8, 'GLBX.MDP3');
    view.setBigUint64(26, openNs, true);
    let at = 8 + (version === 1 ? 50 : 42);
    view.setUint8(at, 1);
    view.setUint8(at + 2, tsOut ? 1 : 0);
    if (version > 1) view.setUint16(at + 3, symbolBytes, true);
    at = 8 + 100 + 4 + 3 * 4;
    view.setUint32(at, mappings.length, true);
    at += 4;
    for (const [rawSymbol, startDate, endDate, symbol] of mappings) {
      put(bytes, at, rawSymbol);
      view.setUint32(at + symbolBytes, 1, true);
      view.setUint32(at + symbolBytes + 4, startDate, true);
      view.setUint32(at + symbolBytes + 8, endDate, true);
      put(bytes, at + symbolBytes + 12, symbol);
      at += symbolBytes * 2 + 12;
    }
  });
  const parts = [head, ...records];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
