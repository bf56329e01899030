/** The one scale that turns a score into a word. */
import { ScoringError } from './errors.ts';

/** From most against to most for. */
export type Signal = 'strong-sell' | 'sell' | 'neutral' | 'buy' | 'strong-buy';

/** Thresholds on the buy side; the sell side is their mirror image around 50. */
export interface SignalScale {
  /**
   * `buy` from this score up, `sell` from 100 − this score down. Above 50.
   * @defaultValue 60
   */
  readonly buy: number;
  /**
   * `strong-buy` from this score up, `strong-sell` from 100 − this score down. Above `buy`, at most 100.
   * @defaultValue 75
   */
  readonly strongBuy: number;
  /**
   * How far a score must fall back behind a threshold before the signal is given up. At least 0, less than
   * `buy − 50`.
   * @defaultValue 2
   */
  readonly hysteresis: number;
}

/** `buy` ≥ 60, `strong-buy` ≥ 75, `sell` ≤ 40, `strong-sell` ≤ 25, given up 2 points later. */
export const signalScaleDefaults: SignalScale = { buy: 60, strongBuy: 75, hysteresis: 2 };

const signals: readonly Signal[] = ['strong-sell', 'sell', 'neutral', 'buy', 'strong-buy'];

/**
 * The signal of a score.
 *
 * With the previous signal, thresholds that it had passed are relaxed by the hysteresis, so that a score that trembles
 * around a threshold does not flip the signal with every bar.
 *
 * @example
 * ```ts
 * signalOf(59); // => 'neutral'
 * signalOf(59, { previous: 'buy' }); // => 'buy'
 * ```
 * @throws {@link ScoringError} `bad-option` for a scale out of order or a previous signal that is none, `bad-value` for a
 * score outside 0 to 100.
 */
export function signalOf(
  score: number,
  options: { readonly previous?: Signal | null | undefined; readonly scale?: SignalScale } = {},
): Signal {
  const scale = checkScale(options.scale ?? signalScaleDefaults);
  if (!(typeof score === 'number' && score >= 0 && score <= 100)) {
    throw new ScoringError(
      'bad-value',
      `score "${String(score)}" is not a number from 0 to 100. An unknown score has no signal.`,
      score,
    );
  }
  const previous = stepOf(options.previous ?? 'neutral');
  const steps = (towards: number, passed: number): number =>
    [scale.buy, scale.strongBuy].filter((at, i) => towards >= at - (passed > i ? scale.hysteresis : 0)).length;
  return signals[2 + steps(score, previous) - steps(100 - score, -previous)]!;
}

/** −2 to 2. */
function stepOf(previous: unknown): number {
  const place = (signals as readonly unknown[]).indexOf(previous);
  if (place >= 0) return place - 2;
  throw new ScoringError(
    'bad-option',
    `previous signal "${String(previous)}" is not one of ${signals.join(', ')}. Leave it out at first.`,
    previous,
  );
}

function checkScale(scale: SignalScale): SignalScale {
  const { buy, strongBuy, hysteresis } = scale;
  const areNumbers = [buy, strongBuy, hysteresis].every((one) => typeof one === 'number');
  if (areNumbers && buy > 50 && strongBuy > buy && strongBuy <= 100 && hysteresis >= 0 && hysteresis < buy - 50)
    return scale;
  throw new ScoringError(
    'bad-option',
    `signal scale "buy ${buy}, strongBuy ${strongBuy}, hysteresis ${hysteresis}" is out of order, expected ` +
      '50 < buy < strongBuy ≤ 100 and 0 ≤ hysteresis < buy − 50. Pass for example 60, 75 and 2.',
    scale,
  );
}
