import { throughTransform } from './deflate.ts';
import { asInflateError } from './inflater.ts';

/** Raw deflate to content; fails unless the stream ends with the last byte of the source. */
export type InflateRaw = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

let webSupport: Promise<boolean> | undefined;

/** By the platform's `DecompressionStream`, if it refuses a byte after the end. */
export async function webInflate(): Promise<InflateRaw | undefined> {
  webSupport ??= refusesTails();
  if (!(await webSupport)) return undefined;
  return async function* inflate(source) {
    let sourceFailure: { readonly error: unknown } | undefined;
    async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* source;
      } catch (error) {
        sourceFailure = { error };
        throw error;
      }
    }
    try {
      yield* throughTransform(watched(), new DecompressionStream('deflate-raw'));
    } catch (error) {
      if (sourceFailure) throw sourceFailure.error;
      throw asInflateError(error);
    }
  };
}

/** A platform that does not know the format throws too: so the same stream must go through without the tail. */
async function refusesTails(): Promise<boolean> {
  if (typeof DecompressionStream === 'undefined') return false;
  return (await decodes(3, 0)) && !(await decodes(3, 0, 0));
}

async function decodes(...bytes: readonly number[]): Promise<boolean> {
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    yield await Promise.resolve(Uint8Array.from(bytes));
  }
  try {
    let length = 0;
    for await (const piece of throughTransform(source(), new DecompressionStream('deflate-raw')))
      length += piece.length;
    return length === 0;
  } catch {
    return false;
  }
}
