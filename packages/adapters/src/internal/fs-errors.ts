import { ObjectStoreError, type RequestEffect } from '@tapekit/housecleaning/errors';
import { hasCode } from './file-lock.ts';

/** The port's error for what a disk or its rights refuse; other errors of the platform stay what they are. */
export function fromDisk(error: unknown, operation: string, key: string, effect: RequestEffect): unknown {
  const said = error instanceof Error ? error.message : String(error);
  const make = (code: 'refused' | 'unavailable', advice: string): ObjectStoreError =>
    new ObjectStoreError(code, key, `${operation} "${key}" failed: ${said}. ${advice}`, { cause: error, effect });
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) return make('refused', 'Check the rights of the folder.');
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return make('unavailable', 'The disk is full.');
  if (hasCode(error, 'EFBIG')) return make('refused', 'The file is longer than the system allows.');
  if (hasCode(error, 'EMFILE', 'ENFILE')) return make('unavailable', 'Too many files are open.');
  if (hasCode(error, 'EIO', 'ENOMEM', 'EBUSY', 'ESTALE', 'ETIMEDOUT')) return make('unavailable', 'Check the disk.');
  return error;
}
