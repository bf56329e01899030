/** The components of closing prices as a stream: the same as in batch, bit for bit, at the same cost for every bar. */
import type { ComponentScore } from '../component.ts';
import { ScoringError } from '../errors.ts';
import type { BollingerSnapshot } from '../indicators/bollinger.ts';
import { bollingerDefaults, createBollinger, restoreBollinger } from '../indicators/bollinger.ts';
import type { MacdSnapshot } from '../indicators/macd.ts';
import { createMacd, macdDefaults, restoreMacd } from '../indicators/macd.ts';
import type { RsiSnapshot } from '../indicators/rsi.ts';
import { createRsi, restoreRsi, rsiDefaults } from '../indicators/rsi.ts';
import { createOpenBar } from '../internal/open-bar.ts';
import type { TwoStates } from '../internal/open-bar.ts';
import { readStates } from '../internal/snapshots.ts';
import type { WilderState } from '../internal/wilder.ts';
import { noMoves, stepWilder } from '../internal/wilder.ts';
import { momentumOf, stoodStill, trendOf, volatilityPositionOf } from './rules.ts';

const trendPeriod = 10;
const { period: rsiPeriod } = rsiDefaults;
const kept = Math.max(trendPeriod, rsiPeriod) + 1;

/** Streaming technicals with the options that apply where none are given. */
export interface TechnicalsStream {
  push(close: number): void;
  /** Puts another close in the place of the last one. */
  replaceLast(close: number): void;
  /** `momentum`, `trend` and `volatility-position` as of the last close. */
  components(): ComponentScore[];
  snapshot(): TechnicalsSnapshot;
}

/** State of streaming technicals, version 1. */
export interface TechnicalsSnapshot {
  readonly v: 1;
  readonly recent: readonly number[];
  readonly moves: TwoStates<WilderState>;
  readonly rsi: RsiSnapshot;
  readonly macd: MacdSnapshot;
  readonly bollinger: BollingerSnapshot;
}

export function createTechnicals(): TechnicalsStream {
  return start(undefined);
}

/** Carries on after `count` closes. */
export function restoreTechnicals(snapshot: TechnicalsSnapshot, count: number): TechnicalsStream {
  const { recent } = snapshot;
  const due = Math.min(kept, count);
  if (
    !Array.isArray(recent) ||
    recent.length !== due ||
    !Array.from(recent as unknown[]).every((close) => Number.isFinite(close))
  ) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot has "${String(recent)}" as its recent closes, expected ${due} numbers. Pass it as it was taken.`,
      recent,
    );
  }
  const closes = readStates(snapshot.moves, noMoves).state.count;
  if (closes !== count) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot has moves of "${closes}" closes, expected "${count}". Pass it as it was taken.`,
      closes,
    );
  }
  return start(snapshot);
}

function start(from: TechnicalsSnapshot | undefined): TechnicalsStream {
  const rsi = from ? restoreRsi(from.rsi) : createRsi();
  const macd = from ? restoreMacd(from.macd) : createMacd();
  const bollinger = from ? restoreBollinger(from.bollinger) : createBollinger();
  const moves = createOpenBar(
    from ? readStates(from.moves, noMoves) : { state: noMoves, previous: noMoves },
    (state, next, close) => stepWilder(state, next, close, rsiPeriod),
  );
  const recent = [...(from?.recent ?? [])];
  // The indicators are asked again after a restore, because their last answers are not part of their state.
  let answers = from && recent.length > 0 ? replace(recent.at(-1)!) : undefined;

  function replace(close: number): Answers {
    return {
      rsi: rsi.replaceLast(close),
      histogram: macd.replaceLast(close)?.histogram,
      bands: bollinger.replaceLast(close),
      moves: { ...moves.replaceLast(close) },
    };
  }
  return {
    push(close) {
      answers = {
        rsi: rsi.push(close),
        histogram: macd.push(close)?.histogram,
        bands: bollinger.push(close),
        moves: moves.push(close),
      };
      recent.push(close);
      if (recent.length > kept) recent.shift();
    },
    replaceLast(close) {
      answers = replace(close);
      recent[recent.length - 1] = close;
    },
    components() {
      const closes = answers?.moves.count ?? 0;
      const defined = answers && closes > rsiPeriod ? answers.moves : undefined;
      const { middle, deviation } = answers?.bands ?? {};
      return [
        momentumOf(
          {
            closes,
            rsi: answers?.rsi,
            histogram: answers?.histogram,
            moves: defined,
            stoodStill: closes > rsiPeriod && stoodStill(recent, rsiPeriod),
          },
          { rsiPeriod, ...macdDefaults },
        ),
        trendOf(recent, closes, trendPeriod),
        volatilityPositionOf({ closes, last: recent.at(-1) ?? Number.NaN, middle, deviation }, bollingerDefaults),
      ];
    },
    snapshot: () => ({
      v: 1,
      recent: [...recent],
      moves: moves.states(),
      rsi: rsi.snapshot(),
      macd: macd.snapshot(),
      bollinger: bollinger.snapshot(),
    }),
  };
}

interface Answers {
  readonly rsi: number | undefined;
  readonly histogram: number | undefined;
  readonly bands: { readonly middle: number; readonly deviation: number } | undefined;
  readonly moves: WilderState;
}
