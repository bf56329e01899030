/** What the ingest worker is configured with; read once per request or object, checked, defaults filled in. */
import { isSymbol } from '@tapekit/housecleaning/keys';
import { ApiError, excerpt } from '../shared/errors.ts';
import { wholeVar, type NumberVar } from '../shared/settings.ts';
import type { TapeObject } from './tape-object.ts';

/** Bindings, variables and secrets, as `wrangler.jsonc` and `wrangler secret put` give them. */
export interface IngestEnv {
  /** Raw segments and archives. */
  readonly TAPE: R2Bucket;
  /** One object per symbol. */
  readonly TAPE_OBJECT: DurableObjectNamespace<TapeObject>;
  /** The housecleaning worker's entrypoint for other workers. */
  readonly HOUSECLEANING: Fetcher;
  /** Who may send trades. */
  readonly INGEST_TOKEN?: string;
  /** Who may read footprints and status. */
  readonly READ_TOKEN?: string;
  /** Who may flush, compress and run the cron job. */
  readonly ADMIN_TOKEN?: string;
  /** `local` allows {@link IngestEnv.RECEIVE_SHIFT_MS}; any other word is production. */
  readonly ENVIRONMENT?: string;
  readonly INSTRUMENTS?: unknown;
  readonly FLUSH_AFTER_MS?: NumberVar;
  readonly RETAIN_BARS?: NumberVar;
  readonly MESSAGE_BURST?: NumberVar;
  readonly MESSAGES_PER_SECOND?: NumberVar;
  readonly STALE_AFTER_MS?: NumberVar;
  readonly RECEIVE_SHIFT_MS?: NumberVar;
}

/** How the trades of a symbol are counted. */
export interface Instrument {
  /** Price step, a decimal literal. */
  readonly tickSize: string;
  /** Size step, a decimal literal. */
  readonly lotSize: string;
  /** Height of a footprint row in ticks. */
  readonly rowTicks: number;
  /** Length of a bar in milliseconds. */
  readonly barMs: number;
}

/** The variables of {@link IngestEnv}, checked. */
export interface IngestSettings {
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** How long a record waits at most before it goes to R2, ms. */
  readonly flushAfterMs: number;
  /** Closed bars that late trades still revise. */
  readonly retainBars: number;
  /** Messages that one connection may send at once. */
  readonly messageBurst: number;
  /** Messages a second that one connection may send in the long run. */
  readonly messagesPerSecond: number;
  /** A symbol without a record for this long is reported as stale, ms. */
  readonly staleAfterMs: number;
  /** Added to the clock that dates records; 0 unless `ENVIRONMENT` is `local`. */
  readonly receiveShiftMs: number;
}

/** The values of variables that are not set. */
export const ingestDefaults = {
  flushAfterMs: 60_000,
  retainBars: 5,
  messageBurst: 400,
  messagesPerSecond: 200,
  staleAfterMs: 300_000,
  receiveShiftMs: 0,
} as const satisfies Partial<IngestSettings>;

/**
 * Reads the variables.
 *
 * @throws ApiError `not-configured`
 */
export function readIngestSettings(env: IngestEnv): IngestSettings {
  const d = ingestDefaults;
  const day = 86_400_000;
  const shift = wholeVar('RECEIVE_SHIFT_MS', env.RECEIVE_SHIFT_MS, d.receiveShiftMs, [-30 * day, 0]);
  if (shift !== 0 && env.ENVIRONMENT !== 'local') {
    throw new ApiError(503, 'not-configured', 'RECEIVE_SHIFT_MS is for ENVIRONMENT "local" only; remove it.');
  }
  return {
    instruments: readInstruments(env.INSTRUMENTS),
    flushAfterMs: wholeVar('FLUSH_AFTER_MS', env.FLUSH_AFTER_MS, d.flushAfterMs, [1_000, day]),
    retainBars: wholeVar('RETAIN_BARS', env.RETAIN_BARS, d.retainBars, [0, 100]),
    messageBurst: wholeVar('MESSAGE_BURST', env.MESSAGE_BURST, d.messageBurst, [1, 10_000]),
    messagesPerSecond: wholeVar('MESSAGES_PER_SECOND', env.MESSAGES_PER_SECOND, d.messagesPerSecond, [0, 10_000]),
    staleAfterMs: wholeVar('STALE_AFTER_MS', env.STALE_AFTER_MS, d.staleAfterMs, [1_000, 30 * day]),
    receiveShiftMs: shift,
  };
}

function readInstruments(value: unknown): ReadonlyMap<string, Instrument> {
  const instruments = new Map<string, Instrument>();
  for (const [symbol, raw] of Object.entries((value ?? {}) as Record<string, Partial<Instrument> | null>)) {
    const { tickSize, lotSize, rowTicks = 1, barMs = 60_000 } = raw ?? {};
    const isStep = (step: unknown): step is string => typeof step === 'string' && /^\d+(\.\d+)?$/.test(step);
    const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && (count as number) >= 1;
    if (!isSymbol(symbol) || !isStep(tickSize) || !isStep(lotSize) || !isCount(rowTicks) || !isCount(barMs)) {
      throw new ApiError(
        503,
        'not-configured',
        `INSTRUMENTS has ${excerpt({ [symbol]: raw })}; expected "SYMBOL": { "tickSize": "0.01", "lotSize": "0.001", "rowTicks": 1, "barMs": 60000 }.`,
      );
    }
    instruments.set(symbol, { tickSize, lotSize, rowTicks, barMs });
  }
  return instruments;
}
