/** How each rule of the literature reads a price against the quote in force; exact on the grid. */
import { addExact, compareExact, multiplyExact, subtractExact } from '../../exact.ts';
import type { Decide, QuoteRule } from './quote-classifier.ts';

/** Above the mid price buy, below it sell: `2·p` against `bid + ask`, so that no mid is rounded. */
const byMid: Decide = (priceTicks, { bidTicks, askTicks }) => {
  const position = compareExact(addExact(priceTicks, priceTicks), addExact(bidTicks, askTicks));
  if (position === 0) return undefined;
  const atQuote = priceTicks === bidTicks || priceTicks === askTicks;
  const outside = priceTicks < bidTicks || priceTicks > askTicks;
  return {
    side: position > 0 ? 'buy' : 'sell',
    confidence: atQuote ? 'at-quote' : outside ? 'outside' : 'inside',
  };
};

/** At the ask buy, at the bid sell. */
const byTouch: Decide = (priceTicks, { bidTicks, askTicks }) =>
  priceTicks === askTicks
    ? { side: 'buy', confidence: 'at-quote' }
    : priceTicks === bidTicks
      ? { side: 'sell', confidence: 'at-quote' }
      : undefined;

/** Within a share of the spread from the ask buy, from the bid sell, ends included; outside of the quote neither. */
function byEdge(percent: number): Decide {
  return (priceTicks, quote) => {
    const { bidTicks, askTicks } = quote;
    const touch = byTouch(priceTicks, quote);
    if (touch || priceTicks < bidTicks || priceTicks > askTicks) return touch;
    const edge = multiplyExact(percent, subtractExact(askTicks, bidTicks));
    const nearAsk = compareExact(multiplyExact(100, subtractExact(askTicks, priceTicks)), edge) <= 0;
    const nearBid = compareExact(multiplyExact(100, subtractExact(priceTicks, bidTicks)), edge) <= 0;
    return nearAsk === nearBid ? undefined : { side: nearAsk ? 'buy' : 'sell', confidence: 'inside' };
  };
}

export const quoteRule: QuoteRule = { kind: 'quote-rule', decide: byMid, fallBack: false };
export const leeReadyRule: QuoteRule = { kind: 'lee-ready', decide: byMid, fallBack: true };
export const emoRule: QuoteRule = { kind: 'emo', decide: byTouch, fallBack: true };

/** The rule with bands of `percent` of the spread. */
export function clnvRule(percent: number): QuoteRule {
  return { kind: 'clnv', decide: byEdge(percent), fallBack: true, edgePercent: percent };
}
