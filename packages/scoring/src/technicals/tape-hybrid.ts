/** Delta and broker flow in one number, as a tape screener has it. */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { ScoringError } from '../errors.ts';
import { clampUnit, scoreFromOffset, words } from '../internal/micro-points.ts';

/** What {@link scoreTapeHybrid} needs to know; leave out (or pass `undefined` or `null`) what is unknown. */
export interface TapeHybridInput {
  /** (buy − sell) ÷ volume of the day, percent, −100 to 100. */
  readonly deltaPercent?: number | null | undefined;
  /** Net ÷ gross broker value, as its z-score over the last 20 trading days. */
  readonly netGrossZ?: number | null | undefined;
  /** Change of the price today, percent. */
  readonly priceChangePercent?: number | null | undefined;
}

/**
 * The component `tape-hybrid`: 70 % delta and 30 % z-score of the net ÷ gross ratio (−3 to 3), each on 0 to 100; halved when
 * the price fell by more than 4 %, × 1.1 (at most 100) when it changed by −1 to 2 %. With one of the two unknown the other
 * stands alone; an unknown change of the price halves the coverage, as it could have halved the level. The factor works on the level and only one way, so this one does not mirror; it is here to compare with.
 *
 * @example
 * ```ts
 * scoreTapeHybrid({ deltaPercent: 50, netGrossZ: 1.5, priceChangePercent: 3 }).score; // => 75
 * scoreTapeHybrid({ deltaPercent: 50, netGrossZ: 1.5, priceChangePercent: -5 }).score; // => 37.5
 * ```
 * @throws {@link ScoringError} `bad-value` for an input that is not finite.
 */
export function scoreTapeHybrid(input: TapeHybridInput): ComponentScore {
  const name = 'tape-hybrid';
  const inputs = {
    deltaPercent: input.deltaPercent ?? undefined,
    netGrossZ: input.netGrossZ ?? undefined,
    priceChangePercent: input.priceChangePercent ?? undefined,
  };
  for (const [field, value] of Object.entries(inputs)) {
    if (value === undefined || Number.isFinite(value)) continue;
    throw new ScoringError(
      'bad-value',
      `${field} "${String(value)}" is not a finite number. Leave it out when it is unknown.`,
      value,
    );
  }
  const { deltaPercent, netGrossZ, priceChangePercent } = inputs;
  const coverage = (deltaPercent === undefined ? 0 : 0.7) + (netGrossZ === undefined ? 0 : 0.3);
  if (coverage === 0) return missingComponent(name, 'neither delta nor broker flow is known', inputs);
  const lean = 0.7 * clampUnit((deltaPercent ?? 0) / 100) + 0.3 * clampUnit((netGrossZ ?? 0) / 3);
  const level = 50 + (50 * lean) / coverage;
  const factor = factorOf(priceChangePercent);
  return {
    name,
    score: scoreFromOffset(Math.min(100, level * factor) - 50),
    quality: 'measured',
    reasons: [
      deltaPercent === undefined ? 'delta is unknown and left out' : `delta ${words(deltaPercent)} %`,
      netGrossZ === undefined ? 'net ÷ gross is unknown and left out' : `net ÷ gross at ${words(netGrossZ)} deviations`,
      priceChangePercent === undefined
        ? 'the change of the price is unknown'
        : `price ${words(priceChangePercent)} %: × ${words(factor)}`,
    ],
    inputs,
    rule: ruleOf(deltaPercent !== undefined, netGrossZ !== undefined, coverage, factor),
    coverage: Math.min(1, coverage) * (priceChangePercent === undefined ? 0.5 : 1),
  };
}

/** The arithmetic of what is known. */
function ruleOf(withDelta: boolean, withNet: boolean, weight: number, factor: number): string {
  const terms = [...(withDelta ? ['0.7 × deltaPercent ÷ 100'] : []), ...(withNet ? ['0.3 × netGrossZ ÷ 3'] : [])];
  const lean = `${terms.join(' + ')}, each within ±1`;
  return `min(100, (50 + 50 × (${lean}) ÷ ${words(weight)}) × ${words(factor)})`;
}

function factorOf(priceChangePercent: number | undefined): number {
  if (priceChangePercent === undefined) return 1;
  if (priceChangePercent < -4) return 0.5;
  return priceChangePercent >= -1 && priceChangePercent <= 2 ? 1.1 : 1;
}
