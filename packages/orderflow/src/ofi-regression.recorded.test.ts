/**
 * Price changes on order flow over recorded Binance sessions, by receive time. The numbers are those of
 * goldens/make_ofi_regression.py, which has its own book, its own OFI and sums of fractions.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { bookRules, createBook } from './book.ts';
import type { BookRule } from './book.ts';
import { createDepth } from './depth.ts';
import { createGrid } from './grid.ts';
import { fitIntegratedOfi, integratedOfi } from './integrated-ofi.ts';
import { createMlofiBuckets, createOfiBuckets } from './ofi-buckets.ts';
import type { MlofiBucket, OfiBucket } from './ofi-buckets.ts';
import { createOfiRegression, flowPointOf, midChangeTicks, regressOfi, regressPriceOnFlow } from './ofi-regression.ts';
import type { FlowRegression } from './ofi-regression.ts';

type Levels = readonly (readonly [string, string])[];
/** The fields of the recorded messages that are read here; which ones are there depends on the message. */
interface Message {
  readonly e?: string;
  readonly lastUpdateId?: number;
  readonly bids: Levels;
  readonly asks: Levels;
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  /** Price in a bookTicker, levels in a depthUpdate. */
  readonly b?: string | Levels;
  readonly B: string;
  readonly a?: string | Levels;
  readonly A: string;
}

function* messagesOf(files: readonly string[]): Generator<readonly [receivedMs: number, message: Message]> {
  for (const file of files) {
    for (const line of gunzipSync(readFileSync(recordedPath(`trades_books/${file}.gz`)))
      .toString()
      .split('\n')) {
      if (line === '') continue;
      const space = line.indexOf(' ');
      const parsed = JSON.parse(line.slice(space + 1)) as Message | { readonly data: Message };
      yield [Number(BigInt(line.slice(0, space)) / 1000n) / 1000, 'data' in parsed ? parsed.data : parsed];
    }
  }
}

interface Session {
  readonly files: readonly string[];
  readonly lotSize: string;
  readonly rule: BookRule;
}

function bucketsOf({ files, lotSize, rule }: Session): {
  coarse: OfiBucket[];
  fine: OfiBucket[];
  books: MlofiBucket[];
} {
  const grid = createGrid({ tickSize: '0.01', lotSize });
  const [coarse, fine] = [10_000, 100].map((everyMs) => createOfiBuckets({ everyMs, emptyBuckets: 'emit' })) as [
    ReturnType<typeof createOfiBuckets>,
    ReturnType<typeof createOfiBuckets>,
  ];
  const books = createMlofiBuckets({ levels: 10, everyMs: 10_000 });
  const book = createBook({ grid, rule });
  const depth = createDepth(10);
  const all = { coarse: [] as OfiBucket[], fine: [] as OfiBucket[], books: [] as MlofiBucket[] };
  for (const [receivedMs, message] of messagesOf(files)) {
    const { b, a, u, U, pu, lastUpdateId } = message;
    if (typeof b === 'string') {
      const quote = {
        bidTicks: grid.toTicks(b),
        bidLots: grid.toLots(message.B),
        askTicks: grid.toTicks(a as string),
        askLots: grid.toLots(message.A),
      };
      all.coarse.push(...coarse.push(receivedMs, quote));
      all.fine.push(...fine.push(receivedMs, quote));
    } else if (lastUpdateId !== undefined || message.e === 'depthUpdate') {
      const about = { symbol: 'ETH', timeMs: 0 };
      const { outcome } =
        lastUpdateId !== undefined
          ? book.push({ ...about, type: 'book-snapshot', lastUpdateId, bids: message.bids, asks: message.asks })
          : book.push({
              ...about,
              type: 'book-delta',
              firstUpdateId: U,
              lastUpdateId: u,
              ...(pu === undefined ? {} : { previousUpdateId: pu }),
              bids: b as Levels,
              asks: a as Levels,
            });
      if (outcome !== 'applied' && outcome !== 'snapshot') continue;
      book.readDepth(depth);
      all.books.push(...books.pushDepth(receivedMs, depth));
    }
  }
  return all;
}

/** To the eleventh digit: the goldens are exact sums, rounded once. */
function expectLine(line: FlowRegression | undefined, expected: readonly number[]): void {
  const { n, slope, intercept, r2, slopeT, white, neweyWest } = line!;
  [n, slope, intercept, r2!, slopeT!, white.slopeT!, neweyWest.slopeT!].forEach((value, i) =>
    expect(value / expected[i]!, `value ${i}: ${value}`).toBeCloseTo(1, 11),
  );
}

