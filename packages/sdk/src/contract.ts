/** The API as data: what the server mounts, what the OpenAPI document says and what the client calls. */
import * as z from 'zod/mini';
import { excerpt } from './internal/excerpt.ts';
import * as schemas from './schemas.ts';

/** One HTTP operation. All of them are reads: GET, JSON, no side effects. */
export interface Operation {
  /** Unique name; the client's method of the same name calls it. */
  readonly operationId: string;
  /** Path with `{name}` parameters. */
  readonly path: string;
  readonly summary: string;
  /** The group under which the reference lists it. */
  readonly tag: 'market' | 'archive' | 'system';
  readonly params?: z.ZodMiniObject;
  readonly query?: z.ZodMiniObject;
  readonly response: z.ZodMiniType;
  /** Statuses besides 200 that come with the `response` body instead of an error body. */
  readonly replyStatuses?: readonly number[];
  /** Error statuses besides 500, with what they mean. */
  readonly errors: Readonly<Record<number, string>>;
}

const symbolText = 'an upper-case symbol such as ETHUSDT or BBRI.JK, 1 to 32 of A-Z 0-9 . _ -, no mark at the ends';
const symbolParam = z.object({
  symbol: z.string().check(z.regex(/^[A-Z0-9](?:[A-Z0-9._-]{0,30}[A-Z0-9])?$/, symbolText)),
});

/** A decimal integer in a query string. Not `z.coerce`: that reads an empty value as 0 and `0x10` as 16. */
function integer(min: number, max: number, what: string) {
  return z.optional(
    z.pipe(
      z.string().check(z.regex(/^\d{1,16}$/, what)),
      z.pipe(z.transform(Number), z.int(what).check(z.minimum(min, what), z.maximum(max, what))),
    ),
  );
}
const epochMs = () => integer(0, 8.64e15, 'a time in epoch milliseconds UTC, for example 1723075200000');

const malformed = { 400: 'A parameter is malformed or unknown; the message names it.' } as const;
const unknownSymbol = { ...malformed, 404: 'Nothing is known of this symbol; the message says what is.' } as const;

/** Every JSON operation, by its `operationId`. */
export const operations = {
  getHealth: {
    operationId: 'getHealth',
    path: '/health',
    summary: 'Whether the database and the object store answer, and where the main job stands',
    tag: 'system',
    response: schemas.Health,
    replyStatuses: [503],
    errors: { ...malformed, 503: 'A check failed; the body is the same as for 200.' },
  },
  listSymbols: {
    operationId: 'listSymbols',
    path: '/v1/symbols',
    summary: 'The instruments that the system holds bars of',
    tag: 'market',
    response: schemas.SymbolList,
    errors: malformed,
  },
  listFootprints: {
    operationId: 'listFootprints',
    path: '/v1/symbols/{symbol}/footprints',
    summary: 'Footprint bars of one instrument, oldest first, by pages',
    tag: 'market',
    params: symbolParam,
    query: z
      .object({
        /** Only bars that start at or after this time, epoch ms. */
        from: epochMs(),
        /** Only bars that start before this time, epoch ms. */
        to: epochMs(),
        /** Bars a page, 1 to 500; 200 unless told. */
        limit: integer(1, 500, 'an integer from 1 to 500'),
        /** `nextCursor` of the page before. */
        cursor: z.optional(z.string().check(z.regex(/^[\w.~:+/=-]{1,256}$/, 'the "nextCursor" of the page before'))),
      })
      .check(
        z.refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
          path: ['to'],
          error: 'a time at or after "from"',
        }),
      ),
    response: schemas.FootprintPage,
    errors: unknownSymbol,
  },
  getMetrics: {
    operationId: 'getMetrics',
    path: '/v1/symbols/{symbol}/metrics',
    summary: 'Counts, order flow and book of the latest session',
    tag: 'market',
    params: symbolParam,
    response: schemas.Metrics,
    errors: unknownSymbol,
  },
  getQuote: {
    operationId: 'getQuote',
    path: '/v1/symbols/{symbol}/quote',
    summary: 'The latest best bid and offer',
    tag: 'market',
    params: symbolParam,
    response: schemas.L1,
    errors: unknownSymbol,
  },
  getScore: {
    operationId: 'getScore',
    path: '/v1/symbols/{symbol}/score',
    summary: 'The latest score with every contribution to it',
    tag: 'market',
    params: symbolParam,
    response: schemas.Score,
    errors: unknownSymbol,
  },
  getArchive: {
    operationId: 'getArchive',
    path: '/v1/archive',
    summary: 'What housecleaning last reported, by symbol and day',
    tag: 'archive',
    response: schemas.ArchiveStatus,
    errors: malformed,
  },
} as const satisfies Record<string, Operation>;

