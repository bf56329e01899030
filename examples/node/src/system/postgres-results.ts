/** The job's result store and the API's reads, both over the repositories of one database. */
import { isAdaptersError } from '@tapekit/adapters/errors';
import type { Repositories } from '@tapekit/adapters/postgres';
import type { L1Snapshot } from '@tapekit/orderflow/market';
import type { ArchiveStatus, L1, Metrics, Score, SymbolInfo } from '@tapekit/sdk/schemas';
import { BadCursorError } from '../api/ports.ts';
import type { ReadRepositories } from '../api/ports.ts';
import type { Instrument, ResultStore } from '../job/context.ts';

/** Says in the tables where quotes and metrics came from. */
const source = 'replay:binance-combined';

/** Which run writes. */
export interface RunIdentity {
  readonly instrument: Instrument;
  /** Start of the run, epoch milliseconds UTC. */
  readonly startedAtMs: number;
  /** What the run reads and how, for the record. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Writes the results of one run. */
export function createResultStore(repositories: Repositories, run: RunIdentity): ResultStore {
  const { instrument, startedAtMs, input } = run;
  let cleared = false;
  let metrics: Metrics | undefined;
  const saveSession = (outcome: 'running' | 'done' | 'failed', finishedAtMs: number | null): Promise<void> =>
    repositories.sessions.save({
      id: `${instrument.symbol}:${startedAtMs}`,
      symbol: instrument.symbol,
      startedAtMs,
      finishedAtMs,
      outcome,
      input,
      metrics: metrics ? { ...metrics } : null,
    });
  return {
    async begin() {
      await repositories.instruments.upsert(instrument);
      await saveSession('running', null);
    },

    async saveBars(published) {
      // A replay takes the place of the one before: bars of two tapes side by side would be nobody's session.
      if (!cleared) await repositories.clearSymbol(instrument.symbol);
      cleared = true;
      await repositories.bars.upsertMany(
        published.map(({ bar }) => bar),
        { intervalMs: instrument.intervalMs, revisions: published.map(({ revision }) => revision) },
      );
      await repositories.l1.insertMany(published.flatMap(({ quote }) => quote ?? []));
      await repositories.metrics.insertMany(
        published.map(({ bar, ofi, ofiCumulative, obi, vamp }) => ({
          timeMs: bar.t1,
          symbol: bar.symbol,
          obi,
          ofi,
          ofiCumulative,
          vamp,
          source,
        })),
      );
    },

    saveMetrics(document) {
      metrics = document;
      return saveSession('running', null);
    },
    finish: saveSession,
    saveScore: (score) => repositories.scores.upsert(score),
    saveArchive: (archive) =>
      repositories.archive.save({
        id: String(startedAtMs),
        finishedAtMs: archive.finishedAtMs ?? startedAtMs,
        report: { ...archive },
      }),
  };
}

/** Reads for the API. Documents were checked against their schema when they were written. */
export function createReadRepositories(repositories: Repositories): ReadRepositories {
  const known = async (symbol: string): Promise<boolean> => (await repositories.instruments.get(symbol)) !== undefined;
  return {
    async symbols() {
      const summaries = new Map((await repositories.bars.summaries()).map((summary) => [summary.symbol, summary]));
      return (await repositories.instruments.list()).map((instrument): SymbolInfo => {
        const summary = summaries.get(instrument.symbol);
        return {
          ...instrument,
          bars: summary?.bars ?? 0,
          firstBarMs: summary?.firstBarMs ?? null,
          lastBarMs: summary?.lastBarMs ?? null,
        };
      });
    },

    async footprints({ symbol, from, to, limit, cursor }) {
      if (!(await known(symbol))) return undefined;
      try {
        return await repositories.bars.page({
          symbol,
          limit,
          ...(from === undefined ? {} : { fromMs: from }),
          ...(to === undefined ? {} : { toMs: to }),
          ...(cursor === undefined ? {} : { cursor }),
        });
      } catch (error) {
        if (isAdaptersError(error, 'bad-cursor')) throw new BadCursorError(error.message, { cause: error });
        throw error;
      }
    },

    async metrics(symbol) {
      const session = await repositories.sessions.latest(symbol, { withMetrics: true });
      return session?.metrics as Metrics | undefined;
    },
    async quote(symbol) {
      const quote = await repositories.l1.latest(symbol);
      return quote && toL1(quote);
    },
    async score(symbol) {
      return (await repositories.scores.latest(symbol)) as Score | undefined;
    },
    async archive() {
      const latest = await repositories.archive.latest();
      return (latest?.report as ArchiveStatus | undefined) ?? neverRun;
    },
  };
}

const neverRun: ArchiveStatus = { outcome: 'never-run', reason: null, finishedAtMs: null, cells: [] };

function toL1(quote: L1Snapshot): L1 {
  return {
    time: quote.time,
    symbol: quote.symbol,
    bidPrice: quote.bidPrice ?? null,
    bidSize: quote.bidSize ?? null,
    askPrice: quote.askPrice ?? null,
    askSize: quote.askSize ?? null,
    source: quote.source,
  };
}
