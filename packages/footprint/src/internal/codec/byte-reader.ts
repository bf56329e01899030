/** Reading what a {@link ByteWriter} wrote; every refusal names the byte. */
import { addExact, type ExactInt } from '@tapekit/orderflow/exact';
import { FootprintError } from '../../errors.ts';
import { LONGEST_VARINT } from './byte-writer.ts';

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  byte(what: string): number {
    if (this.#at >= this.#end) throw this.wrong(what, 'there, but the bytes end');
    return this.#bytes[this.#at++]!;
  }

  /** An integer of at least 0, in its shortest form. */
  varint(what: string): ExactInt {
    const from = this.#at;
    let [low, factor] = [0, 1];
    for (let i = 0; i < 7; i++) {
      const byte = this.byte(what);
      low += (byte & 127) * factor;
      if (byte < 128) {
        if (byte === 0 && i > 0) throw this.wrong(what, 'in its shortest form', from);
        return low;
      }
      factor *= 128;
    }
    let [wide, shift] = [BigInt(low), 49n];
    for (let i = 7; i < LONGEST_VARINT; i++) {
      const byte = this.byte(what);
      wide |= BigInt(byte & 127) << shift;
      if (byte < 128) {
        if (byte === 0) throw this.wrong(what, 'in its shortest form', from);
        return addExact(wide, 0);
      }
      shift += 7n;
    }
    throw this.wrong(what, `at most ${LONGEST_VARINT} bytes long`, from);
  }

  /** A safe integer of at least 0. */
  count(what: string): number {
    const from = this.#at;
    const value = this.varint(what);
    if (typeof value === 'number') return value;
    throw this.wrong(what, 'a safe integer', from);
  }

  /** A number of entries of at least `bytesEach` bytes: no more than there is room for. */
  entries(what: string, bytesEach: number): number {
    const from = this.#at;
    const entries = this.count(what);
    if (entries * bytesEach <= this.left) return entries;
    throw this.wrong(what, `as many as the ${this.left} bytes that are left can hold`, from);
  }

  zigzag(what: string): ExactInt {
    const value = this.varint(what);
    if (typeof value === 'number') return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    return addExact((value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n), 0);
  }

  float64(what: string): number {
    if (this.left < 8) throw this.wrong(what, 'there, but the bytes end');
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 8).getFloat64(0, true);
    this.#at += 8;
    return value;
  }

  text(what: string): string {
    const length = this.entries(what, 1);
    const from = this.#at;
    this.#at += length;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#bytes.subarray(from, this.#at));
    } catch {
      throw this.wrong(what, 'UTF-8', from);
    }
  }

  wrong(what: string, expected: string, at = this.#at): FootprintError {
    return new FootprintError(
      'bad-binary',
      `${what} at byte ${at} is not ${expected}. The bytes were cut or changed, or are none of encodeFootprints; take them from their source again.`,
      at,
    );
  }
}
