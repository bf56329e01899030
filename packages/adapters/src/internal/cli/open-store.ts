/** The store that a URL names. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { createFsStore } from '../../stores/fs.ts';
import { withPrefix } from '../../stores/prefix.ts';
import { withRetry } from '../../stores/retry.ts';
import { createS3Store } from '../../stores/s3.ts';
import { UsageError } from './usage.ts';

/** Where a store is; plain data, so that a thread can open it again. */
export interface StoreLocation {
  /** A folder, a `file:` URL, or `s3://BUCKET[/PREFIX]`. */
  readonly url: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  readonly conditionalDelete: boolean;
}

/** A store and what it is called. */
export interface OpenedStore {
  readonly store: ObjectStore;
  /** The bucket or the folder. */
  readonly name: string;
}

/**
 * Opens a store. A folder must be there: a mistyped one would be an empty store.
 * @param env - holds the credentials of S3
 * @throws UsageError
 */
export async function openStore(
  { url, endpoint, region, conditionalDelete }: StoreLocation,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenedStore> {
  if (url.startsWith('s3://')) {
    const [bucket = '', ...rest] = url.slice('s3://'.length).split('/');
    const prefix = rest.filter((segment) => segment !== '').join('/');
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
      throw new UsageError(
        `Store "${url}" names no bucket, expected s3://BUCKET or s3://BUCKET/PREFIX, BUCKET of 3 to 63 of a-z 0-9 . -.`,
      );
    }
    const s3 = createS3Store({
      endpoint: required('--endpoint or AWS_ENDPOINT_URL', endpoint ?? env['AWS_ENDPOINT_URL']),
      bucket,
      credentials: {
        accessKeyId: required('AWS_ACCESS_KEY_ID', env['AWS_ACCESS_KEY_ID']),
        secretAccessKey: required('AWS_SECRET_ACCESS_KEY', env['AWS_SECRET_ACCESS_KEY']),
        ...optional('sessionToken', env['AWS_SESSION_TOKEN']),
      },
      ...optional('region', region ?? env['AWS_REGION']),
      conditionalDelete,
    });
    const patient = withRetry(s3);
    return { store: prefix === '' ? patient : withPrefix(patient, `${prefix}/`), name: bucket };
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(url) && !url.startsWith('file:')) {
    throw new UsageError(`Store "${url.split(':')[0]!}:" is unknown, expected a folder or s3://BUCKET.`);
  }
  const directory = url.startsWith('file:') ? fileURLToPath(url) : resolve(url);
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`Store "${url}" is no folder. Make it first, or correct the path.`);
  return { store: createFsStore({ root: directory }), name: basename(directory) };
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`${name} is not set; an S3 store needs it.`);
}

function optional<Name extends string>(name: Name, value: string | undefined): { [Key in Name]?: string } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [Key in Name]?: string };
}
