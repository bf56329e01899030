import type { BrokerFlow } from '../broker-flow.ts';
import type { AlertValue } from './conditions.ts';

/**
 * What broker summaries say, for an observation; what they do not cover is left out:
 *
 * | field | |
 * |---|---|
 * | `broker` | score of the component, 0 to 100 |
 * | `broker.foreignNetValue` | bought − sold by foreign brokers over the short window, in IDR |
 * | `broker.daysAccumulating` | days of the long window on which the weighted net was above 0 |
 * | `broker.coordinatedBuyers` | institutional brokers that bought on most days, in the window that has more of them |
 * | `broker.buyerConcentration` | HHI of the net buyers of the long window, 0 to 1 |
 *
 * @example
 * ```ts
 * brokerFields(brokerFlow([], { classes: idxBrokerClasses })); // => {}
 * ```
 */
export function brokerFields({ short, long, component }: BrokerFlow): Record<string, AlertValue> {
  if (component.score === undefined) return {};
  // The component knows which of the two windows has enough days.
  const shortIsKnown = component.inputs['shortNet'] !== undefined;
  const longIsKnown = component.inputs['longNet'] !== undefined;
  const buyers = [...(shortIsKnown ? [short] : []), ...(longIsKnown ? [long] : [])].map(
    ({ steadyBuyers }) => steadyBuyers.length,
  );
  const { buyers: concentration } = long.concentration;
  return {
    broker: component.score,
    ...(shortIsKnown ? { 'broker.foreignNetValue': short.groups.foreign.netValue } : {}),
    ...(longIsKnown ? { 'broker.daysAccumulating': long.daysAccumulating } : {}),
    'broker.coordinatedBuyers': Math.max(...buyers),
    ...(longIsKnown && concentration !== undefined ? { 'broker.buyerConcentration': concentration } : {}),
  };
}
