// The running SHA-256 of the platform keeps what is short and hashes it at once: nobody can tell from its digests.
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { createSha256, portableSha256, sha256Hex } from './sha256.ts';

/** SHA-256 of "abc", FIPS 180-2. */
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('createSha256', () => {
  test('knows the digests of the standard', async () => {
    const bytes = new TextEncoder().encode('abc');
    const hash = createSha256();
    for (const byte of bytes) hash.update(Uint8Array.of(byte));
    expect(hash.hex()).toBe(abc);
    expect(createSha256().hex()).toBe(empty);
    expect(await sha256Hex(bytes)).toBe(abc);
    expect(await sha256Hex(new Uint8Array(0))).toBe(empty);
  });

  // Around what is kept, in one piece and in two.
  test.each([4_095, 4_096, 4_097, 8_192, 70_000])(
    '%i bytes have the digest of another implementation',
    async (length) => {
      const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
      const expected = portableSha256();
      expected.update(bytes);
      const digest = expected.hex();
      const [whole, halves] = [createSha256(), createSha256()];
      whole.update(bytes);
      halves.update(bytes.subarray(0, 4_000));
      halves.update(bytes.subarray(4_000));
      expect([whole.hex(), halves.hex(), await sha256Hex(bytes)]).toEqual([digest, digest, digest]);
    },
  );

  test('however the input is cut, and whatever becomes of a piece afterwards', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1_500 }), { maxLength: 12 }), (pieces) => {
        const [hash, expected] = [createSha256(), portableSha256()];
        for (const piece of pieces) {
          const lent = new Uint8Array(piece);
          hash.update(lent);
          lent.fill(0);
          expected.update(piece);
        }
        expect(hash.hex()).toBe(expected.hex());
      }),
    );
  });
});
