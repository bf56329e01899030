/**
 * The shapes that the API serves, as `zod/mini` schemas: small enough for a browser, and the one source of the OpenAPI
 * document, of the client's types and of its checks. Decimals are strings, times epoch milliseconds UTC.
 */
import * as z from 'zod/mini';

const decimal = z.string().check(z.regex(/^-?\d+(\.\d+)?$/));
const timeMs = z.int();
const count = z.int().check(z.minimum(0));

/** One price row of a footprint bar. */
export const FootprintLevel = z.object({
  price: decimal,
  buy: decimal,
  sell: decimal,
  unknown: decimal,
  buyTrades: count,
  sellTrades: count,
});

/** One footprint bar, version 1; `price` of a level is the lower edge of its row. */
export const Footprint = z.object({
  v: z.literal(1),
  symbol: z.string(),
  t0: timeMs,
  t1: timeMs,
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
  buy: decimal,
  sell: decimal,
  unknown: decimal,
  delta: decimal,
  minDelta: decimal,
  maxDelta: decimal,
  trades: count,
  vwap: decimal,
  poc: decimal,
  vah: decimal,
  val: decimal,
  levels: z.array(FootprintLevel),
});

/** A page of footprint bars, oldest first. */
export const FootprintPage = z.object({
  items: z.array(Footprint),
  /** Pass as `cursor` to read on; null on the last page. */
  nextCursor: z.nullable(z.string()),
});

/** One instrument that the system holds bars of. */
export const SymbolInfo = z.object({
  symbol: z.string(),
  tickSize: decimal,
  lotSize: decimal,
  /** Footprint row size in ticks. */
  rowTicks: count,
  intervalMs: count,
  bars: count,
  /** Start of the first and of the last bar; null before the first bar. */
  firstBarMs: z.nullable(timeMs),
  lastBarMs: z.nullable(timeMs),
});

/** Every instrument that the system holds bars of. */
export const SymbolList = z.object({ items: z.array(SymbolInfo) });

/** Best bid and offer; a side that is unknown or empty is null. */
export const L1 = z.object({
  time: timeMs,
  symbol: z.string(),
  bidPrice: z.nullable(decimal),
  bidSize: z.nullable(decimal),
  askPrice: z.nullable(decimal),
  askSize: z.nullable(decimal),
  source: z.string(),
});

const level = z.tuple([decimal, decimal]);

/** Counts, flow and book of one replayed or recorded session. */
export const Metrics = z.object({
  v: z.literal(1),
  symbol: z.string(),
  input: z.object({
    lines: count,
    accepted: count,
    /** Lines without content; `lines` = `accepted` + `quarantined` + `blank`. */
    blank: count,
    quarantined: count,
    /** Quarantined records by reason, for example `bad-json` or `off-grid`. */
    quarantinedBy: z.record(z.string(), count),
    /** Records of symbols that were not asked for, by symbol; kept aside like quarantined ones. */
    otherSymbols: z.record(z.string(), count),
    /** Records received before the one ahead of them: inputs in the wrong order, or a clock that was set back. */
    outOfOrder: count,
    /** True when an input's gzip stream is cut off or damaged. */
    truncated: z.boolean(),
    firstReceiveNs: z.nullable(z.string()),
    lastReceiveNs: z.nullable(z.string()),
  }),
  counts: z.object({
    quotes: count,
    /** Quotes older than the one before them, by the venue's update id; in no metric. */
    staleQuotes: count,
    bookSnapshots: count,
    bookDeltas: count,
    trades: count,
  }),
  trades: z.object({
    n: count,
    /** Prints that are no market trades (size 0, insurance fund); not in any volume. */
    nonMarket: count,
    idGaps: count,
    idDuplicates: count,
    late: count,
    lateRejected: count,
    firstTimeMs: z.nullable(timeMs),
    lastTimeMs: z.nullable(timeMs),
    volume: decimal,
    buy: decimal,
    sell: decimal,
    unknown: decimal,
    delta: decimal,
    /** To 16 significant digits; null without a trade. */
    vwap: z.nullable(decimal),
    /** Number of tick prices that traded, and the one with the most volume. */
    levels: count,
    poc: z.nullable(decimal),
    pocVolume: z.nullable(decimal),
  }),
  /** Cumulative volume delta at the end. */
  cvd: decimal,
  /** Cont-Kukanov-Stoikov order flow imbalance over the best quotes, in size units. */
  ofi: z.object({ events: count, sum: decimal }),
  /** The same per book level, best first. */
  mlofi: z.object({ events: count, sums: z.array(decimal) }),
  book: z.object({
    synced: z.boolean(),
    lastUpdateId: z.nullable(count),
    bidLevels: count,
    askLevels: count,
    droppedBeforeSnapshot: count,
    /** Snapshots whose first delta followed on them by the venue's rule. */
    firstEventOk: count,
    applied: count,
    ignored: count,
    gaps: z.array(z.object({ line: count, expected: count, received: count })),
    /** Comparisons of the book's best quotes with the venue's own at the same update id. */
    quoteCheck: z.object({ equal: count, different: count }),
    bids: z.array(level),
    asks: z.array(level),
  }),
  /** At the end of the input; null while the book is not in sync. Decimal strings, OBI in [-1, 1]. */
  obi: z.object({ top1: z.nullable(decimal), top5: z.nullable(decimal), top20: z.nullable(decimal) }),
  vamp: z.object({ bbo: z.nullable(decimal), top5: z.nullable(decimal), top20: z.nullable(decimal) }),
});

