import type { BrokerClassLookup, BrokerGroup } from '../broker-classes.ts';
import { brokerGroups } from '../broker-classes.ts';
import { ScoringError } from '../errors.ts';
import type { BrokerDay } from './broker-day.ts';
import type { BrokerTotal, BrokerWindow, GroupFlow } from './broker-window.ts';
import type { DayBook } from './day-book.ts';
import type { CheckedBrokerFlow } from './options.ts';

type Sums = {
  -readonly [K in 'buyShares' | 'buyValue' | 'daysBuying' | 'daysSelling' | 'sellShares' | 'sellValue']: number;
};

const nothing: Sums = { buyShares: 0, sellShares: 0, buyValue: 0, sellValue: 0, daysBuying: 0, daysSelling: 0 };

/** The window of the last `length` trading days. */
export function windowOf(
  book: Pick<DayBook, 'byDate' | 'tradingDays'>,
  length: number,
  classOf: BrokerClassLookup,
  options: CheckedBrokerFlow,
): BrokerWindow {
  const dates = book.tradingDays.slice(-length);
  const known = dates.flatMap((date) => book.byDate.get(date) ?? []);
  // A feed of shares alone says nothing in values.
  const hasValues = known.length === 0 || known.some((row) => row.buyValue > 0 || row.sellValue > 0);
  const basis = !hasValues || known.some((row) => row.valueIsRounded === true) ? 'shares' : 'value';
  const { groups, brokers, signs: daily, nets: dailyNets } = addDays(book, dates, basis, classOf, options);
  const totals = [...brokers].map(([broker, sums]) => totalOf(broker, sums));
  const net = (total: BrokerTotal | GroupFlow): number => (basis === 'value' ? total.netValue : total.netShares);
  totals.sort((a, b) => net(b) - net(a) || (a.broker < b.broker ? -1 : 1));
  const flows = Object.fromEntries(brokerGroups.map((group) => [group, flowOf(groups.get(group)!)])) as Record<
    BrokerGroup,
    GroupFlow
  >;

  const bought = sum(brokerGroups.map((group) => flows[group][basis === 'value' ? 'buyValue' : 'buyShares']));
  const sold = sum(brokerGroups.map((group) => flows[group][basis === 'value' ? 'sellValue' : 'sellShares']));
  const turnover = Math.max(bought, sold);
  const steady = (side: 'daysBuying' | 'daysSelling'): string[] =>
    totals
      .filter((total) => options.institutions.includes(total.group))
      .filter((total) => total[side] >= Math.max(1, options.coordinatedShare * daily.length))
      .map(({ broker }) => broker)
      .sort();
  const steadyBuyers = steady('daysBuying');
  const steadySellers = steady('daysSelling');
  return {
    days: length,
    from: dates[0],
    to: dates.at(-1),
    daysKnown: daily.length,
    basis,
    groups: flows,
    turnover,
    imbalance: turnover > 0 ? (bought - sold) / turnover : undefined,
    weightedNet: turnover > 0 ? weightedNetOf(flows, net, options) / turnover : undefined,
    daily: dailyNets,
    daysAccumulating: daily.filter((sign) => sign > 0).length,
    daysDistributing: daily.filter((sign) => sign < 0).length,
    streak: streakOf(daily),
    concentration: {
      buyers: herfindahl(totals.map(net).filter((value) => value > 0)),
      sellers: herfindahl(totals.map((total) => -net(total)).filter((value) => value > 0)),
      gross: herfindahl(totals.map((t) => (basis === 'value' ? t.buyValue + t.sellValue : t.buyShares + t.sellShares))),
    },
    steadyBuyers,
    steadySellers,
    coordinated: sideOf(steadyBuyers.length, steadySellers.length, options.coordinatedBrokers),
    churners: churnersOf(totals, basis, bought, sold, options),
    brokers: totals,
  };
}

interface Added {
  readonly groups: ReadonlyMap<BrokerGroup, Sums & { readonly codes: ReadonlySet<string> }>;
  readonly brokers: ReadonlyMap<string, Sums & { readonly group: BrokerGroup }>;
  /** Sign of the weighted net of each known day. */
  readonly signs: readonly number[];
  /** Of each day. */
  readonly nets: BrokerWindow['daily'];
}

