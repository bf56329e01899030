// A process of its own: scripts/archive-memory.ts does the same for any size, and bench/housecleaning.ts says what is needed in all.
import { expect, test } from 'vitest';
import { measureInChild } from '../scripts/archive-memory.ts';

/** Mostly 20 in two passes and 30 in one; what an idle process has is another one's on every machine. */
const mostMiB = 48;

test('a process digests, encodes and verifies a cell in few MiB more than it has when idle', async () => {
  const { peakMiB, idleMiB, gzBytes } = await measureInChild(120, 'node');
  expect(gzBytes).toBeGreaterThan(10_000_000);
  expect(idleMiB).toBeGreaterThan(20);
  // Holding the content would add 120.
  expect(peakMiB.verify - idleMiB).toBeLessThan(mostMiB);
});

test('a process that holds the archive of a cell, and not its content, needs few MiB more too', async () => {
  const { peakMiB, idleMiB, gzBytes } = await measureInChild(120, 'node', 'once');
  expect(gzBytes).toBeGreaterThan(10_000_000);
  expect(peakMiB.verify - idleMiB).toBeLessThan(mostMiB);
});
