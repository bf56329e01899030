/** The API as data: what the server mounts, what the OpenAPI document says and what the client calls. */
import * as z from 'zod/mini';
import * as schemas from './schemas.ts';

/** One HTTP operation. All of them are reads: GET, JSON, no side effects. */
export interface Operation {
  /** Unique name; the client's method of the same name calls it. */
  readonly operationId: string;
  /** Path with `{name}` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodMiniObject;
  readonly query?: z.ZodMiniObject;
  readonly response: z.ZodMiniType;
  /** Error statuses besides 500, with what they mean. */
  readonly errors: Readonly<Record<number, string>>;
}

const symbolParam = z.object({ symbol: z.string().check(z.regex(/^[A-Z0-9](?:[A-Z0-9._-]{0,30}[A-Z0-9])?$/)) });
const unknownSymbol = { 400: 'The symbol is malformed.', 404: 'Nothing is known of this symbol.' } as const;

/** Every JSON operation, by its `operationId`. */
export const operations = {
  getHealth: {
    operationId: 'getHealth',
    path: '/health',
    summary: 'Whether the database and the object store answer, and where the main job stands',
    response: schemas.Health,
    errors: { 503: 'A check failed; the body is the same as for 200.' },
  },
  listSymbols: {
    operationId: 'listSymbols',
    path: '/v1/symbols',
    summary: 'The instruments that the system holds bars of',
    response: schemas.SymbolList,
    errors: {},
  },
  listFootprints: {
    operationId: 'listFootprints',
    path: '/v1/symbols/{symbol}/footprints',
    summary: 'Footprint bars of one instrument, oldest first, by pages',
    params: symbolParam,
    query: z.object({
      /** Only bars that start at or after this time, epoch ms. */
      from: z.optional(z.coerce.number().check(z.int(), z.minimum(0))),
      /** Only bars that start before this time, epoch ms. */
      to: z.optional(z.coerce.number().check(z.int(), z.minimum(0))),
      /** Bars a page, 1 to 500; 200 unless told. */
      limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(500))),
      /** `nextCursor` of the page before. */
      cursor: z.optional(z.string()),
    }),
    response: schemas.FootprintPage,
    errors: unknownSymbol,
  },
  getMetrics: {
    operationId: 'getMetrics',
    path: '/v1/symbols/{symbol}/metrics',
    summary: 'Counts, order flow and book of the latest session',
    params: symbolParam,
    response: schemas.Metrics,
    errors: unknownSymbol,
  },
  getQuote: {
    operationId: 'getQuote',
    path: '/v1/symbols/{symbol}/quote',
    summary: 'The latest best bid and offer',
    params: symbolParam,
    response: schemas.L1,
    errors: unknownSymbol,
  },
  getScore: {
    operationId: 'getScore',
    path: '/v1/symbols/{symbol}/score',
    summary: 'The latest score with every contribution to it',
    params: symbolParam,
    response: schemas.Score,
    errors: unknownSymbol,
  },
  getArchive: {
    operationId: 'getArchive',
    path: '/v1/archive',
    summary: 'What housecleaning last reported, by symbol and day',
    response: schemas.ArchiveStatus,
    errors: {},
  },
} as const satisfies Record<string, Operation>;

/** Path of the live stream (server-sent events). Ids rise by one; `Last-Event-ID` resumes after that id. */
export const streamPath = '/v1/stream';

/** The payload of each live event, by its SSE `event` name. */
export const streamEvents = {
  /** A bar that closed, or the newer revision of one. */
  bar: schemas.Footprint,
  metrics: schemas.Metrics,
  archive: schemas.ArchiveStatus,
  score: schemas.Score,
  progress: schemas.Progress,
} as const satisfies Record<string, z.ZodMiniType>;

/** One live event with its id. */
export type StreamEvent = {
  [Name in keyof typeof streamEvents]: {
    readonly id: number;
    readonly event: Name;
    readonly data: z.infer<(typeof streamEvents)[Name]>;
  };
}[keyof typeof streamEvents];
