/** Seeded bars, goals and notes of the indicator bench. */

/**
 * Times that the batch shall be as fast as either peer. The others are shown without one: a running sum or an EMA is a few
 * operations for everybody.
 */
export const goals: Readonly<Record<string, number>> = {
  'RSI 14': 15,
  'MACD 12/26/9': 15,
  'Bollinger 20/2': 15,
  'ATR 14': 15,
  'ADX 14': 15,
  'Ichimoku 9/26/52': 20,
};

/** Processor time of this thread where the runtime knows it, so that a busy machine does not decide; else time. */
export function cpuMs(): number {
  if (!('threadCpuUsage' in process)) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Runs for so much processor time that the engine has compiled what is worth it, however few calls that are. */
export function warmUp(run: () => number, ms = 200): void {
  for (const startedAt = cpuMs(); cpuMs() - startedAt < ms;) run();
}

/** How often to run for a sample that the coarse clock of processor time can tell. */
export function repeatsOf(run: () => number): number {
  for (let repeats = 1; ; repeats *= 2) {
    const startedAt = cpuMs();
    for (let i = 0; i < repeats; i++) run();
    if (cpuMs() - startedAt >= 40) return repeats;
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** A bar as the object that streams and trading-signals take. */
export interface Candle {
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The same bars as every library takes them. */
export interface RandomBars {
  readonly columns: Readonly<Record<'startMs' | 'open' | 'high' | 'low' | 'close' | 'volume', Float64Array>>;
  /** One object per bar. */
  readonly objects: readonly Candle[];
  readonly lists: Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume', number[]>>;
}

/** A seeded walk on a tick of 0.01; a different draw for every bar, the same for every run. */
export function randomBars(length: number, seed = 20_260_101): RandomBars {
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return (state >>> 8) % n;
  };
  let ticks = 2_500_000;
  const objects = Array.from({ length }, (_, i): Candle => {
    const open = ticks;
    ticks = Math.max(1_000, ticks + below(401) - 200);
    const high = Math.max(open, ticks) + below(120);
    const low = Math.min(open, ticks) - below(120);
    return {
      startMs: i * 60_000,
      open: open / 100,
      high: high / 100,
      low: low / 100,
      close: ticks / 100,
      volume: 1 + below(10_000),
    };
  });
  const column = (field: keyof Candle): Float64Array => Float64Array.from(objects, (bar) => bar[field]);
  const list = (field: keyof Candle): number[] => objects.map((bar) => bar[field]);
  return {
    objects,
    columns: {
      startMs: column('startMs'),
      open: column('open'),
      high: column('high'),
      low: column('low'),
      close: column('close'),
      volume: column('volume'),
    },
    lists: {
      open: list('open'),
      high: list('high'),
      low: list('low'),
      close: list('close'),
      volume: list('volume'),
    },
  };
}

/** A note where a variant ends elsewhere than the batch does. */
export function checked(contest: string, name: string, expected: number, answer: number): string | undefined {
  if (Math.abs(answer - expected) <= 1e-6 * Math.abs(expected)) return undefined;
  return `${contest}: ${name} ends at ${answer}, batch at ${expected}`;
}
