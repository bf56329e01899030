import type { BrokerClass, BrokerClassEntry, BrokerClassTable } from './broker-class.ts';

const ownership = 'stockbit-2026-07';
const parents = 'parent-company';
const clients = 'retail-heuristic';

const listed: readonly (readonly [BrokerClass, string, string])[] = [
  // XL, XC, PD, YP, KK, NI would be foreign, state or local by their owner; most of their clients are households.
  ['retail', clients, 'XL XC PD YP KK NI'],
  ['foreign', ownership, 'YU ZP AK RX AI FS GI HD AG BK CP DR KZ XA BQ'],
  ['foreign', parents, 'AH DP TP GW DU'],
  ['state', ownership, 'CC OD DX'],
  ['local-institution', ownership, 'BB AZ IC IF ZR SH MI AR SQ DH PC GR LG RG CD BR YJ HP KI'],
];

/**
 * Brokers of the Indonesia Stock Exchange as of July 2026: by owner, except for those that are known for their retail
 * clients. One reading of sources that disagree, for a start; pass your own table where you know better. Brokers that no
 * source names are not in it, and count as `unknown`.
 */
export const idxBrokerClasses: BrokerClassTable = {
  v: 1,
  id: 'idx-2026-07',
  sources: {
    [ownership]: 'ownership as a market detector labelled it on 2026-07-31 (Asing, Lokal, Pemerintah)',
    [parents]: 'brokers that carry the name of a foreign parent',
    [clients]: 'brokers whose turnover is mostly retail, by convention of the market',
  },
  entries: listed.flatMap(([name, source, codes]) =>
    codes.split(' ').map((broker): BrokerClassEntry => ({ broker, class: name, source })),
  ),
};
