/**
 * The top-N detector of the Indonesian market: how much the N largest net buyers bought more than the N largest net
 * sellers sold.
 */
import { ScoringError } from '../errors.ts';
import { withDefaults } from '../internal/options.ts';

/** The net of one broker. */
export interface BrokerNet {
  readonly broker: string;
  /** Bought − sold, in shares. */
  readonly netShares: number;
  /** Bought − sold, in IDR. */
  readonly netValue: number;
}

/** Options of {@link topBrokers}. */
export interface TopBrokersOptions {
  /**
   * How many a side, ascending.
   * @defaultValue [1, 3, 5, 10]
   */
  readonly tops?: readonly number[];
  /**
   * Percent of the volume from which a side is called big.
   * @defaultValue 20
   */
  readonly bigPercent?: number;
  /**
   * Percent of the volume from which a side is called normal; below it is small. The vendor does not publish this
   * number; its labels are consistent with any from 8.7 to 19.7.
   * @defaultValue 10
   */
  readonly normalPercent?: number;
}

/** The options that apply where none are given. */
export const topBrokersDefaults: Required<TopBrokersOptions> = {
  tops: [1, 3, 5, 10],
  bigPercent: 20,
  normalPercent: 10,
};

/** `Acc` where buyers are the fewer and larger, `Dist` where sellers are. */
export type TopBrokersLabel =
  'Big Acc' | 'Big Dist' | 'Neutral' | 'Normal Acc' | 'Normal Dist' | 'Small Acc' | 'Small Dist';

/** The N largest net buyers against the N largest net sellers. */
export interface TopNet {
  /** Brokers a side; 0 for an average of several. */
  readonly top: number;
  /** Net of the buyers − net of the sellers, in shares. */
  readonly shares: number;
  /** In percent of the volume. */
  readonly percent: number;
  /** At the average price, in IDR. */
  readonly value: number;
  readonly label: TopBrokersLabel;
}

/** What {@link topBrokers} gives. */
export interface TopBrokers {
  /** Net of all net buyers, in shares. */
  readonly volumeShares: number;
  /** Net of all net buyers, in IDR. */
  readonly value: number;
  /** Value ÷ volume: the average price of what changed hands between brokers. */
  readonly averagePrice: number;
  /** Brokers with a net above 0. */
  readonly buyers: number;
  /** Brokers with a net below 0. */
  readonly sellers: number;
  /** Buyers − sellers: below 0 where few buy from many. */
  readonly buyersMinusSellers: number;
  /** One for each of `tops`. */
  readonly tops: readonly TopNet[];
  /** Mean of top 1 to top 5. */
  readonly averageOfFive: TopNet;
}

/**
 * The detector over the nets of one day or window; `undefined` when no broker has a net above 0.
 *
 * The lists need only be complete on the buying side and as deep as the largest `tops` on the other; then all but
 * `sellers` are those of the whole summary.
 *
 * @example
 * ```ts
 * const nets = [['A', 600], ['B', 400], ['C', -300], ['D', -300], ['E', -400]] as const;
 * const detector = topBrokers(nets.map(([broker, n]) => ({ broker, netShares: n, netValue: n * 50 })), { tops: [1, 2] })!;
 * detector.tops.map(({ shares, percent, label }) => [shares, percent, label]); // => [[200, 20, 'Big Acc'], [300, 30, 'Big Acc']]
 * ```
 * @throws {@link ScoringError} `bad-option`; `bad-value` for a net that is no number.
 */
export function topBrokers(nets: readonly BrokerNet[], options: TopBrokersOptions = {}): TopBrokers | undefined {
  const { tops, bigPercent, normalPercent } = checkOptions(withDefaults(topBrokersDefaults, options));
  for (const { broker, netShares, netValue } of nets) {
    if (Number.isSafeInteger(netShares) && Number.isFinite(netValue)) continue;
    throw new ScoringError(
      'bad-value',
      `net of broker "${broker}" is "${String(netShares)}" shares and "${String(netValue)}" IDR, expected whole shares ` +
        'and a finite value. Leave the row out, or mend it where it comes from.',
      netShares,
    );
  }
  const buyers = nets.filter(({ netShares }) => netShares > 0).sort((a, b) => b.netShares - a.netShares);
  const sellers = nets.filter(({ netShares }) => netShares < 0).sort((a, b) => a.netShares - b.netShares);
  const volumeShares = sum(buyers.map(({ netShares }) => netShares));
  if (volumeShares === 0) return undefined;
  const value = sum(buyers.map(({ netValue }) => netValue));
  const averagePrice = value / volumeShares;

  const sharesOf = (top: number): number =>
    sum([...buyers.slice(0, top), ...sellers.slice(0, top)].map((n) => n.netShares));
  const netOf = (top: number, shares: number): TopNet => {
    const percent = (100 * shares) / volumeShares;
    const size = Math.abs(percent) >= bigPercent ? 'Big' : Math.abs(percent) >= normalPercent ? 'Normal' : 'Small';
    const label = shares === 0 ? 'Neutral' : (`${size} ${shares > 0 ? 'Acc' : 'Dist'}` as const);
    return { top, shares, percent, value: shares * averagePrice, label };
  };
  return {
    volumeShares,
    value,
    averagePrice,
    buyers: buyers.length,
    sellers: sellers.length,
    buyersMinusSellers: buyers.length - sellers.length,
    tops: tops.map((top) => netOf(top, sharesOf(top))),
    averageOfFive: netOf(0, sum([1, 2, 3, 4, 5].map(sharesOf)) / 5),
  };
}

function checkOptions(options: Required<TopBrokersOptions>): Required<TopBrokersOptions> {
  const { tops, bigPercent, normalPercent } = options;
  if (!tops.every((top, i) => Number.isSafeInteger(top) && top > (tops[i - 1] ?? 0))) {
    throw new ScoringError(
      'bad-option',
      `tops "${tops.join(', ')}" are not ascending numbers of brokers. Pass for example [1, 3, 5, 10].`,
      tops,
    );
  }
  if (normalPercent > 0 && normalPercent <= bigPercent && Number.isFinite(bigPercent)) return options;
  throw new ScoringError(
    'bad-option',
    `normalPercent "${normalPercent}" and bigPercent "${bigPercent}" are not ascending above 0. Pass for example 10 and 20.`,
    normalPercent,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
