/**
 * Feeds generated trades to the local workers and prints the footprints that come out:
 * `pnpm feed [--minutes 30] [--symbol TAPEUSDT] [--archive] [--url http://127.0.0.1:8787]`.
 */
import { parseArgs } from 'node:util';
import { tapeDefaults } from '@tapekit/tooling/tape-generator';
import { devVar } from './dev-vars.ts';
import { generatedTrades } from './generated-trades.ts';
import { connectTape, type FeedAck, type FeedEvent, type FeedTrade } from './tape-client.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8787' },
    symbol: { type: 'string', default: 'TAPEUSDT' },
    minutes: { type: 'string', default: '30' },
    archive: { type: 'boolean', default: false },
  },
});
const { url, symbol } = values;
const batchSize = 50;
const maxInFlight = 16;

interface Bar {
  readonly t0: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly delta: string;
  readonly poc: string;
  readonly levels: readonly unknown[];
}

try {
  await feed();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function feed(): Promise<void> {
  const client = await connectTape({
    url,
    symbol,
    token: devVar('INGEST_TOKEN'),
    client: 'demo',
    maxFailures: 5,
    onEvent: logEvent,
  });
  const { trades, startMs } = await nextTrades();
  console.log(
    `Feeding ${trades.length} trades of ${values.minutes} minutes from ${new Date(startMs).toISOString()} on.\n`,
  );
  console.log('minute (UTC)            open      high       low     close    volume     delta       POC  rows');
  let from = startMs;
  const sums = { accepted: 0, duplicates: 0, quarantined: 0 };
  const inFlight: Promise<FeedAck>[] = [];
  const settle = async (most: number): Promise<void> => {
    while (inFlight.length > most) {
      const { accepted, duplicates, quarantined } = await inFlight.shift()!;
      sums.accepted += accepted;
      sums.duplicates += duplicates;
      sums.quarantined += quarantined;
    }
  };
  for (let at = 0; at < trades.length; at += batchSize) {
    inFlight.push(client.send(trades.slice(at, at + batchSize)));
    await settle(maxInFlight);
    if ((at / batchSize) % maxInFlight === 0) from = await printBars(from);
  }
  await settle(0);
  await printBars(from);
  client.close();
  console.log(
    `\n${sums.accepted} trades are on the tape; ${sums.duplicates} came twice and count once; ${sums.quarantined} were malformed.`,
  );
  if (values.archive) await archive();
}

/** A stretch of tape that follows on what was fed before. */
async function nextTrades(): Promise<{ readonly trades: readonly FeedTrade[]; readonly startMs: number }> {
  const { lastTradeMs } = await read<{ lastTradeMs: number | null }>(`/status/${symbol}`, 'READ_TOKEN');
  const startMs = lastTradeMs === null ? tapeDefaults.startMs : (Math.floor(lastTradeMs / 60_000) + 1) * 60_000;
  const trades = generatedTrades({ seed: startMs, startMs, durationMs: Number(values.minutes) * 60_000 });
  return { trades: trades.map((trade) => ({ ...trade, id: `${startMs}-${trade.id}` })), startMs };
}

/** Prints the bars that closed since; returns where to go on. */
async function printBars(from: number): Promise<number> {
  const { items } = await read<{ items: readonly Bar[] }>(`/footprints/${symbol}?from=${from}&limit=500`, 'READ_TOKEN');
  for (const { t0, open, high, low, close, volume, delta, poc, levels } of items) {
    const cells = [open, high, low, close, volume, delta, poc].map((cell) => cell.padStart(9));
    console.log(
      [new Date(t0).toISOString().slice(0, 16).padEnd(18), ...cells, String(levels.length).padStart(5)].join(' '),
    );
  }
  return items.length === 0 ? from : items.at(-1)!.t0 + 1;
}

async function archive(): Promise<void> {
  await read(`/admin/flush/${symbol}`, 'ADMIN_TOKEN', 'POST');
  while ((await read<{ pendingRecords: number }>(`/status/${symbol}`, 'READ_TOKEN')).pendingRecords > 0);
  const report = await read<{
    run: { outcome: string; reason: string | null };
    cells: readonly Record<
      'symbol' | 'date' | 'state' | 'lines' | 'rawBytes' | 'gzBytes' | 'deletedSources',
      unknown
    >[];
  }>('/admin/run-cron', 'ADMIN_TOKEN', 'POST');
  const { outcome, reason } = report.run;
  console.log(`\nHousecleaning ended "${outcome}"${reason === null ? '' : `: ${reason}`}.`);
  for (const { symbol: name, date, state, lines, rawBytes, gzBytes, deletedSources } of report.cells) {
    console.log(
      `  ${String(name)} ${String(date)}: ${String(state)}, ${String(lines)} records, ${String(rawBytes)} bytes in ${String(gzBytes)}, ` +
        `${String(deletedSources)} raw object(s) deleted after proof.`,
    );
  }
}

async function read<T>(path: string, token: string, method: 'GET' | 'POST' = 'GET'): Promise<T> {
  const reply = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${devVar(token)}` } });
  const body = (await reply.json()) as T & { error?: { message: string } };
  if (!reply.ok)
    throw new Error(`${method} ${path} was answered ${reply.status}: ${body.error?.message ?? 'see the log'}`);
  return body;
}

function logEvent(event: FeedEvent): void {
  if (event.type === 'connected' && event.resent > 0) console.log(`Connected again; ${event.resent} messages resent.`);
  if (event.type === 'disconnected') {
    console.log(`Disconnected (${event.code}); ${event.unacked} messages wait, next attempt in ${event.retryInMs} ms.`);
  }
}
