/** Errors of the system that say nothing about what was asked. */
const shortages: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EIO'];

/**
 * Answers `undefined` for what the system does not have or does not show.
 *
 * @throws the error itself where a descriptor, memory or the device was missing: then nothing is known
 */
export function unlessShort(error: unknown): undefined {
  if (shortages.includes((error as NodeJS.ErrnoException | null)?.code)) throw error;
}
