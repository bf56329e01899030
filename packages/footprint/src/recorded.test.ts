import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { addExact } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Trade } from '@tapekit/orderflow/market';
import { vwapOf } from '@tapekit/orderflow/vwap';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import type { FootprintBar } from './footprint-bar.ts';
import { footprintFromJson, footprintToJson } from './footprint-json.ts';
import { createProfile } from './profile.ts';
import { createTimeBars, restoreTimeBars } from './time-bars.ts';

function linesOf(file: string): string[] {
  const bytes = readFileSync(recordedPath(file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n').filter(Boolean);
}

interface BinanceTrade {
  readonly s: string;
  readonly T: number;
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
  readonly X?: string;
}

function binanceTrades(files: readonly string[]): Trade[] {
  return files
    .flatMap((file) => linesOf(`trades_books/${file}`))
    .filter((line) => line.includes('@trade"'))
    .map((line) => (JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data: BinanceTrade }).data)
    .filter((data) => (data.X ?? 'MARKET') === 'MARKET')
    .map(({ s, T, t, p, q, m }) => ({ symbol: s, timeMs: T, id: t, price: p, size: q, side: m ? 'sell' : 'buy' }));
}

interface BinanceAnswers {
  readonly files: readonly string[];
  readonly trades: {
    readonly n: number;
    readonly trade_id_gaps: number;
    readonly first_T: number;
    readonly last_T: number;
    readonly buy_qty: string;
    readonly sell_qty: string;
    readonly delta: string;
    readonly vwap: string;
    readonly levels: number;
    readonly poc: string;
    readonly poc_qty: string;
  };
  readonly minutes: readonly Record<string, string | number>[];
}

describe.skipIf(!hasRecordedData)('recorded Binance trades', () => {
  test.each([
    ['binance_spot_ETHUSDT', '0.0001'],
    ['binance_usdm_ETHUSDT', '0.001'],
    ['binance_cm_ETHUSD_PERP', '1'],
  ])('%s give the minutes and the profile that were computed independently', (name, lotSize) => {
    const answers = expectedAnswers<BinanceAnswers>(name);
    const grid = createGrid({ tickSize: '0.01', lotSize });
    const options = { grid, intervalMs: 60_000 };
    let bars = createTimeBars(options);
    const profile = createProfile();
    const out: FootprintBar[] = [];
    const trades = binanceTrades(answers.files);
    for (const [i, trade] of trades.entries()) {
      out.push(...bars.push(trade));
      if (i % 10 === 0) out.push(...bars.push(trade));
      if (i % 1000 === 0) bars = restoreTimeBars(JSON.parse(JSON.stringify(bars.snapshot())), options);
    }
    out.push(...bars.flush());

    expect(
      out.map((bar) => {
        const json = footprintToJson(bar, { symbol: 'X', grid });
        expect(footprintFromJson(json, grid).volumeLots).toBe(bar.volumeLots);
        const { t0: t, open: o, high: h, low: l, close: c, trades: n, buy, sell, delta } = json;
        return { t, o, h, l, c, n, buy, sell, delta };
      }),
    ).toEqual(answers.minutes);
    expect(bars.stats()).toMatchObject({
      trades: answers.trades.n,
      duplicates: Math.ceil(trades.length / 10),
      idGaps: answers.trades.trade_id_gaps,
      late: 0,
      ignored: 0,
      firstTimeMs: answers.trades.first_T,
      lastTimeMs: answers.trades.last_T,
    });

    for (const bar of out) profile.pushRows(bar.rows);
    const session = profile.flush()!;
    const poc = session.rows.find((row) => row.priceTicks === session.pocTicks)!;
    const total = (of: (bar: FootprintBar) => FootprintBar['volumeLots']): FootprintBar['volumeLots'] =>
      out.map(of).reduce(addExact);
    expect({
      vwap: vwapOf(
        grid,
        total((bar) => bar.valueTickLots),
        session.totalLots,
      ),
      buy_qty: grid.formatSize(total((bar) => bar.buyLots)),
      sell_qty: grid.formatSize(total((bar) => bar.sellLots)),
      delta: grid.formatSize(total((bar) => bar.deltaLots)),
      levels: session.rows.length,
      poc: grid.formatPrice(session.pocTicks),
      poc_qty: grid.formatSize(addExact(poc.buyLots, poc.sellLots)),
    }).toEqual({
      vwap: answers.trades.vwap,
      buy_qty: answers.trades.buy_qty,
      sell_qty: answers.trades.sell_qty,
      delta: answers.trades.delta,
      levels: answers.trades.levels,
      poc: answers.trades.poc,
      poc_qty: answers.trades.poc_qty,
    });
  });
});

describe.skipIf(!hasRecordedData)('a recorded day of XRPETH aggregate trades', () => {
  interface Answers {
    readonly rows: number;
    readonly buy: string;
    readonly sell: string;
    readonly delta: string;
    readonly vwap: string;
    readonly levels: number;
    readonly hours: readonly Record<string, string | number>[];
  }

  test('gives the hours that were computed independently', () => {
    const answers = expectedAnswers<Answers>('xrpeth_2019-10-11');
    const grid = createGrid({ tickSize: '0.00000001', lotSize: '1' });
    const hours = createTimeBars({ grid, intervalMs: 3_600_000 });
    const days = createTimeBars({ grid, intervalMs: 86_400_000 });
    const out: FootprintBar[] = [];
    for (const line of linesOf('trades_books/binance_spot_XRPETH-aggTrades-2019-10-11.csv.gz')) {
      const [id, price, size, , , time, isBuyerMaker] = line.split(',') as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const side = isBuyerMaker === 'True' ? 'sell' : 'buy';
      const trade: Trade = { symbol: 'XRPETH', id: Number(id), timeMs: Number(time), price, size, side };
      out.push(...hours.push(trade));
      days.push(trade);
    }
    out.push(...hours.flush());
    expect(
      out.map((bar) => {
        const {
          t0: t,
          open: o,
          high: h,
          low: l,
          close: c,
          buy,
          sell,
          trades: n,
        } = footprintToJson(bar, { symbol: 'X', grid });
        return { t, o, h, l, c, buy, sell, n };
      }),
    ).toEqual(answers.hours);
    const day = footprintToJson(days.flush()[0]!, { symbol: 'X', grid });
    expect(day).toMatchObject({ trades: answers.rows, buy: answers.buy, sell: answers.sell, delta: answers.delta });
    expect(day.levels).toHaveLength(answers.levels);
    expect(Number(day.vwap).toFixed(15)).toBe(answers.vwap);
  });
});

describe.skipIf(!hasRecordedData)('recorded trades of an E-mini S&P 500 future', () => {
  /** Rows of a CSV with a header as objects. */
  const rowsOf = (file: string): Record<string, string>[] => {
    const [header = '', ...lines] = linesOf(`futures/${file}`);
    const names = header.split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i]!, value])));
  };

  test("give the minutes that the venue's own bars have", () => {
    const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
    const bars = createTimeBars({ grid, intervalMs: 60_000 });
    const trades = rowsOf('ESU4_2024-07-01_trades.csv.gz');
    const out = trades.flatMap((row) => [
      ...bars.push({
        symbol: 'ESU4',
        timeMs: Number(BigInt(row['ts_event']!) / 1_000_000n),
        price: row['price']!,
        size: row['size']!,
        // The aggressor's side: A(sk) sold, B(id) bought. Prints of one sequence number are several, so no id.
        side: row['side'] === 'B' ? 'buy' : row['side'] === 'A' ? 'sell' : 'unknown',
      }),
    ]);
    out.push(...bars.flush());

    const venue = rowsOf('ESU4_2024-07-01_ohlcv-1m.csv.gz')
      .filter((row) => row['instrument_id'] === trades[0]!['instrument_id'])
      .map((row) => ({
        startMs: Number(BigInt(row['ts_event']!) / 1_000_000n),
        openTicks: grid.toTicks(row['open']!),
        highTicks: grid.toTicks(row['high']!),
        lowTicks: grid.toTicks(row['low']!),
        closeTicks: grid.toTicks(row['close']!),
        volumeLots: Number(row['volume']),
      }))
      .filter(({ startMs }) => out.some((bar) => bar.startMs === startMs));
    expect(venue.length).toBe(out.length);
    expect(out).toMatchObject(venue);
    expect(out.reduce((sum, bar) => sum + bar.trades, 0)).toBe(bars.stats().trades);
  });
});

