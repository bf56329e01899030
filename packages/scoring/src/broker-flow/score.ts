import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { clampUnit, scoreFromOffset, words } from '../internal/micro-points.ts';
import type { CheckedBrokerFlow } from './options.ts';
import type { BrokerWindow } from './broker-window.ts';

/** Points of the rules of the component `broker`; together 50. */
export const brokerFlowPoints: {
  /** Weighted net of the short window, in units of `fullNetShare`. */
  readonly shortNet: number;
  /** Weighted net of the long window, in units of `fullNetShare`. */
  readonly longNet: number;
  /** (Days accumulating − days distributing) ÷ known days of the long window. */
  readonly persistence: number;
  /** HHI of the net buyers − HHI of the net sellers of the long window, a difference of 0.2 in full. */
  readonly concentration: number;
  /** 1 for coordinated buying in either window, −1 for selling, 0 for none or both. */
  readonly coordination: number;
} = { shortNet: 15, longNet: 15, persistence: 10, concentration: 5, coordination: 5 };

/** A difference of HHI that is worth all its points: one side in the hands of five, the other in those of hundreds. */
const fullConcentration = 0.2;

/** A summary that has lost more than this share of one side is no longer a measurement. */
const completeWithin = 0.05;

/** The component `broker`: 50 + points of what is known, scaled to 50 by the points of what could be known. */
export function scoreWindows(short: BrokerWindow, long: BrokerWindow, options: CheckedBrokerFlow): ComponentScore {
  const isKnown = (window: BrokerWindow): boolean =>
    window.weightedNet !== undefined && window.daysKnown >= options.leastKnownShare * window.days;
  const shortKnown = isKnown(short);
  const longKnown = isKnown(long);
  const { buyers, sellers } = long.concentration;
  const inputs = {
    shortNet: shortKnown ? short.weightedNet : undefined,
    longNet: longKnown ? long.weightedNet : undefined,
    persistence: longKnown ? (long.daysAccumulating - long.daysDistributing) / long.daysKnown : undefined,
    concentration: longKnown && buyers !== undefined && sellers !== undefined ? buyers - sellers : undefined,
    coordination:
      shortKnown || longKnown ? coordinationOf(shortKnown ? short : long, longKnown ? long : short) : undefined,
  };
  const used = longKnown ? long : short;
  const unknownShare = unknownShareOf(used);
  const all = { ...inputs, daysKnown: long.daysKnown, unknownShare, imbalance: used.imbalance };
  if (!shortKnown && !longKnown) {
    return missingComponent(
      'broker',
      `broker summaries of ${short.daysKnown} of the last ${short.days} trading days are known, ` +
        `${Math.ceil(options.leastKnownShare * short.days)} are needed`,
      all,
    );
  }
  if (unknownShare !== undefined && unknownShare > 0.5) {
    return missingComponent(
      'broker',
      `${words(100 * unknownShare)} % of the turnover is of brokers without a class`,
      all,
    );
  }

  const parts: readonly (readonly [number, number | undefined])[] = [
    [brokerFlowPoints.shortNet, inputs.shortNet === undefined ? undefined : inputs.shortNet / options.fullNetShare],
    [brokerFlowPoints.longNet, inputs.longNet === undefined ? undefined : inputs.longNet / options.fullNetShare],
    [brokerFlowPoints.persistence, inputs.persistence],
    [
      brokerFlowPoints.concentration,
      inputs.concentration === undefined ? undefined : inputs.concentration / fullConcentration,
    ],
    [brokerFlowPoints.coordination, inputs.coordination],
  ];
  let points = 0;
  let reachable = 0;
  for (const [most, value] of parts) {
    if (value === undefined) continue;
    reachable += most;
    points += most * clampUnit(value);
  }
  const complete = Math.abs(used.imbalance ?? 0) <= completeWithin;
  return {
    name: 'broker',
    score: scoreFromOffset((50 * points) / reachable),
    quality: complete ? 'measured' : 'proxy',
    reasons: reasonsOf(short, long, shortKnown, longKnown, complete),
    inputs: all,
    rule: ruleOf(options.fullNetShare, reachable),
    coverage: coverageOf(inputs, shareOf(short), shareOf(longKnown ? long : short)) * (1 - (unknownShare ?? 0)),
  };
}