/** One contribution to a score; `contribution` of all components add up to the score. */
export const ScoreComponent = z.object({
  name: z.string(),
  /** 0 to 100; null when its inputs are missing. */
  score: z.nullable(z.number()),
  weight: z.number(),
  /** Weight after renormalising over the components that are present; 0 when missing. */
  effectiveWeight: z.number(),
  contribution: z.number(),
  /** Share of its inputs that was there, 0 to 1; null where the component says none, absent where it was not stored. */
  coverage: z.optional(z.nullable(z.number())),
  quality: z.enum(['measured', 'proxy', 'missing']),
  /** What the score was made of, for people. */
  reasons: z.array(z.string()),
  /** The named inputs and their values; null where unknown. */
  inputs: z.record(z.string(), z.nullable(z.number())),
});

/** An explained score. */
export const Score = z.object({
  v: z.literal(1),
  symbol: z.string(),
  /** Close of the last bar that went in; null without bars. */
  asOfMs: z.nullable(timeMs),
  /** 0 to 100; null when nothing is known. */
  score: z.nullable(z.number()),
  signal: z.nullable(z.enum(['strong-sell', 'sell', 'neutral', 'buy', 'strong-buy'])),
  /** Share of the total weight that was present, 0 to 1. */
  coverage: z.number(),
  components: z.array(ScoreComponent),
  /** Name and version of the rules that made it; absent where they were not stored. */
  rules: z.optional(z.string()),
});

/** One symbol and day of the archive. */
export const ArchiveCell = z.object({
  symbol: z.string(),
  date: z.string(),
  state: z.enum([
    'open',
    'empty',
    'raw',
    'staged',
    'published',
    'verified',
    'pruning',
    'archived',
    'late',
    'quarantined',
  ]),
  generation: count,
  sources: count,
  lines: count,
  rawBytes: count,
  gzBytes: count,
  prunedSources: count,
  verifiedAtMs: z.nullable(timeMs),
  problem: z.nullable(z.string()),
});

/** What housecleaning last reported. */
export const ArchiveStatus = z.object({
  outcome: z.enum(['ok', 'halted', 'partial', 'failed', 'never-run', 'running']),
  reason: z.nullable(z.string()),
  finishedAtMs: z.nullable(timeMs),
  cells: z.array(ArchiveCell),
});

/** Where the main job stands. */
export const Progress = z.object({
  stage: z.enum(['starting', 'replay', 'housecleaning', 'score', 'done', 'failed']),
  /** Work done and, where known, all of it, in `unit`. */
  done: count,
  total: z.nullable(count),
  unit: z.string(),
  message: z.string(),
});

/** Whether the parts of the system answer; `degraded` comes with status 503. */
export const Health = z.object({
  status: z.enum(['ok', 'degraded']),
  version: z.string(),
  uptimeMs: count,
  checks: z.object({
    database: z.enum(['ok', 'error']),
    store: z.enum(['ok', 'error']),
    job: Progress,
  }),
});

/** Every error reply. `code` is stable; `message` names the value, what was expected and the next step. */
export const ApiErrorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** The id under which the server logged the request; also the reply's `X-Request-Id`. */
    requestId: z.optional(z.string()),
  }),
});

/** The same data, not to be changed by whoever receives it. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** What the schema {@link Footprint} describes. */
export type Footprint = DeepReadonly<z.infer<typeof Footprint>>;
/** What the schema {@link FootprintPage} describes. */
export type FootprintPage = DeepReadonly<z.infer<typeof FootprintPage>>;
/** What the schema {@link SymbolInfo} describes. */
export type SymbolInfo = DeepReadonly<z.infer<typeof SymbolInfo>>;
/** What the schema {@link SymbolList} describes. */
export type SymbolList = DeepReadonly<z.infer<typeof SymbolList>>;
/** What the schema {@link L1} describes. */
export type L1 = DeepReadonly<z.infer<typeof L1>>;
/** What the schema {@link Metrics} describes. */
export type Metrics = DeepReadonly<z.infer<typeof Metrics>>;
/** What the schema {@link ScoreComponent} describes. */
export type ScoreComponent = DeepReadonly<z.infer<typeof ScoreComponent>>;
/** What the schema {@link Score} describes. */
export type Score = DeepReadonly<z.infer<typeof Score>>;
/** What the schema {@link ArchiveCell} describes. */
export type ArchiveCell = DeepReadonly<z.infer<typeof ArchiveCell>>;
/** What the schema {@link ArchiveStatus} describes. */
export type ArchiveStatus = DeepReadonly<z.infer<typeof ArchiveStatus>>;
/** What the schema {@link Progress} describes. */
export type Progress = DeepReadonly<z.infer<typeof Progress>>;
/** What the schema {@link Health} describes. */
export type Health = DeepReadonly<z.infer<typeof Health>>;
/** What the schema {@link ApiErrorBody} describes. */
export type ApiErrorBody = DeepReadonly<z.infer<typeof ApiErrorBody>>;
