/**
 * One run of housecleaning as many messages: one a cell, and one that joins their reports. What passes between them lies in
 * the store, below `housecleaning-parts/{run}/`, so that any process may take any message, twice or never.
 */
import {
  finishParts,
  runPart,
  type HousecleaningOptions,
  type SanityReport,
} from '@tapekit/housecleaning/housecleaning';
import { isDate, isSymbol, type Cell } from '@tapekit/housecleaning/keys';
import { AdaptersError } from '../../errors.ts';
import { partOfLost } from './lost-part.ts';
import { forget, isUnderWay, putPart, readCells, readPart, rememberCells } from './run-parts.ts';

/** A message of a run; plain JSON. */
export type HousecleaningMessage =
  | { readonly v: 1; readonly kind: 'cell'; readonly runId: string; readonly cell: Cell; readonly cells: number }
  /** `round` counts how often it looked in vain for the parts. */
  | { readonly v: 1; readonly kind: 'finish'; readonly runId: string; readonly round: number };

/** How messages are sent and how long they are waited for. */
export interface FanOutOptions {
  /** The options of a part, made anew for each message: `nowMs` is the time of the message. */
  readonly options: () => HousecleaningOptions | Promise<HousecleaningOptions>;
  readonly send: (messages: readonly HousecleaningMessage[], delaySeconds: number) => Promise<void>;
  /**
   * Seconds between two looks for parts that are not done.
   * @defaultValue 60
   */
  readonly pollSeconds?: number;
  /**
   * Looks after which the run is closed without the parts that are missing.
   * @defaultValue 120
   */
  readonly maxRounds?: number;
}

/** The defaults of {@link FanOutOptions}. */
export const fanOutDefaults = { pollSeconds: 60, maxRounds: 120 } as const;

/** What became of a message. */
export type MessageOutcome =
  /** A cell was worked on: what this run did there, also by a message that came before. */
  | { readonly type: 'cell'; readonly report: SanityReport }
  /** Parts are missing: the message was sent again. */
  | { readonly type: 'waiting'; readonly missing: number }
  /** The run is over. */
  | { readonly type: 'finished'; readonly report: SanityReport }
  /** The run was over before. */
  | { readonly type: 'nothing' };

/** Sends and takes the messages of runs. */
export interface FanOut {
  /** Lists what is due and sends it; a second start of the same run sends the same again, which is harmless. */
  readonly start: (runId: string) => Promise<readonly Cell[]>;
  readonly take: (message: unknown) => Promise<MessageOutcome>;
}

const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function createFanOut(fanOut: FanOutOptions): FanOut {
  const { send, pollSeconds, maxRounds } = { ...fanOutDefaults, ...fanOut };
  const optionsOf = async (runId: string): Promise<HousecleaningOptions> => ({ ...(await fanOut.options()), runId });

  return {
    async start(runId) {
      assertRunId(runId);
      const options = await optionsOf(runId);
      const { cells } = await rememberCells(options, runId);
      await send(
        cells.map((cell) => ({ v: 1, kind: 'cell', runId, cell, cells: cells.length })),
        0,
      );
      await send([{ v: 1, kind: 'finish', runId, round: 0 }], cells.length === 0 ? 0 : pollSeconds);
      return cells;
    },

    async take(given) {
      const message = readMessage(given);
      const { runId } = message;
      const options = await optionsOf(runId);
      if (message.kind === 'cell') {
        // What is done after the end would be in no report: the next run does it.
        if (!(await isUnderWay(options.store, runId))) return { type: 'nothing' };
        const report = await runPart({ ...options, cells: [message.cell], share: 1 / message.cells });
        return { type: 'cell', report: await putPart(options.store, runId, message.cell, report) };
      }
      const due = await readCells(options.store, runId);
      if (!due) return { type: 'nothing' };
      const { cells, foreign } = due;
      const found = await Promise.all(cells.map((cell) => readPart(options.store, runId, cell)));
      const missing = cells.filter((_, i) => found[i] === undefined);
      if (missing.length > 0 && message.round < maxRounds) {
        await send([{ ...message, round: message.round + 1 }], pollSeconds);
        return { type: 'waiting', missing: missing.length };
      }
      const parts = found.filter((part) => part !== undefined);
      if (missing.length > 0 || cells.length === 0)
        parts.push(await partOfLost(options, missing, new Error(`No part of them came within ${maxRounds} looks.`)));
      const report = await finishParts(options, parts, foreign);
      await forget(options.store, runId, cells);
      return { type: 'finished', report };
    },
  };
}

/** A queue may hold anything. */
function readMessage(given: unknown): HousecleaningMessage {
  const message = given as Partial<Record<string, unknown>> | null | undefined;
  const { kind, runId, cell, cells, round } = { ...message };
  const { symbol, date } = (cell ?? {}) as Partial<Cell>;
  const isCell = kind === 'cell' && isSymbol(String(symbol)) && isDate(String(date)) && isCount(cells, 1);
  const isFinish = kind === 'finish' && isCount(round, 0);
  if (message?.['v'] === 1 && (isCell || isFinish) && typeof runId === 'string' && runIdPattern.test(runId)) {
    return given as HousecleaningMessage;
  }
  const shown = (JSON.stringify(given) as string | undefined)?.slice(0, 200);
  throw new AdaptersError('bad-option', `The message is ${shown}, expected one of housecleaning.`, {
    value: given,
  });
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function assertRunId(runId: string): void {
  if (runIdPattern.test(runId)) return;
  throw new AdaptersError(
    'bad-option',
    `The run is called "${runId}", expected up to 64 letters, digits, dots and dashes.`,
    { value: runId },
  );
}
