import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { generateTape, tapeDefaults, type TapeOptions } from './tape-generator.ts';

/** A reader that shares nothing with the generator: JSON in, units of 10^-8 as BigInt. */
interface Read {
  readonly ns: string;
  readonly kind: string;
  readonly data: Record<string, never> & { b: string & [string, string][]; a: string & [string, string][] };
}

function read(line: string): Read {
  const json = JSON.parse(line.slice(20)) as { stream?: string; data?: Read['data'] };
  return {
    ns: line.slice(0, 19),
    kind: json.stream?.split('@')[1] ?? 'snapshot',
    data: json.data ?? (json as Read['data']),
  };
}

const units = (decimal: string): bigint => {
  const [whole, fraction = ''] = decimal.split('.');
  return BigInt(whole! + fraction.padEnd(8, '0'));
};

interface ReadTrade {
  readonly id: number;
  readonly timeMs: number;
  readonly price: bigint;
  readonly size: bigint;
  readonly sell: boolean;
}

function tradesOf(lines: readonly string[]): ReadTrade[] {
  return lines.map(read).flatMap(({ kind, data }) => {
    if (kind !== 'trade') return [];
    const { t, T, p, q, m } = data as unknown as { t: number; T: number; p: string; q: string; m: boolean };
    return [{ id: t, timeMs: T, price: units(p), size: units(q), sell: m }];
  });
}

function once(trades: readonly ReadTrade[]): ReadTrade[] {
  const seen = new Set<number>();
  return trades.filter(({ id }) => !seen.has(id) && seen.add(id));
}

const minute = (timeMs: number): number => timeMs - (timeMs % 60_000);

function barsOf(trades: readonly ReadTrade[]) {
  const bars = new Map<number, ReadTrade[]>();
  for (const trade of trades.toSorted((a, b) => a.id - b.id)) {
    bars.set(minute(trade.timeMs), [...(bars.get(minute(trade.timeMs)) ?? []), trade]);
  }
  return [...bars].map(([startMs, inside]) => {
    const prices = inside.map((trade) => trade.price);
    const sum = (of: ReadTrade[]): bigint => of.reduce((total, trade) => total + trade.size, 0n);
    return {
      startMs,
      open: prices[0]!,
      high: prices.reduce((a, b) => (a > b ? a : b)),
      low: prices.reduce((a, b) => (a < b ? a : b)),
      close: prices.at(-1)!,
      buy: sum(inside.filter((trade) => !trade.sell)),
      sell: sum(inside.filter((trade) => trade.sell)),
      n: inside.length,
    };
  });
}

/** The truth's bars in the reader's units. */
function inUnits(bars: ReturnType<typeof generateTape>['truth']['bars']) {
  return bars.map(({ startMs, open, high, low, close, buy, sell, n }) => ({
    startMs,
    open: units(open),
    high: units(high),
    low: units(low),
    close: units(close),
    buy: units(buy),
    sell: units(sell),
    n,
  }));
}

const short: TapeOptions = {
  seed: 7,
  durationMs: 10 * 60_000,
  faults: { gaps: 2, duplicates: 9, lateTrades: 4, bursts: 2 },
};
const tape = generateTape(short);
const trades = tradesOf(tape.lines);

