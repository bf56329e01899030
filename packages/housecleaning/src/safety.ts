/**
 * The safety check of a run: before anything is changed, prove that this is the right store, under the right clock, with
 * a living ingest. A store that lacks today's data on a trading day is the wrong one, or its feed is dead; on a holiday,
 * and before the market has warmed up, the last session is looked at instead.
 */
import type { MarketCalendar, MarketSession } from './calendar.ts';
import { addDays, assertMarketDay, dateOf, dayBounds, type MarketDay, type TimeRange } from './days.ts';
import { HousecleaningError } from './errors.ts';
import { isDigestFault, readManifest, readStamp } from './internal/base.ts';
import { listPages } from './internal/listing.ts';
import { archiveKey, isSymbol, rawCellPrefix, type Cell } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** What a market must show before its archive is touched. */
export interface SafetyOptions {
  /** What a date means. */
  readonly day: MarketDay;
  /** Symbols that are expected to trade. Take delisted ones out: enough of them halt every run. */
  readonly roster: readonly string[];
  /**
   * When the market trades.
   * @defaultValue it never closes: every day is a session from its start to its end
   */
  readonly calendar?: MarketCalendar;
  /** How long after the opening today's data is not asked for yet, ms. */
  readonly warmUpMs: number;
  /** A symbol is alive if a raw object came within the last so many ms of trading; breaks do not count. */
  readonly freshMs: number;
  /** Share of the roster that must be alive, above 0 up to 1. */
  readonly quorum: number;
  /**
   * What to do if too few are alive: nothing at all, or everything but deleting. A clock that is wrong and a calendar
   * that does not reach today are faults of the configuration and halt in any case.
   */
  readonly onUnsafe: 'halt' | 'archive-only';
  /**
   * How far `nowMs` and `storeMs` may be apart, ms.
   * @defaultValue 60 seconds
   */
  readonly clockToleranceMs?: number;
}

/** Values that suit most markets; `roster` and `day` are yours. */
export const safetyDefaults = {
  warmUpMs: 30 * 60_000,
  freshMs: 30 * 60_000,
  quorum: 0.8,
  onUnsafe: 'halt',
  clockToleranceMs: 60_000,
} as const;

/** What the verdict rests on; `null` where the check did not come that far. */
export type SafetyEvidence = {
  /** The run's time and the store's, epoch ms. */
  readonly nowMs: number;
  readonly storeMs: number;
  /** The date that it is, by the store's time. */
  readonly today: string;
  /** The session that was looked at: today's, or the last one before. */
  readonly session: string | null;
  readonly openMs: number | null;
  readonly closeMs: number | null;
  /** A raw object from this time on proves a symbol alive, epoch ms. */
  readonly sinceMs: number | null;
  readonly roster: number;
  /** Symbols that had to be alive. */
  readonly required: number;
  /** Symbols found alive; the count stops once the verdict is certain. */
  readonly alive: number;
  /** Symbols looked at. */
  readonly looked: number;
  /** The first ten that were not alive. */
  readonly silent: readonly string[];
};

/** May the run go on? */
export interface SafetyVerdict {
  /** `go` · `archive-only`: nothing may be deleted · `halt`: nothing may be changed. */
  readonly verdict: 'go' | 'archive-only' | 'halt';
  /** Why it is not `go`, with the next step. */
  readonly problems: readonly string[];
  readonly evidence: SafetyEvidence;
}

/** The longest closure of a market that is taken for one, days. */
const maxClosedDays = 31;
/** Requests under way at once; Workers allow six connections. */
const lanes = 6;
const maxSilent = 10;

/**
 * Looks whether the market is alive in this store, by the store's time alone: a host's clock cannot change the answer
 * but by being too far off. Reads only; a store that fails is an error and never "nothing there".
 *
 * @param options - with the run's time `nowMs` and the store's time `storeMs`, epoch ms UTC
 * @throws HousecleaningError `bad-option`, `bad-listing`; what the store throws
 */
export async function checkSafety(
  store: ObjectStore,
  options: SafetyOptions & { readonly nowMs: number; readonly storeMs: number },
): Promise<SafetyVerdict> {
  assertSafetyOptions(options);
  const { nowMs, storeMs, roster, day, quorum, onUnsafe } = options;
  const today = dateOf(storeMs, day);
  // 0.07 of 100 are 7 symbols, not the 8 of 7.000000000000001.
  const required = Math.ceil(quorum * roster.length - 1e-9);
  let evidence: SafetyEvidence = {
    ...{ nowMs, storeMs, today, session: null, openMs: null, closeMs: null, sinceMs: null },
    ...{ roster: roster.length, required, alive: 0, looked: 0, silent: [] },
  };
  const toleranceMs = options.clockToleranceMs ?? safetyDefaults.clockToleranceMs;
  if (Math.abs(nowMs - storeMs) > toleranceMs) {
    const problem = `The store's time is ${iso(storeMs)}, but the run's time nowMs is ${iso(nowMs)}, more than ${toleranceMs} ms apart; correct the clock that gives nowMs.`;
    return { verdict: 'halt', problems: [problem], evidence };
  }
  const found = sessionToProve(options, today);
  if ('problem' in found) return { verdict: 'halt', problems: [found.problem], evidence };
  const { date, session } = found;
  const sinceMs = freshSince(session, storeMs, options.freshMs);
  const census = await countAlive(store, roster, date, sinceMs, required);
  evidence = { ...evidence, session: date, openMs: session.openMs, closeMs: session.closeMs, sinceMs, ...census };
  if (census.alive >= required) return { verdict: 'go', problems: [], evidence };
  const problem =
    `At most ${roster.length - (census.looked - census.alive)} of ${roster.length} symbols have data of the session ${date} from ${iso(sinceMs)} on; ` +
    `expected ${required} (${quorum * 100} %). Silent: ${census.silent.join(', ')}${census.looked - census.alive > maxSilent ? ', …' : ''}. ` +
    'Look whether this is the right store and the ingest is alive; take delisted symbols out of the roster.';
  return { verdict: onUnsafe, problems: [problem], evidence };
}