/** The component `broker` of rows that end too long ago. */
export function staleComponent(lastDate: string, maxAgeDays: number): ComponentScore {
  return missingComponent('broker', `the last broker summary is of ${lastDate}, more than ${maxAgeDays} days before`);
}

/** Share of a window's days that are known. */
function shareOf({ days, daysKnown }: BrokerWindow): number {
  return daysKnown / days;
}

/** Points of what is known, each as far as the days that it reads are, ÷ all points. */
function coverageOf(
  inputs: Readonly<Record<keyof typeof brokerFlowPoints, number | undefined>>,
  shortShare: number,
  longShare: number,
): number {
  let [known, all] = [0, 0];
  for (const [name, most] of Object.entries(brokerFlowPoints) as [keyof typeof brokerFlowPoints, number][]) {
    all += most;
    if (inputs[name] !== undefined) known += most * (name === 'shortNet' ? shortShare : longShare);
  }
  return known / all;
}

/** Each input counts within ±1; what is unknown is left out of the sum. */
function ruleOf(fullNetShare: number, reachable: number): string {
  const { shortNet, longNet, persistence, concentration, coordination } = brokerFlowPoints;
  return (
    `50 + (${shortNet} × shortNet ÷ ${fullNetShare} + ${longNet} × longNet ÷ ${fullNetShare} + ${persistence} × persistence + ` +
    `${concentration} × concentration ÷ ${fullConcentration} + ${coordination} × coordination, each within ±1) × 50 ÷ ${reachable}`
  );
}

function coordinationOf(short: BrokerWindow, long: BrokerWindow): number {
  const sign = ({ coordinated }: BrokerWindow): number =>
    coordinated === 'buying' ? 1 : coordinated === 'selling' ? -1 : 0;
  return clampUnit(sign(short) + sign(long));
}

function unknownShareOf({ groups, turnover, basis }: BrokerWindow): number | undefined {
  if (turnover === 0) return undefined;
  const { buyShares, sellShares, buyValue, sellValue } = groups.unknown;
  return (basis === 'value' ? Math.max(buyValue, sellValue) : Math.max(buyShares, sellShares)) / turnover;
}

function reasonsOf(
  short: BrokerWindow,
  long: BrokerWindow,
  shortKnown: boolean,
  longKnown: boolean,
  complete: boolean,
): readonly string[] {
  const reasons: string[] = [];
  for (const [window, known] of [
    [short, shortKnown],
    [long, longKnown],
  ] as const) {
    reasons.push(known ? netWords(window) : `only ${window.daysKnown} of ${window.days} trading days are known`);
  }
  if (longKnown) {
    reasons.push(
      `accumulation on ${long.daysAccumulating}, distribution on ${long.daysDistributing} of ${long.daysKnown} days`,
    );
  }
  for (const window of short.days === long.days ? [long] : [short, long]) {
    if (window.coordinated === 'none') continue;
    const brokers = [
      ...(window.coordinated === 'selling' ? [] : [`buying by ${window.steadyBuyers.join(', ')}`]),
      ...(window.coordinated === 'buying' ? [] : [`selling by ${window.steadySellers.join(', ')}`]),
    ];
    reasons.push(`coordinated over ${window.days} days: ${brokers.join('; ')}`);
  }
  if (!complete) {
    reasons.push(`bought and sold differ by ${words(100 * (long.imbalance ?? 0))} %: the summary is cut`);
  }
  return reasons;
}

function netWords(window: BrokerWindow): string {
  const net = window.weightedNet ?? 0;
  const side = net > 0 ? 'accumulation' : net < 0 ? 'distribution' : 'balanced';
  return `${window.days}-day weighted net ${words(100 * net)} % of turnover: ${side}`;
}
