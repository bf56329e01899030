/** Points by ratio, as data: change the tables, not the code. */

/** From the top: the first step that the value reaches gives the points. */
export interface Ladder {
  /** `below`: a step holds values under it; `up-to`: values up to and with it; `at-least`: values from it up. */
  readonly by: 'below' | 'up-to' | 'at-least';
  /** Threshold and points, in the order that they are tried. */
  readonly steps: readonly (readonly [threshold: number, points: number])[];
  /** Points of values that no step holds. */
  readonly otherwise: number;
}

/** The ladders of `scoreFundamentals`. */
export interface FundamentalLadders {
  /** Price ÷ earnings as a share of the sector's median. */
  readonly priceToEarnings: Ladder;
  /** Price ÷ book as a share of the sector's median; below book value see `belowBookPoints`. */
  readonly priceToBook: Ladder;
  /** EV ÷ EBITDA as a share of the sector's median; below `cheapEnterprise` see there. */
  readonly enterpriseToEbitda: Ladder;
  /** Points of a price below book value, whatever the sector. */
  readonly belowBookPoints: number;
  /** An EV ÷ EBITDA below this has these points, whatever the sector. */
  readonly cheapEnterprise: readonly [threshold: number, points: number];
  /** Margin of safety, percent. */
  readonly dcfMarginPercent: Ladder;
  readonly returnOnEquityPercent: Ladder;
  readonly returnOnAssetsPercent: Ladder;
  readonly netMarginPercent: Ladder;
  readonly debtToEquity: Ladder;
  readonly currentRatio: Ladder;
  /** A current ratio above this has these points: money lies idle. */
  readonly idleCurrentRatio: readonly [threshold: number, points: number];
}

const toSector = { by: 'below', otherwise: 35 } as const;
const returns = { by: 'at-least', otherwise: 20 } as const;

/** The ladders that apply where none are given. */
export const fundamentalLadders: FundamentalLadders = {
  priceToEarnings: {
    by: 'below',
    steps: [
      [0.5, 100],
      [0.7, 85],
      [0.9, 70],
      [1.1, 60],
      [1.3, 45],
    ],
    otherwise: 30,
  },
  priceToBook: {
    ...toSector,
    steps: [
      [0.7, 85],
      [1, 70],
      [1.3, 55],
    ],
  },
  enterpriseToEbitda: {
    ...toSector,
    steps: [
      [0.7, 85],
      [1, 70],
      [1.3, 55],
    ],
  },
  belowBookPoints: 90,
  cheapEnterprise: [6, 90],
  dcfMarginPercent: {
    by: 'at-least',
    steps: [
      [30, 100],
      [20, 85],
      [10, 70],
      [0, 55],
      [-10, 40],
    ],
    otherwise: 25,
  },
  returnOnEquityPercent: {
    ...returns,
    steps: [
      [25, 100],
      [15, 80],
      [10, 60],
      [5, 40],
    ],
  },
  returnOnAssetsPercent: {
    ...returns,
    steps: [
      [15, 100],
      [10, 80],
      [5, 60],
      [2, 40],
    ],
  },
  netMarginPercent: {
    by: 'at-least',
    steps: [
      [20, 100],
      [10, 75],
      [5, 55],
      [0, 35],
    ],
    otherwise: 10,
  },
  debtToEquity: {
    by: 'up-to',
    steps: [
      [0.3, 100],
      [0.5, 85],
      [1, 70],
      [1.5, 55],
      [2, 40],
    ],
    otherwise: 25,
  },
  currentRatio: {
    by: 'at-least',
    steps: [
      [1.5, 90],
      [1.2, 75],
      [1, 60],
      [0.8, 40],
    ],
    otherwise: 20,
  },
  idleCurrentRatio: [3, 70],
};

/** The points of a value. */
export function pointsOf(ladder: Ladder, value: number): number {
  const holds = (threshold: number): boolean => {
    if (ladder.by === 'at-least') return value >= threshold;
    return ladder.by === 'below' ? value < threshold : value <= threshold;
  };
  return ladder.steps.find(([threshold]) => holds(threshold))?.[1] ?? ladder.otherwise;
}