describe('generateTape', () => {
  test('makes the same bytes from the same seed, and others from another', () => {
    expect(generateTape(short)).toEqual(tape);
    expect(generateTape({ ...short, seed: 8 }).lines).not.toEqual(tape.lines);
  });

  test('makes these bytes on every engine', () => {
    const { lines } = generateTape({ seed: 1, durationMs: 60_000 });
    expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toMatchInlineSnapshot(
      `"81ddff7a94bafc608b274522ba100ad52c25ce71a1a36d55ab85f112036e0f80"`,
    );
  });

  test('spells lines as Binance spot does', () => {
    expect(tape.lines.find((line) => line.includes('@trade'))).toMatch(
      /^\d{19} \{"stream":"tapeusdt@trade","data":\{"e":"trade","E":\d{13},"s":"TAPEUSDT","t":\d+,"p":"\d+\.\d{8}","q":"\d+\.\d{8}","T":\d{13},"m":(true|false),"M":true\}\}$/,
    );
  });

  test('writes lines in order of receipt', () => {
    const times = tape.lines.map((line) => line.slice(0, 19));
    expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true);
  });

  test('knows every bar that a reader finds', () => {
    const found = barsOf(once(trades));
    expect(found).toHaveLength(10);
    expect(inUnits(tape.truth.bars)).toEqual(found);
  });

  test('knows the bars of a reader that leaves out late trades', () => {
    const late = new Set(tape.truth.late.map((trade) => trade.id));
    expect(inUnits(tape.truth.barsWithoutLate)).toEqual(barsOf(once(trades).filter((trade) => !late.has(trade.id))));
  });

  test('sums its bars to the session and its levels to their bars', () => {
    const { bars, session } = tape.truth;
    const sum = (values: string[]): bigint => values.map(units).reduce((a, b) => a + b, 0n);
    expect(sum(bars.map((bar) => bar.volume))).toBe(units(session.volume));
    expect(sum(bars.map((bar) => bar.value))).toBe(units(session.value));
    expect(units(session.buy) + units(session.sell)).toBe(units(session.volume));
    for (const bar of bars) {
      const lots = bar.levels.reduce((total, level) => total + level.buyLots + level.sellLots, 0);
      expect(BigInt(lots) * units('0.001')).toBe(units(bar.volume));
      expect(bar.levels.reduce((total, level) => total + level.buyTrades + level.sellTrades, 0)).toBe(bar.n);
    }
  });

  test('repeats exactly the lines that it says, byte for byte after the receive time', () => {
    const raw = new Map<number, string[]>();
    for (const line of tape.lines) {
      const { kind, data } = read(line);
      if (kind === 'trade') raw.set(data['t']!, [...(raw.get(data['t']!) ?? []), line.slice(20)]);
    }
    const twice = [...raw].filter(([, lines]) => lines.length > 1);
    expect(twice.map(([id]) => id).sort((a, b) => a - b)).toEqual(tape.truth.duplicates);
    expect(tape.truth.duplicates).toHaveLength(9);
    expect(twice.every(([, [first, second, third]]) => first === second && third === undefined)).toBe(true);
  });

  test('makes exactly those trades late that it says', () => {
    let latest = 0;
    const late = once(trades).filter(({ timeMs }) => {
      latest = Math.max(latest, minute(timeMs));
      return minute(timeMs) < latest;
    });
    expect(late.map((trade) => trade.id).sort((a, b) => a - b)).toEqual(tape.truth.late.map((trade) => trade.id));
    expect(late).toHaveLength(4);
  });

  test('numbers trades without a hole', () => {
    const ids = once(trades).map((trade) => trade.id);
    expect(Math.max(...ids) - Math.min(...ids) + 1).toBe(ids.length);
    expect(tape.truth.session.n).toBe(ids.length);
  });

  test('gives a book that replays to the final book, breaks where it says, and agrees with the quotes', () => {
    const book = { b: new Map<bigint, bigint>(), a: new Map<bigint, bigint>() };
    const gaps: [number, number][] = [];
    const syncedAt: number[] = [];
    let buffered: [number, number, Read['data']][] = [];
    let updateId: number | undefined;
    let previous: number | undefined;
    let compared = 0;
    let quote: Readonly<Record<'b' | 'B' | 'a' | 'A', string> & { u: number }> | undefined;
    const best = (side: 'b' | 'a'): bigint =>
      [...book[side].keys()].reduce((x, y) => (x > y === (side === 'b') ? x : y));
    const apply = (data: Read['data']): void => {
      for (const side of ['b', 'a'] as const) {
        for (const [price, size] of data[side]) {
          if (units(size) === 0n) book[side].delete(units(price));
          else book[side].set(units(price), units(size));
        }
      }
    };
    for (const { kind, data } of tape.lines.map(read)) {
      const { U, u } = data as unknown as { U: number; u: number };
      if (kind === 'depth') {
        if (previous !== undefined && U !== previous + 1) {
          gaps.push([previous, U]);
          updateId = undefined;
          buffered = [];
        }
        previous = u;
        if (updateId === undefined) buffered.push([U, u, data]);
        else {
          apply(data);
          updateId = u;
        }
      } else if (kind === 'snapshot') {
        const { lastUpdateId, bids, asks } = data as unknown as {
          lastUpdateId: number;
          bids: [string, string][];
          asks: [string, string][];
        };
        expect(updateId).toBeUndefined();
        book.b.clear();
        book.a.clear();
        apply({ b: bids, a: asks } as unknown as Read['data']);
        syncedAt.push(lastUpdateId);
        updateId = lastUpdateId;
        for (const [, to, late] of buffered) if (to > lastUpdateId) apply(late);
      } else if (kind === 'bookTicker') {
        expect(units(data.b) < units(data.a)).toBe(true);
        quote = data as unknown as typeof quote;
      }
      // Quotes run ahead of the depth stream; the two say the same only at the same update id.
      if (kind === 'depth' && quote !== undefined && quote.u === updateId) {
        compared++;
        expect([best('b'), best('a')]).toEqual([units(quote.b), units(quote.a)]);
        expect([book.b.get(best('b')), book.a.get(best('a'))]).toEqual([units(quote.B), units(quote.A)]);
      }
    }
    expect(gaps).toEqual(tape.truth.gaps.map((gap) => [gap.lastUpdateId, gap.nextFirstUpdateId]));
    expect(gaps).toHaveLength(2);
    expect(syncedAt.slice(1)).toEqual(tape.truth.gaps.map((gap) => gap.snapshotUpdateId));
    expect(compared).toBeGreaterThan(10);
    expect(updateId).toBe(tape.truth.finalBook.lastUpdateId);
    for (const [side, levels] of [
      ['b', tape.truth.finalBook.bids],
      ['a', tape.truth.finalBook.asks],
    ] as const) {
      const sorted = [...book[side]].sort(([x], [y]) => (x > y === (side === 'b') ? -1 : 1)).slice(0, 20);
      expect(sorted).toEqual(levels.map(([price, size]) => [units(price), units(size)]));
    }
  });

  test('knows its lines by kind and its last quote', () => {
    const kinds = tape.lines.map((line) => read(line).kind);
    const count = (kind: string): number => kinds.filter((other) => other === kind).length;
    expect(tape.truth.lines).toEqual({
      total: tape.lines.length,
      trade: count('trade'),
      quote: count('bookTicker'),
      depth: count('depth'),
      snapshot: 3,
      bad: 0,
    });
    const { data } = tape.lines.map(read).findLast(({ kind }) => kind === 'bookTicker')!;
    expect([units(tape.truth.lastQuote.bid[0]), units(tape.truth.lastQuote.ask[0])]).toEqual([
      units(data.b),
      units(data.a),
    ]);
  });

  test('cuts as many lines as it is asked to', () => {
    const { lines, truth } = generateTape({ ...short, faults: { badLines: 5 } });
    const bad = lines.filter((line) => {
      try {
        return !read(line);
      } catch {
        return true;
      }
    });
    expect(bad).toHaveLength(5);
    expect(truth.lines).toMatchObject({ bad: 5, total: lines.length });
  });

  test('puts in no fault that nobody asked for', () => {
    const { truth } = generateTape({
      ...short,
      faults: { gaps: 0, duplicates: 0, lateTrades: 0, bursts: 0, badLines: 0 },
    });
    expect([truth.gaps, truth.duplicates, truth.late]).toEqual([[], [], []]);
    expect(truth.bars).toEqual(truth.barsWithoutLate);
    expect(truth.lines.snapshot).toBe(1);
  });

  test('follows another grid and symbol', () => {
    const { lines, truth } = generateTape({
      ...short,
      symbol: 'GOTO',
      tickSize: '1',
      lotSize: '100',
      startPrice: '64',
    });
    expect(lines.every((line) => line.includes('"lastUpdateId"') || line.includes('"s":"GOTO"'))).toBe(true);
    expect(truth.bars.every((bar) => /^\d+$/.test(bar.open) && Number(bar.volume) % 100 === 0)).toBe(true);
  });

  test('makes by default a session of 120 bars that crosses midnight UTC, with spreads that a market has', () => {
    const { lines, truth } = generateTape();
    expect(truth.bars.map((bar) => bar.startMs)).toEqual(
      Array.from({ length: 120 }, (_, i) => tapeDefaults.startMs + i * 60_000),
    );
    expect(new Set(truth.bars.map((bar) => new Date(bar.startMs).toISOString().slice(0, 10)))).toEqual(
      new Set(['2026-01-14', '2026-01-15']),
    );
    expect([truth.gaps.length, truth.duplicates.length, truth.late.length]).toEqual([1, 25, 12]);
    expect(truth.lines.total).toBeGreaterThan(50_000);
    expect(truth.lines.total).toBeLessThan(70_000);
    const spreads = lines
      .map(read)
      .flatMap(({ kind, data }) => (kind === 'bookTicker' ? [units(data.a) - units(data.b)] : []));
    const narrow = spreads.filter((spread) => spread <= 5n * units('0.01'));
    expect(narrow.length / spreads.length).toBeGreaterThan(0.8);
  });

  test.each([
    [{ startMs: 1 }, 'startMs 1 is not a positive multiple of 60000'],
    [{ durationMs: 0 }, 'durationMs 0 is not a positive multiple of 1000'],
    [{ durationMs: 5_000 }, 'durationMs 5000 has no room for 1 gaps of 7000 ms with what follows'],
    [{ tickSize: '0' }, 'tickSize "0" is 0; expected a positive decimal such as "0.01"'],
    [{ tickSize: '1e-2' }, 'tickSize "1e-2" is no decimal such as "0.01"'],
    [{ startPrice: '100.005' }, '"100.005" is no multiple of tickSize "0.01"'],
  ])('refuses %o', (options, message) => {
    expect(() => generateTape(options)).toThrow(new RangeError(message));
  });
});
