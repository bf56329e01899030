/** What the main thread and the threads of housecleaning say to each other; plain data that structured cloning takes. */
import type { HousecleaningEvent, HousecleaningOptions, SanityReport } from '@tapekit/housecleaning/housecleaning';
import type { Cell } from '@tapekit/housecleaning/keys';

/** What a thread begins with. */
export interface ThreadStart {
  /** The module that makes the options. */
  readonly module: string;
  readonly data: unknown;
}

/** The module of {@link ThreadStart}. */
export interface OptionsModule {
  readonly createOptions?: (data: unknown) => HousecleaningOptions | Promise<HousecleaningOptions>;
}

/** A part of the run. */
export interface ThreadJob {
  readonly cells: readonly Cell[];
  readonly runId: string;
  readonly share: number;
}

/** To a thread. */
export type ThreadMessage =
  { readonly type: 'job'; readonly job: ThreadJob } | { readonly type: 'stop'; readonly reason: string };

/** From a thread. */
export type ThreadAnswer =
  | { readonly type: 'event'; readonly event: HousecleaningEvent }
  | { readonly type: 'report'; readonly report: SanityReport }
  | { readonly type: 'error'; readonly message: string };