describe.skipIf(!hasRecordedData)('a synthetic day of the Jakarta running trade, with faults', () => {
  interface Answers {
    readonly valid_unique_rows: number;
    readonly tickers: Readonly<
      Record<string, { n: number; buy_lot: number; sell_lot: number; none_lot: number; value: number; last: number }>
    >;
  }

  test('keeps three columns, drops the duplicate and counts all the rest', () => {
    const answers = expectedAnswers<Answers>('synthetic_lt_2026-02-19');
    // A Jakarta lot is 100 shares.
    const grid = createGrid({ tickSize: '1', lotSize: '100' });
    const tickers = new Map<string, ReturnType<typeof createTimeBars>>();
    for (const line of linesOf('idx/synthetic_lt_2026-02-19.jsonl')) {
      const trade = runningTrade(line);
      if (!trade) continue;
      let bars = tickers.get(trade.symbol);
      if (!bars) tickers.set(trade.symbol, (bars = createTimeBars({ grid, intervalMs: 86_400_000 })));
      bars.push(trade);
    }
    const got = [...tickers].map(([symbol, bars]) => {
      const [bar] = bars.flush();
      return [
        symbol,
        {
          n: bar!.trades,
          buy_lot: bar!.buyLots,
          sell_lot: bar!.sellLots,
          none_lot: bar!.unknownLots,
          value: Number(grid.formatValue(bar!.valueTickLots)),
          last: bar!.closeTicks,
        },
      ] as const;
    });
    expect(Object.fromEntries(got)).toEqual(answers.tickers);
    const sum = (of: 'trades' | 'duplicates'): number =>
      [...tickers.values()].reduce((total, bars) => total + bars.stats()[of], 0);
    expect([sum('trades'), sum('duplicates')]).toEqual([answers.valid_unique_rows, 1]);
  });

  test('gives the minutes that sums over its rows give', () => {
    const answers = expectedAnswers<Answers>('synthetic_lt_2026-02-19');
    const grid = createGrid({ tickSize: '1', lotSize: '100' });
    const unique = new Map<string, Trade>();
    for (const line of linesOf('idx/synthetic_lt_2026-02-19.jsonl')) {
      const trade = runningTrade(line);
      const key = trade && `${trade.symbol} ${trade.id}`;
      if (key !== undefined && !unique.has(key)) unique.set(key, trade!);
    }
    for (const symbol of Object.keys(answers.tickers)) {
      const trades = [...unique.values()].filter((trade) => trade.symbol === symbol);
      const bars = createTimeBars({ grid, intervalMs: 60_000 });
      const minutes = [...trades.flatMap((trade) => [...bars.push(trade)]), ...bars.flush()];
      const starts = new Set(trades.map(({ timeMs }) => Math.floor(timeMs / 60_000) * 60_000));
      const naive = [...starts].map((startMs) => {
        const prints = trades.filter(({ timeMs }) => timeMs >= startMs && timeMs < startMs + 60_000);
        const prices = prints.map(({ price }) => Number(price));
        const lots = (side: Trade['side']): number =>
          prints.filter((print) => print.side === side).reduce((sum, { size }) => sum + Number(size) / 100, 0);
        return {
          startMs,
          ...{ openTicks: prices[0], highTicks: Math.max(...prices), lowTicks: Math.min(...prices) },
          ...{ closeTicks: prices.at(-1), trades: prints.length },
          ...{ buyLots: lots('buy'), sellLots: lots('sell'), unknownLots: lots('unknown') },
        };
      });
      expect(
        minutes.map(
          ({ startMs, openTicks, highTicks, lowTicks, closeTicks, trades: n, buyLots, sellLots, unknownLots }) => ({
            ...{ startMs, openTicks, highTicks, lowTicks, closeTicks, trades: n, buyLots, sellLots, unknownLots },
          }),
        ),
      ).toEqual(naive);
      expect(minutes.reduce((sum, bar) => sum + bar.trades, 0)).toBe(answers.tickers[symbol]!.n);
    }
  });

  /** A row of the pipe format: `B|HHMMSS|0|CODE|BOARD|sequence|price|lots|…|buy order|sell order|…`, 20 fields. */
  function runningTrade(line: string): Trade | undefined {
    let raw: unknown;
    try {
      raw = (JSON.parse(line) as { raw?: unknown }).raw;
    } catch {
      return undefined;
    }
    const fields = String(raw).split('|');
    const [, clock = '', , code, board, sequence, price = '', size = ''] = fields;
    if (fields.length !== 20 || ![clock, sequence, price, size].every((field) => /^\d+$/.test(field ?? '')))
      return undefined;
    const [hours, minutes, seconds] = [clock.slice(0, 2), clock.slice(2, 4), clock.slice(4, 6)].map(Number);
    return {
      symbol: `${code}|${board}`,
      timeMs: ((hours! * 60 + minutes!) * 60 + seconds!) * 1000,
      id: Number(sequence),
      price,
      size: `${size}00`,
      side: fields[13] === '00' ? 'buy' : fields[14] === '00' ? 'sell' : 'unknown',
    };
  }
});
