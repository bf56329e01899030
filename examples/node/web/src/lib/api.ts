/** The page's door to the API: the typed client, on the page's own origin. */
import { createTapekitClient, isTapekitApiError, type TapekitClient } from '@tapekit/sdk';

/** The client that the page uses. */
export const client: TapekitClient = createTapekitClient({ baseUrl: '' });

/** A document of the API as a panel sees it. `absent`: the API answered that there is none yet. */
export type Loadable<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'absent' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'ready'; readonly value: T };

/** Before the first answer. */
export const loading = { status: 'loading' } as const;

/** Runs a request and tells its outcome instead of throwing. A 404 is an answer: nothing is there yet. */
export async function load<T>(request: () => Promise<T>): Promise<Loadable<T>> {
  try {
    return { status: 'ready', value: await request() };
  } catch (error) {
    if (isTapekitApiError(error) && error.status === 404) return { status: 'absent' };
    return { status: 'failed', message: messageOf(error) };
  }
}

/** What went wrong, in the words of whoever noticed. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
