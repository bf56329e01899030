/** Stage one: every record of the input goes to the raw tape, through the session, and to the result store. */
import { readArchivedKeys, readSegmentKeys } from '@tapekit/housecleaning/restore';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { quarantineEntry } from '@tapekit/adapters/market-source';
import type {
  MarketSource,
  QuarantineEntry,
  SourceEvent,
  SourceStats,
  TapeRecord,
} from '@tapekit/adapters/market-source';
import { assertSymbolSeen } from '@tapekit/adapters/market-source';
import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import type { Metrics } from '@tapekit/sdk/schemas';
import type { JobContext } from './context.ts';
import { openLineFile } from './results.ts';
import type { Outcome, PublishedBar, Session } from './session.ts';
import { formatTapeLine, tapeDate } from './tape-line.ts';

/** What the replay left for the stages after it. */
export interface ReplayResult {
  readonly metrics: Metrics;
  /** Bars in order of time, each at its last revision. */
  readonly bars: readonly PublishedBar[];
  /** UTC days that the raw tape was written to. */
  readonly dates: readonly string[];
}

export interface ReplayOptions {
  readonly source: MarketSource;
  readonly session: Session;
  readonly symbol: string;
  /** Folder that receives `footprints.jsonl` and, if any record was refused, `quarantine.jsonl`. */
  readonly out: string;
  /** Called now and then with the records done. */
  readonly onProgress: (records: number) => void;
}

const progressEvery = 2_000;
const barsPerWrite = 50;

/**
 * Replays the whole source. Raw records are stored before the session sees them; refused ones are written to
 * `quarantine.jsonl` with file, line and reason, and the stream goes on.
 */
export async function replay(options: ReplayOptions, context: JobContext): Promise<ReplayResult> {
  const { source, session, symbol } = options;
  const tape = createTapeWriter({
    store: context.store,
    symbol,
    archivedKeys: (cell) => readArchivedKeys(context.store, cell),
    segmentKeys: (cell) => readSegmentKeys(context.store, cell),
  });
  const quarantine = await openLineFile(options.out, 'quarantine.jsonl');
  const latest = new Map<number, PublishedBar>();
  const dates = new Set<string>();
  let unsaved: PublishedBar[] = [];
  let refusedLater = 0;
  let outOfOrder = 0;
  const refusedBy: Record<string, number> = {};

  const publish = async (bars: readonly PublishedBar[]): Promise<void> => {
    for (const published of bars) {
      latest.set(published.bar.t0, published);
      unsaved.push(published);
    }
    if (unsaved.length >= barsPerWrite) await save();
  };
  const save = async (): Promise<void> => {
    const batch = unsaved;
    unsaved = [];
    if (batch.length === 0) return;
    await context.results.saveBars(batch);
    // Listeners hear of a bar when it can be read back, so that nobody misses one between the two.
    for (const { bar } of batch) context.publish('bar', bar);
  };
  const setAside = async (entry: QuarantineEntry): Promise<void> => quarantine.write(JSON.stringify(entry));

  const take = async (record: TapeRecord): Promise<void> => {
    const date = tapeDate(record.receiveMs);
    dates.add(date);
    await tape.append({ date, seq: record.seq, line: formatTapeLine(record) });
    // A record is set aside once, for the first of its events that is refused; the others count.
    let refused: Outcome['refused'];
    for (const event of record.events) {
      const outcome = dispatch(session, event, record.line);
      refused ??= outcome.refused;
      if (outcome.bars.length > 0) await publish(outcome.bars);
    }
    if (!refused) return;
    refusedLater += 1;
    refusedBy[refused.reason] = (refusedBy[refused.reason] ?? 0) + 1;
    await setAside(quarantineEntry(record, refused.reason, refused.detail));
  };

  try {
    let seen = 0;
    let lastReceiveNs = '';
    for await (const item of source) {
      context.signal.throwIfAborted();
      if (item.kind === 'record') {
        await take(item.record);
        if (item.record.receiveNs < lastReceiveNs) outOfOrder += 1;
        lastReceiveNs = item.record.receiveNs;
      } else if (item.kind === 'quarantined') {
        await setAside(item.entry);
      }
      seen += 1;
      if (seen % progressEvery === 0) options.onProgress(seen);
    }
    assertSymbolSeen(source.stats());
    await tape.flush();
    await publish(session.flush().bars);
    await save();
    await quarantine.commit({ keepEmpty: false });
  } catch (error) {
    await quarantine.discard();
    throw error;
  }

  const bars = [...latest.values()].sort((a, b) => a.bar.t0 - b.bar.t0);
  await writeFootprints(options.out, bars);
  const stats = source.stats();
  return {
    metrics: { ...session.metrics(), input: inputOf(stats, symbol, { refusedLater, refusedBy, outOfOrder }) },
    bars,
    dates: [...dates].sort(),
  };
}

const nothing: Outcome = { bars: [] };

function dispatch(session: Session, event: SourceEvent, line: number): Outcome {
  switch (event.type) {
    case 'trade':
      return event.nonMarket ? session.nonMarketTrade() : session.trade(event);
    case 'quote':
      return session.quote(event);
    case 'book-snapshot':
    case 'book-delta':
      return session.book(event, line);
    case 'bar':
    case 'order':
      // The session makes its own bars, and its book is by level.
      return nothing;
  }
}

async function writeFootprints(out: string, bars: readonly { readonly bar: FootprintJson }[]): Promise<void> {
  const file = await openLineFile(out, 'footprints.jsonl');
  for (const { bar } of bars) await file.write(JSON.stringify(bar));
  await file.commit();
}

/** What the replay found that the source could not know. */
interface Findings {
  /** Records that the session refused, in all and by reason. */
  readonly refusedLater: number;
  readonly refusedBy: Readonly<Record<string, number>>;
  readonly outOfOrder: number;
}

function inputOf(
  stats: SourceStats,
  symbol: string,
  { refusedLater, refusedBy, outOfOrder }: Findings,
): Metrics['input'] {
  const quarantinedBy: Record<string, number> = { ...stats.reasons };
  for (const [reason, n] of Object.entries(refusedBy)) quarantinedBy[reason] = (quarantinedBy[reason] ?? 0) + n;
  const otherSymbols = Object.fromEntries(Object.entries(stats.symbols).filter(([name]) => name !== symbol));
  return {
    lines: stats.lines,
    accepted: stats.records - refusedLater,
    blank: stats.blank,
    quarantined: stats.quarantined + refusedLater,
    quarantinedBy,
    otherSymbols,
    outOfOrder,
    truncated: stats.inputs.some(({ state }) => state === 'truncated' || state === 'corrupt'),
    firstReceiveNs: stats.firstReceiveNs ?? null,
    lastReceiveNs: stats.lastReceiveNs ?? null,
  };
}
