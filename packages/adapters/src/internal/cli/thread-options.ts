/** The options of a run on a thread of the command line: its own store, opened like that of the main thread. */
import type { HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import type { CommandLine } from './arguments.ts';
import { openContext, runOptions } from './context.ts';

/** What the main thread sends. */
export interface ThreadData {
  readonly line: CommandLine;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function createOptions(data: unknown): Promise<HousecleaningOptions> {
  const { line, env } = data as ThreadData;
  const none = (): undefined => undefined;
  return runOptions(await openContext(line, { stdout: none, stderr: none, isTty: false, env, nowMs: Date.now }));
}
