/** Bytes that grow: varints, zigzag, text. */
import type { ExactInt } from '@tapekit/orderflow/exact';

/** Enough for sums of 2^53 prints of 2^53 lots at prices of 2^53, and then some. */
export const LONGEST_VARINT = 40;

export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #size = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#size++] = value;
  }

  /** Seven bits a byte, the lowest first, the top bit set on all but the last; for integers of at least 0. */
  varint(value: ExactInt): void {
    let rest = value;
    while (typeof rest === 'bigint') {
      if (rest < 128n) rest = Number(rest);
      else {
        this.byte(Number(rest & 127n) | 128);
        rest >>= 7n;
      }
    }
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** 0, −1, 1, −2, … as 0, 1, 2, 3, … */
  zigzag(value: ExactInt): void {
    const wide = BigInt(value);
    this.varint(
      Math.abs(Number(value)) < 2 ** 51
        ? value < 0
          ? -2 * Number(value) - 1
          : 2 * Number(value)
        : wide < 0n
          ? -2n * wide - 1n
          : 2n * wide,
    );
  }

  float64(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.append(bytes);
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.varint(encoded.length);
    this.append(encoded);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size + more));
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}