/** The session that must be alive: today's once it has warmed up, else the last one before. */
function sessionToProve(
  { day, calendar, storeMs, warmUpMs }: Parameters<typeof checkSafety>[1],
  today: string,
): { readonly date: string; readonly session: MarketSession } | { readonly problem: string } {
  for (let back = 0; back <= maxClosedDays; back++) {
    const date = addDays(today, -back);
    const session = sessionOn(date, day, calendar);
    if (session === undefined) {
      return {
        problem: `The calendar does not know ${date}${back === 0 ? '' : `, and no session from there to ${today} can be looked at yet`}; bring it up to date.`,
      };
    }
    if (session && storeMs >= session.openMs + warmUpMs) return { date, session };
  }
  return {
    problem: `The calendar has no session that has begun from ${addDays(today, -maxClosedDays)} to ${today}; correct it, or give no calendar for a market that never closes.`,
  };
}

/** The session of a date, `null` on a holiday, `undefined` beyond the calendar. */
function sessionOn(
  date: string,
  day: MarketDay,
  calendar: MarketCalendar | undefined,
): MarketSession | null | undefined {
  if (!calendar) {
    const { startMs, endMs } = dayBounds(date, day);
    return { openMs: startMs, closeMs: endMs };
  }
  const isSession = calendar.isSession(date);
  if (!isSession) return isSession === false ? null : undefined;
  return calendar.sessionOf(date);
}

/** Goes back `freshMs` of trading from `nowMs`, over breaks and the time since the close, at most to the beginning. */
function freshSince({ openMs, closeMs, ranges }: MarketSession, nowMs: number, freshMs: number): number {
  let leftMs = freshMs;
  const trading: readonly TimeRange[] = ranges ?? [{ startMs: openMs, endMs: closeMs }];
  for (const { startMs, endMs } of trading.toReversed()) {
    const untilMs = Math.min(endMs, nowMs);
    if (untilMs <= startMs) continue;
    if (untilMs - startMs >= leftMs) return untilMs - leftMs;
    leftMs -= untilMs - startMs;
  }
  return openMs;
}

/** Looks at symbols in the order of the roster until the quorum is certain to be reached or missed. */
async function countAlive(
  store: ObjectStore,
  roster: readonly string[],
  date: string,
  sinceMs: number,
  required: number,
): Promise<Pick<SafetyEvidence, 'alive' | 'looked' | 'silent'>> {
  const silent: string[] = [];
  let alive = 0;
  let looked = 0;
  while (alive < required && looked - alive <= roster.length - required) {
    const symbols = roster.slice(looked, looked + lanes);
    const answers = await Promise.all(symbols.map((symbol) => isAlive(store, { symbol, date }, sinceMs)));
    answers.forEach((answer, i) => {
      if (answer) alive += 1;
      else if (silent.length < maxSilent) silent.push(symbols[i]!);
    });
    looked += symbols.length;
  }
  return { alive, looked, silent };
}

/** True if the store holds something of the cell that came in at `sinceMs` or later, raw or already archived. */
async function isAlive(store: ObjectStore, cell: Cell, sinceMs: number): Promise<boolean> {
  for await (const page of listPages(store, rawCellPrefix(cell))) {
    if (page.some(({ uploadedMs }) => uploadedMs >= sinceMs)) return true;
  }
  // The raw objects of a session that is over may be pruned: the manifest of the archive still tells when they came.
  const archive = await store.head(archiveKey(cell));
  if (archive === undefined || archive.uploadedMs < sinceMs) return false;
  try {
    const { sources } = await readManifest(store, cell, readStamp(archive, cell).manifest);
    return sources.some(({ uploadedMs }) => uploadedMs >= sinceMs);
  } catch (error) {
    // An archive that contradicts itself proves nothing; its own cell reports it, the others go on.
    if (isDigestFault(error)) return false;
    throw error;
  }
}

/**
 * Refuses options outside their documented domain.
 *
 * @throws HousecleaningError `bad-option`
 */
export function assertSafetyOptions(options: SafetyOptions): void {
  assertMarketDay(options.day);
  const { roster, quorum } = options;
  if (roster.length === 0) throw badOption('roster', roster, 'at least one symbol: an empty one proves nothing');
  const wrong = roster.find((symbol, i) => !isSymbol(symbol) || roster.indexOf(symbol) < i);
  if (wrong !== undefined) throw badOption('roster', wrong, 'symbols as in their keys, each once');
  if (!(quorum > 0 && quorum <= 1)) throw badOption('quorum', quorum, 'a share above 0 up to 1');
  for (const [name, least] of [
    ['warmUpMs', 0],
    ['freshMs', 1],
    ['clockToleranceMs', 0],
  ] as const) {
    const value = options[name];
    if (value === undefined && name === 'clockToleranceMs') continue;
    if (!(Number.isFinite(value) && value! >= least)) throw badOption(name, value, `milliseconds from ${least} on`);
  }
  const onUnsafe: string = options.onUnsafe;
  if (onUnsafe !== 'halt' && onUnsafe !== 'archive-only')
    throw badOption('onUnsafe', onUnsafe, '"halt" or "archive-only"');
}

function iso(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? String(timeMs) : time.toISOString();
}

function badOption(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError(
    'bad-option',
    `The option safety.${name} is ${typeof value === 'number' ? String(value) : JSON.stringify(value)}; expected ${expected}.`,
    value,
  );
}
