import { ScoringError } from '../errors.ts';
import { clampUnit } from '../internal/micro-points.ts';
import { checkObject } from '../internal/objects.ts';

/** What is read of a footprint bar: volume by aggressor, in lots. */
export interface FlowFootprint {
  readonly buyLots: bigint | number;
  readonly sellLots: bigint | number;
  readonly unknownLots: bigint | number;
  /** Score of the bar's signal: above 0 for buyers, below for sellers; leave out (or pass null) where it was not computed. */
  readonly signalScore?: number | null | undefined;
}

/** What footprint bars say. */
export interface FootprintFlow {
  /** Σ delta ÷ Σ (buy + sell); `undefined` without a known aggressor. */
  readonly deltaShare: number | undefined;
  /** Σ delta ÷ Σ |delta of a bar|; 0 where no bar had a delta, `undefined` without a known aggressor. */
  readonly cvdTrend: number | undefined;
  /** (Bars with a signal for buyers − for sellers) ÷ bars with one; 0 for none, `undefined` where not computed. */
  readonly signals: number | undefined;
  /** Volume with a known aggressor ÷ all volume; `undefined` where nothing traded. */
  readonly knownShare: number | undefined;
  /** Bars whose signal was computed ÷ all bars; 0 without bars. */
  readonly signalShare: number;
  /** Bars with a known aggressor. */
  readonly known: number;
  readonly unknown: number;
}

/** Sums over bars; `offset` is the index of the first one, for messages. */
export function footprintFlow(bars: readonly FlowFootprint[], offset: number): FootprintFlow {
  let [net, sided, unsided, way, known, up, down, scored] = [0, 0, 0, 0, 0, 0, 0, 0];
  bars.forEach((bar, i) => {
    checkObject(`footprint ${offset + i}`, bar);
    const [buy, sell, unknown] = [lotsOf(bar.buyLots), lotsOf(bar.sellLots), lotsOf(bar.unknownLots)];
    if (![buy, sell, unknown].every((lots) => Number.isFinite(lots) && lots >= 0)) {
      const { buyLots, sellLots, unknownLots } = bar;
      throw new ScoringError(
        'bad-value',
        `footprint ${offset + i} has "${buyLots}" bought, "${sellLots}" sold and "${unknownLots}" unknown lots, expected ` +
          'finite numbers of at least 0. Leave the bar out, or mend it where it comes from.',
        bar,
      );
    }
    if (buy + sell > 0) known += 1;
    net += buy - sell;
    sided += buy + sell;
    unsided += unknown;
    way += Math.abs(buy - sell);
    const { signalScore } = bar;
    if (signalScore === undefined || signalScore === null) return;
    if (!Number.isFinite(signalScore)) {
      throw new ScoringError(
        'bad-value',
        `signalScore "${String(signalScore)}" of footprint ${offset + i} is not a finite number. Leave it out where it was ` +
          'not computed.',
        signalScore,
      );
    }
    scored += 1;
    if (signalScore > 0) up += 1;
    if (signalScore < 0) down += 1;
  });
  return {
    deltaShare: sided > 0 ? clampUnit(net / sided) : undefined,
    cvdTrend: sided > 0 ? (way > 0 ? clampUnit(net / way) : 0) : undefined,
    signals: scored > 0 ? (up + down > 0 ? (up - down) / (up + down) : 0) : undefined,
    knownShare: sided + unsided > 0 ? sided / (sided + unsided) : undefined,
    signalShare: bars.length > 0 ? scored / bars.length : 0,
    known,
    unknown: bars.length - known,
  };
}

/** NaN for what is no number; ratios need no more digits than a double has. */
function lotsOf(lots: unknown): number {
  return typeof lots === 'number' || typeof lots === 'bigint' ? Number(lots) : Number.NaN;
}
