/** Stage three: the score of the session's bars, with the book where it is in sync and the OHLCV proxy where not. */
import { orderflowInputsFromOhlcv } from '@tapekit/orderflow/ohlcv-proxy';
import { scoreToJson } from '@tapekit/scoring/composite';
import { scoreTape } from '@tapekit/scoring/tape';
import type { OrderFlowInput } from '@tapekit/scoring/order-flow';
import type { Score } from '@tapekit/sdk/schemas';
import type { PublishedBar } from './session.ts';

/** Bars that the flow trend looks back over. */
const flowWindow = 60;

/** The explained score as of the last bar. */
export function scoreSession(symbol: string, bars: readonly PublishedBar[], obi: string | null): Score {
  const numbers = bars.map(({ bar }) => ({
    startMs: bar.t0,
    endMs: bar.t1,
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
    volume: Number(bar.volume),
  }));
  return scoreToJson(scoreTape({ symbol, bars: numbers, orderFlow: flowInputs(bars, obi) }));
}

/**
 * OBI of the book's top levels at the end, and the flow's trend: Σ OFI ÷ Σ |OFI| over the last bars, in [−1, 1]. Without a
 * book in sync both come from the bars alone and say `proxy`.
 */
function flowInputs(bars: readonly PublishedBar[], obi: string | null): OrderFlowInput {
  const recent = bars.slice(-flowWindow);
  if (obi === null) {
    const column = (name: 'high' | 'low' | 'close' | 'volume'): number[] => recent.map(({ bar }) => Number(bar[name]));
    return orderflowInputsFromOhlcv(column('high'), column('low'), column('close'), column('volume'));
  }
  const flows = recent.flatMap(({ ofi }) => (ofi === null ? [] : [Number(ofi)]));
  const gross = flows.reduce((sum, flow) => sum + Math.abs(flow), 0);
  const net = flows.reduce((sum, flow) => sum + flow, 0);
  return { obi: Number(obi), ...(gross > 0 ? { ofiTrend: net / gross } : {}), quality: 'measured' };
}
