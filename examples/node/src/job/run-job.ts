/**
 * The main job: replay → housecleaning → score. Each stage's results are stored, announced to live listeners and written
 * as files; every step may be repeated, so a run that was killed anywhere is mended by running again.
 */
import { stat } from 'node:fs/promises';
import { fileInput } from '@tapekit/adapters/sources/node-files';
import type { MarketSource } from '@tapekit/adapters/market-source';
import { replayBinanceCombined } from '@tapekit/adapters/sources/binance-combined';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Progress } from '@tapekit/sdk/schemas';
import type { JobOptions } from '../cli/options.ts';
import type { RunResult } from '../cli/summary.ts';
import { cleanHouse } from './archive.ts';
import type { JobContext } from './context.ts';
import { replay } from './replay.ts';
import { removePartialResults, writeDocument } from './results.ts';
import { scoreSession } from './score.ts';
import { createSession } from './session.ts';

/**
 * Runs the whole job; the context's stores receive what the files receive too.
 * @throws what a stage throws, after the run was recorded as failed.
 */
export async function runJob(options: JobOptions, inputs: readonly string[], context: JobContext): Promise<RunResult> {
  const { results, now } = context;
  await results.begin();
  try {
    const result = await runStages(options, inputs, context);
    await results.finish('done', now());
    return result;
  } catch (error) {
    // The error at hand says more than a database that cannot even record it.
    await results.finish('failed', now()).catch(() => undefined);
    context.progress({ stage: 'failed', done: 0, total: null, unit: 'jobs', message: `${options.symbol}: failed` });
    throw error;
  }
}

async function runStages(options: JobOptions, inputs: readonly string[], context: JobContext): Promise<RunResult> {
  const startedAtMs = context.now();
  const { symbol, out } = options;
  await removePartialResults(out);

  const totalBytes = await sizeOf(inputs);
  const source = replayBinanceCombined({ inputs: inputs.map(fileInput), symbol, signal: context.signal });
  const progress = (stage: Progress['stage'], done: number, total: number | null, unit: string, message: string) =>
    context.progress({ stage, done, total, unit, message });

  progress('replay', 0, totalBytes, 'bytes', `replaying ${symbol}`);
  const { metrics, bars, dates } = await replay(
    {
      source,
      session: createSession({
        symbol,
        grid: createGrid(options),
        intervalMs: options.intervalMs,
        rowTicks: options.rowTicks,
      }),
      symbol,
      out,
      onProgress: (records) =>
        progress('replay', bytesRead(source), totalBytes, 'bytes', `replaying ${symbol}: ${records} records`),
    },
    context,
  );
  await context.results.saveMetrics(metrics);
  context.publish('metrics', metrics);
  await writeDocument(out, 'metrics.json', metrics);

  const archive = await cleanHouse(symbol, dates, context, (done, message) =>
    progress('housecleaning', done, dates.length, 'days', message),
  );
  context.signal.throwIfAborted();
  await context.results.saveArchive(archive);
  context.publish('archive', archive);

  progress('score', 0, 1, 'scores', `scoring ${symbol}`);
  const score = scoreSession(symbol, bars, metrics.obi.top5);
  await context.results.saveScore(score);
  context.publish('score', score);
  await writeDocument(out, 'score.json', score);

  progress('done', 1, 1, 'jobs', `${symbol}: ${bars.length} bars, archive ${archive.outcome}`);
  return {
    bars: bars.length,
    lastBar: bars.at(-1)?.bar,
    metrics,
    archive,
    score,
    elapsedMs: context.now() - startedAtMs,
  };
}

/** An input that was named on the command line cannot be read. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

function bytesRead(source: MarketSource): number {
  return source.stats().inputs.reduce((sum, input) => sum + input.bytes, 0);
}

/**
 * Bytes of all inputs as stored.
 * @throws {@link InputError} naming the first input that is no readable file.
 */
async function sizeOf(inputs: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of inputs) {
    const info = await stat(path).catch((cause: unknown) => {
      throw new InputError(`Input "${path}" cannot be opened. Check the path that was given with --input.`, { cause });
    });
    if (!info.isFile()) throw new InputError(`Input "${path}" is no file. Pass a capture file with --input.`);
    total += info.size;
  }
  return total;
}
