/**
 * One run of housecleaning as many messages: one a cell, and one that joins their reports. What passes between them lies in
 * the store, below `housecleaning-parts/{run}/`, so that any process may take any message, twice or never.
 */
import {
  finishParts,
  listCells,
  runPart,
  type HousecleaningOptions,
  type SanityReport,
} from '@tapekit/housecleaning/housecleaning';
import { assertCell, isDate, isSymbol, type Cell } from '@tapekit/housecleaning/keys';
import { isObjectStoreError } from '@tapekit/housecleaning/errors';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../../errors.ts';
import { partOfLost } from './lost-part.ts';

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
  /** A cell was worked on, or was closed with its run. */
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

const root = 'housecleaning-parts/';
const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function createFanOut(fanOut: FanOutOptions): FanOut {
  const { send, pollSeconds, maxRounds } = { ...fanOutDefaults, ...fanOut };
  const optionsOf = async (runId: string): Promise<HousecleaningOptions> => ({ ...(await fanOut.options()), runId });

  return {
    async start(runId) {
      assertRunId(runId);
      const options = await optionsOf(runId);
      const cells = await rememberCells(options, runId);
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
        const report = await runPart({ ...options, cells: [message.cell], share: 1 / message.cells });
        await putJson(options.store, partKey(runId, message.cell), report);
        return { type: 'cell', report };
      }
      const cells = await readCells(options.store, runId);
      if (!cells) return { type: 'nothing' };
      const found = await Promise.all(cells.map((cell) => readJson(options.store, partKey(runId, cell))));
      const missing = cells.filter((_, i) => found[i] === undefined);
      if (missing.length > 0 && message.round < maxRounds) {
        await send([{ ...message, round: message.round + 1 }], pollSeconds);
        return { type: 'waiting', missing: missing.length };
      }
      const parts = found.filter((part) => part !== undefined) as SanityReport[];
      if (missing.length > 0 || cells.length === 0)
        parts.push(await partOfLost(options, missing, new Error(`No part of them came within ${maxRounds} looks.`)));
      const report = await finishParts(options, parts);
      await forget(options.store, runId, cells);
      return { type: 'finished', report };
    },
  };
}

/** The cells of a run, listed once. */
async function rememberCells(options: HousecleaningOptions, runId: string): Promise<readonly Cell[]> {
  const known = await readCells(options.store, runId);
  if (known) return known;
  const cells: Cell[] = [];
  if (options.cells) cells.push(...options.cells);
  else for await (const cell of listCells(options)) cells.push(cell);
  try {
    await putJson(options.store, cellsKey(runId), cells, true);
    return cells;
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
    return (await readCells(options.store, runId)) ?? cells;
  }
}

async function readCells(store: ObjectStore, runId: string): Promise<readonly Cell[] | undefined> {
  const cells = (await readJson(store, cellsKey(runId))) as readonly Cell[] | undefined;
  cells?.forEach(assertCell);
  return cells;
}

/** Only what this run put: nothing here names a key of the tape. */
async function forget(store: ObjectStore, runId: string, cells: readonly Cell[]): Promise<void> {
  // The list goes last: while it is there, the run can be finished.
  const keys = [...cells.map((cell) => partKey(runId, cell)), cellsKey(runId)];
  const size = store.capabilities.maxDeleteBatch;
  for (let i = 0; i < keys.length; i += size) await store.delete(keys.slice(i, i + size).map((key) => ({ key })));
}

function cellsKey(runId: string): string {
  return `${root}${runId}/cells.json`;
}

function partKey(runId: string, { symbol, date }: Cell): string {
  return `${root}${runId}/part/${symbol}/${date}.json`;
}

async function putJson(store: ObjectStore, key: string, value: unknown, ifAbsent = false): Promise<void> {
  await store.put(key, new TextEncoder().encode(JSON.stringify(value)), ifAbsent ? { ifAbsent } : {});
}

async function readJson(store: ObjectStore, key: string): Promise<unknown> {
  const found = await store.get(key);
  if (!found) return undefined;
  return JSON.parse(new TextDecoder().decode(await found.bytes())) as unknown;
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
