// A process of its own: scripts/archive-memory.ts does the same for any size.
import { expect, test } from 'vitest';
import { measureInChild } from '../scripts/archive-memory.ts';

test('a process digests, encodes and verifies a cell in less than 96 MiB, its own 60 included', async () => {
  const { peakMiB, idleMiB, gzBytes } = await measureInChild(120, 'node');
  expect(gzBytes).toBeGreaterThan(10_000_000);
  expect(idleMiB).toBeGreaterThan(20);
  // Holding the archive alone would add 15, and holding the content 120.
  expect(peakMiB.verify).toBeLessThan(96);
});

test('a process that holds the archive of a cell, and not its content, needs less than 96 MiB too', async () => {
  const { peakMiB, gzBytes } = await measureInChild(120, 'node', 'once');
  expect(gzBytes).toBeGreaterThan(10_000_000);
  expect(peakMiB.verify).toBeLessThan(96);
});