/** Everything that is summed, in one pass over the rows. */
function addDays(
  book: Pick<DayBook, 'byDate'>,
  dates: readonly string[],
  basis: 'shares' | 'value',
  classOf: BrokerClassLookup,
  options: CheckedBrokerFlow,
): Added {
  const groups = new Map<BrokerGroup, Sums & { codes: Set<string> }>();
  const brokers = new Map<string, Sums & { group: BrokerGroup }>();
  for (const group of brokerGroups) groups.set(group, { ...nothing, codes: new Set() });

  const signs: number[] = [];
  const daily: { date: string; weightedNet: number | undefined }[] = [];
  for (const date of dates) {
    const rows = book.byDate.get(date);
    if (!rows) {
      daily.push({ date, weightedNet: undefined });
      continue;
    }
    let [bought, sold] = [0, 0];
    const nets = new Map<BrokerGroup, number>();
    for (const row of rows) {
      const group = classOf(row.broker, date);
      const broker = brokers.get(row.broker) ?? { ...nothing, group };
      broker.group = group;
      brokers.set(row.broker, broker);
      const net = netOf(row, basis);
      nets.set(group, (nets.get(group) ?? 0) + net);
      bought += basis === 'value' ? row.buyValue : row.buyShares;
      sold += basis === 'value' ? row.sellValue : row.sellShares;
      add(broker, row);
      countDay(broker, net);
      const sums = groups.get(group)!;
      add(sums, row);
      sums.codes.add(row.broker);
    }
    let weighted = 0;
    for (const group of brokerGroups) {
      const net = nets.get(group) ?? 0;
      countDay(groups.get(group)!, net);
      weighted += options.groupWeights[group] * net;
    }
    signs.push(Math.sign(weighted));
    const traded = Math.max(bought, sold);
    daily.push({ date, weightedNet: traded > 0 ? weighted / traded : undefined });
  }
  return { groups, brokers, signs, nets: daily };
}

function netOf(row: BrokerDay, basis: 'shares' | 'value'): number {
  return basis === 'value' ? row.buyValue - row.sellValue : row.buyShares - row.sellShares;
}

function add(to: Sums, row: BrokerDay): void {
  for (const key of ['buyShares', 'sellShares', 'buyValue', 'sellValue'] as const) {
    to[key] += row[key];
    if (to[key] <= Number.MAX_SAFE_INTEGER) continue;
    throw new ScoringError(
      'bad-value',
      `${key} of "${row.symbol}" sums to "${to[key]}" on "${row.date}", expected at most 2^53 − 1. ` +
        'Check the unit of the feed.',
      to[key],
    );
  }
}

function countDay(to: Sums, net: number): void {
  if (net > 0) to.daysBuying += 1;
  if (net < 0) to.daysSelling += 1;
}

function flowOf({ codes, ...sums }: Sums & { codes: ReadonlySet<string> }): GroupFlow {
  return { brokers: codes.size, ...sums, ...netsOf(sums) };
}

function totalOf(broker: string, { group, ...sums }: Sums & { group: BrokerGroup }): BrokerTotal {
  return {
    broker,
    group,
    ...sums,
    ...netsOf(sums),
    averageBuyPrice: sums.buyShares > 0 ? sums.buyValue / sums.buyShares : undefined,
    averageSellPrice: sums.sellShares > 0 ? sums.sellValue / sums.sellShares : undefined,
  };
}

function churnersOf(
  totals: readonly BrokerTotal[],
  basis: 'shares' | 'value',
  bought: number,
  sold: number,
  { churnShare, churnNetShare }: CheckedBrokerFlow,
): readonly string[] {
  return totals
    .filter((total) => {
      const [buy, sell] = basis === 'value' ? [total.buyValue, total.sellValue] : [total.buyShares, total.sellShares];
      if (buy === 0 || sell === 0 || Math.abs(buy - sell) > churnNetShare * (buy + sell)) return false;
      return buy >= churnShare * bought && sell >= churnShare * sold;
    })
    .map(({ broker }) => broker)
    .sort();
}

function netsOf(sums: Sums): { netShares: number; netValue: number } {
  return { netShares: sums.buyShares - sums.sellShares, netValue: sums.buyValue - sums.sellValue };
}

function weightedNetOf(
  flows: Readonly<Record<BrokerGroup, GroupFlow>>,
  net: (flow: GroupFlow) => number,
  { groupWeights }: CheckedBrokerFlow,
): number {
  return sum(brokerGroups.map((group) => groupWeights[group] * net(flows[group])));
}

function streakOf(signs: readonly number[]): number {
  const last = signs.at(-1) ?? 0;
  let streak = 0;
  for (let i = signs.length - 1; i >= 0 && last !== 0 && signs[i] === last; i -= 1) streak += last;
  return streak;
}

function herfindahl(sizes: readonly number[]): number | undefined {
  const total = sum(sizes);
  return total > 0 ? sum(sizes.map((size) => (size / total) ** 2)) : undefined;
}

function sideOf(buyers: number, sellers: number, least: number): BrokerWindow['coordinated'] {
  if (buyers >= least) return sellers >= least ? 'both' : 'buying';
  return sellers >= least ? 'selling' : 'none';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
