// Objects that a store in memory opens: facts as they are, and bytes that are the reader's own.
import { describe, expect, test } from 'vitest';
import { copyOf, openedOver } from './opened.ts';

const info = { key: 'a/b', size: 3, etag: 'e', uploadedMs: 5, metadata: { name: 'value' } };

async function read(body: ReadableStream<Uint8Array>): Promise<readonly number[]> {
  const bytes: number[] = [];
  for await (const piece of body) bytes.push(...piece);
  return bytes;
}

describe('openedOver', () => {
  test('has the facts of the object, and a version where there is one', () => {
    expect(openedOver(info, new Uint8Array(3))).toMatchObject(info);
    expect('version' in openedOver(info, new Uint8Array(3))).toBe(false);
    expect(openedOver({ ...info, version: 'w1' }, new Uint8Array(3)).version).toBe('w1');
  });

  test('gives every reader a copy', async () => {
    const opened = openedOver(info, Uint8Array.of(1, 2, 3));
    (await opened.bytes()).fill(9);
    expect([...(await opened.bytes())]).toEqual([1, 2, 3]);
    expect(await read(opened.body)).toEqual([1, 2, 3]);
    expect(await read(opened.body)).toEqual([1, 2, 3]);
  });
});

describe('copyOf', () => {
  test.each([0, 1, 100, 4_096, 4_097, 70_000])('copies %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(7);
    const copy = copyOf(bytes);
    bytes.fill(1);
    expect(copy.length).toBe(length);
    expect(copy.every((byte) => byte === 7)).toBe(true);
  });

  test('no copy reaches into another one', () => {
    const copies = Array.from({ length: 200 }, (_, i) => copyOf(new Uint8Array(1_000).fill(i)));
    copies.forEach((copy, i) => {
      if (i % 2 === 0) copy.fill(255);
    });
    copies.forEach((copy, i) =>
      expect(
        copy.every((byte) => byte === (i % 2 === 0 ? 255 : i)),
        String(i),
      ).toBe(true),
    );
  });
});