// n, slope, intercept, R², t, White's t, Newey and West's t.
const sessions = [
  {
    name: 'spot ETHUSDT',
    files: ['binance_spot_ethusdt_20240808', 'binance_spot_ethusdt_20240809'],
    lotSize: '0.00000001',
    rule: bookRules.binanceSpot,
    quotes: [
      64, 3.2940458820462596e-9, 18.45259500634943, 0.8290513537589563, 17.34018506361854, 15.189229191605504,
      13.343954769233996,
    ],
    best: [
      64, 2.002204686742319, 13.997425760273824, 0.6926943375590828, 11.821739418762293, 11.19045295671209,
      11.052104426778756,
    ],
    integrated: [
      64, 4.440104770905782, 10.069541475058177, 0.7672769724786478, 14.297241329599368, 12.224915291057359,
      12.917984735487009,
    ],
    explained: 0.8184549974300108,
    weights: [
      0.8159867057607885, 0.1375630331111377, 0.1915868936694728, 0.1761083744264221, 0.19661978007973174,
      0.18995342037474877, 0.2192633996088191, 0.16937838566693797, 0.22863484644845747, 0.20914445197889694,
    ],
    within: { windows: 64, least: 0.38525326902635454, median: 0.6584354082281322, most: 0.8736758796026595 },
  },
  {
    name: 'USD-M ETHUSDT',
    files: ['binance_usdm_ethusdt_20240808'],
    lotSize: '0.001',
    rule: bookRules.binanceFutures,
    quotes: [
      33, 0.00012075869059564053, 0.2143831416182192, 0.4148378235493089, 4.687938408633243, 4.201994696522578,
      4.779587198886996,
    ],
    best: [
      33, 1.0337031544577067, -4.116878902453577, 0.40364018530308576, 4.580615726371192, 3.7839104388843032,
      3.9455959322866545,
    ],
    integrated: [
      33, 2.3810631066643184, -6.825104075550184, 0.4959164208556323, 5.522475734434314, 4.5250580087465595,
      5.136462243496789,
    ],
    explained: 0.7003587523897451,
    weights: [
      0.86481077863933, 0.187977654061317, 0.231993241527681, 0.17216151522850953, 0.17324638042627072,
      0.14527654863474418, 0.14346249212364942, 0.17253648825337067, 0.1280210418626988, 0.12428583903152626,
    ],
    within: { windows: 33, least: 0.15460651836185293, median: 0.47565206504016383, most: 0.7212205418408246 },
  },
  {
    name: 'COIN-M ETHUSD_PERP',
    files: ['binance_cm_ethusd_perp_20240808'],
    lotSize: '1',
    rule: bookRules.binanceFutures,
    quotes: [
      33, 0.0015729079299162951, -3.5398434711524502, 0.7759000928785165, 10.36007526604129, 10.468564346547675,
      10.16778593945601,
    ],
    best: [
      33, 1.5162864802242082, 2.2202370083133025, 0.7915303452437671, 10.849087401995163, 11.486517470127355,
      9.873831027914617,
    ],
    integrated: [
      33, 2.757457999058628, 2.067854946233977, 0.8369767808024099, 12.615742601940081, 11.817383235293526,
      10.571654783181792,
    ],
    explained: 0.7684864401591606,
    weights: [
      0.5411063114364354, 0.3745881104025495, 0.3689674871525125, 0.2810982234008065, 0.22511187250958212,
      0.23596472877724325, 0.2531405803577377, 0.22573612967469156, 0.26500920565654396, 0.24517942078243737,
    ],
    within: { windows: 33, least: 0.10752191960441204, median: 0.5571367724627745, most: 0.8009500582051988 },
  },
];

describe.skipIf(!hasRecordedData).each(sessions)('order flow and price changes of 10 s on $name', (session) => {
  let buckets: ReturnType<typeof bucketsOf>;
  beforeAll(() => {
    buckets = bucketsOf(session);
  });

  test('the line on OFI of the best quotes', () => {
    expectLine(regressOfi(buckets.coarse), session.quotes);
  });

  test('the lines on normalised OFI of the best level, and on integrated OFI of ten, over the same books', () => {
    const books = buckets.books.filter(({ complete }) => complete);
    const changes = books.map(midChangeTicks);
    const vectors = books.map(({ values }) => values!);
    expectLine(
      regressPriceOnFlow(
        vectors.map((vector) => vector[0]!),
        changes,
      ),
      session.best,
    );
    const model = fitIntegratedOfi(vectors)!;
    session.weights.forEach((weight, m) => expect(model.weights[m]).toBeCloseTo(weight, 11));
    expect(model.explained).toBeCloseTo(session.explained, 11);
    expectLine(
      regressPriceOnFlow(
        vectors.map((vector) => integratedOfi(model, vector)),
        changes,
      ),
      session.integrated,
    );
  });

  test('R² within windows of 10 s, over steps of 100 ms', () => {
    const regression = createOfiRegression({ minPoints: 100 });
    const windows = buckets.fine.map((bucket) => regression.push(flowPointOf(bucket)));
    const r2 = [...windows, regression.flush()].flatMap((window) => window?.line?.r2 ?? []).sort((x, y) => x - y);
    const { windows: n, least, median, most } = session.within;
    expect(r2).toHaveLength(n);
    expect(r2[0]).toBeCloseTo(least, 11);
    expect((r2[(n - 1) >> 1]! + r2[n >> 1]!) / 2).toBeCloseTo(median, 11);
    expect(r2.at(-1)).toBeCloseTo(most, 11);
  });
});
