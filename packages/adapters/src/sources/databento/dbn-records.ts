/** The binary records of DBN, version 1 to 3, field by field. */
import { RecordError } from '../../internal/record-error.ts';
import { createPriceReader } from './fixed-price.ts';
import { actionOf, barMs, otherName, sideOf } from './record.ts';
import type { DatabentoHeader, DatabentoLevel, DatabentoRecord } from './record.ts';

/** Reads one record; `length` is what its header says. */
export type DbnRecordReader = (view: DataView, at: number, length: number) => DatabentoRecord;

const undefinedTime = 0xffff_ffff_ffff_ffffn;
const levelBytes = 32;
/** Length of a symbol in a mapping record from version 2 on, and of a message in a notice. */
const [symbolBytes, noticeBytes] = [71, 302];

/** Bytes of each kind that is read, without the time of sending. */
const sizes: Readonly<Record<number, number>> = {
  0x00: 48,
  0x01: 80,
  0x0a: 368,
  0x20: 56,
  0x21: 56,
  0x22: 56,
  0x23: 56,
  0x24: 56,
  0xa0: 56,
  0xc3: 80,
  0xc4: 80,
};

/**
 * A reader for the records of one stream.
 * @param options.version - of the stream's head
 * @param options.tsOut - whether every record ends with the time at which it was sent
 * @throws the reader throws `RecordError` for a record that is too short or holds what none can hold.
 */
export function createDbnRecordReader({ version, tsOut }: { version: number; tsOut: boolean }): DbnRecordReader {
  const priceOf = createPriceReader();
  const price = (view: DataView, at: number): string | undefined =>
    priceOf(view.getInt32(at + 4, true), view.getUint32(at, true));

  const level = (view: DataView, at: number): DatabentoLevel => ({
    bidPrice: price(view, at),
    askPrice: price(view, at + 8),
    bidSize: view.getUint32(at + 16, true),
    askSize: view.getUint32(at + 20, true),
    bidOrders: view.getUint32(at + 24, true),
    askOrders: view.getUint32(at + 28, true),
  });

  const levels = (view: DataView, at: number, depth: number): DatabentoLevel[] => {
    const found: DatabentoLevel[] = [];
    for (let i = 0; i < depth; i += 1) found.push(level(view, at + i * levelBytes));
    return found;
  };

  const byPrice = (view: DataView, at: number, header: DatabentoHeader, depth: number): DatabentoRecord => ({
    ...header,
    kind: 'mbp',
    receiveNs: time(view, at + 32),
    action: action(view, at + 28),
    side: side(view, at + 29),
    depth: view.getUint8(at + 31),
    price: price(view, at + 16),
    size: view.getUint32(at + 24, true),
    flags: view.getUint8(at + 30),
    inDeltaNs: view.getInt32(at + 40, true),
    sequence: view.getUint32(at + 44, true),
    levels: levels(view, at + 48, depth),
  });

  return (view, at, length) => {
    const rtype = view.getUint8(at + 1);
    const needed = (sizes[rtype] ?? 16) + (tsOut ? 8 : 0);
    if (length < needed)
      throw new RecordError(`length of a record of type 0x${rtype.toString(16)}`, length, `${needed} bytes`);
    const publisherId = view.getUint16(at + 2, true);
    const instrumentId = view.getUint32(at + 4, true);
    const eventNs = time(view, at + 8);
    const header: DatabentoHeader = tsOut
      ? { rtype, publisherId, instrumentId, eventNs, sentNs: time(view, at + length - 8) }
      : { rtype, publisherId, instrumentId, eventNs };
    const end = at + length - (tsOut ? 8 : 0);
    switch (rtype) {
      case 0xa0:
        return {
          ...header,
          kind: 'mbo',
          receiveNs: time(view, at + 40),
          action: action(view, at + 38),
          side: side(view, at + 39),
          price: price(view, at + 24),
          size: view.getUint32(at + 32, true),
          channelId: view.getUint8(at + 37),
          orderId: view.getBigUint64(at + 16, true),
          flags: view.getUint8(at + 36),
          inDeltaNs: view.getInt32(at + 48, true),
          sequence: view.getUint32(at + 52, true),
        };
      case 0x00:
        return byPrice(view, at, header, 0);
      case 0x01:
        return byPrice(view, at, header, 1);
      case 0x0a:
        return byPrice(view, at, header, 10);
      case 0xc3:
      case 0xc4:
        return {
          ...header,
          kind: 'bbo',
          receiveNs: time(view, at + 32),
          side: side(view, at + 29),
          price: price(view, at + 16),
          size: view.getUint32(at + 24, true),
          flags: view.getUint8(at + 30),
          sequence: view.getUint32(at + 44, true),
          levels: [level(view, at + 48)],
        };
      case 0x16: {
        // Version 1 has shorter names, and does not say of which symbology they are.
        const [bytes, first, second] = version === 1 ? [22, 16, 38] : [symbolBytes, 17, 18 + symbolBytes];
        if (at + second + bytes > end)
          throw new RecordError('length of a symbol mapping', length, `${second + bytes} bytes`);
        const [inSymbol, outSymbol] = [text(view, at + first, bytes), text(view, at + second, bytes)];
        return { ...header, kind: 'symbol-mapping', inSymbol, outSymbol };
      }
      case 0x15:
      case 0x17: {
        const kind = rtype === 0x15 ? 'error' : 'system';
        const bytes = version === 1 ? 64 : kind === 'error' ? noticeBytes : noticeBytes + 1;
        const codeAt = at + 16 + bytes;
        if (codeAt + (version === 1 ? 0 : 1) > end)
          throw new RecordError(`length of a notice`, length, `${16 + bytes} bytes`);
        const code = version === 1 ? 0xff : view.getUint8(codeAt);
        return { ...header, kind, text: text(view, at + 16, bytes), code };
      }
      default:
        if (barMs[rtype] === undefined) return { ...header, kind: 'other', name: otherName(rtype) };
        return {
          ...header,
          kind: 'ohlcv',
          open: price(view, at + 16),
          high: price(view, at + 24),
          low: price(view, at + 32),
          close: price(view, at + 40),
          volume: view.getBigUint64(at + 48, true),
        };
    }
  };
}

function time(view: DataView, at: number): bigint | undefined {
  const ns = view.getBigUint64(at, true);
  return ns === undefinedTime ? undefined : ns;
}

function action(view: DataView, at: number): NonNullable<ReturnType<typeof actionOf>> {
  const letter = String.fromCharCode(view.getUint8(at));
  const known = actionOf(letter);
  if (known === undefined) throw new RecordError('action', letter, 'A, C, M, R, T, F or N');
  return known;
}

function side(view: DataView, at: number): NonNullable<ReturnType<typeof sideOf>> {
  const letter = String.fromCharCode(view.getUint8(at));
  const known = sideOf(letter);
  if (known === undefined) throw new RecordError('side', letter, 'A, B or N');
  return known;
}

function text(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

const utf8 = new TextDecoder();
