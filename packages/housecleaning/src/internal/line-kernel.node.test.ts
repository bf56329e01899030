import { createHash } from 'node:crypto';
import { compileKernel } from '@tapekit/tooling/compile-kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kernelSource } from '../../scripts/build-kernel.ts';
import { kernelBase64 } from './kernel-bytes.ts';
import { lineKernel } from './line-kernel.ts';
import { createMultiset } from './multiset.ts';

test('the module is what its source compiles to', async () => {
  // `pnpm build:kernel` makes it anew.
  expect(Buffer.from(kernelBase64, 'base64').equals(await compileKernel(kernelSource))).toBe(true);
});

test('hashes lines of every length, and leaves those of more than a KiB', () => {
  const kernel = lineKernel()!;
  for (let length = 1; length <= 1_300; length++) {
    // Two of them and one of its own length between: lanes of unequal kind.
    const lines = ['a'.repeat(length), 'b', 'c'.repeat(length)];
    const sums = new Float64Array(8);
    const long: number[] = [];
    const count = kernel.addLines(Buffer.from(`${lines.join('\n')}\n`), sums, (line) => void long.push(line.length));
    expect(count).toBe(3);
    const isLong = length > 1_015;
    expect(long).toEqual(isLong ? [length, length] : []);
    const expected = new Float64Array(8);
    for (const line of isLong ? ['b'] : lines) {
      const digest = createHash('sha256').update(line).digest();
      for (let i = 0; i < 8; i++) expected[i]! += digest.readUInt32BE(4 * i);
    }
    expect([...sums], `${length} bytes`).toEqual([...expected]);
  }
});

test('takes as many long lines as fit into one call', () => {
  const kernel = lineKernel()!;
  const lines = 'x'.repeat(1_016).concat('\n').repeat(257);
  let long = 0;
  const bytes = Buffer.from(lines);
  expect(bytes.length).toBeLessThanOrEqual(kernel.mostBytes);
  expect(kernel.addLines(bytes, new Float64Array(8), () => (long += 1))).toBe(257);
  expect(long).toBe(257);
  expect(kernel.addLines(Buffer.from('\n'.repeat(kernel.mostBytes)), new Float64Array(8), () => (long += 1))).toBe(0);
});

test('gives what JavaScript alone gives, for any bytes in any pieces', () => {
  const bytes = fc.array(fc.oneof({ weight: 4, arbitrary: fc.nat(255) }, { weight: 1, arbitrary: fc.constant(10) }), {
    minLength: 1_000,
    maxLength: 6_000,
  });
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(6_000), { maxLength: 4 }), (numbers, cuts) => {
      const content = Uint8Array.from(numbers);
      const at = [0, ...cuts.map((cut) => Math.min(cut, content.length)).sort((a, b) => a - b), content.length];
      const answers = (['node', 'web', 'portable'] as const).map((engine) => {
        const set = createMultiset(engine);
        at.slice(1).forEach((end, i) => set.push(content.subarray(at[i], end)));
        return [set.endLines(), set.hex()];
      });
      expect(answers[0]).toEqual(answers[2]);
      expect(answers[1]).toEqual(answers[2]);
    }),
    { numRuns: 200 },
  );
});