/** The `operationId` of a JSON operation. */
export type OperationId = keyof typeof operations;

/** The parameters of an operation, path and query together; numbers are numbers. */
export type OperationInput<Id extends OperationId> = ShapeOf<(typeof operations)[Id], 'params'> &
  ShapeOf<(typeof operations)[Id], 'query'>;

/** The body of a reply that is no error. */
export type OperationOutput<Id extends OperationId> = schemas.DeepReadonly<
  z.output<(typeof operations)[Id]['response']>
>;

type ShapeOf<Op, Part extends 'params' | 'query'> =
  Op extends Record<Part, infer Schema extends z.ZodMiniObject> ? schemas.DeepReadonly<z.output<Schema>> : unknown;

/** Parameters that passed, or one sentence that names the parameter, its value and what was expected. */
export type ParsedInput<Id extends OperationId> =
  { readonly ok: true; readonly input: OperationInput<Id> } | { readonly ok: false; readonly message: string };

/**
 * Checks the parameters of a request the way every server of this contract should: known names only, each once, each of
 * its documented form. `query` holds the pairs in the order received, for example a `URLSearchParams`.
 */
export function parseInput<Id extends OperationId>(
  operationId: Id,
  params: Readonly<Record<string, string>>,
  query: Iterable<readonly [string, string]>,
): ParsedInput<Id> {
  const operation: Operation = operations[operationId];
  const known = Object.keys(operation.query?.shape ?? {});
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (!known.includes(name)) {
      const takes = known.length === 0 ? 'takes no query parameters' : `takes ${known.join(', ')}`;
      return { ok: false, message: `Query parameter ${excerpt(name)} is unknown; ${operationId} ${takes}.` };
    }
    if (given.has(name)) return { ok: false, message: `Query parameter "${name}" is given more than once.` };
    given.set(name, value);
  }
  const input = {};
  for (const [schema, values] of [
    [operation.params, params],
    [operation.query, Object.fromEntries(given)],
  ] as const) {
    if (!schema) continue;
    const parsed = z.safeParse(schema, values);
    if (!parsed.success) {
      const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
      const name = String(path[0]);
      return { ok: false, message: `Parameter "${name}" is ${excerpt(values[name])}; expected ${message}.` };
    }
    Object.assign(input, parsed.data);
  }
  return { ok: true, input: input as OperationInput<Id> };
}

/**
 * Path of the live stream (server-sent events). Ids rise by one; `Last-Event-ID` resumes after that id. A server that
 * starts anew begins with an id that it cannot have given before.
 */
export const streamPath = '/v1/stream';

/** The `operationId` of the live stream, in the OpenAPI document and in errors. */
export const streamOperationId = 'streamEvents';

/**
 * Reply header of the live stream: the id after which this reply starts. Where it is not the `Last-Event-ID` that was
 * sent, events in between are lost and state should be read anew.
 */
export const streamAfterHeader = 'Tapekit-Stream-After';

/** The payload of each live event, by its SSE `event` name. */
export const streamEvents = {
  /** A bar that closed, or the newer revision of one. */
  bar: schemas.Footprint,
  metrics: schemas.Metrics,
  archive: schemas.ArchiveStatus,
  score: schemas.Score,
  progress: schemas.Progress,
} as const satisfies Record<string, z.ZodMiniType>;

/** The SSE `event` name of a live event. */
export type StreamEventName = keyof typeof streamEvents;

/** The payload of the live event `Name`. */
export type StreamEventData<Name extends StreamEventName> = schemas.DeepReadonly<z.output<(typeof streamEvents)[Name]>>;

/** One live event with its id. */
export type StreamEvent = {
  [Name in StreamEventName]: {
    readonly id: number;
    readonly event: Name;
    readonly data: StreamEventData<Name>;
  };
}[StreamEventName];
