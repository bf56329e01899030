/** The order-flow component: book imbalance and the trend of order flow imbalance as one score. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { clampUnit, scoreFromOffset, words } from './internal/micro-points.ts';
import { checkObject } from './internal/objects.ts';

/** What {@link scoreOrderFlow} needs to know; leave out (or pass `undefined` or `null`) what is unknown. */
export interface OrderFlowInput {
  /** Order book imbalance, −1 (asks only) to 1 (bids only). */
  readonly obi?: number | null | undefined;
  /** Normalised trend of the order flow imbalance; what lies outside −1 to 1 counts as −1 or 1. */
  readonly ofiTrend?: number | null | undefined;
  /** `measured` from quotes and books, `proxy` estimated from OHLCV bars. */
  readonly quality: 'measured' | 'proxy';
  /** Books, quotes or bars that could be read, as `flowInput` counts them; leave out where they were not counted. */
  readonly known?: number | undefined;
  /** Those that were unknown or empty; their share lowers the coverage. */
  readonly unknown?: number | undefined;
}

/** Points that a full imbalance and a full trend are worth; together 50. */
export const orderFlowPoints: { readonly obi: number; readonly ofiTrend: number } = { obi: 40, ofiTrend: 10 };

/**
 * 50 + 40 × OBI + 10 × OFI trend, 0 to 100.
 *
 * With only one of the two known, that one is worth all 50 points: an unknown input is left out, not taken for balanced.
 * With neither, the component is `missing`. Coverage is the share of the points whose input is known, times the share of
 * observations that are known where they were counted.
 *
 * @example
 * ```ts
 * scoreOrderFlow({ obi: 0.5, ofiTrend: 0.2, quality: 'measured' }).score; // => 72
 * scoreOrderFlow({ obi: 0.5, quality: 'measured' }).score; // => 75
 * ```
 * @throws {@link ScoringError} `bad-value` when an input is not finite, the OBI is outside −1 to 1, or the quality is not said.
 */
export function scoreOrderFlow(input: OrderFlowInput): ComponentScore {
  checkObject('order flow', input);
  const obi = input.obi ?? undefined;
  const ofiTrend = input.ofiTrend ?? undefined;
  if (obi !== undefined && !(typeof obi === 'number' && Math.abs(obi) <= 1)) {
    throw badInput('obi', obi, 'a number from −1 to 1');
  }
  if (ofiTrend !== undefined && !Number.isFinite(ofiTrend)) throw badInput('ofiTrend', ofiTrend, 'a finite number');

  const { quality, known: seen = 0, unknown: unseen = 0 } = input;
  if (!(['measured', 'proxy'] as readonly unknown[]).includes(quality)) {
    const message = `quality "${quality}" of the order flow is not one of measured, proxy. Say how it is known.`;
    throw new ScoringError('bad-value', message, quality);
  }
  for (const [name, count] of [
    ['known', seen],
    ['unknown', unseen],
  ] as const) {
    if (!(Number.isSafeInteger(count) && count >= 0)) throw badInput(name, count, 'a whole number of at least 0');
  }
  const inputs = { obi, ofiTrend };
  const known = (obi === undefined ? 0 : orderFlowPoints.obi) + (ofiTrend === undefined ? 0 : orderFlowPoints.ofiTrend);
  if (known === 0)
    return missingComponent('order-flow', 'neither book imbalance nor order flow trend is known', inputs);

  const points = (obi ?? 0) * orderFlowPoints.obi + clampUnit(ofiTrend ?? 0) * orderFlowPoints.ofiTrend;
  return {
    name: 'order-flow',
    score: scoreFromOffset((points * 50) / known),
    quality,
    reasons: [
      bookWords(obi),
      trendWords(ofiTrend),
      ...(unseen > 0 ? [`${unseen} of ${seen + unseen} observations are unknown`] : []),
    ],
    inputs,
    rule: `50 + (${orderFlowPoints.obi} × obi + ${orderFlowPoints.ofiTrend} × clamp(ofiTrend)) × 50 ÷ ${known}`,
    coverage: (known / (orderFlowPoints.obi + orderFlowPoints.ofiTrend)) * (unseen > 0 ? seen / (seen + unseen) : 1),
  };
}

function bookWords(obi: number | undefined): string {
  if (obi === undefined) return 'book imbalance is unknown and left out';
  const side = obi > 0 ? 'buying' : 'selling';
  const size = Math.abs(obi);
  const what = size > 0.2 ? `strong ${side} pressure` : size > 0.05 ? `${side} pressure` : 'balanced';
  return `book imbalance ${words(obi)}: ${what}`;
}

function trendWords(trend: number | undefined): string {
  if (trend === undefined) return 'order flow trend is unknown and left out';
  const what = trend > 0.5 ? 'buyers are taking over' : trend < -0.5 ? 'sellers are taking over' : 'no clear trend';
  return `order flow trend ${words(trend)}: ${what}`;
}

function badInput(name: string, value: number, expected: string): ScoringError {
  return new ScoringError(
    'bad-value',
    `${name} "${String(value)}" is not ${expected}. Leave it out when it is unknown.`,
    value,
  );
}
