/** Ready rule sets as data: which components count, how much, and by which rules. */
import type { Weights } from './composite.ts';
import { compositePresets } from './composite.ts';
import type { PointTable } from './technicals/points.ts';
import { pointTables } from './technicals/points.ts';

export { pointTables, scorePoints } from './technicals/points.ts';
export type { PointBar, PointTable, PointTriple } from './technicals/points.ts';
export { scoreTapeHybrid } from './technicals/tape-hybrid.ts';
export type { TapeHybridInput } from './technicals/tape-hybrid.ts';

/** A rule set. */
export interface ScorePreset {
  /** Name and whole version, for example `mine/1`, kept in every score that it makes. */
  readonly id: string;
  /** What it is, in a sentence. */
  readonly title: string;
  /** Weight of each component. */
  readonly weights: Weights;
  /** Components that are composed of others, with the weights of their parts. */
  readonly parts: Readonly<Record<string, Weights>>;
  /**
   * Makes `ema`, `fibonacci`, `volume` and `momentum` by points from this table; without one `momentum` is measured and
   * the others are missing.
   */
  readonly points?: PointTable;
  /**
   * Coverage below which its scores have no signal, 0 to 1.
   * @defaultValue `composeDefaults.leastCoverage`
   */
  readonly leastCoverage?: number;
}

const fundamental = compositePresets.fundamental;

/** The rule sets by name. Make your own by spreading one: `{ ...scorePresets.balanced, id: 'mine/1', weights }`. */
export const scorePresets = {
  /** Every kind of evidence, every rule symmetric: a mirrored market mirrors what it says of the market. */
  balanced: {
    id: 'balanced/1',
    title: 'Technicals, flow, brokers, fundamentals and opinion, by symmetric rules',
    weights: {
      technical: 0.3,
      'order-flow': 0.2,
      broker: 0.15,
      fundamental: 0.2,
      ownership: 0.05,
      sentiment: 0.05,
      prediction: 0.05,
    },
    parts: {
      technical: {
        momentum: 0.25,
        trend: 0.25,
        'volatility-position': 0.1,
        'technical-rating': 0.25,
        wyckoff: 0.15,
      },
      fundamental,
    },
  },
  /** What bars and order flow alone can say: the weights of `scoreTape`. */
  tape: { id: 'tape/1', title: 'Bars and order flow alone', weights: compositePresets.tape, parts: {} },
  /** A stock screener's two levels, with its points: rises get more than falls lose. */
  'stock-screener': {
    id: 'stock-screener/1',
    title: 'Technicals by points and fundamentals in equal parts, with some sentiment and prediction',
    weights: compositePresets.blend,
    parts: { technical: compositePresets.technical, fundamental },
    points: pointTables.screener,
  },
  /** The same two levels with points that mirror. */
  'stock-screener-symmetric': {
    id: 'stock-screener-symmetric/1',
    title: 'The stock screener, with points that count the same both ways',
    weights: compositePresets.blend,
    parts: { technical: compositePresets.technical, fundamental },
    points: pointTables.symmetric,
  },
  /** A tape screener's delta and broker flow in one number. */
  'tape-hybrid': {
    id: 'tape-hybrid/1',
    title: 'Delta of the day and the z-score of net ÷ gross broker value',
    weights: { 'tape-hybrid': 1 },
    parts: {},
  },
  /** The vote of 26 indicators alone. */
  'technical-rating': {
    id: 'technical-rating/1',
    title: 'The vote of moving averages and oscillators',
    weights: { 'technical-rating': 1 },
    parts: {},
  },
} as const satisfies Readonly<Record<string, ScorePreset>>;
